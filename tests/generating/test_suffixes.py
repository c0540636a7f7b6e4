"""A suffix array, beside sorting and looking in plain Python."""

import numpy as np
import pytest

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.generating.suffixes import _BYTES, SuffixArray
from tests.peaks import peak_bytes


@pytest.mark.parametrize("seed", range(40))
def test_suffixes_are_in_their_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, rng.integers(1, 4), rng.integers(0, 40))
    words, done = ids.tolist(), list[int]()
    order = SuffixArray(ids, done.append).order
    assert order.tolist() == sorted(range(len(words)), key=lambda i: words[i:])
    assert sum(done) == len(words)


@pytest.mark.parametrize("seed", range(20))
def test_the_longest_match_at_each_place_is_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    text = rng.integers(0, 3, rng.integers(1, 40))
    wanted = [rng.integers(0, 4, size) for size in (9, 0, 1, 20)]
    runs = {tuple(text[i : i + k].tolist()) for i in range(len(text)) for k in range(41)}
    found = SuffixArray(text).longest_matches(wanted)
    for ids, lengths in zip(wanted, found, strict=True):
        words = tuple(ids.tolist())
        for i, length in enumerate(lengths.tolist()):
            assert words[i : i + length] in runs
            assert i + length == len(words) or words[i : i + length + 1] not in runs


@pytest.mark.parametrize("words", [2, 5_000])
def test_it_takes_no_more_memory_than_it_says(words: int) -> None:
    ids = np.random.default_rng(0).integers(0, words, 20_000).astype(np.int32)
    SuffixArray(ids[:100])  # what is made once
    most = peak_bytes(lambda: SuffixArray(ids), again=1)
    assert 0.5 * _BYTES < most / len(ids) <= _BYTES


def test_a_text_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnlm_cli.machine.free_bytes", lambda: 1000)
    with pytest.raises(ConfigError, match="sorting the training text needs about"):
        SuffixArray(np.zeros(100, np.int32))
