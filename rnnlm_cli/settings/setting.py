"""What a setting is: a field of a config that says what it means and what may stand in it.

    word_dropout: Annotated[float, Setting("Share of words to drop.", SHARE, _PANEL)] = 0.0

From that come its check, its option on the command line and its row in docs/options.md; a
checkpoint and a resume follow the fields themselves. So a new setting is its field and its use.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache, reduce
from itertools import pairwise
from numbers import Real
from operator import or_
from os import PathLike
from pathlib import Path
from types import NoneType
from typing import Any, Literal, NoReturn, TypeVar, get_args, get_origin, get_type_hints

from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.settings.kinds import TYPES, Allowed, as_kind, is_path
from rnnlm_cli.settings.spelling import option_name, spelt, typed_value

MOST = 10**9  # of anything that is counted: memory and time end far below it
LARGEST = 1e30  # of what goes into float32, which ends at 3e38: a product must not leave it
LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Numbers from `least` or `above` to `most` or `below`; `needed` is what a message asks for."""

    needed: str
    least: float = -math.inf
    above: float = -math.inf
    most: float = math.inf
    below: float = math.inf

    def holds(self, value: float) -> bool:
        """Whether `value` is inside, which nan and the infinities are not."""
        return self.least <= value <= self.most and self.above < value < self.below


@dataclass(frozen=True, slots=True)
class Ending:
    """Paths whose names end so."""

    suffix: str

    @property
    def needed(self) -> str:
        return f"a file name ending in {self.suffix}"

    def holds(self, value: Path) -> bool:
        """Whether `value` ends so."""
        return value.suffix == self.suffix


def whole(least: int, most: int = MOST) -> Range:
    """Whole numbers; the type of the field says that they are whole."""
    return Range(needed=f"a whole number from {least} to {most:,}", least=least, most=most)


SHARE = Range(needed="in [0, 1)", least=0, below=1)
SHARE_OR_ALL = Range(needed="in [0, 1]", least=0, most=1)
POSITIVE = Range(needed="a finite number above 0", above=0)
NOT_NEGATIVE = Range(needed="a finite number of at least 0", least=0)


def between(least: float, most: float) -> Range:
    """Numbers from one to the other, both included."""
    return Range(needed=f"a number from {least:g} to {most:g}", least=least, most=most)


@dataclass(frozen=True, slots=True)
class Encoding:
    """Names of encodings of texts, as Python knows them."""

    needed: str = "the name of an encoding, such as cp1252, shift_jis or utf-16"

    def holds(self, value: str) -> bool:
        """Whether Python knows it as one of texts."""
        try:
            return isinstance("a".encode(value), bytes)
        except (LookupError, ValueError):  # none, none of texts, or a name with a NUL
            return False


ENCODING = Encoding()


@dataclass(frozen=True, slots=True)
class Rising:
    """Whole numbers above 0, one after the other, each above the one before it."""

    needed: str

    def holds(self, value: tuple[int, ...]) -> bool:
        """Whether `value` is such, or empty."""
        if not isinstance(value, tuple) or any(type(each) is not int for each in value):
            return False
        return all(a < b for a, b in pairwise((0, *value, MOST)))


@dataclass(frozen=True, slots=True)
class Setting:
    """What a field of a config means. The command line makes an option of it, unless told not to.

    It is called `--name` or, if it is a switch, by `flags`. `read` makes a value of what is typed,
    where the type of the field does not say how; it raises ValueError or ConfigError. `write` is
    its inverse, where that is not `typed_value`.
    """

    help: str
    allowed: Allowed | None = None
    panel: str | None = None
    flags: str | None = None
    metavar: str | None = None
    read: Callable[[str], Any] | None = None
    write: Callable[[Any], str] = typed_value
    is_option: bool = True
    shows_default: bool = False  # else `help` tells the default, or it depends on the preset
    shows_range: bool = False
    is_free: bool = False  # a run may go on with another value, and gives the same
    is_later: bool = False  # than the first runs: in their ids it has no say where it is not used
    steers: bool = False  # who writes with a model may change it on the way
    shapes: bool = False  # weights that were trained with one value are of no use with another


@dataclass(frozen=True, slots=True)
class Declared:
    """A field of a config: its setting, and the type of its values."""

    name: str
    setting: Setting
    kind: Any  # without None
    may_be_none: bool
    default: Any

    def given(self, value: Any) -> Any:
        """`value`, which may be text where a path, a list, or what is read of text, is meant.

        A list may stand for a tuple, a whole number for a float. Raises ConfigError for text that
        cannot be read.
        """
        if self.kind is Path and isinstance(value, str | PathLike):
            return Path(value) if value != "" else value  # which would be the folder we are in
        if self.setting.read is not None and isinstance(value, str):
            try:
                return self.setting.read(value)
            except ValueError as error:
                raise ConfigError(f"{option_name(self.name)}: {error}") from None
        if get_origin(self.kind) is tuple and isinstance(value, str | list | tuple):
            values = (value,) if isinstance(value, str) else value
            return tuple(as_kind(each, get_args(self.kind)[0]) for each in values)
        return as_kind(value, self.kind)

    @property
    def flags(self) -> str:
        """The option as a command line names it: `--name`; a switch as `--name/--no-name`."""
        name = option_name(self.name)
        plain = f"--{name}/--no-{name}" if self.kind is bool else f"--{name}"
        return self.setting.flags or plain

    def typed(self, value: Any) -> list[str]:
        """The words of a command line that give it `value`, which are read as that again.

        `value` is as `given` takes it; what is not read in one is given item by item. A switch
        without a negative is off where there are none.
        """
        if self.kind is bool:
            on, *off = self.flags.split("/")
            return [on] if value else off
        value = value if isinstance(value, str) else self.given(value)
        values = value if isinstance(value, tuple) and self.setting.read is None else [value]
        write = self.setting.write
        words = (each if isinstance(each, str) else write(each) for each in values)
        return [word for each in words for word in (self.flags, each)]

    def check(self, value: Any) -> None:
        """Raises ConfigError, with the name of the setting, where `value` may not stand in it."""
        if value is None and self.may_be_none:
            return
        allowed = self.setting.allowed
        if get_origin(self.kind) is Literal:
            check_choice(self.name, value, self.kind)
        elif get_origin(self.kind) is tuple and allowed is None:
            kind, needed = TYPES[get_args(self.kind)[0]]
            is_list = isinstance(value, tuple)
            wrong = [each for each in value if not is_one(each, kind)] if is_list else [value]
            if wrong:
                self._refuse(wrong[0], f"a list, each item {needed}")
        else:
            kind, needed = TYPES.get(self.kind, (object, ""))  # a list has one that is allowed
            if not is_one(value, kind) or (allowed is not None and not allowed.holds(value)):
                self._refuse(value, allowed.needed if allowed else needed)
            if isinstance(value, Path) and not is_path(value):
                self._refuse(value, "the path of a file")

    def _refuse(self, found: object, needed: str) -> NoReturn:
        refuse_setting(option_name(self.name), told(found), needed)


def is_one(value: object, kind: type) -> bool:
    """Whether `value` is of a type of the table; to Python True and False are numbers too."""
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def check_choice(name: str, value: object, kind: Any) -> None:
    """Raises ConfigError where `value` is none of those of the Literal `kind`."""
    names = get_args(kind)
    if not isinstance(value, str) or value not in names:  # an array is equal to nothing in short
        refuse_setting(option_name(name), told(value), "one of " + ", ".join(names))


def told(value: object) -> str:
    """What a value that is not allowed is called in a message: what it is, or its type."""
    if isinstance(value, str | Path):
        return quoted(value)
    parts = value if isinstance(value, tuple) else (value,)
    if any(isinstance(each, int) and not -LARGEST < each < LARGEST for each in parts):
        return "a number of too many digits"  # of which Python may tell none
    if value is None or isinstance(value, Real):
        return str(value)
    if isinstance(value, tuple) and all(isinstance(each, int) for each in value):
        return spelt(value)
    return f"of type {type(value).__name__}"


def refuse_setting(setting: str, found: object, needed: str) -> NoReturn:
    """Raises ConfigError for a setting that is out of range."""
    raise ConfigError(f"{setting} is {found}, but must be {needed}")


def declared(kind: type) -> dict[str, Declared]:
    """The settings among the fields of the config class `kind`, by name, in their order."""
    of: Any = kind  # mypy takes a class for one without a hash
    return _declared(of)


@cache
def _declared(kind: Any) -> dict[str, Declared]:
    hints, found = get_type_hints(kind, include_extras=True), {}
    for field in fields(kind):
        hint = hints[field.name]
        for setting in getattr(hint, "__metadata__", ()):  # of Annotated
            if isinstance(setting, Setting):
                values, optional = without_none(hint.__origin__)
                found[field.name] = Declared(field.name, setting, values, optional, field.default)
    return found


def without_none(hint: Any) -> tuple[Any, bool]:
    """The X of X | None, and whether it is one."""
    kinds = get_args(hint)
    if NoneType not in kinds:
        return hint, False
    return reduce(or_, (each for each in kinds if each is not NoneType)), True


def check_given(given: Mapping[str, Any], *kinds: type[Any]) -> None:
    """Check each setting of the classes `kinds` that is `given`, whatever it is to go with.

    Raises ConfigError.
    """
    for kind in kinds:
        for name, each in declared(kind).items():
            if name in given:
                each.check(given[name])


_Config = TypeVar("_Config")


def config_of(kind: type[_Config], settings: Mapping[str, Any]) -> _Config:
    """The config with those of the `settings` that are its own."""
    return kind(**given_of(kind, settings))


def given_of(kind: type, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the `settings` that belong to the config class `kind`."""
    return {name: settings[name] for name in declared(kind) if name in settings}


class Checked:
    """A config that checks itself as it is made: field by field, then what goes with what."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for name, each in declared(type(self)).items():
            each.check(getattr(self, name))
        self._check_across()

    def _check_across(self) -> None:
        """Raises ConfigError where settings do not go together."""
