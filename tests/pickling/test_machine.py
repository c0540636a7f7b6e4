"""Hostile and damaged streams, opcode by opcode: each one is a CheckpointError and does nothing."""

import pickle
import pickletools

import numpy as np
import pytest

from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.pickling import dump_arrays, parse_arrays
from rnnlm_cli.pickling.array_machine import ArrayMachine
from tests.clock import within
from tests.peaks import peak_bytes
from tests.pickling.opcodes import array, content, listed, pickled, text, tuple_of

ALLOWED = """PROTO FRAME GLOBAL STACK_GLOBAL MARK EMPTY_LIST LIST APPEND APPENDS EMPTY_TUPLE TUPLE
    TUPLE1 TUPLE2 TUPLE3 NONE NEWTRUE NEWFALSE BININT BININT1 BININT2 LONG1 SHORT_BINBYTES BINBYTES
    BINBYTES8 BYTEARRAY8 SHORT_BINUNICODE BINUNICODE BINUNICODE8 BINPUT LONG_BINPUT MEMOIZE BINGET
    LONG_BINGET REDUCE BUILD STOP""".split()
SMALL = [np.arange(6, dtype="f4").reshape(2, 3), np.asfortranarray(np.ones((3, 4), ">f2"))]
SEEDS = [pickle.dumps(SMALL, protocol) for protocol in (2, 3, 4, 5)] + [dump_arrays(SMALL)]
HUGE = bytes(5 * [0xFF]) + bytes(3)  # a length of 2**40 - 1


OTHERS = {
    "EXT1": b"\x82\x01",
    "EXT2": b"\x83\x01\x00",
    "EXT4": b"\x84\x01\x00\x00\x00",
    "PERSID": b"Pname\n",
    "BINPERSID": text("name") + b"Q",
    "NEWOBJ_EX": b"cnumpy\nndarray\n))\x92",
    "NEXT_BUFFER": b"\x97",
    "READONLY_BUFFER": array() + b"\x98",
    "DUP": array() + b"2",
    "POP": array() + array() + b"0",
    "POP_MARK": array() + b"(1",
    "a dict": b"}",
    "a set": b"\x8f",
    "a float": b"G" + bytes(8),
    "LONG4": b"\x8b\x01\x00\x00\x00\x01",
    "a second PROTO": b"\x80\x04" + array(),
}
LISTS = {
    "an array alone": pickled(array()),
    "a tuple": pickled(tuple_of(b"K\x01")),
    "a dict": pickled(b"}"),
    "nothing": pickled(),
    "a number in the list": listed(b"K\x01"),
    "an array without content": listed(array()[: array().index(b"R") + 1]),
    "a list in a list": listed(b"]"),
    "a list in itself": pickled(b"]\x94h\x00a"),
    "a list in a tuple": pickled(b"]\x85"),
    "an array in a tuple": pickled(b"](" + array() + b"\x85e"),
    "a list twice": pickled(b"]\x94h\x00"),
    "items for a tuple": pickled(b")(" + array() + b"e"),
    "items for a list under a mark": pickled(b"](", array(), b"a"),
    "a mark that stays": pickled(b"]\x94(h\x00"),
    "a list after its items": pickled(array(), b"]"),
    "a value under the list": pickled(b"N]"),
    "a value over the list": pickled(b"]N"),
    "no items for APPEND": pickled(b"a"),
    "no mark for APPENDS": pickled(b"]e"),
    "protocol 1": pickled(b"]", protocol=1),
    "protocol 6": pickled(b"]", protocol=6),
    "no protocol": b"].",
    "a byte after the end": listed(array()) + b"\x00",
    "a second pickle": listed(array()) * 2,
    "no byte": b"",
}
LENGTHS = {
    "SHORT_BINBYTES": b"C\xff",
    "BINBYTES": b"B\xff\xff\xff\xff",
    "BINBYTES8": b"\x8e" + HUGE,
    "BINBYTES8, 2**64 - 1": b"\x8e" + 8 * b"\xff",
    "BYTEARRAY8": b"\x96" + HUGE,
    "SHORT_BINUNICODE": b"\x8c\xff",
    "BINUNICODE": b"X\xff\xff\xff\xff",
    "BINUNICODE8": b"\x8d" + HUGE,
    "LONG1": b"\x8a\xff" + bytes(255),
    "FRAME": b"\x95" + HUGE,
    "LONG_BINPUT": b"r\xff\xff\xff\xff",
    "LONG_BINGET": b"j\xff\xff\xff\xff",
    "GLOBAL without end": b"c" + 100 * b"n",
    "text that is not UTF-8": b"\x8c\x01\xff",
    "text beyond Latin-1": b"\x8c\x03\xe2\x82\xac",
    "text with a surrogate": b"\x8c\x03\xed\xa0\x80",
}
MEGABYTE = b"J\x00\x00\x04\x00\x85"  # as a shape of f4
LETTERS = b"c_codecs\nencode\n" + text("a" * (2 << 20)) + text("latin1") + b"\x86R"
BOMBS = {
    "nested tuples": (b"N" + 1_000_000 * b"\x85", "a tuple that is"),
    "a long tuple": (b"(" + 4000 * b"K\x01" + b"t", "a tuple that is"),
    "nested marks": (1_000_000 * b"(", "too many items or marks"),
    "a long stack": (1_000_000 * b"N", "too many items or marks"),
    "a long memo": (1_000_000 * b"\x94", "memo number 131072, but"),
    "many opcodes": (1_000_000 * b"(e", "more than 262144 opcodes"),
    "many arrays": (5000 * (array() + b"a"), "one more array"),
    "many arrays of the same bytes": (
        array(shape=MEGABYTE, numbers=content(bytes(1 << 20)) + b"\x94")
        + 4 * (b"a" + array(shape=MEGABYTE, numbers=b"h\x00"))
        + b"a",
        "arrays that share bytes",
    ),
    "an array of text twice": (
        array(shape=b"J\x00\x00\x08\x00\x85", numbers=LETTERS) + b"\x94ah\x00a",
        "arrays that share bytes",
    ),
    "one array many times": (
        array(shape=b"M\x00\x01\x85", numbers=content(bytes(1024))) + b"\x94a" + 4000 * b"h\x00a",
        "arrays that share bytes",
    ),
}
MEMOS = {
    "a number that is not the next": b"]q\x01",
    "a number that is given": b"]q\x00q\x00",
    "a number that is not given": b"h\x00",
    "nothing to remember": b"\x94",
}


def streams(table: dict[str, bytes]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("stream", table.values(), ids=table)


def test_the_machine_knows_the_listed_opcodes_and_no_other() -> None:
    codes = {opcode.name: opcode.code.encode("latin-1") for opcode in pickletools.opcodes}
    assert set(ArrayMachine.steps) == {codes[name] for name in ALLOWED} - {codes["PROTO"]}


@streams(OTHERS)
def test_other_opcodes_are_refused(stream: bytes) -> None:
    with pytest.raises(CheckpointError, match=r"^byte \d+: found the opcode"):
        parse_arrays(listed(stream))


@streams(LISTS)
def test_anything_else_than_one_list_of_arrays_is_refused(stream: bytes) -> None:
    with pytest.raises(CheckpointError, match=r"^byte \d+: found"):
        parse_arrays(stream)


@streams(LENGTHS)
def test_lengths_and_numbers_are_checked_before_memory_is_taken(stream: bytes) -> None:
    def refused() -> None:
        with pytest.raises(CheckpointError, match=r"^byte 4: found"):
            parse_arrays(b"\x80\x04](" + stream)

    assert peak_bytes(refused, again=1) < 100_000


@pytest.mark.parametrize(("stream", "found"), BOMBS.values(), ids=BOMBS)
def test_bombs_are_refused_at_once(stream: bytes, found: str) -> None:
    with within(5), pytest.raises(CheckpointError, match=rf"^byte \d+: found {found}"):
        parse_arrays(pickled(b"]", stream))


@streams(MEMOS)
def test_memo_numbers_are_given_once_and_in_order(stream: bytes) -> None:
    with pytest.raises(CheckpointError, match=r"^byte \d+: found (memo number|0 items)"):
        parse_arrays(pickled(stream))


def test_the_old_way_to_write_a_list_is_read() -> None:
    assert len(parse_arrays(pickled(b"(" + array() + array() + b"l"))) == 2


def test_frames_may_follow_each_other_and_bytes_may_stand_between() -> None:
    first, second = b"](", array()[:-1]
    frames = [b"\x95" + len(part).to_bytes(8, "little") + part for part in (first, second)]
    assert len(parse_arrays(pickled(frames[0], frames[1], b"b", b"e"))) == 1


@pytest.mark.parametrize("length", range(1, 25))
def test_no_opcode_reaches_over_the_end_of_its_frame(length: int) -> None:
    frame = b"\x95" + length.to_bytes(8, "little") + b"B\x14\x00\x00\x00" + bytes(20)
    with pytest.raises(CheckpointError, match=r"^byte 11: found .* the frame has"):
        parse_arrays(pickled(frame))


def test_frames_do_not_nest() -> None:
    inner = b"\x95" + (2).to_bytes(8, "little") + b"]"
    outer = b"\x95" + (len(inner) + 1).to_bytes(8, "little")
    with pytest.raises(CheckpointError, match="frames do not nest"):
        parse_arrays(pickled(outer, inner))


def test_a_message_says_where_and_what_and_what_is_needed() -> None:
    with pytest.raises(CheckpointError) as raised:
        parse_arrays(b"\x80\x04]}.")
    assert str(raised.value) == (
        "byte 3: found the opcode b'}', but "
        "a checkpoint is one list of f2, f4, f8 or u1 arrays and nothing else"
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_a_file_cut_short_anywhere_is_refused(seed: bytes) -> None:
    assert len(parse_arrays(seed)) == 2
    for end in range(len(seed)):
        with pytest.raises(CheckpointError):
            parse_arrays(seed[:end])
