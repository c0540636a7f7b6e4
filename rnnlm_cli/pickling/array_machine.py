"""The machine for lists of arrays, and the table of its opcodes.

It gives all meaning of names, calls and states to `objects`. There is one list, outermost, and
finished arrays are all that goes in.
"""

from __future__ import annotations

import numpy as np

from rnnlm_cli.pickling.machine import COMMON, Machine
from rnnlm_cli.pickling.objects import (
    CONTENT,
    Array,
    ArrayObject,
    RawBytes,
    called,
    named,
    packed,
    set_state,
)

MAX_ARRAYS = 4096
# Arrays may share bytes, a bomb may not: all may fill so many times the file, and a little more.
MAX_GROWTH, FREE_GROWTH = 2, 1 << 20

_LATIN_1 = 0xC3  # begins the last letters of Latin-1 in UTF-8


class ArrayMachine(Machine[list[Array]]):
    """Reads one list of arrays."""

    needed = CONTENT
    most_opcodes = 64 * MAX_ARRAYS  # NumPy needs 52 for an array with a dtype of its own
    most_memo = 32 * MAX_ARRAYS  # and 12 numbers
    most_items = MAX_ARRAYS + 16
    most_marks = 4  # NumPy nests three: the items of the list, a state, the state of its dtype

    def __init__(self, data: memoryview) -> None:
        super().__init__(data)
        self.answer: list[Array] | None = None
        self.budget = MAX_GROWTH * len(data) + FREE_GROWTH

    def finished(self, item: object) -> list[Array]:
        if self.answer is None or item is not self.answer:
            self.refuse("something else than a list at the end")
        return self.answer

    def push_bytes(self, width: int) -> None:
        self.push(RawBytes(self.take(self.number(width))))

    def push_text(self, width: int) -> None:
        """Names, and bytes as protocol 2 writes them: beyond Latin-1 a letter takes 4 bytes."""
        data = self.take(self.number(width))
        if len(data) and np.frombuffer(data, np.uint8).max() > _LATIN_1:
            self.refuse("a text with letters beyond Latin-1", "all text is names or bytes")
        self.budget -= len(data)
        try:
            self.push(str(data, "utf-8"))
        except UnicodeDecodeError:
            self.refuse("a text that is not UTF-8", "all text is")

    def build(self) -> None:
        target, state = self.pop(2)
        set_state(target, state)
        self.push(target)

    def begin_list(self) -> None:
        if self.answer is not None or self.stack or self.below:
            self.refuse("a list inside something")
        self.answer = []
        self.push(self.answer)

    def begin_list_with(self, items: list[object]) -> None:
        self.begin_list()
        self.extend(items)

    def extend(self, items: list[object]) -> None:
        """Each array of the answer has memory of its own, also where the file lists one twice."""
        if self.answer is None or not self.stack or self.stack[-1] is not self.answer:
            self.refuse("items for something else than the list")
        if len(self.answer) + len(items) > MAX_ARRAYS:
            self.refuse("one more array", f"{MAX_ARRAYS} are the most")
        for item in items:
            if type(item) is not ArrayObject or item.layout is None:
                self.refuse("something else than a finished array in the list")
            self.budget -= item.layout.nbytes
            if self.budget < 0:
                self.refuse("arrays that share bytes", f"all may fill {MAX_GROWTH} times the file")
            self.answer.append(item.layout.array())


ArrayMachine.steps = COMMON | {
    b"c": lambda m: m.push(named(m.line(), m.line())),  # GLOBAL
    b"\x93": lambda m: m.push(named(*m.pop(2))),  # STACK_GLOBAL
    b"R": lambda m: m.push(called(*m.pop(2))),  # REDUCE
    b"b": ArrayMachine.build,
    b"]": ArrayMachine.begin_list,  # EMPTY_LIST
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
    b"C": lambda m: m.push_bytes(1),  # SHORT_BINBYTES
    b"B": lambda m: m.push_bytes(4),  # BINBYTES
    b"\x8e": lambda m: m.push_bytes(8),  # BINBYTES8
    b"\x96": lambda m: m.push_bytes(8),  # BYTEARRAY8
    b"\x8c": lambda m: m.push_text(1),  # SHORT_BINUNICODE
    b"X": lambda m: m.push_text(4),  # BINUNICODE
    b"\x8d": lambda m: m.push_text(8),  # BINUNICODE8
}
