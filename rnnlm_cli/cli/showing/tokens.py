"""Tokens to be read one by one: white space must be seen."""

from __future__ import annotations

from rnnlm_cli.corpus.vocabulary import EOS
from rnnlm_cli.errors import readable

_LINE_END = "↵"
_WHITE = str.maketrans({"\n": _LINE_END, "\t": "⇥", " ": "␣"})


def visible(text: str) -> str:
    """A token, or a piece of a text; of one that is nothing but white space each sign is shown."""
    return readable(text.translate(_WHITE) if text.isspace() else text)


def visible_in_line(token: str) -> str:
    """A token among those of its line, whose end is a sign too."""
    return _LINE_END if token == EOS else visible(token)
