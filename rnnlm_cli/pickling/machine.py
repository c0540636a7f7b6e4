"""A stack machine for the pickles of lists of arrays: reads every byte, runs nothing.

A pickle is a program, and the usual machine (`pickle.load`) does what it says. This one knows the
opcodes of `_STEPS` alone, and gives all meaning of names, calls and states to `objects`.
What holds at every step:

    a length that the file declares is compared with the bytes that are left before it is used;
    an opcode does not reach over the end of its frame, and frames do not nest;
    a memo number is given once, in order; the items under a mark are out of reach;
    there is one list, outermost, and finished arrays are all that goes in.

Source: the opcodes as documented in CPython's pickletools module (PEP 307, 3154 and 574).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.pickling.objects import (
    Array,
    ArrayObject,
    RawBytes,
    called,
    named,
    packed,
    refuse,
    set_state,
)

MAX_ARRAYS = 4096
MAX_OPCODES = 64 * MAX_ARRAYS  # NumPy needs 52 for an array with a dtype of its own
MAX_MEMO = 32 * MAX_ARRAYS  # and 12 numbers
MAX_STACK = MAX_ARRAYS + 16
MAX_MARKS = 4  # NumPy nests three: the items of the list, a state, the state of its dtype
# Arrays may share bytes, a bomb may not: all may fill so many times the file, and a little more.
MAX_GROWTH, FREE_GROWTH = 2, 1 << 20
MAX_NAME = 64

_LATIN_1 = 0xC3  # begins the last letters of Latin-1 in UTF-8
_BEGINNINGS = tuple(bytes([0x80, protocol]) for protocol in (2, 3, 4, 5))


class PickleMachine:
    """Reads one pickle; `run` gives the arrays or raises CheckpointError with the byte's offset."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.start = 0  # where the current opcode begins
        self.position = 0  # the next byte to read
        self.frame_end: int | None = None
        self.stack: list[object] = []
        self.below: list[list[object]] = []  # the stack under each open mark
        self.memo: list[object] = []
        self.answer: list[Array] | None = None
        self.budget = MAX_GROWTH * len(data) + FREE_GROWTH

    def run(self) -> list[Array]:
        try:
            self.begin()
            for _ in range(MAX_OPCODES):
                if self.step() == b".":
                    return self.end()
            refuse(f"more than {MAX_OPCODES} opcodes", f"{MAX_ARRAYS} arrays need fewer")
        except CheckpointError as error:
            raise CheckpointError(f"byte {self.start}: {error}") from None

    def begin(self) -> None:
        if (first := bytes(self.take(2))) not in _BEGINNINGS:
            refuse(f"{first!r}", "what `rnnlm train` writes begins as a pickle")

    def step(self) -> bytes:
        self.start = self.position
        if self.position == self.frame_end:
            self.frame_end = None
        opcode = bytes(self.take(1))
        if opcode not in _STEPS:
            refuse(f"the opcode {opcode!r}")
        _STEPS[opcode](self)
        if len(self.stack) > MAX_STACK or len(self.below) > MAX_MARKS:
            refuse("too many items or marks on the stack")
        return opcode

    def end(self) -> list[Array]:
        rest = len(self.data) - self.position
        if rest or self.below or len(self.stack) != 1:
            refuse(f"the end with {rest} bytes to come, {len(self.stack)} items on the stack")
        if self.answer is None or self.stack[0] is not self.answer:
            refuse("something else than a list at the end")
        return self.answer

    # Bytes

    def take(self, count: int) -> memoryview:
        """The next `count` bytes, not copied."""
        end = len(self.data) if self.frame_end is None else self.frame_end
        if count > end - self.position:
            where = "file" if self.frame_end is None else "frame"
            refuse(f"{count} bytes to read", f"the {where} has {end - self.position} left")
        self.position += count
        return self.data[self.position - count : self.position]

    def number(self, width: int, signed: bool = False) -> int:
        return int.from_bytes(self.take(width), "little", signed=signed)

    def line(self) -> str:
        length = bytes(self.data[self.position : self.position + MAX_NAME]).find(b"\n")
        if length < 0:
            refuse("a name without end", f"a name has fewer than {MAX_NAME} letters")
        return str(self.take(length + 1)[:-1], "latin-1")

    def enter_frame(self) -> None:
        length, left = self.number(8), len(self.data) - self.position
        if self.frame_end is not None or length > left:
            refuse(f"a frame of {length} bytes", f"{left} are left, and frames do not nest")
        self.frame_end = self.position + length

    # Stack and memo

    def push(self, value: object) -> None:
        self.stack.append(value)

    def push_long(self) -> None:
        if (width := self.number(1)) > 8:
            refuse(f"a number of {width} bytes", "8 are enough")
        self.push(self.number(width, signed=True))

    def push_bytes(self, width: int) -> None:
        self.push(RawBytes(self.take(self.number(width))))

    def push_text(self, width: int) -> None:
        """Names, and bytes as protocol 2 writes them: beyond Latin-1 a letter takes 4 bytes."""
        data = self.take(self.number(width))
        if len(data) and np.frombuffer(data, np.uint8).max() > _LATIN_1:
            refuse("a text with letters beyond Latin-1", "all text is names or bytes")
        self.budget -= len(data)
        try:
            self.push(str(data, "utf-8"))
        except UnicodeDecodeError:
            refuse("a text that is not UTF-8", "all text is")

    def pop(self, count: int) -> list[object]:
        if count > len(self.stack):
            refuse(f"{len(self.stack)} items on the stack", f"the opcode takes {count}")
        items = self.stack[-count:]
        del self.stack[-count:]
        return items

    def mark(self) -> None:
        self.below.append(self.stack)
        self.stack = []

    def pop_mark(self) -> list[object]:
        if not self.below:
            refuse("no mark on the stack", "the opcode takes the items above one")
        items, self.stack = self.stack, self.below.pop()
        return items

    def put(self, index: int) -> None:
        """Remember the top of the stack under the next number."""
        if index != len(self.memo) or index >= MAX_MEMO:
            refuse(f"memo number {index}", f"the next is {len(self.memo)} of {MAX_MEMO}")
        self.memo += self.pop(1)
        self.push(self.memo[index])

    def get(self, index: int) -> None:
        if index >= len(self.memo):
            refuse(f"memo number {index}", f"{len(self.memo)} are given")
        self.push(self.memo[index])

    # Objects

    def build(self) -> None:
        target, state = self.pop(2)
        set_state(target, state)
        self.push(target)

    def begin_list(self) -> None:
        if self.answer is not None or self.stack or self.below:
            refuse("a list inside something")
        self.answer = []
        self.push(self.answer)

    def begin_list_with(self, items: list[object]) -> None:
        self.begin_list()
        self.extend(items)

    def extend(self, items: list[object]) -> None:
        """Each array of the answer has memory of its own, also where the file lists one twice."""
        if self.answer is None or not self.stack or self.stack[-1] is not self.answer:
            refuse("items for something else than the list")
        if len(self.answer) + len(items) > MAX_ARRAYS:
            refuse("one more array", f"{MAX_ARRAYS} are the most")
        for item in items:
            if type(item) is not ArrayObject or item.layout is None:
                refuse("something else than a finished array in the list")
            self.budget -= item.layout.nbytes
            if self.budget < 0:
                refuse("arrays that share bytes", f"all may fill {MAX_GROWTH} times the file")
            self.answer.append(item.layout.array())


# PROTO and STOP stand in `run`: the beginning and the end.
_STEPS: dict[bytes, Callable[[PickleMachine], None]] = {
    b".": lambda m: None,
    b"\x95": PickleMachine.enter_frame,
    b"c": lambda m: m.push(named(m.line(), m.line())),  # GLOBAL
    b"\x93": lambda m: m.push(named(*m.pop(2))),  # STACK_GLOBAL
    b"R": lambda m: m.push(called(*m.pop(2))),  # REDUCE
    b"b": PickleMachine.build,
    b"(": PickleMachine.mark,
    b"]": PickleMachine.begin_list,  # EMPTY_LIST
    b"l": lambda m: m.begin_list_with(m.pop_mark()),  # LIST
    b"a": lambda m: m.extend(m.pop(1)),  # APPEND
    b"e": lambda m: m.extend(m.pop_mark()),  # APPENDS
    b")": lambda m: m.push(()),  # EMPTY_TUPLE
    b"t": lambda m: m.push(packed(m.pop_mark())),  # TUPLE
    b"\x85": lambda m: m.push(packed(m.pop(1))),  # TUPLE1
    b"\x86": lambda m: m.push(packed(m.pop(2))),  # TUPLE2
    b"\x87": lambda m: m.push(packed(m.pop(3))),  # TUPLE3
    b"N": lambda m: m.push(None),  # NONE
    b"\x88": lambda m: m.push(True),  # NEWTRUE
    b"\x89": lambda m: m.push(False),  # NEWFALSE
    b"J": lambda m: m.push(m.number(4, signed=True)),  # BININT
    b"K": lambda m: m.push(m.number(1)),  # BININT1
    b"M": lambda m: m.push(m.number(2)),  # BININT2
    b"\x8a": PickleMachine.push_long,  # LONG1
    b"C": lambda m: m.push_bytes(1),  # SHORT_BINBYTES
    b"B": lambda m: m.push_bytes(4),  # BINBYTES
    b"\x8e": lambda m: m.push_bytes(8),  # BINBYTES8
    b"\x96": lambda m: m.push_bytes(8),  # BYTEARRAY8
    b"\x8c": lambda m: m.push_text(1),  # SHORT_BINUNICODE
    b"X": lambda m: m.push_text(4),  # BINUNICODE
    b"\x8d": lambda m: m.push_text(8),  # BINUNICODE8
    b"q": lambda m: m.put(m.number(1)),  # BINPUT
    b"r": lambda m: m.put(m.number(4)),  # LONG_BINPUT
    b"\x94": lambda m: m.put(len(m.memo)),  # MEMOIZE
    b"h": lambda m: m.get(m.number(1)),  # BINGET
    b"j": lambda m: m.get(m.number(4)),  # LONG_BINGET
}
