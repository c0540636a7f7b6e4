"""What a pickled list of arrays is made of: inert values that only look like NumPy's calls.

    called     _reconstruct (ndarray, (0,), b"b")                   an array without content
               dtype ("f4", False, True); in old files 0, 1         a dtype without byte order
               encode (text, "latin1")                              bytes (protocol 2 has none)
               _frombuffer (bytes, dtype, shape, "C" or "F")        an array (protocol 5)
               _frombuffer (bytes, dtype, shape, "K", axes)         the same, its axes permuted
    given a    dtype (3, "<", None, None, None, -1, -1, 0)          sets the byte order
    state      array (1, shape, dtype, whether in F order, bytes)   sets the content

Nothing here calls what a file names, and every value is set once. Anything else than the above is
refused. Source: the lists that NumPy 1.26 and 2.4 write at protocols 2 to 5.
"""

from __future__ import annotations

import enum
import math
import re
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, TypeGuard

import numpy as np

from rnnlm_cli.errors import CheckpointError, quoted

Array = np.ndarray[Any, Any]

MAX_DIMENSIONS = 4
MAX_TUPLE = 8  # the state of a dtype
CONTENT = "a checkpoint is one list of f2, f4, f8 or u1 arrays and nothing else"


def refuse(found: str, allowed: str = CONTENT) -> NoReturn:
    raise CheckpointError(f"found {found}, but {allowed}")


class Name(enum.Enum):
    """What a file may name: marks to compare with, never called."""

    NDARRAY = "ndarray"
    DTYPE = "dtype"
    RECONSTRUCT = "_reconstruct"
    FROMBUFFER = "_frombuffer"
    ENCODE = "encode"


_NAMES = {
    ("numpy", "ndarray"): Name.NDARRAY,
    ("numpy", "dtype"): Name.DTYPE,
    ("numpy.core.multiarray", "_reconstruct"): Name.RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): Name.RECONSTRUCT,
    ("numpy.core.numeric", "_frombuffer"): Name.FROMBUFFER,
    ("numpy._core.numeric", "_frombuffer"): Name.FROMBUFFER,
    ("_codecs", "encode"): Name.ENCODE,
}
_DTYPES = {(code, order): np.dtype(order + code) for code in ("f2", "f4", "f8") for order in "<>"}
_DTYPES["u1", "|"] = np.dtype("u1")
_CODES = {code for code, _ in _DTYPES}
_B = ("b", memoryview(b"b"))  # the type code that NumPy gives every array before its state


@dataclass(frozen=True, slots=True, eq=False)
class RawBytes:
    """Bytes of the file, or the text that stands for them: one letter, one byte."""

    content: memoryview | str

    def plain(self) -> memoryview | bytes:
        try:
            return self.content.encode("latin-1") if isinstance(self.content, str) else self.content
        except UnicodeEncodeError:
            refuse("a letter that stands for no byte", "bytes written as text are Latin-1")


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where an array's numbers are and how they stand there: checked, not yet copied."""

    content: RawBytes
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    order: Literal["C", "F"]
    axes: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        return len(self.content.content)

    def array(self) -> Array:
        """A new array with memory of its own, C-ordered, in the byte order of this machine."""
        flat = np.frombuffer(self.content.plain(), self.dtype)
        values = flat.reshape(self.shape, order=self.order).transpose(self.axes)
        return np.array(values, self.dtype.newbyteorder("="), order="C")


@dataclass(slots=True, eq=False)
class DtypeObject:
    code: Literal["f2", "f4", "f8", "u1"]
    dtype: np.dtype[Any] | None = None  # set once


@dataclass(slots=True, eq=False)
class ArrayObject:
    layout: Layout | None = None  # set once


def named(module: object, name: object) -> Name:
    if type(module) is str and type(name) is str and (module, name) in _NAMES:
        return _NAMES[module, name]
    shown = (quoted(part, 60) if type(part) is str else "?" for part in (module, name))
    refuse(f"the name {' '.join(shown)}")


def is_named(module: str, name: str) -> bool:
    """Whether a list of arrays may name that."""
    return (module, name) in _NAMES


def is_dtype(code: str, *, known: bool) -> bool:
    """Whether that is how NumPy writes a dtype: one of those that are `known` here, or another."""
    looks_so = re.fullmatch("[biufcmMOSUV][0-9]{1,6}", code) is not None
    return looks_so and (code in _CODES) == known


def packed(items: list[object]) -> tuple[object, ...]:
    """A tuple of plain values and of tuples of numbers: two levels, never more."""
    plain = (int, bool, str, type(None), Name, RawBytes, DtypeObject)
    if len(items) > MAX_TUPLE or not all(type(item) in plain or _is_ints(item) for item in items):
        refuse("a tuple that is no shape, no arguments and no state")
    return tuple(items)


def called(function: object, arguments: object) -> object:
    """What the call stands for."""
    match (function, *arguments) if type(arguments) is tuple else ():
        case (Name.RECONSTRUCT, Name.NDARRAY, (0,), RawBytes(content=letter)) if letter in _B:
            return ArrayObject()
        case (Name.DTYPE, ("f2" | "f4" | "f8" | "u1") as code, 0, 1):  # False and True too
            return DtypeObject(code)
        case (Name.DTYPE, str(code), *_):
            refuse(f"the dtype {quoted(code, 60)} or other flags for it")
        case (Name.ENCODE, str(text), "latin1"):
            return RawBytes(text)
        case (Name.FROMBUFFER, RawBytes() as content, dtype, shape, ("C" | "F") as order):
            return ArrayObject(_layout(content, dtype, shape, order))
        case (Name.FROMBUFFER, RawBytes() as content, dtype, shape, "K", tuple(axes)):
            return ArrayObject(_layout(content, dtype, shape, "C", axes))
    refuse("a call that makes no array")


def set_state(target: object, state: object) -> None:
    """Give a new dtype or array what it lacks."""
    if type(target) is DtypeObject and target.dtype is None:
        target.dtype = _dtype(target.code, state)
    elif type(target) is ArrayObject and target.layout is None and type(state) is tuple:
        match state:
            case (one, shape, dtype, bool(fortran), RawBytes() as content) if _same(one, 1):
                target.layout = _layout(content, dtype, shape, "F" if fortran else "C")
            case _:
                refuse("another state of an array", "it is (1, shape, dtype, bool, bytes)")
    else:
        refuse("a state for something else than a new dtype or array")


def _dtype(code: str, state: object) -> np.dtype[Any]:
    for (known, order), dtype in _DTYPES.items():
        if known == code and _same(state, (3, order, None, None, None, -1, -1, 0)):
            return dtype
    refuse(f"another state of the dtype {code}", "it holds the byte order and nothing else")


def _layout(
    content: RawBytes,
    dtype: object,
    shape: object,
    order: Literal["C", "F"],
    axes: tuple[object, ...] | None = None,
) -> Layout:
    if type(dtype) is not DtypeObject or dtype.dtype is None:
        refuse("an array without a finished dtype")
    if not _is_ints(shape) or not 1 <= len(shape) <= MAX_DIMENSIONS or min(shape) < 1:
        refuse("another shape", f"a shape is 1 to {MAX_DIMENSIONS} positive numbers")
    every = tuple(range(len(shape)))
    axes = every if axes is None else axes
    if not _is_ints(axes) or tuple(sorted(axes)) != every:
        refuse("other axes", f"each of {len(every)} axes comes once")
    needed = math.prod(shape) * dtype.dtype.itemsize
    if len(content.content) != needed:
        refuse(f"{len(content.content)} bytes", f"{shape} of {dtype.dtype} needs {needed}")
    return Layout(content, dtype.dtype, shape, order, axes)


def _is_ints(value: object) -> TypeGuard[tuple[int, ...]]:
    return type(value) is tuple and all(type(item) is int for item in value)


def _same(found: object, wanted: object) -> bool:
    """Equal in value and in type, also inside tuples: True is not 1."""
    if type(found) is tuple and type(wanted) is tuple:
        return len(found) == len(wanted) and all(map(_same, found, wanted))
    return type(found) is type(wanted) and found == wanted
