"""What a file is that no machine here reads: told by its first bytes, of which none is run.

A pickle is looked at through `pickletools`, which names opcodes and executes none. Only so many
bytes are looked at, so that what it takes does not depend on the file.
"""

from __future__ import annotations

import pickletools
from collections.abc import Iterator
from typing import NamedTuple

from rnnlm_cli.errors import quoted
from rnnlm_cli.pickling.objects import is_dtype, is_named

_LOOKED_AT = 1 << 16
_SAVE = "save its parameters with pickle.dump(model.params, file)"
_OLD = "a pickle of protocol 0 or 1: write it with pickle.dump(params, file)"
_PAGE = "a web page in place of the file: download it again"
_VOCABULARY = "a vocabulary, words with their ids, and no model: it goes beside one, as its vocab"
_TENSORS = "tensors of {}: save arrays, as tensor.numpy() gives them"

# How files begin that are no pickles which can be read.
_BEGINNINGS = {
    b"\x93NUMPY": "an array that np.save wrote: pickle a list of all parameters",
    b"PK\x03\x04": "a zip file, as np.savez and torch.save write: pickle a list of arrays, or in "
    "torch save the state_dict with safetensors, for rnnlm import",
    b"\x89HDF\r\n": "an HDF5 file: pickle a list of arrays",
    b"\x1f\x8b": "a gzip file: unpack it first",
    b"version https://git-lfs": "what Git LFS keeps in place of a file: fetch that (git lfs pull)",
    b"<!DOCTYPE": _PAGE,
    b"<!doctype": _PAGE,
    b"<html": _PAGE,
    **dict.fromkeys((b"(lp", b"(dp", b"]q\x00", b"(]q", b"(cnumpy.", b"cnumpy."), _OLD),
}
# Packages that a pickle names.
_PACKAGES = {
    "cupy": "arrays of cupy, which are on a GPU: convert them with to_cpu before they are saved",
    "torch": _TENSORS.format("torch"),
    "tensorflow": _TENSORS.format("TensorFlow"),
}
_BYTES = {("__builtin__", "bytes"), ("builtins", "bytes")}  # of an empty array
# Opcodes at which the reader of a list of arrays stops, though pickles have them.
_STOPS = {
    b"}": "a dict beside the arrays: save the arrays alone, and words as a file of their own",
    b"]": "a list in a list: all arrays stand in one",
    b"G": "numbers that stand in no array",
}
_NUMBERS = {"BININT", "BININT1", "BININT2"}
_TEXTS = {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"}


def described(data: bytes, stopped: int) -> str | None:
    """What stands in a file with these bytes, of which the byte `stopped` makes no list of arrays.

    None where that is not known: it may be damaged.
    """
    for beginning, what in _BEGINNINGS.items():
        if data.startswith(beginning):
            return what
    outline = _outline(data[:_LOOKED_AT])
    if not data.startswith(b"\x80"):
        return _OLD if outline.is_whole else _text(data[:_LOOKED_AT])
    return _pickled(outline) or _STOPS.get(data[stopped : stopped + 1])


class _Outline(NamedTuple):
    """A pickle: its opcodes, the texts in it, and the names of modules and what is in them."""

    opcodes: list[str]
    texts: list[str]
    names: list[tuple[str, str]]

    @property
    def is_whole(self) -> bool:
        """Whether its end was in sight."""
        return self.opcodes[-1:] == ["STOP"]


def _outline(data: bytes) -> _Outline:
    opcodes, texts, names = _Outline([], [], [])
    memo: list[str] = []
    top = ""  # the text on top of the stack, should it be one
    for opcode, argument in _opcodes(data):
        if opcode in ("MEMOIZE", "BINPUT", "LONG_BINPUT"):
            memo.append(top)
            continue
        opcodes.append(opcode)
        if opcode == "STACK_GLOBAL":
            names.append((texts[-2], texts[-1]) if len(texts) > 1 else ("", ""))
        elif opcode == "GLOBAL":
            module, _, name = str(argument).partition(" ")
            names.append((module, name))
        top = str(argument) if opcode in _TEXTS else ""
        if opcode in ("BINGET", "LONG_BINGET") and isinstance(argument, int):
            top = memo[argument] if argument < len(memo) else ""
        texts += [top] if top else []
    return _Outline(opcodes, texts, names)


def _opcodes(data: bytes) -> Iterator[tuple[str, object]]:
    """The opcodes with their arguments as far as they can be told, without those of the frame."""
    try:
        for opcode, argument, _ in pickletools.genops(data):
            if opcode.name not in ("PROTO", "FRAME"):
                yield opcode.name, argument
    except Exception:  # where `data` is cut off, or at what is no pickle at all
        return


def _pickled(outline: _Outline) -> str | None:
    opcodes, texts, names = outline
    packages = {module.partition(".")[0] for module, _ in names}
    for package, what in _PACKAGES.items():
        if package in packages:
            return what
    if _begins_as_vocabulary(opcodes):
        return _VOCABULARY
    if opcodes[:1] == ["EMPTY_DICT"]:
        key = f" that begins with the key {quoted(texts[0], 60)}" if texts else ""
        return f"a dict{key}, and no list of arrays: {_SAVE}"
    if strange := [name for name in names if not (is_named(*name) or name in _BYTES)]:
        return f"an object of {quoted('.'.join(strange[0]), 60)}, and no plain arrays: {_SAVE}"
    if others := [text for text in texts if is_dtype(text, known=False)]:
        return f"arrays of the dtype {others[0]}, but weights are of f2, f4 or f8"
    if not names:
        return "something else than arrays" if outline.is_whole else None
    return None if opcodes[0] == "EMPTY_LIST" else f"an array or a tuple, and no list: {_SAVE}"


def _begins_as_vocabulary(opcodes: list[str]) -> bool:
    """Whether a dict, alone or as the first of several, begins with a word and a number."""
    around = [opcode for opcode in opcodes[:6] if opcode not in ("MARK", "EMPTY_LIST")]
    if around[:1] != ["EMPTY_DICT"] or len(around) < 3:
        return False
    pair = around[1:3]
    return any(x in _TEXTS for x in pair) and any(x in _NUMBERS for x in pair)


def _text(data: bytes) -> str | None:
    if not data:
        return "nothing: it is empty"
    letters = data.decode("utf-8", errors="ignore")
    readable = all(letter.isprintable() or letter in "\n\r\t\ufeff" for letter in letters)
    return "a text, and no model" if letters and readable else None
