"""Where the text of a model is: the one that has its hash."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.naming import STATE, state_path
from rnnlm_cli.corpus.loading import (
    Corpus,
    corpus_is_there,
    is_registered,
    label,
)
from rnnlm_cli.corpus.record import TextRecord
from rnnlm_cli.errors import (
    AnotherText,
    CheckpointError,
    CorpusError,
    quoted,
)


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do where the text of a model is not here, and where it is another one."""

    missing: str
    another: str


def own_corpus(
    record: TextRecord,
    path: Path,
    load: Callable[[str], Corpus],
    advice: Advice,
    places: Sequence[str] | None = None,
) -> Corpus:
    """The text that `record`, out of the file `path`, is of: the first that has its hash.

    It is looked for in `places`, else in those of `likely_places`. `load` raises AnotherText for
    any other text. Raises CorpusError.
    """
    likely = likely_places(record, path) if places is None else places
    another: AnotherText | None = None
    for place in likely if places is not None else filter(corpus_is_there, likely):
        try:
            return replace(load(place), name=label(record.corpus))
        except AnotherText as error:
            another = another or error
    if another is not None:
        raise AnotherText(
            f"{another}: it is not the text that {quoted(path)} was trained on: {advice.another}"
        )
    before = _remembered(record, path)
    raise CorpusError(
        f"{quoted(path)} was trained on {quoted(record.corpus)}, which is not here or beside the "
        f"model{f', nor still at {quoted(Path(before))}' if before else ''}: {advice.missing}"
    )


def likely_places(record: TextRecord, path: Path) -> list[str]:
    """Where the text of `record`, out of `path`, may be: a registered name, or paths.

    In this folder, beside the model, and where it was when it was trained on, which the state
    beside the model knows.
    """
    if is_registered(record.corpus):
        return [record.corpus]
    name = os.path.basename(record.corpus)
    places = [record.corpus, name, str(path.parent / name), _remembered(record, path)]
    return list(dict.fromkeys(place for place in places if place))


def _remembered(record: TextRecord, path: Path) -> str | None:
    """Where the text was, as the newest state of the same run tells, should there be one."""
    state = path if path.name.endswith(STATE) else state_path(path)
    with suppress(CheckpointError):
        loaded = load_checkpoint(state)
        if loaded.text is not None and loaded.text.sha256 == record.sha256:
            return loaded.corpus_path
    return None
