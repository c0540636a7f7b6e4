"""A command line, looked through before Typer reads it: what is wrong is one sentence of ours."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer
from typer.core import TyperCommand

from rnnlm_cli.cli.meant import arguments_for, option_for
from rnnlm_cli.errors import printable, quoted
from rnnlm_cli.settings.kinds import TYPES

# Options that go with no other but these, and those that are of no use without one of these.
_ALONE = {"--list-corpora": ("--json",), "--sweep": ("--json",)}
_WITH = {"--count": ("--nearest", "--analogy"), "--encoding": ("--corpus", "--file", "--resume")}


@dataclass(frozen=True, slots=True)
class Typed:
    """An option as it was typed; `value` is None for a switch."""

    param: Any
    name: str
    value: str | None


class Command(TyperCommand):
    """A command whose options are given once each, and whose mistakes say what was meant."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Raises typer.BadParameter, a whole sentence."""
        if ctx.resilient_parsing:  # a shell asks what may follow
            return super().parse_args(ctx, args)
        params, verb = self.get_params(ctx), self.name or ""
        typed, rest = look_through(params, args, verb, options_of(ctx.parent.command))
        if any(each.name in ctx.help_option_names for each in typed):
            return super().parse_args(ctx, args)
        room = [each for each in params if each.param_type_name == "argument"]
        if rest and not any(each.nargs == -1 for each in room) and len(rest) > len(room):
            said = " ".join(map(quoted, rest[len(room) :]))
            corpora = [each.value or "" for each in typed if each.name == "--corpus"]
            takes_names = room and room[0].required  # and no option that words were meant for
            meant = _usage(verb, room) if takes_names else arguments_for(rest, verb, corpora)
            raise typer.BadParameter(f"rnnlm {verb} takes no {said}: {meant}")
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            said = _of_an_argument(error, verb, room) or _of_a_value(error, typed)
            raise typer.BadParameter(said, ctx=ctx) from None


def options_of(group: Any) -> dict[str, set[str]]:
    """The options of all commands, by the name of the command."""
    return {
        name: {spelling for param in command.params for spelling in _spellings(param)}
        for name, command in group.commands.items()
    }


def look_through(
    params: Sequence[Any], args: Sequence[str], verb: str, others: dict[str, set[str]]
) -> tuple[list[Typed], list[str]]:
    """The options among `args`, and the arguments.

    Raises typer.BadParameter for an option that is not known, that lacks its value, or that is
    given twice though it does not collect; `others` are the options of all verbs.
    """
    known = {spelling: param for param in params for spelling in _spellings(param)}
    left, rest, typed = list(args), list[str](), list[Typed]()
    while left:
        word = left.pop(0)
        if word == "--":
            rest += left
            break
        if not word.startswith("-") or word == "-":
            rest.append(word)
            continue
        name, equals, value = word.partition("=")
        if name not in known:
            shown = printable(name)
            where = f"rnnlm {verb}".rstrip()
            raise typer.BadParameter(f"{where} has no {shown}: {option_for(name, verb, others)}")
        typed.append(_with_value(known[name], name, value if equals else None, left, known))
    _refuse_twice(typed)
    _refuse_useless([each.name for each in typed], known)
    return typed, rest


def _spellings(param: Any) -> Iterator[str]:
    if param.param_type_name == "option":
        yield from (*param.opts, *param.secondary_opts)


def _with_value(
    param: Any, name: str, value: str | None, left: list[str], known: dict[str, Any]
) -> Typed:
    """The option, with its value, which may be the first of the words that are `left`."""
    if param.is_flag:
        if value is not None:
            raise typer.BadParameter(f"{name} is a switch: leave the {quoted(value)} out")
        return Typed(param, name, None)
    if value and not name.startswith("--"):  # to Click the = would be of the value
        raise typer.BadParameter(f"{name} takes no =: write {name} {printable(value)}")
    if value is None:
        if not left or left[0].partition("=")[0] in known:
            found = f"but {left[0]} follows" if left else "but nothing follows"
            raise typer.BadParameter(f"{name} needs a value, {found}: give {_needed(param)}")
        value = left.pop(0)
    if not value and _kind(param) is Path:
        raise typer.BadParameter(f"{name} is empty: give {_needed(param)}, or leave it out")
    return Typed(param, name, value)


def _refuse_twice(typed: Sequence[Typed]) -> None:
    first: dict[str, Typed] = {}
    for each in typed:
        before = first.setdefault(each.param.name, each)
        if before is not each and not each.param.multiple:
            if before.name == each.name:
                raise typer.BadParameter(f"{each.name} is given twice: give it once")
            raise typer.BadParameter(f"{before.name} and {each.name} are given: give one of them")


def _refuse_useless(names: Sequence[str], known: Collection[str]) -> None:
    for name in names:
        if name in _ALONE and (more := [n for n in names if n not in (name, *_ALONE[name])]):
            raise typer.BadParameter(f"{name} is a command of its own: leave {more[0]} out")
        if name in _WITH and not set(_WITH[name]) & set(names):
            others = " or ".join(other for other in _WITH[name] if other in known)
            raise typer.BadParameter(f"{name} goes with {others}: give one, or leave it out")


def _of_a_value(error: typer.BadParameter, typed: Sequence[Typed]) -> str:
    """A sentence on a value that Typer could not read."""
    values = [each for each in typed if each.param is error.param]
    if not values:
        return str(error)
    value = values[-1].value or ""
    said = f"{values[-1].name} is {quoted(value)}, but must be {_needed(error.param)}"
    return f"{said}: maybe {meant}" if (meant := _without_comma(value, error.param)) else said


def _of_an_argument(error: typer.BadParameter, verb: str, room: Sequence[Any]) -> str:
    """A sentence on an argument that is not there, or is none of those that may be."""
    param: Any = error.param
    if param not in room:
        return ""
    if get_origin(param.type_descriptor.annotation) is Literal:
        return f"{param.name} must be {_needed(param)}: {_usage(verb, room)}"
    return f"rnnlm {verb} needs {param.metavar}: {_usage(verb, room)}"


def _usage(verb: str, room: Sequence[Any]) -> str:
    return " ".join(["rnnlm", verb, *(each.metavar for each in room)])


def _without_comma(value: str, param: Any) -> str:
    """A number with a point for the comma of other languages, or without that of thousands."""
    kind = param.type_descriptor.annotation
    if "," not in value or kind not in (int, float):
        return ""
    number = value.replace(",", "." if kind is float else "")
    try:
        return str(kind(number))
    except ValueError:
        return ""


def _needed(param: Any) -> str:
    kind = _kind(param)
    if get_origin(kind) is Literal:
        return f"one of {', '.join(get_args(kind))}"
    if kind is str:
        return param.metavar or "a value"
    needed = TYPES[kind][1]
    return needed if param.min is None else f"{needed} from {param.min:,} to {param.max:,}"


def _kind(param: Any) -> Any:
    """The type of a value; of an option that may be repeated that of each."""
    kind = param.type_descriptor.annotation
    return get_args(kind)[0] if get_origin(kind) is list else kind
