"""Scripts that put no blanks between words: Han, kana, Thai, Lao, Khmer, Burmese, Tibetan.

The tables are those of the `regex` package, which is loaded when they are first asked for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import cache
from importlib.metadata import version

_SCRIPTS = "Bopomofo Han Hiragana Katakana Khmer Lao Myanmar Thai Tibetan".split()
_UNSPACED = "".join(rf"\p{{scx={name}}}" for name in _SCRIPTS)
_LETTERS = r"[\p{L}\p{M}\p{Nl}]"

Finder = Callable[[str], list[str]]


@cache
def finder(pattern: str) -> Finder:
    import regex

    found: Finder = regex.compile(pattern, regex.VERSION1).findall
    return found


def tables() -> str:
    """The tables of Unicode by which texts are cut here."""
    return f"{unicodedata.unidata_version}, regex {version('regex')}"


def is_young(character: str) -> bool:
    """Whether other tables may have it otherwise: it came after Unicode 3.2, and is no symbol.

    An emoji that a table does not have yet is cut as one that it has.
    """
    new = unicodedata.ucd_3_2_0.category(character) == "Cn"
    return new and unicodedata.category(character)[0] != "S"


def unspaced_letters(text: str) -> list[str]:
    """The letters of `text` that are of such scripts, in runs."""
    return [] if text.isascii() else finder(f"[{_LETTERS}&&[{_UNSPACED}]]+")(text)


def spaced_words(text: str) -> list[str]:
    """The letters of `text` that are of other scripts, in runs."""
    return finder(f"[{_LETTERS}--[{_UNSPACED}]]+")(text)


def is_unspaced(character: str) -> bool:
    """Whether that is a letter of such a script."""
    return bool(unspaced_letters(character))


def graphemes(text: str) -> list[str]:
    """`text` as grapheme clusters, what a reader takes for one character each (UAX #29)."""
    return [text] if len(text) == 1 else finder(r"\X")(text)
