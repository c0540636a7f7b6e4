"""The header of a checkpoint as bytes: JSON in UTF-8 that holds its own SHA-256.

What stands in it is the affair of `header`. Here it is bounded before it is parsed: a byte of
JSON may become 40 of Python (`[],[],`), so what the header would take is weighed against the file.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import numpy as np

from rnnlm_cli.arrays import Bytes
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.schema import as_object

NAME = "rnnlm"
VERSION = 1

# The most memory that reading takes, as measured: of a list or an object; of any other value, and
# of the id of a word; of a letter, which with one emoji beside it takes four bytes, twice.
_CONTAINER, _VALUE, _LETTER = 208, 160, 8
_FREE_BYTES = 32 << 20  # that a header may always take; beyond, twice what the arrays have


def pack_header(header: dict[str, Any], array_bytes: int) -> Bytes:
    """The bytes of `header` (uint8), beside arrays of `array_bytes`, with its hash put into it.

    Raises CheckpointError where `unpack_header` would refuse it.
    """
    header["sha256"]["header"] = _hash(header)
    packed = np.frombuffer(_encode(header), np.uint8)
    _weigh(packed, array_bytes)
    return packed


def unpack_header(packed: Bytes, array_bytes: int) -> dict[str, Any]:
    """The reverse of `pack_header`. Raises CheckpointError for a damaged or a newer header."""
    _weigh(packed, array_bytes)
    try:
        header = as_object(_parse(packed), "the header")
        version = header["version"] if header["format"] == NAME else None
        if isinstance(version, int) and version > VERSION:
            raise CheckpointError(
                f"written by a newer rnnlm (format {version:.4g}, known is {VERSION}): "
                "upgrade rnnlm"
            )
        if version != VERSION or header["sha256"]["header"] != _hash(header):
            raise CheckpointError("the header is damaged: use another copy of the file")
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        raise CheckpointError("the header is not one that rnnlm writes") from None
    return header


def _parse(packed: Bytes) -> object:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(found := dict(pairs)) != len(pairs):
            raise ValueError("a key stands twice")
        return found

    return json.loads(str(packed.data, "utf-8"), object_pairs_hook=once)


def _encode(header: dict[str, Any]) -> bytes:
    text = json.dumps(header, ensure_ascii=False, allow_nan=False, sort_keys=True)
    # A path that is not UTF-8 has surrogates, which UTF-8 cannot hold but JSON can.
    return re.sub("[\ud800-\udfff]", lambda s: f"\\u{ord(s[0]):04x}", text).encode("utf-8")


def _hash(header: dict[str, Any]) -> str:
    bare = {key: value for key, value in header.items() if key != "sha256"}
    return hashlib.sha256(_encode(bare)).hexdigest()


def _weigh(packed: Bytes, array_bytes: int) -> None:
    """Raises CheckpointError if the header could take much more memory than the arrays."""
    data = packed.tobytes()
    containers, values = data.count(b"[") + data.count(b"{"), data.count(b",")
    weight = _CONTAINER * containers + _VALUE * values + _LETTER * len(data)
    if weight > (most := _FREE_BYTES + 2 * array_bytes):
        raise CheckpointError(
            f"a header of {len(data):,} bytes could take {weight:,} of memory, but beside arrays "
            f"of {array_bytes:,} at most {most:,} are allowed: use fewer words (--max-vocab)"
        )
