"""Where the text of a model is: the one that has its hash."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import chain
from pathlib import Path

from rnnlm_cli.checkpoint.contents import Resume
from rnnlm_cli.checkpoint.naming import older_path, state_path
from rnnlm_cli.checkpoint.rnnlm_files import read_header
from rnnlm_cli.corpus.loading import Corpus
from rnnlm_cli.corpus.reading.places import Place, is_registered
from rnnlm_cli.corpus.standard_input import is_copy
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.errors import AnotherText, CheckpointError, CorpusError, quoted


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do where the text of a model is not here, and where it is another one."""

    missing: str
    another: str


def own_corpus(
    record: TextRecord,
    path: Path,
    load: Callable[[Place], Corpus],
    advice: Advice,
    places: Sequence[Place] | None = None,
    *,
    first: Sequence[Place] = (),
    resume: Resume | None,
) -> Corpus:
    """The text that `record`, out of the file `path`, is of: the first that has its hash.

    It is looked for in `places` alone, if they are given; else in those to look at `first`, in this
    folder, beside the model, and where it was when it was trained on: `resume` tells that, if the
    file is a state, else the states beside it. `load` raises AnotherText for any other text. Raises
    CorpusError.
    """
    if not record.sha256:
        raise CorpusError(
            f"{quoted(path)} does not say which text it was trained on: {advice.missing}"
        )
    remembered = cache(partial(_remembered, record, path, resume))  # read if it must be, once
    another: AnotherText | None = None
    unread: CorpusError | None = None  # of a file that happens to be there under the same name
    likely = (each for each in _likely_places(record, path, remembered) if each.is_there)
    for place in chain(first, likely) if places is None else places:
        try:
            return replace(load(place), name=str(record.place.without_folders()))
        except AnotherText as error:
            another = another or error
        except CorpusError as error:
            if place in first:
                raise
            unread = unread or error
    if another is not None:
        raise AnotherText(
            f"{another}: it is not the text that {quoted(path)} was trained on: {advice.another}"
        )
    if unread is not None:
        raise unread
    before = remembered()
    piped = " (it came from standard input, whose name is -)" if is_copy(record.corpus) else ""
    raise CorpusError(
        f"{quoted(path)} was trained on {quoted(record.corpus)}, which is not here or beside the "
        f"model{f', nor still at {_paths(before)}' if before else ''}: {advice.missing}{piped}"
    )


def _likely_places(
    record: TextRecord, path: Path, remembered: Callable[[], Place | None]
) -> Iterator[Place]:
    """Where the text of `record`, out of `path`, may be: registered names, or paths."""
    tried = [record.place]
    yield record.place
    if record.place.is_registered:
        return
    for folder in ("", path.parent):
        if (place := _inside(record.place, folder)) not in tried:
            tried.append(place)
            yield place
    before = remembered()
    if before and before not in tried:
        yield before


def _inside(place: Place, folder: str | Path) -> Place:
    """The same files and folders in that one; what has a registered name keeps it."""
    names = tuple(name if is_registered(name) else _in(folder, name) for name in place.names)
    return replace(place, names=names)


def _in(folder: str | Path, name: str) -> str:
    path = str(Path(folder, os.path.basename(name)))
    return f"./{path}" if is_registered(path) else path


def _paths(place: Place) -> str:
    return " and ".join(quoted(Path(name)) for name in place.names)


def _remembered(record: TextRecord, path: Path, resume: Resume | None) -> Place | None:
    """Where the text was, as the state tells, or the newest one of the same run beside a model."""
    paths = _paths_beside(record, path) if resume is None else resume.corpus_paths
    return replace(record.place, names=paths) if paths else None


def _paths_beside(record: TextRecord, path: Path) -> tuple[str, ...]:
    for state in (state_path(path), older_path(path)):
        with suppress(CheckpointError):
            header = read_header(state)
            if header.text.sha256 == record.sha256:
                return header.corpus_paths
    return ()
