"""What holds for every list of arrays, and for every string of bytes."""

import contextlib
import pickle

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.pickling import dump_arrays, parse_arrays
from rnnlm_cli.pickling.objects import Array
from tests.pickling.mutants import opcodes
from tests.pickling.test_array_list import CODES, PROTOCOLS


@st.composite
def laid_out(draw: st.DrawFn) -> Array:
    """An array of an allowed dtype and shape, in any order, reversed or stepped through."""
    shape = draw(array_shapes(min_dims=1, max_dims=4, max_side=4))
    array = draw(arrays(draw(st.sampled_from(CODES)), shape))
    array = array.transpose(draw(st.permutations(range(array.ndim))))
    steps = draw(st.tuples(*[st.sampled_from([1, 2, -1])] * array.ndim))
    return array[tuple(slice(None, None, step) for step in steps)]


LISTS = st.lists(laid_out(), max_size=3)
# Opcodes that a list of arrays has, in any order, and bytes between them.
PARTS = st.sampled_from(sorted(set(opcodes(pickle.dumps([np.ones(2, "f4")], 2)))))
STREAMS = st.binary(max_size=200) | st.lists(PARTS | st.binary(max_size=3)).map(b"".join)


def same(found: list[Array], given: list[Array]) -> bool:
    """Equal to the bit, nan included, in native C order."""
    native = [np.ascontiguousarray(a, a.dtype.newbyteorder("=")) for a in given]
    pairs = zip(found, native, strict=True)
    return all(
        a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes() for a, b in pairs
    )


@settings(deadline=None, derandomize=True)
@given(LISTS)
def test_every_list_of_arrays_is_read_back_to_the_bit(given: list[Array]) -> None:
    assert same(parse_arrays(dump_arrays(given)), given)


@settings(deadline=None, derandomize=True)
@given(LISTS, st.sampled_from(PROTOCOLS))
def test_every_list_of_arrays_that_pickle_wrote_is_read(given: list[Array], protocol: int) -> None:
    assert same(parse_arrays(pickle.dumps(given, protocol)), given)


@settings(deadline=None, derandomize=True, max_examples=500)
@given(st.sampled_from(PROTOCOLS), STREAMS)
def test_every_string_of_bytes_is_a_list_or_a_checkpoint_error(protocol: int, data: bytes) -> None:
    for stream in (data, bytes([0x80, protocol]) + data, bytes([0x80, protocol]) + data + b"."):
        with contextlib.suppress(CheckpointError):
            assert type(parse_arrays(stream)) is list
