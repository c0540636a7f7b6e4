"""Every numeric option of every command, found in the commands themselves."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from typer.testing import Result

from rnnlm_cli.cli.app import app
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.run import RunRequest
from rnnlm_cli.settings.sample import SampleConfig, ToldConfig
from rnnlm_cli.settings.score import ScoreConfig
from rnnlm_cli.settings.setting import check_given
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.settings.train import TrainConfig
from rnnlm_cli.settings.tricks import TrickConfig
from tests.cli.test_commands import SMALL, ok, run
from tests.small_runs import simple_text

NEVER = ["nan", "inf", "-inf", "1e309", "1e400", "-1", "１", "1,5", ""]
INTEGERS = [str(10**30), "0.5", "9" * 5_000]
ZERO = ["0", "-0.0"]
MAY_BE_NEGATIVE = {"--forget-bias"}
MAY_BE_ZERO = MAY_BE_NEGATIVE | {
    *("--seed", "--temperature", "--reset-probability", "--head-size", "--ar", "--tar"),
    *("--dropout", "--dropout-in", "--dropout-between", "--dropout-out", "--dropout-hidden"),
    *("--word-dropout", "--weight-drop", "--weight-decay", "--warmup", "--average", "--beta1"),
    *("--cache-theta", "--dynamic-lr", "--dynamic-decay", "--guesses", "--sample-every", "--min-p"),
}

EDGES: dict[type, list[float]] = {  # of float32, of float64 and of 1, from the least up
    float: [5e-324, 1e-46, 1e-38, 1e-9, 0.999993, 1 - 2**-53, 1e9, 1e30, 1e38, 3.4e38, 1e39, 1e308],
    int: [10**9],
}
CONFIGS: dict[str, tuple[type[Any], ...]] = {
    "train": (RunRequest, CorpusConfig, ModelConfig, TrainConfig),
    "eval": (TrickConfig,),
    "generate": (SampleConfig, ToldConfig),
    "inspect": (),
    "score": (ScoreConfig, TrickConfig),
}
BESIDE = {
    "generate": ["--skip=cat", "--stop-at-eos"],
    "inspect": ["--nearest=cat"],
    "score": ["--text=the old cat"],
}
DROPOUTS = (
    *("dropout", "dropout-in", "dropout-between", "dropout-out", "dropout-hidden"),
    *("word-dropout", "weight-drop"),
)


def numeric_options() -> list[tuple[str, str, type]]:
    """(command, option, int or float) of each; a duration is a number too."""
    found: list[tuple[str, str, type]] = [("train", "--budget", int)]
    for command in app.registered_commands:
        assert command.name
        assert command.callback
        for name, hint in get_type_hints(command.callback).items():
            for kind in {int, float} & {hint, *types_in(hint)}:
                found.append((command.name, "--" + name.replace("_", "-"), kind))
    return sorted(found, key=str)


def types_in(hint: Any) -> Iterator[Any]:
    """The types that a hint is made of, of its lists too: an option may be repeated."""
    for each in get_args(hint):
        yield each
        yield from types_in(each)


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


def accepted(command: str, option: str, values: list[float]) -> list[float]:
    """Those of `values` that are in the range of the option."""
    found = []
    for value in values:
        try:
            check_given({option[2:].replace("-", "_"): value}, *CONFIGS[command])
        except ConfigError:
            continue
        found.append(value)
    return found


def short_run(tmp_path: Path, *options: str) -> Result:
    """A run of two steps."""
    text = tmp_path / "short.txt"
    text.write_text(simple_text(40), encoding="utf-8")
    sizes = [*SMALL[:-2], "--layers", "2", "--seed", "1", "--json"]
    end = [] if any(option.startswith("--steps") for option in options) else ["--steps", "2"]
    return run("train", "--corpus", text, "--out", tmp_path / "m.pkl", *sizes, *end, *options)


def assert_told_or_right(result: Result, figures: str | None) -> None:
    """Exit code 0 with finite figures, else one sentence; a warning has been raised already."""
    if result.exit_code:
        assert result.exit_code in (1, 2), result.output
        assert result.stderr.splitlines()[-1].startswith("error: "), result.output
    elif figures is not None:
        report = json.loads(result.stdout)
        found = report[figures]["stream"] if figures == "test_perplexity" else report[figures]
        adapted = [row["nats_per_token"] for row in report.get("adapted", [])]
        assert all(math.isfinite(figure) for figure in [found, *adapted]), result.stdout


@pytest.mark.parametrize(("command", "option", "kind"), numeric_options())
def test_a_number_at_the_edge_is_refused_or_right(
    command: str, option: str, kind: type, trained: Path, tmp_path: Path
) -> None:
    """The greatest that is accepted; of train the least are tried together below."""
    edges = EDGES[kind] if option != "--budget" else []
    values = accepted(command, option, edges)
    tried = [values[-1], *(value for value in values[:1] if command != "train")] if values else []
    for value in tried:
        setting = f"{option}={value!r}"
        if command == "train":
            end = ["--epochs=1"] if option == "--steps" else []
            assert_told_or_right(short_run(tmp_path, setting, *end), "test_perplexity")
        elif command == "eval":
            assert_told_or_right(run("eval", trained, "--json", setting), "nats_per_token")
        else:
            assert_told_or_right(run(command, trained, setting, *BESIDE[command]), None)
    for value in [value for value in edges if values and value > values[-1]][:1]:
        assert run(command, f"{option}={value!r}").exit_code == 2


def test_the_least_numbers_are_right_for_all_options_of_a_run_at_once(tmp_path: Path) -> None:
    settings = [
        f"{option}={accepted(command, option, EDGES[float])[0]!r}"
        for command, option, kind in numeric_options()
        if command == "train" and kind is float
    ]
    assert len(settings) >= 17
    result = short_run(tmp_path, *settings)
    assert result.exit_code == 0
    assert_told_or_right(result, "test_perplexity")


@pytest.mark.parametrize("budget", ["0.000000001s", "1000000000s"])
def test_the_shortest_and_the_longest_budget(budget: str, tmp_path: Path) -> None:
    result = short_run(tmp_path, f"--budget={budget}")
    assert result.exit_code == 0
    assert_told_or_right(result, "test_perplexity")


def test_a_run_may_drop_almost_all_and_begin_with_a_model_that_did(tmp_path: Path) -> None:
    shares = [f"--{name}=0.999993" for name in DROPOUTS]
    assert set(DROPOUTS) == {o[2:] for _, o, _ in numeric_options() if "drop" in o}
    assert short_run(tmp_path, *shares).exit_code == 0
    ok("train", "--init-from", tmp_path / "m.pkl", "--corpus", tmp_path / "short.txt",
       "--steps", 1, "--batch-size", 2, "--time-size", 7, "--out", tmp_path / "n.pkl")  # fmt: skip
    kept = json.loads(ok("inspect", tmp_path / "n.pkl", "--json"))["model"]
    assert {kept[name.replace("-", "_")] for name in DROPOUTS} == {0.999993}


def test_no_numeric_option_is_overlooked() -> None:
    options = {(command, option) for command, option, _ in numeric_options()}
    assert len(options) >= 23
    assert {("train", "--lr"), ("train", "--epochs"), ("generate", "--top-p")} <= options
    assert {("eval", "--threads"), ("inspect", "--count"), ("eval", "--cache-window")} <= options
    assert ("inspect", "--unit") in options  # which may be repeated


@pytest.mark.parametrize("setting", ["lr=nan", "epochs=0", "budget=0s", f"hidden-size={10**30}"])
def test_a_resume_too_is_refused_before_the_disk(
    setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("train", "--resume", f"--{setting}").exit_code == 2
    assert not list(tmp_path.iterdir())
