"""The machine for vocabularies: dicts of words and numbers, and the table of its opcodes.

    word_to_id                     {"you": 0, "say": 1}
    id_to_word                     {0: "you", 1: "say"}
    both, in a tuple or a list     as the book's ptb.vocab.pkl has them
    a tuple or a list of words     by id

Whole numbers, texts, dicts, lists and tuples are all there is: no name, no call, no state. A dict
is never one of Python's, so that no file chooses how its keys collide. Whether the numbers are
those of a vocabulary is for the caller to see.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Any

from rnnlm_cli.pickling.machine import COMMON, Machine

MAX_WORDS = 1 << 18
MAX_WORD_BYTES = 1 << 12
MAX_WORD_FILE_BYTES = 32 << 20


@dataclass(slots=True, eq=False)
class WordIds:
    """The words of a dict, and the number of each, in the order of the file."""

    words: list[str] = field(default_factory=list)
    ids: array[int] = field(default_factory=lambda: array("q"))
    keys: type | None = None  # str of word_to_id, int of id_to_word, None of an empty dict

    def add(self, keys: list[object], values: list[object]) -> bool:
        """Put these in, if they are words and numbers, or numbers and words, as those before."""
        kind = self.keys or (type(keys[0]) if keys else None)
        words: list[Any] = values if kind is int else keys
        ids: list[Any] = keys if kind is int else values
        if not all(type(word) is str for word in words) or not all(type(i) is int for i in ids):
            return False
        self.keys = kind
        self.words += words
        self.ids.extend(ids)
        return True


class WordMachine(Machine[tuple[WordIds, ...]]):
    """Reads one vocabulary, or the two dicts of one."""

    needed = "a vocabulary is a dict of words and whole numbers, two of them, or a list of words"
    most_opcodes = 7 * MAX_WORDS  # of two dicts that share no text, with some room
    most_memo = 3 * MAX_WORDS
    most_items = MAX_WORDS + 16
    most_marks = 2  # the items of a list or a tuple, and of a dict in it

    def finished(self, item: object) -> tuple[WordIds, ...]:
        parts: list[Any] = [item]
        if isinstance(item, list | tuple):
            parts = list(item)
        if len(parts) in (1, 2) and all(type(part) is WordIds for part in parts):
            return tuple(parts)
        if not parts or item is parts[0] or not all(type(part) is str for part in parts):
            self.refuse("something else at the end")
        self.check_count(len(parts))
        return (WordIds(parts, array("q", range(len(parts)))),)

    def check_count(self, count: int) -> None:
        if count > MAX_WORDS:
            self.refuse(f"{count} words", f"{MAX_WORDS} are the most: save them as a text")

    def push_word(self, width: int) -> None:
        if (length := self.number(width)) > MAX_WORD_BYTES:
            self.refuse(f"a word of {length} bytes", f"{MAX_WORD_BYTES} are the most")
        try:
            self.push(str(self.take(length), "utf-8"))
        except UnicodeDecodeError:
            self.refuse("a word that is not UTF-8", "all are")

    def set_items(self, items: list[object]) -> None:
        """Keys and values in turn: into the dict on top of the stack."""
        target = self.stack[-1] if self.stack else None
        if type(target) is not WordIds or len(items) % 2:
            self.refuse("items for something else than a dict")
        if not target.add(items[::2], items[1::2]):
            self.refuse("a dict of something else than words and whole numbers")
        self.check_count(len(target.words))

    def extend(self, items: list[object]) -> None:
        target = self.stack[-1] if self.stack else None
        if type(target) is not list or not all(type(item) in (str, WordIds) for item in items):
            self.refuse("a list of something else than words or dicts of them")
        target += items
        self.check_count(len(target))

    def pack(self, items: list[object]) -> None:
        if not all(type(item) in (str, WordIds) for item in items):
            self.refuse("a tuple of something else than words or dicts of them")
        self.push(tuple(items))


def parse_words(data: bytes) -> tuple[WordIds, ...]:
    """The words of a pickled vocabulary, or of the two dicts of one.

    Raises CheckpointError at the first byte that is something else.
    """
    return WordMachine(memoryview(data)).run()


WordMachine.steps = COMMON | {
    b"}": lambda m: m.push(WordIds()),  # EMPTY_DICT
    b"s": lambda m: m.set_items(m.pop(2)),  # SETITEM
    b"u": lambda m: m.set_items(m.pop_mark()),  # SETITEMS
    b"]": lambda m: m.push([]),  # EMPTY_LIST
    b"a": lambda m: m.extend(m.pop(1)),  # APPEND
    b"e": lambda m: m.extend(m.pop_mark()),  # APPENDS
    b"t": lambda m: m.pack(m.pop_mark()),  # TUPLE
    b"\x85": lambda m: m.pack(m.pop(1)),  # TUPLE1
    b"\x86": lambda m: m.pack(m.pop(2)),  # TUPLE2
    b"\x87": lambda m: m.pack(m.pop(3)),  # TUPLE3
    b"\x8c": lambda m: m.push_word(1),  # SHORT_BINUNICODE
    b"X": lambda m: m.push_word(4),  # BINUNICODE
    b"\x8d": lambda m: m.push_word(8),  # BINUNICODE8
}
