"""How a verb opens the models that it is given, and what is refused before it works with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.opened import Opened
from rnnlm_cli.cli.meant import instead_of_a_model
from rnnlm_cli.cli.options import bad_usage
from rnnlm_cli.cli.showing.bars import bar
from rnnlm_cli.corpus.reading.places import Place
from rnnlm_cli.corpus.source import Shelf
from rnnlm_cli.errors import CheckpointError, ConfigError, quoted
from rnnlm_cli.pickling.files import begins_as_a_pickle

_ONE_SLASH = re.compile(r"^(https?|ftp):/(?!/)")  # what a Path makes of an address


def open_models(
    verb: str,
    paths: Sequence[Path],
    named: Place | None = None,
    *,
    threads: int | None = None,
    vocab: Path | None = None,
    scores_corpus: bool = False,
) -> Iterator[Opened]:
    """The models at `paths`, each when it is asked for; no text is read twice for them.

    `named` is the corpus that gives words to a file of the book or, if the verb `scores_corpus`, is
    to be scored. Raises CheckpointError, which says what was meant by a path where no model is;
    bad usage is a corpus that neither is of use for.
    """
    shelf = Shelf(keep=len(paths) > 1, stages=bar)
    try:  # told before the others have worked, perhaps for long
        read = {path: load_checkpoint(path) for path in paths if not begins_as_a_pickle(path)}
    except CheckpointError:
        check_are_models(verb, paths)
        raise
    for path in paths:
        checkpoint = read.pop(path, None) or load_checkpoint(path)
        lm = Opened.of(checkpoint, path, named, threads, vocab=vocab, shelf=shelf)
        if not scores_corpus:
            with bad_usage():
                _check_corpus_is_used(lm)
        yield lm


def check_are_models(verb: str, paths: Sequence[Path]) -> None:
    """Raises CheckpointError for one of `paths` that is something else: it says what was meant."""
    for path in paths:
        argument = _ONE_SLASH.sub(r"\1://", str(path))
        others = [other for other in paths if other != path]
        if meant := instead_of_a_model(argument, verb, others):
            raise CheckpointError(f"{quoted(argument)} is no model: {meant}")


def open_model(
    verb: str,
    path: Path,
    named: Place | None = None,
    *,
    threads: int | None = None,
    vocab: Path | None = None,
) -> Opened:
    """The one model at `path`: see `open_models`."""
    return next(open_models(verb, [path], named, threads=threads, vocab=vocab))


def _check_corpus_is_used(lm: Opened) -> None:
    """Raises ConfigError for a corpus to take words from beside a model that has its own."""
    if lm.texts.named is not None and lm.checkpoint.text is not None:
        raise ConfigError(
            f"--corpus gives words to a file of the book, but {quoted(lm.path)} has its own: "
            "leave it out"
        )
