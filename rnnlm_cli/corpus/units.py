"""Units: what a token is, how a text is cut into tokens, and how they are joined again.

ASCII white space (space, tab, line feed, form feed, vertical tab) separates words; any other white
space, such as U+00A0 or U+3000, is a character like all the rest. A line feed ends a line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from rnnlm_cli.corpus.vocabulary import EOS, UNK
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.text import Unit

WHITE = " \t\n\r\f\v"

_WORD_OR_LINE_END = re.compile(f"\n|[^{WHITE}]+")
_MARKED = re.compile(f"(?<![^{WHITE}])(?:{EOS}|{UNK})(?![^{WHITE}])")

_CLOSING = frozenset(",.;:!?)]}%…’”»、。，．！？：；）］｝」』】")  # no blank before
_OPENING = frozenset("([{$£€¥‘“«¿¡（［｛「『【")  # no blank after
_JOINING = frozenset("/\\—")  # neither
_RUNS = frozenset("-=*#~+<>&|")  # no blank between two of the same: --, ==, **
_QUOTES = frozenset("\"'`")  # opening and closing in turn


def choose_unit(text: str) -> Unit:
    """What to cut `text` into, judged by how it is written.

    `whitespace` where it already holds `<unk>` or `<eos>` as words of their own; `char` where
    fewer than 1 character in 50 is white space (line ends do not count); else `word`.
    """
    if _MARKED.search(text):
        return "whitespace"
    blanks = sum(map(text.count, filter(str.isspace, set(text) - {"\n"})))
    return "char" if 50 * blanks < len(text) - text.count("\n") else "word"


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """What a token is: the unit, whether capitals are made small first, and the rule by which.

        whitespace   what stands between white space
        word         words and numbers (it's, well-known, 3.14), and each punctuation sign apart
        char         every character
        preprocess   what stands between blanks, a point set off: the book's `preprocess`

    Of a unit there may be several rules, in the order of their making: a model goes on with the
    one that it was trained with. Raises ConfigError for a rule that is not known.
    """

    unit: Unit
    lower: bool = False
    rule: int = 1

    def __post_init__(self) -> None:
        if (self.unit, self.rule) not in _RULES:
            raise ConfigError(
                f"rule {self.rule} of the unit {self.unit} is not known here: "
                "use a newer version of rnnlm"
            )

    def __str__(self) -> str:
        return self.unit

    def tokenize(self, text: str, *, open_end: bool = False) -> list[str]:
        """The tokens of `text`.

        Every line feed becomes `<eos>`, and the end of a last line that has none does too, unless
        `open_end` (a prompt to be continued). In the unit `whitespace` a line that already ends
        with a literal `<eos>` gets no second one; in the others `<eos>` in a text is mere
        characters. To the unit `preprocess` a line feed is a letter: see `Vocabulary.fitted`.
        """
        text = text.lower() if self.lower else text
        if not open_end and text and not text.endswith("\n"):
            text += "\n"
        return _RULES[self.unit, self.rule].cut(text)

    def detokenizer(self) -> Detokenizer:
        """What joins such tokens again."""
        return _RULES[self.unit, self.rule].detokenizer()


class Detokenizer:
    """Joins tokens one by one, here with nothing between them; `<eos>` is a line end.

    What a Tokenizer makes of the text are the same tokens again.
    """

    def __init__(self) -> None:
        self._end_line()

    def feed(self, token: str) -> str:
        """The text that `token` adds to what was fed before it."""
        if token == EOS:
            self._end_line()
            return "\n"
        return " " + token if self._needs_blank(token) else token

    def _end_line(self) -> None:
        """Whatever was fed before has no say any more."""

    def _needs_blank(self, token: str) -> bool:
        """Whether a blank goes before `token`, which is taken down as fed."""
        return False


class _Spaced(Detokenizer):
    """One blank between the tokens of a line."""

    def _end_line(self) -> None:
        self._begun = False

    def _needs_blank(self, token: str) -> bool:
        begun, self._begun = self._begun, True
        return begun


class _English(Detokenizer):
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


class _Preprocessed(_Spaced):
    """One blank between tokens, but none before a point: the reverse of the book's `preprocess`."""

    def _needs_blank(self, token: str) -> bool:
        return super()._needs_blank(token) and not token.startswith(".")


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


class _Rule(NamedTuple):
    cut: Callable[[str], list[str]]
    detokenizer: Callable[[], Detokenizer]


# A rule that is here stays as it is, for the models that were trained with it: another way to cut
# is a row of its own.
_RULES: dict[tuple[Unit, int], _Rule] = {
    ("whitespace", 1): _Rule(_by_white_space, _Spaced),
    ("word", 1): _Rule(_by_words, _English),
    ("char", 1): _Rule(_by_characters, Detokenizer),
    ("preprocess", 1): _Rule(_by_preprocess, _Preprocessed),
}
