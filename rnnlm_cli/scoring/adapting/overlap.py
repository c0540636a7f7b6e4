"""How much of a text stands in another one, in which n-grams were counted or tricks tuned.

A place counts as standing there if it is in a window of 20 words, of 30 pieces, or of 100
characters, that is found in the other text too. Natural texts repeat themselves a little: of PTB's
test split 1.2% stands in the training split, of the validation split 2.0%.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlm_cli.arrays import Ids
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.settings.tricks import TrickConfig

NOTABLE = 0.05  # a larger share is no chance, and flatters a figure
WINDOW = 20  # words
_FACTOR, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)  # any odd factor of 64 bits will do
_TOP = np.uint64(64 - 22)


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """The text to score, and two splits of the corpus of the model; of the one its ids (T,)."""

    train: Ids
    valid: EncodedText
    scored: EncodedText


def share_within(ids: Ids, other: Ids, window: int = WINDOW) -> float:
    """The share of `ids` (T,) that stands in `other` (S,), by windows of so many tokens.

    A shorter text is one window.
    """
    size = min(window, len(ids), len(other))
    if not size:
        return 0.0
    mine, theirs = _hashes(ids, size), _hashes(other, size)
    # Sorting millions would take seconds: few of theirs begin with the 22 bits of one of mine.
    begun = np.zeros(1 << 22, bool)
    begun[mine >> _TOP] = True
    found = np.isin(mine, theirs[begun[theirs >> _TOP]]).astype(np.int64)
    edges = np.zeros(len(ids) + 1, np.int64)
    edges[: len(found)] += found
    edges[size:] -= found
    return float((edges.cumsum()[:-1] > 0).mean())


def overlap_notes(texts: Texts, tricks: TrickConfig, tokenizer: Tokenizer) -> Iterator[str]:
    """How much of the scored text is in what n-grams were counted in, and tricks are tuned on."""
    window = tokenizer.tokens_in(WINDOW)
    for where, other, is_used in (
        ("training split, in which the n-grams are counted", texts.train, "ngram" in tricks.asked),
        ("validation split, on which tricks are tuned", texts.valid.ids, not tricks.is_complete),
    ):
        if is_used and (share := share_within(texts.scored.ids, other, window)) >= NOTABLE:
            yield (
                f"{share:.0%} of the text that is scored stands in the {where}: "
                "the figures are optimistic"
            )


def _hashes(ids: Ids, size: int) -> NDArray[np.uint64]:
    """64 bits (T - size + 1,) for every window of `size` ids (T,), from those of its two halves.

    A million windows share one with another million by chance once in 10 million texts.
    """
    hashes, width = ids.astype(np.uint64), 1
    while width < size:
        step = min(width, size - width)
        hashes = hashes[:-step] * _FACTOR + hashes[step:]
        hashes ^= hashes >> _SHIFT
        width += step
    return hashes
