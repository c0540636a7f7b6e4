"""Tokens joined to a text again, one by one, by rules that know nothing of the text they are from.

What joins words by the second rule is in spacing.py, what joins pieces in pieces.py.
"""

from __future__ import annotations

from typing import Protocol

from rnnlm_cli.corpus.vocabulary import EOS

_CLOSING = frozenset(",.;:!?)]}%…’”»、。，．！？：；）］｝」』】")  # no blank before
_OPENING = frozenset("([{$£€¥‘“«¿¡（［｛「『【")  # no blank after
_JOINING = frozenset("/\\—")  # neither
_RUNS = frozenset("-=*#~+<>&|")  # no blank between two of the same: --, ==, **
_QUOTES = frozenset("\"'`")  # opening and closing in turn


class Detokenizer(Protocol):
    """Joins tokens one by one; `<eos>` is a line end."""

    def feed(self, token: str) -> str:
        """The text that `token` adds to what was fed before it."""

    def end(self) -> str:
        """What is left to add once no token follows."""


class Unspaced:
    """Nothing between the tokens."""

    def __init__(self) -> None:
        self._end_line()

    def feed(self, token: str) -> str:
        """The text that `token` adds to what was fed before it."""
        if token == EOS:
            self._end_line()
            return "\n"
        return " " + token if self._needs_blank(token) else token

    def end(self) -> str:
        """What is left to add once no token follows: nothing."""
        return ""

    def _end_line(self) -> None:
        """Whatever was fed before has no say any more."""

    def _needs_blank(self, token: str) -> bool:
        """Whether a blank goes before `token`, which is taken down as fed."""
        return False


class Spaced(Unspaced):
    """One blank between the tokens of a line."""

    def _end_line(self) -> None:
        self._begun = False

    def _needs_blank(self, token: str) -> bool:
        begun, self._begun = self._begun, True
        return begun


class English(Unspaced):
    """What English puts between tokens: no blank before a comma or after a bracket.

    Straight quotes open and close in turn. What a text had between its tokens is not known, so
    "a.b" comes back as "a. b".
    """

    def _end_line(self) -> None:
        self._before = ""  # the token before on this line
        self._joined = True  # no blank comes next
        self._open: set[str] = set()  # quotes not yet closed

    def _needs_blank(self, token: str) -> bool:
        before, self._before = self._before, token
        joined, self._joined = self._joined, False
        if token in _QUOTES:
            self._open ^= {token}
            self._joined = opens = token in self._open
            return opens and not joined
        joins = token in _JOINING or token.isspace()  # a white space that is a token: U+00A0
        self._joined = joins or token in _OPENING
        repeats = token == before and token in _RUNS
        return not (joined or joins or repeats or token in _CLOSING)


class Preprocessed(Spaced):
    """One blank between tokens, but none before a point: the reverse of the book's `preprocess`."""

    def _needs_blank(self, token: str) -> bool:
        return super()._needs_blank(token) and not token.startswith(".")
