"""Which runs of a text stand in another one, word for word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.arrays import Ids
from rnnlm_cli.generating.suffixes import SuffixArray


@dataclass(frozen=True, slots=True)
class Copies:
    """The runs of a text that stand in the training text: each as long as it can be."""

    least: int  # tokens of a run that counts
    runs: tuple[tuple[int, int], ...]  # first token and the one behind the last; may overlap
    tokens: int  # of the text, counted from where it was drawn
    copied: int  # of these: those that are in a run
    longest: int  # tokens of the longest run, whether that counts or not

    @property
    def share(self) -> float:
        """The share of the tokens that are in a run."""
        return self.copied / max(1, self.tokens)

    @property
    def spans(self) -> list[tuple[int, int]]:
        """The runs, those in one that touch or overlap."""
        spans: list[tuple[int, int]] = []
        for begin, end in self.runs:
            if spans and begin <= spans[-1][1]:
                spans[-1] = spans[-1][0], max(end, spans[-1][1])
            else:
                spans.append((begin, end))
        return spans


def copies(
    suffixes: SuffixArray, texts: Sequence[Ids], least: int, drawn_from: int = 0
) -> list[Copies]:
    """The runs of at least `least` words of each of `texts` in the text of `suffixes`.

    A run may begin before `drawn_from`, but only words from there on are counted, and it must hold
    one of these.
    """
    found = suffixes.longest_matches(texts)
    return [_copies(lengths, least, drawn_from) for lengths in found]


def _copies(lengths: Ids, least: int, drawn_from: int) -> Copies:
    ends = np.arange(len(lengths)) + lengths
    # A run that only goes on with the one from the word before is none of its own.
    longer = np.append(True, ends[1:] > ends[:-1])[: len(lengths)]
    begins = np.flatnonzero((lengths >= least) & longer & (ends > drawn_from))
    copied = np.zeros(len(lengths), bool)
    for begin in begins:
        copied[begin : ends[begin]] = True
    runs = tuple(zip(begins.tolist(), ends[begins].tolist(), strict=True))
    longest = int(lengths[ends > drawn_from].max(initial=0))
    counted = int(copied[drawn_from:].sum())
    return Copies(least, runs, len(lengths) - drawn_from, counted, longest)
