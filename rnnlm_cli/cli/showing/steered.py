"""A text and the words that may come next, on a terminal; nothing but the text through a pipe."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from rnnlm_cli.cli.showing import render
from rnnlm_cli.cli.showing.tokens import visible
from rnnlm_cli.cli.showing.writing import write_lines
from rnnlm_cli.corpus.cutting.spacing import BLANK
from rnnlm_cli.errors import readable
from rnnlm_cli.tasks.steered import Candidate

_ROWS = 4  # of the text
_LONGEST = 24  # columns of a word


class Desk:
    """Where a person writes with a model: questions and answers, if somebody is there."""

    def __init__(self) -> None:
        self.is_watched = sys.stdin.isatty()
        # The text itself goes to stdout at the end; if that is a file, the talk is on stderr.
        self._console = render.console(stderr=not sys.stdout.isatty())
        if self.is_watched and sys.stdout.isatty():
            try:
                import readline  # noqa: F401  # input() then edits the line and has a history
            except ImportError:
                pass  # a system without it

    def begin(self, line: str) -> None:
        """Say how it goes."""
        if self.is_watched:
            self.say(line)

    def show(self, text: str, candidates: Sequence[Candidate], *, blanks: bool = False) -> None:
        """The end of the text, and the words with their shares, with the `blanks` before them."""
        width = min(self._console.width, 100)
        self._console.print()
        self._console.print(Text(_end_of(text, _ROWS * (width - 2)), style="bold"))
        words = [_named(each.piece, blanks=blanks) for each in candidates]
        longest = min(_LONGEST, max(map(cell_len, words), default=0))
        room = width - longest - len(" 99   100.0% ") - 1
        most = max((each.share for each in candidates), default=1.0)
        for number, (word, each) in enumerate(zip(words, candidates, strict=True), 1):
            name = Text(word)
            name.truncate(longest, overflow="ellipsis", pad=True)
            bar = "█" * round(max(0, room) * each.share / most)
            line = Text.assemble(
                (f"{number:3} ", "cyan"), name, f" {each.share:6.1%} ", (bar, "blue")
            )
            self._console.print(line, no_wrap=True, overflow="crop")

    def ask(self, prompt: str) -> str:
        """The next line. Raises EOFError at the end."""
        if self.is_watched and sys.stdout.isatty():
            return input(prompt)
        if self.is_watched:
            sys.stderr.write(prompt)
            sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.removesuffix("\n")

    def say(self, line: str) -> None:
        """Tell something."""
        if self.is_watched:
            self._console.print(Text(readable(line, keep="\n"), style="dim"), soft_wrap=True)

    def refuse(self, message: str) -> None:
        """Tell what was not done, and why."""
        render.say_error(message)

    def end(self, text: str) -> None:
        """Print the text."""
        if self.is_watched and sys.stdout.isatty():
            sys.stdout.write("\n\n")
        write_lines([text.rstrip("\n")], sys.stdout)
        sys.stdout.flush()


def _named(piece: str, *, blanks: bool) -> str:
    """A word of the list; a blank before it goes without saying where all words have one."""
    word = piece if piece.isspace() else piece.strip(BLANK)
    return visible(BLANK) * (blanks and word != piece) + visible(word)


def _end_of(text: str, columns: int) -> str:
    """As much of the end of a text as has room in so many columns."""
    shown = readable(text, keep="\n\t")
    cut, columns = shown, max(0, columns)  # a terminal may have room for nothing
    while cell_len(cut.replace("\n", " " * 20)) > columns:
        cut = cut[max(1, (len(cut) - columns) // 2) :]
    return cut if cut == shown else "…" + cut
