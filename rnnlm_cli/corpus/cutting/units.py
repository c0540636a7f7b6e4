"""Units: what a token is, how a text is cut into tokens, and how they are joined again.

In the unit `whitespace`, and in words by the first rule, ASCII white space (space, tab, line feed,
form feed, vertical tab) separates words; any other, such as U+00A0 or U+3000, is a character like
all the rest. A line feed ends a line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from rnnlm_cli.corpus.cutting.spacing import Joiner, Opened, spacing_of
from rnnlm_cli.corpus.cutting.words import cut_block_into_words, cut_into_words, end_lines
from rnnlm_cli.corpus.vocabulary import EOS, UNK
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.text import Unit

WHITE = " \t\n\r\f\v"

_WORD_OR_LINE_END = re.compile(f"\n|[^{WHITE}]+")
_CHARACTER = re.compile(rf"{UNK}|[\s\S]")

_CLOSING = frozenset(",.;:!?)]}%…’”»、。，．！？：；）］｝」』】")  # no blank before
_OPENING = frozenset("([{$£€¥‘“«¿¡（［｛「『【")  # no blank after
_JOINING = frozenset("/\\—")  # neither
_RUNS = frozenset("-=*#~+<>&|")  # no blank between two of the same: --, ==, **
_QUOTES = frozenset("\"'`")  # opening and closing in turn

NEWEST = 2  # of the rules of each unit


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """What a token is: the unit, whether capitals are made small first, and the rule by which.

        whitespace   what stands between white space
        word         words, numbers, signs: put together they are the text again (see words.py)
        char         every character
        preprocess   what stands between blanks, a point set off: the book's `preprocess`

    Of a unit there may be several rules, in the order of their making: a model goes on with the
    one that it was trained with. Raises ConfigError for a rule that is not known.

    By the first rules a text is taken as it is, `<unk>` and `<eos>` in it are mere characters
    unless they stand between white space, and words forget what stood between them. By the second
    ones it is composed first (NFC), and `<unk>` and `<eos>` mean what they mean in a vocabulary.
    """

    unit: Unit
    lower: bool = False
    rule: int = NEWEST

    def __post_init__(self) -> None:
        if (self.unit, self.rule) not in _RULES:
            raise ConfigError(
                f"rule {self.rule} of the unit {self.unit} is not known here: "
                "use a newer version of rnnlm"
            )

    def __str__(self) -> str:
        return self.unit

    def spacing_of(self, tokens: Iterable[str]) -> set[str]:
        """Those of `tokens` that are no words or signs, but say what stands between them."""
        return self._rule.spacing_of(tokens)

    @property
    def _rule(self) -> _Rule:
        return _RULES[self.unit, self.rule]

    def normalize(self, text: str) -> str:
        """`text` or a word of it in the spelling that tokens have."""
        return self._rule.spell(text, self.lower)

    def tokenize(self, text: str, *, open_end: bool = False) -> list[str]:
        """The tokens of `text`.

        Every line feed becomes `<eos>`, and the end of a last line that has none does too, unless
        `open_end` (a prompt to be continued). A line that already ends with a literal `<eos>` gets
        no second one. To the unit `preprocess` a line feed is a letter: see `Vocabulary.fitted`.
        """
        text = self.normalize(text)
        if not open_end and text and not text.endswith("\n"):
            text += "\n"
        return self._rule.cut(text)

    @property
    def needs_whole(self) -> bool:
        """Whether a text cannot be cut block by block: to `preprocess` a line feed is a letter."""
        return self.unit == "preprocess"

    @property
    def cuts_marks(self) -> bool:
        """Whether `<unk>` in a text is several tokens to it: see `tokenize_given`."""
        return self._rule.cuts_marks

    def cut_block(self, text: str, opened: Opened = frozenset()) -> tuple[list[str], Opened]:
        """The tokens of a block of a text, the same as of the whole with an open end.

        It begins with a line and, unless it is the last, ends with one. `opened` are the quotes
        that are open before it, as far as that matters; those open after it come back.
        """
        text, cut = self.normalize(text), self._rule.cut_block
        return cut(text, opened) if cut else (self._rule.cut(text), opened)

    def tokenize_given(self, text: str) -> list[str]:
        """The tokens of a `text` that is none of a corpus: `<unk>` is one whatever the rule.

        The first rules take the marks of a corpus apart, and their models were trained so. The end
        of the text ends no line.
        """
        return self._tokenize_around((UNK,) if self.cuts_marks else (), text)

    def tokenize_prompt(self, text: str) -> list[str]:
        """The tokens of a `text` to be continued, in which `<eos>` and `<unk>` are such."""
        return self._tokenize_around((EOS, UNK) if self.rule == 1 else (), text)

    def _tokenize_around(self, marks: tuple[str, ...], text: str) -> list[str]:
        """The tokens of `text`, in which each of the `marks` is one; its end ends no line."""
        pieces = re.split(f"({'|'.join(marks)})", text) if marks else [text]
        whole = (
            [piece] if piece in marks else self.tokenize(piece, open_end=True) for piece in pieces
        )
        return [token for tokens in whole for token in tokens]

    def told(self, tokens: list[str], vocabulary: Container[str]) -> list[str]:
        """`tokens` without those of spacing that the `vocabulary` lacks: they are no words to miss.

        To a model whose text never departed from what is expected, no text does.
        """
        untold = {token for token in self.spacing_of(set(tokens)) if token not in vocabulary}
        return [token for token in tokens if token not in untold] if untold else tokens

    def detokenizer(self) -> Detokenizer:
        """What joins such tokens again."""
        return self._rule.detokenizer()

    def joined(self, tokens: Iterable[str]) -> str:
        """The text that they are, put together."""
        return "".join(map(self.detokenizer().feed, tokens))


class Detokenizer(Protocol):
    """Joins tokens one by one; `<eos>` is a line end."""

    def feed(self, token: str) -> str:
        """The text that `token` adds to what was fed before it."""


class _Unspaced:
    """Nothing between the tokens."""

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


class _Spaced(_Unspaced):
    """One blank between the tokens of a line."""

    def _end_line(self) -> None:
        self._begun = False

    def _needs_blank(self, token: str) -> bool:
        begun, self._begun = self._begun, True
        return begun


class _English(_Unspaced):
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


class _Rule(NamedTuple):
    cut: Callable[[str], list[str]]
    detokenizer: Callable[[], Detokenizer]
    spell: Callable[[str, bool], str] = composed
    spacing_of: Callable[[Iterable[str]], set[str]] = _none_of
    # None: as `cut` does, whatever stands before
    cut_block: Callable[[str, Opened], tuple[list[str], Opened]] | None = None
    cuts_marks: bool = False  # whether `<unk>` in a text is several tokens


# A rule that is here stays as it is, for the models that were trained with it: another way to cut
# is a row of its own.
_RULES: dict[tuple[Unit, int], _Rule] = {
    ("whitespace", 1): _Rule(_by_white_space, _Spaced, _as_it_is),
    ("word", 1): _Rule(_by_words, _English, _as_it_is, cuts_marks=True),
    ("char", 1): _Rule(_by_characters, _Unspaced, _as_it_is, cuts_marks=True),
    ("preprocess", 1): _Rule(_by_preprocess, _Preprocessed, _as_it_is),
    ("whitespace", 2): _Rule(_by_white_space, _Spaced),
    ("word", 2): _Rule(
        cut_into_words, Joiner, spacing_of=spacing_of, cut_block=cut_block_into_words
    ),
    ("char", 2): _Rule(_by_characters_and_marks, _Unspaced),
    ("preprocess", 2): _Rule(_by_preprocess, _Preprocessed, _as_it_is),
}
