"""A text in regions, side by side, and what a model gives away on each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.arrays import Doubles
from rnnlm_cli.corpus.cutting.rules import WHITE
from rnnlm_cli.corpus.reading.decoding import normalize
from rnnlm_cli.tasks.passage import Passage

_BLANK = " "  # between two regions


@dataclass(frozen=True, slots=True)
class Regions:
    """`text`, and where each of its regions starts in it; an empty one ends where it starts."""

    text: str
    starts: tuple[int, ...]

    @classmethod
    def whole(cls, text: str) -> Regions:
        """A text that is one region."""
        return cls(text, (0,))

    @classmethod
    def join(cls, contents: Sequence[str]) -> Regions:
        """Regions with one blank between those that are not empty, and none at their ends."""
        text, starts = "", list[int]()
        for content in contents:
            content = normalize(content).strip(WHITE)
            gap = _BLANK if text and content else ""
            starts.append(len(text) + len(gap))
            text += gap + content
        return cls(text, tuple(starts))

    def sums(self, passage: Passage, nats: Doubles) -> Doubles:
        """nats (tokens,) of the tokens of `passage`, which is this text -> sums (regions,).

        A token is of the region in which its first character stands that is not white; one of white
        space alone is of the region behind it, and what has no region behind it, such as `<eos>`,
        of the last one, as SyntaxGym has it.
        """
        if len(self.starts) == 1:
            return np.array([nats.sum()])  # to the bit what the whole passage has
        regions = np.searchsorted(self.starts, passage.begins(), side="right") - 1
        sums = np.zeros(len(self.starts))
        np.add.at(sums, regions, nats)
        return sums
