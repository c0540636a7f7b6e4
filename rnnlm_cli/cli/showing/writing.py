"""Generated text on its way to stdout: piece by piece where there is one sample to watch."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rnnlm_cli.cli.showing.documents import samples_document
from rnnlm_cli.cli.showing.render import print_json
from rnnlm_cli.errors import printable
from rnnlm_cli.tasks.drawing import joined


def write_text(pieces: Iterable[list[str]]) -> None:
    """Print the one sample of `pieces` as it comes, and end its last line."""
    text = "\n"  # the last piece
    try:
        for (piece,) in pieces:
            text = piece or text
            _put(piece)
    finally:  # what ends it early has something to say on a line of its own
        if not text.endswith("\n"):
            _put("\n")


def write_samples(pieces: Iterable[list[str]]) -> None:
    """Print the samples one below the other, each with its number."""
    for k, text in enumerate(joined(pieces), start=1):
        _put(f"--- {k} ---\n" + text.rstrip("\n") + "\n")


def write_document(pieces: Iterable[list[str]], *, start: str, seed: int | None) -> None:
    """Print the samples as JSON."""
    print_json(samples_document(start, seed, joined(pieces)))


def write_loader(loader: str) -> None:
    """Print Python that loads a file."""
    _put(loader)


def _put(text: str) -> None:
    """Write to stdout at once. A terminal gets control characters escaped, a pipe the raw text."""
    if sys.stdout.isatty():
        text = "\n".join(map(printable, text.split("\n")))
    sys.stdout.write(text)
    sys.stdout.flush()
