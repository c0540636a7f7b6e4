"""Options that are made of settings."""

import runpy
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import pytest
import typer
from typer.testing import CliRunner

from rnnlm_cli.cli.options import with_options
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.run import OPTIONS, SETTINGS, RunRequest
from rnnlm_cli.settings.setting import Declared, Setting, declared, whole
from tests.cli.test_commands import run

ROOT = Path(__file__).parents[2]


def read_pair(text: str) -> tuple[str, ...]:
    if text == "!":
        raise ConfigError("pair is !, but must be another")
    first, second = text.split(":")
    return first, second


@dataclass(frozen=True, slots=True, kw_only=True)
class Toy:
    count: Annotated[int, Setting("How many.", whole(1), shows_default=True)] = 3
    locked: Annotated[bool, Setting("Whether.", panel="More", flags="--locked/--unlocked")] = True
    kind: Annotated[Literal["a", "b"] | None, Setting("Which.", panel="More")] = None
    pair: Annotated[tuple[str, ...] | None, Setting("Two.", metavar="A:B", read=read_pair)] = None
    hidden: Annotated[int, Setting("Nobody's.", is_option=False)] = 1


called: list[dict[str, Any]] = []


@with_options(Toy, behind={"pair": "first"})
def verb(
    first: Annotated[str, typer.Option(help="First.")] = "x",
    *,
    last: Annotated[bool, typer.Option("--last", help="Last.")] = False,
    **given: Any,
) -> None:
    """What it does."""
    called.append({"first": first, "last": last} | given)


app = typer.Typer(add_completion=False, rich_markup_mode=None)
app.command()(verb)


def call(*arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return called.pop()


def test_a_verb_gets_what_was_given_as_values_and_nothing_else() -> None:
    assert call() == {"first": "x", "last": False, "count": 3}
    assert call("--unlocked", "--count=5", "--last", "--kind=b", "--pair=u:v") == {
        "first": "x",
        "last": True,
        "count": 5,
        "locked": False,
        "kind": "b",
        "pair": ("u", "v"),
    }


def test_the_help_has_the_settings_between_the_options_of_the_verb() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    options = [word for word in shown.split() if word.startswith("--")]
    settings = ("--pair", "--count", "--locked", "--unlocked", "--kind")
    assert options == ["--first", *settings, "--last", "--help"]
    assert "What it does." in shown
    assert "[default: 3]" in shown


def test_what_cannot_be_read_is_bad_usage() -> None:
    for option in ("--pair=u", "--pair=!", "--hidden=1"):
        assert CliRunner().invoke(app, [option]).exit_code == 2
    assert not called


def test_a_duration_that_is_none_is_told_in_one_line() -> None:
    result = run("train", "--budget", "10 m")
    assert result.exit_code == 2
    assert result.stderr == (
        "error: budget: '10 m' is no duration: write it as 90s, 10m or 1h30m\n"
    )


def test_the_settings_that_train_takes_are_options() -> None:
    shown = run("train", "--help").stdout
    for name, each in declared(RunRequest).items():
        assert each.setting.is_option
        assert f"--{name.replace('_', '-')}" in shown


def test_the_table_of_options_is_that_of_the_settings() -> None:
    lines = runpy.run_path(str(ROOT / "scripts" / "options"))["page"]()
    shown = (ROOT / "docs" / "options.md").read_text(encoding="utf-8")
    assert shown == "\n".join(lines) + "\n", "run scripts/options > docs/options.md"


@with_options(RunRequest, *SETTINGS)
def train(**given: Any) -> None:
    """Takes what `rnnlm train` takes."""
    called.append(given)


NUMBERS = 0, 1, 300, 0.0, 1.0, 20.0, 0.1 + 0.2, 1e-5, 123456.789, 1e9
SAMPLES: dict[Any, tuple[Any, ...]] = {
    bool: (True, False),
    int: NUMBERS,
    float: NUMBERS,
    str: ("cp1252", "a b", "500", "1.5s"),
    Path: (Path("a b.pkl"),),
    tuple[str, ...]: (("a b.txt", "-"), ("c",)),
    tuple[int, ...]: ((800,), (800, 5_000)),
}


def allowed(each: Declared) -> list[Any]:
    """Values that may stand in a setting, as a run has them."""
    found = []
    for value in SAMPLES.get(each.kind) or get_args(each.kind):
        with suppress(ConfigError):
            each.check(each.given(value))
            found.append(each.given(value))
    return found


@pytest.mark.parametrize("name", [n for n, each in OPTIONS.items() if each.setting.is_option])
def test_what_a_setting_is_typed_as_is_read_as_the_same(name: str) -> None:
    app = typer.Typer(add_completion=False)
    app.command()(train)
    each, values = OPTIONS[name], allowed(OPTIONS[name])
    assert values
    for value in values:
        words = each.typed(value)
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, result.output
        found = called.pop().get(name)
        if words:
            assert (found, type(found)) == (value, type(value))
        else:
            assert (value, each.default) == (False, False)
