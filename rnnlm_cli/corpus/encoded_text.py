"""A text as ids, and what the ids alone do not tell of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from rnnlm_cli.arrays import Ids
from rnnlm_cli.corpus.batches import first_input
from rnnlm_cli.corpus.cutting.rules import composed
from rnnlm_cli.corpus.kept import chunks, kept_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSizes:
    """How long a text is in each way of counting; `Figures` says what its characters are."""

    tokens: int
    unknown: int  # of the tokens: those that are `<unk>`, the text's own among them
    characters: int

    @property
    def unknown_share(self) -> float:
        """The share of its tokens that are `<unk>`."""
        return self.unknown / max(1, self.tokens)

    @property
    def characters_per_token(self) -> float:
        """How many characters a token stands for, in the mean."""
        return self.characters / max(1, self.tokens)


@dataclass(frozen=True, slots=True, eq=False)
class EncodedText:
    """The ids (tokens,) of a text, and what two of them mean: a line end, and an unknown word.

    `eos_id` is None for words without `<eos>`: then `first` is what went before the text.
    `characters` is how many the text has (see `Figures`), None where only its ids are at hand;
    `lower` says that its capitals were made small, so that the ids do not tell them.
    """

    ids: Ids = field(repr=False)
    eos_id: int | None
    unk_id: int | None = None
    characters: int | None = None
    lower: bool = False
    first: int | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def sizes(self) -> TextSizes:
        """What the text counts; its characters must be known."""
        assert self.characters is not None, "a text that came as ids has no characters"
        return TextSizes(tokens=len(self), unknown=self.unknown, characters=self.characters)

    @property
    def unknown(self) -> int:
        """How many of its tokens are `<unk>`."""
        if self.unk_id is None:
            return 0
        return sum(int(np.count_nonzero(ids == self.unk_id)) for ids in chunks(self.ids))

    @property
    def before(self) -> int:
        """The input before the first word: `<eos>`, or else what went before the text.

        0 for a text that has neither, of which only the book's protocol scores words: none of them
        is the first.
        """
        return next((each for each in (self.eos_id, self.first) if each is not None), 0)

    def after_first(self) -> EncodedText:
        """The text as it can be scored: without `<eos>` its first word is context for the rest."""
        if self.eos_id is not None or self.first is not None or not len(self):
            return self
        first, ids = first_input(self.ids, None)
        return replace(self, ids=ids, first=first, characters=None)

    def held(self) -> EncodedText:
        """The same with ids to compute with, int32: those of a large text take less."""
        return replace(self, ids=self.ids.astype(np.int32, copy=False))

    def beginning(self, words: int) -> EncodedText:
        """Its first so many words, if there are as many."""
        return replace(self, ids=self.ids[:words], characters=None)

    def renumbered(self, rank: Ids) -> EncodedText:
        """The same text with the id `rank[i]` for each i; read-only, as ids of a corpus are."""
        eos_id, unk_id = (
            None if each is None else int(rank[each]) for each in (self.eos_id, self.unk_id)
        )
        ids = kept_ids((rank[each] for each in chunks(self.ids)), len(rank))
        return replace(self, ids=ids, eos_id=eos_id, unk_id=unk_id)


def count_characters(text: Iterable[str]) -> int:
    """How many a text in blocks has: see `Figures`."""
    return sum(len(composed(block)) for block in text)
