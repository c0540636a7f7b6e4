"""Damaged files by the thousand: refused or read, each within its time and memory."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.machine import peak_megabytes
from rnnlm_cli.pickling import dump_arrays, parse_arrays
from tests.clock import slowness
from tests.pickling.children import CAN_MEASURE
from tests.pickling.mutants import CHECKPOINTS, SEEDS, by_bytes, by_opcodes

pytestmark = pytest.mark.untraced

MEGABYTE = 1 << 20
KINDS = ["model", "state", "book, protocol 2", "book, protocol 4"]


@pytest.fixture
def within_bounds() -> Iterator[Callable[[bytes], None]]:
    """To be called after each file is read: fails if that took long; in the end, if much memory."""
    if CAN_MEASURE:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    held, began = peak_megabytes() or 0, time.process_time()

    def check(stream: bytes) -> None:
        nonlocal began
        seconds = 1 + 0.02 * len(stream) / MEGABYTE
        taken = time.process_time() - began
        assert taken < seconds or taken / slowness() < seconds
        began = time.process_time()

    yield check
    assert (peak_megabytes() or 0) - held < 50


def test_the_seeds_are_read() -> None:
    assert [len(parse_arrays(seed)) for seed in SEEDS] == [*5 * [2], *4 * [6], 7, 9, 6, 6]


@pytest.mark.parametrize("mutant", [by_bytes, by_opcodes])
def test_mutants_give_arrays_or_a_checkpoint_error(
    mutant: Callable[[np.random.Generator], bytes],
    within_bounds: Callable[[bytes], None],
    long: bool,
) -> None:
    results: Counter[bool] = Counter()
    for seed in range(150_000 if long else 5_000):
        stream = mutant(np.random.default_rng(seed))
        try:
            arrays = parse_arrays(stream)
        except CheckpointError:
            arrays = None
        within_bounds(stream)
        results[arrays is None] += 1
        if arrays is not None:
            assert sum(array.nbytes for array in arrays) <= 2 * len(stream) + MEGABYTE
            assert all(array.flags.owndata and array.dtype.kind in "fu" for array in arrays)
            parse_arrays(dump_arrays(arrays))
    assert min(results.values()) > results.total() // 50


@pytest.mark.parametrize("seed", CHECKPOINTS, ids=KINDS)
def test_a_checkpoint_cut_short_anywhere_is_refused(seed: bytes) -> None:
    for end in range(len(seed)):
        with pytest.raises(CheckpointError):
            parse_arrays(seed[:end])


@pytest.mark.parametrize("seed", CHECKPOINTS, ids=KINDS)
def test_a_checkpoint_with_one_byte_changed_is_refused_if_it_has_a_hash(
    seed: bytes, tmp_path: Path, within_bounds: Callable[[bytes], None], long: bool
) -> None:
    path, loaded = tmp_path / "m.pkl", 0
    path.write_bytes(seed)
    load_checkpoint(path)
    rng = np.random.default_rng(0)
    for place in range(0, len(seed), 1 if long else 11):
        changed = bytearray(seed)
        changed[place] ^= rng.integers(1, 256)
        path.write_bytes(changed)
        try:
            load_checkpoint(path)
            loaded += 1
        except CheckpointError:
            pass
        within_bounds(seed)
    # Of what has a hash, the order of a flat array's axes alone may change: it means nothing.
    assert loaded < (len(seed) if seed in CHECKPOINTS[2:] else 20 if long else 4)
