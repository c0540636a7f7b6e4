"""Text on its way to stdout, generated or read: piece by piece where there is one sample to watch.

No control character of it goes to a terminal.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

from rnnlm_cli.cli.showing.documents import drawn_document, samples_document
from rnnlm_cli.cli.showing.render import print_json
from rnnlm_cli.cli.showing.row_forms import write_rows
from rnnlm_cli.errors import readable
from rnnlm_cli.generating.copies import Copies
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.tasks.drawing import joined
from rnnlm_cli.tasks.drawn_texts import DrawnText

_MARKS = "⟦", "⟧"  # around what is copied


def write_pieces(
    pieces: Iterable[list[str]], config: SampleConfig, start: str, *, as_json: bool
) -> None:
    """Print the samples: one as it comes, several when they are whole."""
    if as_json:
        print_json(samples_document(start, config.seed, joined(pieces)))
    elif config.samples > 1:
        _write_samples(joined(pieces))
    else:
        _write_text(pieces)


def write_drawn(
    texts: Sequence[DrawnText], config: SampleConfig, start: str, *, as_json: bool
) -> None:
    """Print the samples with what is told of them: rows, or texts with their copied runs marked."""
    if as_json:
        print_json(drawn_document(start, config.seed, texts))
    elif any(text.log_probabilities is not None for text in texts):
        rows = (row for number, text in enumerate(texts, 1) for row in text.rows(number))
        write_rows(rows, sys.stdout, "tsv")
    else:
        shown = [_with_copies(text) for text in texts]
        if config.samples > 1:
            _write_samples(shown)
        else:
            _write_text([[text] for text in shown])


def _with_copies(text: DrawnText) -> str:
    marked = text.marked(*_MARKS)
    return f"{marked.rstrip()}\n{_share(text.copies)}\n" if text.copies else marked


def _share(copies: Copies) -> str:
    counted = f"runs of {copies.least} tokens or more that stand in the training text"
    share = f"copied {copies.copied} of {copies.tokens} tokens ({copies.share:.1%})"
    return f"--- {share}: {counted}; the longest has {copies.longest} ---"


def _write_text(pieces: Iterable[list[str]]) -> None:
    """Print the one sample of `pieces` as it comes, and end its last line."""
    text = "\n"  # the last piece
    try:
        for (piece,) in pieces:
            text = piece or text
            _put(piece)
    finally:  # what ends it early has something to say on a line of its own
        if not text.endswith("\n"):
            _put("\n")


def _write_samples(texts: Iterable[str]) -> None:
    """Print the samples one below the other, each with its number."""
    for k, text in enumerate(texts, start=1):
        _put(f"--- {k} ---\n" + text.rstrip("\n") + "\n")


def write_table_pieces(pieces: Iterable[bytes]) -> None:
    """Print a table in UTF-8: into a pipe as it is, on a terminal to be read."""
    sys.stdout.flush()
    for piece in pieces:
        if sys.stdout.isatty():
            _put(piece.decode("utf-8-sig", "backslashreplace").replace("\r\n", "\n"))
        else:
            sys.stdout.buffer.write(piece)


def write_lines(lines: Iterable[str], out: TextIO) -> None:
    """Write lines of a file with what was found of them, on a terminal to be read."""
    for line in lines:
        out.write(_fit_for(out, f"{line}\n"))


def write_loader(loader: str) -> None:
    """Print Python that loads a file."""
    _put(loader)


def _put(text: str) -> None:
    """Write to stdout at once. A terminal gets control characters escaped, a pipe the raw text."""
    sys.stdout.write(_fit_for(sys.stdout, text))
    sys.stdout.flush()


def _fit_for(out: TextIO, text: str) -> str:
    return readable(text, keep="\n\t") if out.isatty() else text
