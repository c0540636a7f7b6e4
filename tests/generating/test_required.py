"""How much of what must come a text has."""

import numpy as np
import pytest

from rnnlm_cli.generating.required import Required

PHRASES = [[0, 1, 0, 0], [2], [1, 1]]


def counted(text: list[int]) -> int:
    """All words of a phrase that was there, else as many as the end has of it."""
    total = 0
    for phrase in PHRASES:
        size = len(phrase)
        if any(text[i : i + size] == phrase for i in range(len(text))):
            total += size
        else:
            total += max(k for k in range(size) if text[len(text) - k :] == phrase[:k])
    return total


@pytest.mark.parametrize("seed", range(5))
def test_what_a_text_has_of_its_phrases_is_counted(seed: int) -> None:
    texts = np.random.default_rng(seed).integers(0, 3, (20, 12))
    required = Required(PHRASES, V=3, N=20)
    for t in range(12):
        counts = required.counts()
        for text, row in zip(texts[:, :t].tolist(), counts, strict=True):
            assert row.tolist() == [counted([*text, word]) for word in range(3)]
        required.feed(texts[:, t])
    assert required.size == 7


def test_texts_change_places() -> None:
    required = Required([[1, 2]], V=3, N=2)
    required.feed(np.array([1, 0]))
    required.select(np.array([1, 0]))
    np.testing.assert_array_equal(required.counts(), [[0, 1, 0], [0, 1, 2]])
