"""A stack machine for pickles: reads every byte of one, runs nothing.

A pickle is a program, and the usual machine (`pickle.load`) does what it says. A machine of this
kind knows the opcodes of its own table alone; what they may make is the affair of its kind.
What holds at every step:

    a length that the file declares is compared with the bytes that are left before it is used;
    an opcode does not reach over the end of its frame, and frames do not nest;
    a memo number is given once, in order; the items under a mark are out of reach.

Source: the opcodes as documented in CPython's pickletools module (PEP 307, 3154 and 574).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Generic, NoReturn, TypeVar

from rnnlm_cli.errors import CheckpointError

MAX_NAME = 64

_BEGINNINGS = tuple(bytes([0x80, protocol]) for protocol in (2, 3, 4, 5))
Answer = TypeVar("Answer")
Steps = dict[bytes, Callable[[Any], None]]


class Machine(ABC, Generic[Answer]):
    """Reads one pickle; `run` gives what is in it or raises CheckpointError with the byte's offset.

    A kind of it says which opcodes there are, how many of all there may be, and in `needed` what
    it reads.
    """

    steps: ClassVar[Steps]
    needed: ClassVar[str]
    most_opcodes: ClassVar[int]
    most_memo: ClassVar[int]
    most_items: ClassVar[int]  # on the stack
    most_marks: ClassVar[int]

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.start = 0  # where the current opcode begins
        self.position = 0  # the next byte to read
        self.frame_end: int | None = None
        self.stack: list[object] = []
        self.below: list[list[object]] = []  # the stack under each open mark
        self.memo: list[object] = []

    def run(self) -> Answer:
        try:
            self.begin()
            for _ in range(self.most_opcodes):
                if self.step() == b".":
                    return self.end()
            self.refuse(f"more than {self.most_opcodes} opcodes")
        except CheckpointError as error:
            raise CheckpointError(f"byte {self.start}: {error}") from None

    def refuse(self, found: str, allowed: str = "") -> NoReturn:
        raise CheckpointError(f"found {found}, but {allowed or self.needed}")

    def begin(self) -> None:
        if (first := bytes(self.take(2))) not in _BEGINNINGS:
            self.refuse(f"{first!r}", "a pickle of protocol 2 to 5 begins otherwise")

    def step(self) -> bytes:
        self.start = self.position
        if self.position == self.frame_end:
            self.frame_end = None
        opcode = bytes(self.take(1))
        if opcode not in self.steps:
            self.refuse(f"the opcode {opcode!r}")
        self.steps[opcode](self)
        if len(self.stack) > self.most_items or len(self.below) > self.most_marks:
            self.refuse("too many items or marks on the stack")
        return opcode

    def end(self) -> Answer:
        rest = len(self.data) - self.position
        if rest or self.below or len(self.stack) != 1:
            found = f"the end with {rest} bytes to come, {len(self.stack)} items on the stack"
            self.refuse(found)
        return self.finished(self.stack[0])

    @abstractmethod
    def finished(self, item: object) -> Answer:
        """The answer, which the one item that is left stands for."""

    # Bytes

    def take(self, count: int) -> memoryview:
        """The next `count` bytes, not copied."""
        end = len(self.data) if self.frame_end is None else self.frame_end
        if count > end - self.position:
            where = "file" if self.frame_end is None else "frame"
            self.refuse(f"{count} bytes to read", f"the {where} has {end - self.position} left")
        self.position += count
        return self.data[self.position - count : self.position]

    def number(self, width: int, signed: bool = False) -> int:
        return int.from_bytes(self.take(width), "little", signed=signed)

    def line(self) -> str:
        length = bytes(self.data[self.position : self.position + MAX_NAME]).find(b"\n")
        if length < 0:
            self.refuse("a name without end", f"a name has fewer than {MAX_NAME} letters")
        return str(self.take(length + 1)[:-1], "latin-1")

    def enter_frame(self) -> None:
        length, left = self.number(8), len(self.data) - self.position
        if self.frame_end is not None or length > left:
            self.refuse(f"a frame of {length} bytes", f"{left} are left, and frames do not nest")
        self.frame_end = self.position + length

    # Stack and memo

    def push(self, value: object) -> None:
        self.stack.append(value)

    def push_long(self) -> None:
        if (width := self.number(1)) > 8:
            self.refuse(f"a number of {width} bytes", "8 are enough")
        self.push(self.number(width, signed=True))

    def pop(self, count: int) -> list[object]:
        if count > len(self.stack):
            self.refuse(f"{len(self.stack)} items on the stack", f"the opcode takes {count}")
        items = self.stack[-count:]
        del self.stack[-count:]
        return items

    def mark(self) -> None:
        self.below.append(self.stack)
        self.stack = []

    def pop_mark(self) -> list[object]:
        if not self.below:
            self.refuse("no mark on the stack", "the opcode takes the items above one")
        items, self.stack = self.stack, self.below.pop()
        return items

    def put(self, index: int) -> None:
        """Remember the top of the stack under the next number."""
        if index != len(self.memo) or index >= self.most_memo:
            self.refuse(f"memo number {index}", f"the next is {len(self.memo)} of {self.most_memo}")
        self.memo += self.pop(1)
        self.push(self.memo[index])

    def get(self, index: int) -> None:
        if index >= len(self.memo):
            self.refuse(f"memo number {index}", f"{len(self.memo)} are given")
        self.push(self.memo[index])


# What every kind has; PROTO stands in `begin`, STOP in `run`.
COMMON: Steps = {
    b".": lambda m: None,
    b"\x95": Machine.enter_frame,
    b"(": Machine.mark,
    b"J": lambda m: m.push(m.number(4, signed=True)),  # BININT
    b"K": lambda m: m.push(m.number(1)),  # BININT1
    b"M": lambda m: m.push(m.number(2)),  # BININT2
    b"\x8a": Machine.push_long,  # LONG1
    b"q": lambda m: m.put(m.number(1)),  # BINPUT
    b"r": lambda m: m.put(m.number(4)),  # LONG_BINPUT
    b"\x94": lambda m: m.put(len(m.memo)),  # MEMOIZE
    b"h": lambda m: m.get(m.number(1)),  # BINGET
    b"j": lambda m: m.get(m.number(4)),  # LONG_BINGET
}
