"""The rules by which units are cut and joined: a row for each, which stays as it is.

In the unit `whitespace`, and in words by the first rule, ASCII white space (space, tab, line feed,
form feed, vertical tab) separates words; any other, such as U+00A0 or U+3000, is a character like
all the rest. A line feed ends a line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from rnnlm_cli.corpus.cutting.detokenizers import (
    Detokenizer,
    English,
    Preprocessed,
    Spaced,
    Unspaced,
)
from rnnlm_cli.corpus.cutting.pieces import PieceJoiner
from rnnlm_cli.corpus.cutting.spacing import Joiner, Opened, spacing_of
from rnnlm_cli.corpus.cutting.words import cut_block_into_words, cut_into_words, end_lines
from rnnlm_cli.corpus.vocabulary import EOS, UNK
from rnnlm_cli.settings.text import Unit

WHITE = " \t\n\r\f\v"

_WORD_OR_LINE_END = re.compile(f"\n|[^{WHITE}]+")
_CHARACTER = re.compile(rf"{UNK}|[\s\S]")


def _by_white_space(text: str) -> list[str]:
    tokens: list[str] = _WORD_OR_LINE_END.findall(text)
    if EOS in tokens:
        pairs = zip(tokens, ["\n", *tokens], strict=False)
        tokens = [token for token, before in pairs if (before, token) != (EOS, "\n")]
    return [EOS if token == "\n" else token for token in tokens]


def _by_words(text: str) -> list[str]:
    return [EOS if token == "\n" else token for token in _word_pattern(text).findall(text)]


def _by_characters(text: str) -> list[str]:
    return [EOS if c == "\n" else c for c in text]


def _by_preprocess(text: str) -> list[str]:
    """Book section 2.3.1: a line feed is a letter, and two blanks have "" between them."""
    return text.replace(".", " .").split(" ") if text else []


def _by_characters_and_marks(text: str) -> list[str]:
    text = end_lines(text)
    if UNK not in text:
        return _by_characters(text)
    return [EOS if c == "\n" else c for c in _CHARACTER.findall(text)]


def _word_pattern(text: str) -> re.Pattern[str]:
    r"""Line feeds, words, and single signs.

    A word is letters and digits (\w), with single apostrophes and hyphens inside, and the point or
    the comma of a number: 3.14, 1,000. Combining marks (accents, Indic vowel signs) and the two
    joiners are letters too; \w leaves them out, so those that `text` has are added.
    """
    marks = "" if text.isascii() else "".join(filter(_joins, sorted(set(text))))
    word = rf"[\w{marks}]+"
    inner = r"['’\-\u2010\u2011]|(?<=\d)\.(?=\d)|(?<=\d),(?=\d{3}(?!\d))"
    return re.compile(rf"\n|{word}(?:(?:{inner}){word})*|[^{WHITE}]")


def _joins(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or character in "\u200c\u200d"


def _as_it_is(text: str, lower: bool) -> str:
    return text.lower() if lower else text


def composed(text: str, lower: bool = False) -> str:
    """In the normal form C; `İ` becomes `i`, of which `lower` alone would make two characters."""
    text = unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", text.replace("İ", "i").lower()) if lower else text


def _none_of(tokens: Iterable[str]) -> set[str]:
    return set()


# Where the blanks of a text are: between its tokens, inside of them, or tokens themselves.
Blanks = Literal["between", "inside", "themselves"]


class Rule(NamedTuple):
    """How texts are cut, and what they are made of again; `cut` is None where pieces cut."""

    cut: Callable[[str], list[str]] | None
    detokenizer: Callable[[], Detokenizer]
    spell: Callable[[str, bool], str] = composed
    spacing_of: Callable[[Iterable[str]], set[str]] = _none_of
    # None: as `cut` does, whatever stands before
    cut_block: Callable[[str, Opened], tuple[list[str], Opened]] | None = None
    cuts_marks: bool = False  # whether `<unk>` in a text is several tokens
    needs_whole: bool = False  # whether a line feed is a letter like others: no block ends with it
    blanks: Blanks = "between"
    tokens_a_word: float = 1  # in the middle, for lengths of texts that are said in words


# A rule that is here stays as it is, for the models that were trained with it: another way to cut
# is a row of its own.
RULES: dict[tuple[Unit, int], Rule] = {
    ("whitespace", 1): Rule(_by_white_space, Spaced, _as_it_is),
    ("word", 1): Rule(_by_words, English, _as_it_is, cuts_marks=True),
    ("char", 1): Rule(
        _by_characters,
        Unspaced,
        _as_it_is,
        cuts_marks=True,
        blanks="themselves",
        tokens_a_word=5,
    ),
    ("preprocess", 1): Rule(_by_preprocess, Preprocessed, _as_it_is, needs_whole=True),
    ("whitespace", 2): Rule(_by_white_space, Spaced),
    ("word", 2): Rule(
        cut_into_words, Joiner, spacing_of=spacing_of, cut_block=cut_block_into_words
    ),
    ("char", 2): Rule(_by_characters_and_marks, Unspaced, blanks="themselves", tokens_a_word=5),
    ("preprocess", 2): Rule(_by_preprocess, Preprocessed, _as_it_is, needs_whole=True),
    ("bpe", 2): Rule(None, PieceJoiner, blanks="inside", tokens_a_word=1.5),
}
