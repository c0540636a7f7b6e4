"""Options that are made of settings, those that several commands share, and how they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.presets import PRESETS
from rnnlm_cli.settings.run import THREADS, RunFrame
from rnnlm_cli.settings.setting import Declared, Range, Setting, declared

Verb = Callable[..., None]


def _presets(incomplete: str) -> list[str]:
    return [name for name in PRESETS if name.startswith(incomplete)]


def _corpora(incomplete: str) -> list[str]:
    """Where no name begins so, a shell goes on with those of files."""
    from rnnlm_cli.corpus.reading.named import CORPORA

    return [name for name in CORPORA if name.startswith(incomplete)]


_COMPLETED = {"preset": _presets, "corpus": _corpora}  # names that a shell completes


def _option(setting: Setting, name: str = "") -> Any:
    """What Typer wants to know of a setting."""
    flags = [setting.flags] if setting.flags else []
    limits: dict[str, Any] = {}
    if setting.shows_range and isinstance(setting.allowed, Range):
        limits = {"min": setting.allowed.least, "max": setting.allowed.most}
    return typer.Option(
        *flags,
        help=setting.help,
        metavar=setting.metavar,
        rich_help_panel=setting.panel,
        autocompletion=_COMPLETED.get(name),
        **limits,
    )


CheckpointArgument = Annotated[
    Path, typer.Argument(help="The model file.", metavar="[CHECKPOINT]", show_default=True)
]
CorpusOption = Annotated[
    list[str] | None,
    typer.Option(
        "--corpus",
        metavar="NAME|PATH",
        autocompletion=_corpora,
        help="The corpus of the model, if it is not the one that the checkpoint names. May be "
        "repeated, as in train.",
    ),
]
EncodingOption = Annotated[str | None, _option(declared(RunFrame)["encoding"].setting)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Write over a file that is there already.")
]
ThreadsOption = Annotated[int | None, _option(THREADS)]


def with_options(
    *kinds: type[Any], behind: Mapping[str, str] | None = None
) -> Callable[[Verb], Verb]:
    """Give a verb an option for every setting of the config classes `kinds`.

    The verb is `def verb(first, *, last, **given)`: `given` are the settings that the user named,
    as values. The help shows the verb's own options before the star, the settings in the order of
    their fields, and the verb's other options; but each that is in `behind` right behind the option
    that it names there.
    """
    settings = {
        name: each
        for kind in kinds
        for name, each in declared(kind).items()
        if each.setting.is_option
    }

    def decorate(verb: Verb) -> Verb:
        def command(**values: Any) -> None:
            typed = {name: values.pop(name) for name in settings}
            with bad_usage():
                given = {n: settings[n].given(v) for n, v in typed.items() if v not in (None, [])}
            verb(**values, **given)

        parameters = _in_order([*_own(verb), *map(_parameter, settings.values())], behind or {})
        command.__name__, command.__doc__ = verb.__name__, verb.__doc__
        command.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {each.name: each.annotation for each in parameters}
        command.kinds = kinds  # type: ignore[attr-defined]  # for docs/options.md
        return command

    return decorate


def _own(verb: Verb) -> list[Parameter]:
    """The verb's own options, those before its star as they are, the others by keyword only."""
    hints = get_type_hints(verb, include_extras=True)
    return [
        each.replace(annotation=hints[each.name])
        for each in signature(verb).parameters.values()
        if each.kind != Parameter.VAR_KEYWORD
    ]


def _parameter(each: Declared) -> Parameter:
    kind = _typed(each)
    default = each.default if each.setting.shows_default else None
    hint: Any = Annotated[
        kind if default is not None else kind | None, _option(each.setting, each.name)
    ]
    return Parameter(each.name, Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=hint)


def _typed(each: Declared) -> Any:
    """The type of what is typed: a tuple is an option that may be repeated, unless it is read."""
    if each.setting.read:
        return str
    return list[get_args(each.kind)[0]] if get_origin(each.kind) is tuple else each.kind  # type: ignore[misc]


def _in_order(parameters: list[Parameter], behind: Mapping[str, str]) -> list[Parameter]:
    ordered = {each.name: each for each in sorted(parameters, key=lambda each: each.kind)}
    names = list(ordered)
    for name, before in behind.items():
        names.remove(name)
        names.insert(names.index(before) + 1, name)
    return [ordered[name].replace(kind=Parameter.KEYWORD_ONLY) for name in names]


@contextmanager
def bad_usage() -> Iterator[None]:
    """Inside the block a setting out of range is bad usage: exit code 2."""
    try:
        yield
    except ConfigError as error:
        from rnnlm_cli.cli.showing.render import say_error

        say_error(str(error))
        raise typer.Exit(2) from None
