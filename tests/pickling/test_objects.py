"""Streams whose opcodes are all allowed, and whose names, calls or states are not."""

import numpy as np
import pytest

from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.pickling import parse_arrays
from tests.pickling.opcodes import (
    EMPTY,
    FROMBUFFER,
    NDARRAY,
    NUMBERS,
    RECONSTRUCT,
    SHAPE,
    array,
    array_state,
    buffer,
    content,
    dtype,
    dtype_state,
    listed,
    new_dtype,
    text,
    tuple_of,
)

EXPECTED = np.frombuffer(NUMBERS, "<f4").reshape(2, 3)
WRAPPING = tuple_of(*2 * [b"\x8a\x08" + (2**32).to_bytes(8, "little")])  # 2**64 numbers, so 0

ACCEPTED = {
    "as NumPy 2 writes it": array(),
    "flags as numbers": array(dtype=new_dtype(flags=b"K\x00K\x01") + dtype_state() + b"b"),
    "bytes as Latin-1 text": array(
        numbers=b"c_codecs\nencode\n" + text(NUMBERS.decode("latin-1")) + text("latin1") + b"\x86R"
    ),
    "_frombuffer": buffer(SHAPE, text("C")),
    "_frombuffer with axes": buffer(SHAPE, text("K"), b"K\x00K\x01\x86"),
}

CALLS = {
    "another module": b"cos\nsystem\n",
    "another function of NumPy": b"cnumpy.core.multiarray\nscalar\n",
    "a name one letter off": b"cnumpy.core.multiarray\n_reconstruct2\n",
    "a module inside a name": text("numpy") + text("core.multiarray._reconstruct") + b"\x93",
    "a name that is a number": text("numpy") + b"K\x01\x93",
    "a name that is a tuple": text("numpy") + b")\x93",
    "a name that is the list": text("numpy") + b"h\x00\x93",
    "a call of ndarray with a buffer": NDARRAY + tuple_of(SHAPE, dtype(), content(NUMBERS)) + b"R",
    "a call of a text": text("f4") + b")R",
    "a call of an array": array() + b")R",
    "a call without a tuple": b"cnumpy\ndtype\n" + text("f4") + b"R",
    "a call with the list": b"cnumpy\ndtype\n" + b"h\x00" + b"R",
    "a call with nothing": RECONSTRUCT + b")R",
    "a call of the list": b"h\x00)R",
    "_reconstruct of a dtype": RECONSTRUCT + b"cnumpy\ndtype\nK\x00\x85C\x01b\x87R",
    "_reconstruct with a shape": RECONSTRUCT + NDARRAY + b"K\x05\x85C\x01b\x87R",
    "_reconstruct with objects": RECONSTRUCT + NDARRAY + b"K\x00\x85C\x01O\x87R",
    "encode to another code": b"c_codecs\nencode\n" + text("b") + text("rot13") + b"\x86R",
    "encode of bytes": b"c_codecs\nencode\n" + content(b"b") + text("latin1") + b"\x86R",
}

DTYPES = {
    "object": new_dtype("O8") + dtype_state("|", sizes=b"J\xff\xff\xff\xff" * 2 + b"K\x3f") + b"b",
    "int": dtype("i4"),
    "complex": dtype("c8"),
    "void": dtype("V4", "|"),
    "another size": dtype("f16"),
    "in this machine's order": dtype("f4", "="),
    "without order": dtype("f4", "|"),
    "u1 with order": dtype("u1", "<"),
    "aligned": new_dtype(flags=b"\x88\x88") + dtype_state() + b"b",
    "with fields": new_dtype() + dtype_state(rest=b"N)N") + b"b",
    "with a larger itemsize": new_dtype() + dtype_state(sizes=b"K\x40K\x04K\x00") + b"b",
    "with the object flag": new_dtype()
    + dtype_state(sizes=b"J\xff\xff\xff\xff" * 2 + b"K\x01")
    + b"b",
    "with metadata": new_dtype() + tuple_of(b"K\x04", dtype_state()[3:-1], b"N") + b"b",
    "with False for 0": new_dtype() + dtype_state(sizes=b"J\xff\xff\xff\xff" * 2 + b"\x89") + b"b",
    "unfinished": new_dtype(),
    "finished twice": dtype() + dtype_state() + b"b",
    "changed after it was finished": dtype() + dtype_state(">") + b"b",
    "with the state of an array": new_dtype() + array_state() + b"b",
    "with a state that is no tuple": new_dtype() + b"Nb",
    "its name": b"cnumpy\ndtype\n",
    "its code": text("f4"),
}

STATES = {
    "version 2": array_state(b"K\x02"),
    "version True": array_state(b"\x88"),
    "no axis": array_state(shape=b")", numbers=content(bytes(4))),
    "five axes": array_state(shape=tuple_of(*5 * [b"K\x01"]), numbers=content(bytes(4))),
    "a number as shape": array_state(shape=b"K\x06"),
    "a True in the shape": array_state(shape=b"\x88K\x06\x86"),
    "a zero in the shape": array_state(shape=b"K\x00K\x06\x86", numbers=content(b"")),
    "negative numbers in the shape": array_state(shape=b"J\xfe\xff\xff\xffJ\xfd\xff\xff\xff\x86"),
    "a shape that wraps to 0": array_state(shape=WRAPPING, numbers=content(b"")),
    "one number too many": array_state(numbers=content(NUMBERS + bytes(4))),
    "one byte too few": array_state(numbers=content(NUMBERS[:-1])),
    "the order as a number": array_state(fortran=b"K\x00"),
    "text for bytes": array_state(numbers=text("123456789012345678901234")),
    "letters beyond Latin-1": array_state(
        numbers=b"c_codecs\nencode\n" + text("€" * 24) + text("latin1") + b"\x86R"
    ),
    "an array for bytes": tuple_of(b"K\x01", SHAPE, dtype(), b"\x89", array()),
    "four items": tuple_of(b"K\x01", SHAPE, dtype(), content(NUMBERS)),
    "six items": tuple_of(array_state()[1:-1], b"N"),
    "the state of a dtype": dtype_state(),
    "no state": b")",
    "a state that is no tuple": b"N",
}

BUFFERS = {
    "another order": buffer(SHAPE, text("A")),
    "K without axes": buffer(SHAPE, text("K")),
    "C with axes": buffer(SHAPE, text("C"), b"K\x00K\x01\x86"),
    "one axis twice": buffer(SHAPE, text("K"), b"K\x00K\x00\x86"),
    "an axis too far": buffer(SHAPE, text("K"), b"K\x00K\x02\x86"),
    "a negative axis": buffer(SHAPE, text("K"), b"K\x00J\xff\xff\xff\xff\x86"),
    "True as axis": buffer(SHAPE, text("K"), b"K\x00\x88\x86"),
    "too few axes": buffer(SHAPE, text("K"), b"K\x00\x85"),
    "another shape": buffer(b"K\x02K\x04\x86", text("C")),
    "no dtype": FROMBUFFER + tuple_of(content(NUMBERS), text("f4"), SHAPE, text("C")) + b"R",
    "a state after it": buffer(SHAPE, text("C")) + array_state() + b"b",
}


def cases(table: dict[str, bytes]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("item", table.values(), ids=table)


@cases(ACCEPTED)
def test_the_builders_make_a_good_array(item: bytes) -> None:
    (found,) = parse_arrays(listed(item))
    np.testing.assert_array_equal(found, EXPECTED)


@cases(CALLS)
def test_other_names_and_calls_are_refused(item: bytes) -> None:
    with pytest.raises(CheckpointError, match=r"^byte \d+: found (the name|a call) "):
        parse_arrays(b"\x80\x04]\x94(" + item + b"e.")


@cases(DTYPES)
def test_other_dtypes_and_dtype_states_are_refused(item: bytes) -> None:
    found = "the dtype|another state of the dtype|a state for|a tuple that|an array without"
    with pytest.raises(CheckpointError, match=rf"^byte \d+: found ({found}) "):
        parse_arrays(listed(array(dtype=item)))


@cases(STATES)
def test_other_array_states_are_refused(item: bytes) -> None:
    with pytest.raises(CheckpointError, match=r"^byte \d+: found"):
        parse_arrays(listed(EMPTY + item + b"b"))


@cases(BUFFERS)
def test_other_buffers_are_refused(item: bytes) -> None:
    with pytest.raises(CheckpointError, match=r"^byte \d+: found"):
        parse_arrays(listed(item))


def test_an_array_takes_one_state() -> None:
    with pytest.raises(CheckpointError, match="a state for something else than a new"):
        parse_arrays(listed(array() + array_state() + b"b"))


def test_a_dtype_that_an_array_uses_takes_no_second_state() -> None:
    first = array(dtype=dtype() + b"\x94")
    assert len(parse_arrays(listed(first, array(dtype=b"h\x00")))) == 2
    with pytest.raises(CheckpointError, match="a state for something else than a new"):
        parse_arrays(listed(first, array(dtype=b"h\x00" + dtype_state(">") + b"b")))


def test_a_dtype_may_not_be_finished_after_the_array_that_uses_it() -> None:
    first = array(dtype=new_dtype() + b"\x94")
    with pytest.raises(CheckpointError, match="an array without a finished dtype"):
        parse_arrays(listed(first, array(dtype=b"h\x00" + dtype_state() + b"b")))


def test_arrays_that_share_their_bytes_do_not_share_memory() -> None:
    shared = array(numbers=content(NUMBERS) + b"\x94"), array(numbers=b"h\x00")
    first, second = parse_arrays(listed(*shared))
    first[:] = 0
    np.testing.assert_array_equal(second, EXPECTED)


def test_a_name_in_a_message_is_short_and_harmless() -> None:
    with pytest.raises(CheckpointError) as raised:
        parse_arrays(listed(text("\x1b[2J" * 1000) + text("x") + b"\x93"))
    assert "\x1b" not in str(raised.value)
    assert len(str(raised.value)) < 400
