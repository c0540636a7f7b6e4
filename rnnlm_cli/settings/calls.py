"""Calls of public functions: what they are given is checked by the type hints of the function.

    @checked
    def next_words(self, prefix: str = "", n: Annotated[int, whole(1)] = 5) -> ...

What a hint does not allow is a ConfigError that names the argument. A scalar of NumPy is taken for
one of Python, and whatever has texts one after the other (a Series, a generator) for several texts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, wraps
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, ParamSpec, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.settings.arguments import told_as_arguments
from rnnlm_cli.settings.kinds import is_path
from rnnlm_cli.settings.run import SETTINGS, RunRequest
from rnnlm_cli.settings.sample import SampleConfig, ToldConfig
from rnnlm_cli.settings.score import ScoreConfig
from rnnlm_cli.settings.setting import (
    Declared,
    Setting,
    declared,
    refuse_setting,
    told,
    without_none,
)
from rnnlm_cli.settings.table import TableConfig

_OTHERS = SampleConfig, ToldConfig, ScoreConfig, TableConfig

P = ParamSpec("P")
Result = TypeVar("Result")
Read = Callable[[str, Any], Any]  # name and value of an argument -> what the function gets of it


@dataclass(frozen=True, slots=True)
class Options:
    """Of `**settings`: the configs whose fields they are."""

    kinds: tuple[type, ...]


def checked(function: Callable[P, Result]) -> Callable[P, Result]:
    """`function`, which raises ConfigError for a value that its type hints do not allow.

    Its errors name arguments, where they would name options of the command line.
    """

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> Result:
        form, reads = _form(function)
        try:
            given = form.bind(*args, **kwargs)
        except TypeError:  # which Python words better where it calls the function itself
            return function(*args, **kwargs)
        with told_as_arguments(RunRequest, *SETTINGS, *_OTHERS):
            for name in filter(given.arguments.__contains__, reads):
                given.arguments[name] = reads[name](name, given.arguments[name])
            return function(*given.args, **given.kwargs)

    return call


@cache
def _form(function: Callable[..., Any]) -> tuple[Signature, dict[str, Read]]:
    """What `function` may be called with, and how each argument is read that has a hint."""
    hints = get_type_hints(function, include_extras=True)
    form = signature(function)
    named = (each for each in form.parameters.values() if each.name in hints)
    return form, {each.name: _read_of(each, hints[each.name]) for each in named}


def _read_of(parameter: Parameter, hint: Any) -> Read:
    hint, meant = get_args(hint) if get_origin(hint) is Annotated else (hint, None)
    kind, optional = without_none(hint)
    if isinstance(meant, Options):
        return lambda name, given: _settings(given, meant.kinds)
    if kind in _READS:
        read = _READS[kind]
        return lambda name, value: None if optional and value is None else read(name, value)
    setting = meant if isinstance(meant, Setting) else Setting("", meant)  # what is `Allowed`
    found = Declared(parameter.name, setting, kind, optional, parameter.default)

    def read_one(name: str, value: object) -> object:
        found.check(value := _of_python(value))
        return value

    return read_one


def _of_python(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value


def _file(name: str, value: object) -> Any:
    """A path, which a system can be asked for."""
    if isinstance(value, str | os.PathLike) and is_path(value):
        return value
    refuse_setting(name, told(value), "the path of a file")


def _files(name: str, value: object) -> Any:
    """A path or a name, or several of them."""
    if isinstance(value, str | os.PathLike):
        return value
    needed = "a name or a path, or several of them"
    if isinstance(value, Set):  # one after the other
        refuse_setting(name, told(value), "a name or a path, or a list of them, which has an order")
    if not (files := list(_each(name, value, str | os.PathLike, needed))):
        refuse_setting(name, "empty", needed)
    return files


def _texts(name: str, value: object) -> str | Iterator[str]:
    """A text, or several, each of which is looked at when it is taken."""
    return value if isinstance(value, str) else _each(name, value, str, "text, or several texts")


def _names(name: str, value: object) -> tuple[str, ...]:
    texts = _texts(name, value)
    return (texts,) if isinstance(texts, str) else tuple(texts)


def _pairs(name: str, value: object) -> Iterator[Any]:
    return _each(name, value, object, "pairs of texts: (good, bad)")


def _each(name: str, value: Any, kind: Any, needed: str) -> Iterator[Any]:
    """The items of `value`, which raise ConfigError as they are taken if they are of another kind.

    Raises ConfigError at once for what is no list of some kind.
    """
    is_table = isinstance(value, Mapping) or hasattr(value, "columns")
    if is_table or isinstance(value, str | bytes) or not isinstance(value, Iterable):
        refuse_setting(name, told(value), needed)
    return _of_kind(name, value, kind)


def _of_kind(name: str, items: Iterable[Any], kind: Any) -> Iterator[Any]:
    for number, item in enumerate(items):
        if not isinstance(item, kind):
            needed = "text" if kind is str else "a name or a path"
            refuse_setting(f"{name}[{number}]", told(item), needed)
        yield item


def _settings(given: Mapping[str, Any], kinds: tuple[type, ...]) -> dict[str, Any]:
    """Raises ConfigError for one that is no field of these configs."""
    names = [name for kind in kinds for name in declared(kind)]
    for name in given:
        if name not in names:
            close = get_close_matches(name, names, 1)
            meant = f"did you mean {close[0]}?" if close else "see docs/options.md"
            raise ConfigError(f"there is no setting {quoted(name)}: {meant}")
    return {name: _of_python(value) for name, value in given.items()}


# The hints that no field of a config has.
_READS: Mapping[Any, Read] = {
    Any: lambda _, value: value,
    str | os.PathLike[str]: _file,
    str | os.PathLike[str] | Sequence[str | os.PathLike[str]]: _files,
    str | Iterable[str]: _texts,
    str | Collection[str]: _names,
    Iterable[tuple[str, str]]: _pairs,
}
