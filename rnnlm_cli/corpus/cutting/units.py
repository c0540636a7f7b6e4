"""Units: what a token is, how a text is cut into tokens, and how they are joined again."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from rnnlm_cli.corpus.cutting.detokenizers import Detokenizer
from rnnlm_cli.corpus.cutting.pieces import Merge, Pieces
from rnnlm_cli.corpus.cutting.rules import RULES, Blanks, Rule
from rnnlm_cli.corpus.cutting.spacing import Opened
from rnnlm_cli.corpus.vocabulary import EOS, UNK
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.text import Unit

NEWEST = 2  # of the rules of each unit


@dataclass(frozen=True)  # no slots: a cached property needs a dict
class Tokenizer:
    """What a token is: the unit, whether capitals are made small first, and the rule by which.

        whitespace   what stands between white space
        word         words, numbers, signs: put together they are the text again (see words.py)
        char         every character
        bpe          pieces of words, which `merges` make of bytes (see pieces.py)
        preprocess   what stands between blanks, a point set off: the book's `preprocess`

    Of a unit there may be several rules, in the order of their making: a model goes on with the
    one that it was trained with. Raises ConfigError for a rule that is not known, and for merges
    that make no pieces.

    By the first rules a text is taken as it is, `<unk>` and `<eos>` in it are mere characters
    unless they stand between white space, and words forget what stood between them. By the second
    ones it is composed first (NFC), and `<unk>` and `<eos>` mean what they mean in a vocabulary;
    those of `preprocess` still take it as it is.
    """

    unit: Unit
    lower: bool = False
    rule: int = NEWEST
    merges: tuple[Merge, ...] = field(default=(), repr=False)  # learnt of a text, for bpe alone

    def __post_init__(self) -> None:
        if (self.unit, self.rule) not in RULES:
            raise ConfigError(
                f"rule {self.rule} of the unit {self.unit} is not known here: "
                "use a newer version of rnnlm"
            )
        if self.is_of_pieces:
            _ = self._pieces  # made at once: what is none is refused with its file
        elif self.merges:
            raise ConfigError(f"the unit {self.unit} has no pieces, but {len(self.merges)} merges")

    def __str__(self) -> str:
        return self.unit

    def spacing_of(self, tokens: Iterable[str]) -> set[str]:
        """Those of `tokens` that are no words or signs, but say what stands between them."""
        return self._rule.spacing_of(tokens)

    @property
    def known(self) -> tuple[str, ...]:
        """The tokens that there are for every text: pieces. Of other units a text has its own."""
        return self._pieces.words if self.is_of_pieces else ()

    @property
    def _rule(self) -> Rule:
        return RULES[self.unit, self.rule]

    @property
    def is_of_pieces(self) -> bool:
        """Whether it has to learn first, of a text, what its tokens are."""
        return self._rule.cut is None

    @cached_property
    def _pieces(self) -> Pieces:
        return Pieces(self.merges)

    def _cut(self, text: str) -> list[str]:
        cut = self._rule.cut
        return self._pieces.cut(text) if cut is None else cut(text)

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
        return self._cut(text)

    def tokens_in(self, words: int) -> int:
        """About how many tokens so many words are."""
        return round(words * self._rule.tokens_a_word)

    @property
    def blanks(self) -> Blanks:
        """Where the blanks of a text are."""
        return self._rule.blanks

    @property
    def needs_whole(self) -> bool:
        """Whether a text cannot be cut block by block."""
        return self._rule.needs_whole

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
        return cut(text, opened) if cut else (self._cut(text), opened)

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

        To a model whose text never departed from what is expected, no text does. An `<unk>` that it
        lacks is pieces as all else, where these are known.
        """
        if self.is_of_pieces and UNK in tokens and UNK not in vocabulary:
            return self._pieces.spelt_out(tokens)
        untold = {token for token in self.spacing_of(set(tokens)) if token not in vocabulary}
        return [token for token in tokens if token not in untold] if untold else tokens

    def detokenizer(self) -> Detokenizer:
        """What joins such tokens again."""
        return self._rule.detokenizer()

    def joined(self, tokens: Iterable[str]) -> str:
        """The text that they are, put together."""
        joiner = self.detokenizer()
        return "".join(map(joiner.feed, tokens)) + joiner.end()
