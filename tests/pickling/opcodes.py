"""Small builders of pickle opcodes, for streams that no pickler would write."""

from __future__ import annotations

NDARRAY = b"cnumpy\nndarray\n"
RECONSTRUCT = b"cnumpy.core.multiarray\n_reconstruct\n"
FROMBUFFER = b"cnumpy.core.numeric\n_frombuffer\n"
EMPTY = RECONSTRUCT + NDARRAY + b"K\x00\x85C\x01b\x87R"  # an array without content
SHAPE = b"K\x02K\x03\x86"
NUMBERS = bytes(range(24))  # (2, 3) of f4


def pickled(*parts: bytes, protocol: int = 4) -> bytes:
    return b"\x80" + bytes([protocol]) + b"".join(parts) + b"."


def listed(*items: bytes) -> bytes:
    """A whole pickle: the list of `items`."""
    return pickled(b"](", *items, b"e")


def text(text: str) -> bytes:
    return b"X" + len(text.encode()).to_bytes(4, "little") + text.encode()


def content(content: bytes) -> bytes:
    return b"B" + len(content).to_bytes(4, "little") + content


def tuple_of(*items: bytes) -> bytes:
    return b"(" + b"".join(items) + b"t"


def new_dtype(code: str = "f4", flags: bytes = b"\x89\x88") -> bytes:
    """A dtype without byte order."""
    return b"cnumpy\ndtype\n" + tuple_of(text(code), flags) + b"R"


def dtype_state(order: str = "<", rest: bytes = b"NNN", sizes: bytes = b"") -> bytes:
    sizes = sizes or 2 * b"J\xff\xff\xff\xff" + b"K\x00"
    return tuple_of(b"K\x03", text(order), rest, sizes)


def dtype(code: str = "f4", order: str = "<") -> bytes:
    return new_dtype(code) + dtype_state(order) + b"b"


def array_state(
    version: bytes = b"K\x01",
    shape: bytes = SHAPE,
    dtype: bytes = dtype(),
    fortran: bytes = b"\x89",
    numbers: bytes = content(NUMBERS),
) -> bytes:
    return tuple_of(version, shape, dtype, fortran, numbers)


def array(**state: bytes) -> bytes:
    return EMPTY + array_state(**state) + b"b"


def buffer(*arguments: bytes) -> bytes:
    """The call that protocol 5 makes an array with."""
    return FROMBUFFER + tuple_of(content(NUMBERS), dtype(), *arguments) + b"R"
