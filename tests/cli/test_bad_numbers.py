"""Every numeric option of every command, found in the commands themselves."""

from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from rnnlm_cli.cli.app import app
from tests.cli.test_commands import run

NEVER = ["nan", "inf", "-inf", "1e309", "1e400", "-1", "１", "1,5", ""]
INTEGERS = [str(10**30), "0.5", "9" * 5_000]
ZERO = ["0", "-0.0"]
MAY_BE_NEGATIVE = {"--forget-bias"}
MAY_BE_ZERO = MAY_BE_NEGATIVE | {
    *("--seed", "--temperature", "--reset-probability", "--head-size", "--ar", "--tar"),
    *("--dropout", "--dropout-in", "--dropout-between", "--dropout-out", "--dropout-hidden"),
    *("--word-dropout", "--weight-drop", "--weight-decay", "--warmup", "--average"),
    *("--cache-theta", "--dynamic-lr", "--dynamic-decay"),
}


def numeric_options() -> list[tuple[str, str, type]]:
    """(command, option, int or float) of each; a duration is a number too."""
    found: list[tuple[str, str, type]] = [("train", "--budget", int)]
    for command in app.registered_commands:
        assert command.name
        assert command.callback
        for name, hint in get_type_hints(command.callback).items():
            for kind in {int, float} & {hint, *get_args(hint)}:
                found.append((command.name, "--" + name.replace("_", "-"), kind))
    return sorted(found, key=str)


def bad_values(option: str, kind: type) -> list[str]:
    never = [value for value in NEVER if value != "-1" or option not in MAY_BE_NEGATIVE]
    return never + INTEGERS * (kind is int) + ZERO * (option not in MAY_BE_ZERO)


@pytest.mark.parametrize(("command", "option", "kind"), numeric_options())
def test_a_number_out_of_range_is_bad_usage_in_one_line_and_touches_nothing(
    command: str, option: str, kind: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for value in bad_values(option, kind):
        result = run(command, f"{option}={value}")
        assert result.exit_code == 2, (value, result.output)
        assert result.stderr.startswith("error: "), value
        assert result.stderr.count("\n") == 1, value
    assert not list(tmp_path.iterdir())


def test_no_numeric_option_is_overlooked() -> None:
    options = {(command, option) for command, option, _ in numeric_options()}
    assert len(options) >= 23
    assert {("train", "--lr"), ("train", "--epochs"), ("generate", "--top-p")} <= options
    assert {("eval", "--threads"), ("inspect", "--count"), ("eval", "--cache-window")} <= options


@pytest.mark.parametrize("setting", ["lr=nan", "epochs=0", "budget=0s", f"hidden-size={10**30}"])
def test_a_resume_too_is_refused_before_the_disk(
    setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("train", "--resume", f"--{setting}").exit_code == 2
    assert not list(tmp_path.iterdir())
