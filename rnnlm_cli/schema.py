"""Values that were read from JSON or TOML, as the types that dataclasses declare, or a refusal.

    declared         in JSON
    int              a whole number of at most 64 bits; true and false are none
    float            a finite number
    FloatOrNan       the same, or null, which stands for nan
    FloatOrInf       the same, or null, which stands for infinity
    tuple[X, ...]    a list, as list[X]
    tuple[X, Y]      a list of so many
    a dataclass      an object with a value for each field, and no other

What `read` has made needs no care for what a file may hold. The dataclasses are those that the
program works with: a new field of theirs is read and checked without a word here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from itertools import repeat
from types import NoneType
from typing import Annotated, Any, Literal, NoReturn, get_args, get_origin, get_type_hints

from rnnlm_cli.errors import CheckpointError, quoted

FloatOrNan = Annotated[float, "null in JSON where it is not finite", math.nan]
FloatOrInf = Annotated[float, "null in JSON where it is not finite", math.inf]


def finite(value: Any) -> Any:
    """JSON has no nan and no infinity: None stands for both, in dicts and lists too."""
    if isinstance(value, dict):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return list(map(finite, value))
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _is_int(value: object) -> bool:
    return type(value) is int and -(1 << 63) <= value < 1 << 63


def _is_float(value: object) -> bool:
    return _is_int(value) or (type(value) is float and math.isfinite(value))


def _is_float_or_null(value: object) -> bool:
    return value is None or _is_float(value)


_PLAIN: dict[Any, tuple[Callable[[object], bool], str]] = {
    Any: (lambda value: True, "anything"),
    int: (_is_int, "a whole number of at most 64 bits"),
    float: (_is_float, "a finite number"),
    FloatOrNan: (_is_float_or_null, "a finite number or null"),
    FloatOrInf: (_is_float_or_null, "a finite number or null"),
    str: (lambda value: type(value) is str, "text"),
    bool: (lambda value: type(value) is bool, "true or false"),
}
_OR_NULL = FloatOrNan, FloatOrInf  # the last of their metadata is what null stands for


def read(kind: Any, value: object, where: str, may_lack: tuple[type, ...] = ()) -> Any:
    """`value` as it is of type `kind`. Raises CheckpointError, with the place inside `where`.

    The classes `may_lack` may lack fields that have a default. What a dataclass raises as it is
    made is not caught.
    """
    if get_origin(kind) is Annotated and kind not in _PLAIN:
        kind = kind.__origin__
    origin, parts = get_origin(kind), get_args(kind)
    if kind in _PLAIN:
        return _read_plain(kind, value, where)
    if is_dataclass(kind):
        return _read_fields(kind, value, where, may_lack)
    if origin is Literal:
        if value not in parts:
            _refuse(where, value, "one of " + ", ".join(map(quoted, parts)))
        return value
    if origin is tuple and parts[-1] is not ...:
        return _read_each(parts, value, where, may_lack)
    if origin in (list, tuple):
        return origin(_read_items(parts[0], value, where, may_lack))
    if origin is dict:
        return {
            read(parts[0], key, f"a key of {where}"): read(
                parts[1], item, f"{where}[{quoted(key, 60)}]", may_lack
            )
            for key, item in as_object(value, where).items()
        }
    (kind,) = (part for part in parts if part is not NoneType)
    assert NoneType in parts, "of unions only X | None has a meaning in JSON"
    return None if value is None else read(kind, value, where, may_lack)


def _read_plain(kind: Any, value: object, where: str) -> Any:
    fits, needed = _PLAIN[kind]
    if not fits(value):
        _refuse(where, value, needed)
    return kind.__metadata__[-1] if value is None and kind in _OR_NULL else value


def as_object(value: object, where: str) -> dict[str, Any]:
    """`value`, if it is an object. Raises CheckpointError."""
    if not isinstance(value, dict):
        _refuse(where, value, "an object")
    return value


def _read_items(kind: Any, value: object, where: str, may_lack: tuple[type, ...]) -> Iterable[Any]:
    if not isinstance(value, list):
        _refuse(where, value, "a list")
    if kind in _PLAIN and kind not in _OR_NULL and all(map(_PLAIN[kind][0], value)):
        return value  # a vocabulary may have a million words
    return [read(kind, item, f"{where}[{index}]", may_lack) for index, item in enumerate(value)]


def _read_each(
    kinds: tuple[Any, ...], value: object, where: str, may_lack: tuple[type, ...]
) -> tuple[Any, ...]:
    if not isinstance(value, list) or len(value) != len(kinds):
        _refuse(where, value, f"a list of {len(kinds)}")
    places = (f"{where}[{index}]" for index in range(len(kinds)))
    return tuple(map(read, kinds, value, places, repeat(may_lack)))


def _read_fields(kind: Any, value: object, where: str, may_lack: tuple[type, ...]) -> Any:
    found, kinds, made = as_object(value, where), _kinds(kind), dict[str, Any]()
    if unknown := found.keys() - kinds.keys():
        raise CheckpointError(f"{where} holds {quoted(min(unknown), 60)}, which means nothing")
    for field in fields(kind):
        place = f"{where}.{field.name}"
        if field.name in found:
            made[field.name] = read(kinds[field.name], found[field.name], place, may_lack)
        elif kind not in may_lack or field.default is field.default_factory is MISSING:
            raise CheckpointError(f"{place} is missing")
    return kind(**made)


@cache
def _kinds(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _refuse(where: str, found: object, needed: str) -> NoReturn:
    raise CheckpointError(f"{where} is {_shown(found)}, but must be {needed}")


def _shown(value: object) -> str:
    """A value for a message; what is large is named, not written out."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    if type(value) is int and not _is_int(value):
        return "a larger number"  # of so many digits, maybe, that Python writes none
    return quoted(value, 60) if isinstance(value, str) else json.dumps(value, default=str)
