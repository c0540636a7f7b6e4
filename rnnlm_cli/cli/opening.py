"""How a verb opens the models that it is given, and what is refused before it works with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.opened import Opened
from rnnlm_cli.checkpoint.texts import ModelTexts
from rnnlm_cli.cli.meant import instead_of_a_model
from rnnlm_cli.cli.options import bad_usage
from rnnlm_cli.cli.showing.bars import bar
from rnnlm_cli.cli.showing.render import say_notes
from rnnlm_cli.corpus.reading.overwriting import FilesRead
from rnnlm_cli.corpus.reading.places import Place
from rnnlm_cli.corpus.source import Shelf
from rnnlm_cli.corpus.standard_input import place_of_files
from rnnlm_cli.errors import CheckpointError, ConfigError, quoted
from rnnlm_cli.pickling.regular_files import begins_as_a_pickle

_ONE_SLASH = re.compile(r"^(https?|ftp):/(?!/)")  # what a Path makes of an address


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a verb opens its models: the options for that, which all verbs share.

    `named` is the corpus that gives words to a file of the book or, if the verb `scores_corpus`, is
    to be scored; `vocab` is a file of such words. What will be written to `out` is none of these,
    nor of the other files that it `reads`, a model, or a text of one: ConfigError.
    """

    verb: str
    named: Place | None = None
    vocab: Path | None = None
    threads: int | None = None
    scores_corpus: bool = False
    out: Path | None = None
    reads: Sequence[str | Path] = ()

    def __post_init__(self) -> None:
        named = self.named.files if self.named else []
        FilesRead(self.out).add(self.vocab, *named, *self.reads)

    def models(self, paths: Sequence[Path], *, noted: bool = True) -> Iterator[Opened]:
        """The models at `paths`, each when it is asked for; no text is read twice for them.

        What is to be known of their words is said, if they are to be `noted`. Raises
        CheckpointError, which says what was meant by a path where no model is; bad usage is a
        corpus of no use.
        """
        with bad_usage():
            FilesRead(self.out).add(*paths)
        shelf = Shelf(keep=len(paths) > 1, stages=bar)
        try:  # told before the others have worked, perhaps for long
            read = {path: load_checkpoint(path) for path in paths if not begins_as_a_pickle(path)}
        except CheckpointError:
            check_are_models(self.verb, paths)
            raise
        for path in paths:
            checkpoint = read.pop(path, None) or load_checkpoint(path)
            texts = ModelTexts(
                checkpoint,
                path,
                self.named,
                shelf,
                vocab=self.vocab,
                threads=self.threads,
                files=FilesRead(self.out),
            )
            lm = Opened(texts)
            if not self.scores_corpus:
                with bad_usage():
                    _check_corpus_is_used(lm)
            if noted:
                say_notes(lm.texts.notes)
            yield lm

    def model(self, path: Path, *, noted: bool = True) -> Opened:
        """The one model at `path`: see `models`."""
        return next(self.models([path], noted=noted))


def named_corpus(
    names: list[str] | None, encoding: str | None, *, has_file: bool = False
) -> Place | None:
    """The place that the options name, if they do. Raises ConfigError for an unknown encoding.

    The `encoding` is that of a --file too, and of it alone beside corpora that are read as known.
    """
    place = Place(tuple(names or ()), encoding)
    if has_file and place.is_read_as_known:
        place = replace(place, encoding=None)
    return place_of_files(place) if names else None


def check_are_models(verb: str, paths: Sequence[Path]) -> None:
    """Raises CheckpointError for one of `paths` that is something else: it says what was meant."""
    for path in paths:
        argument = _ONE_SLASH.sub(r"\1://", str(path))
        others = [other for other in paths if other != path]
        if meant := instead_of_a_model(argument, verb, others):
            raise CheckpointError(f"{quoted(argument)} is no model: {meant}")


def _check_corpus_is_used(lm: Opened) -> None:
    """Raises ConfigError for a corpus to take words from beside a model that has its own."""
    if lm.texts.named is not None and lm.checkpoint.text is not None:
        raise ConfigError(
            f"--corpus gives words to a file of the book, but {quoted(lm.path)} has its own: "
            "leave it out"
        )
