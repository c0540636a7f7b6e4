import math
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.cli.showing import sweeps
from rnnlm_cli.runs.sweeps import SweepPlan, Trial
from rnnlm_cli.runs.sweeps.axes import Between, OneOf

SEEDS = [
    Trial(0, {"seed": 0}, "done", 2, 10.0, 12.0, 1.0),
    Trial(1, {"seed": 1}, "done", 2, 9.0, 14.0, 1.0),
    Trial(2, {"seed": 2}, "failed", message="it diverged"),
]


def plan(**space: Any) -> SweepPlan:
    return SweepPlan(
        path=Path("a b.toml"),
        trials=3,
        jobs=1,
        seed=0,
        prune=True,
        fixed={"budget": "1m"},
        space=space,
    )


def test_seeds_have_a_mean_and_a_deviation(capsys: pytest.CaptureFixture[str]) -> None:
    of = plan(seed=OneOf((0, 1, 2)))
    sweeps.show_sweep(of, SEEDS)
    captured = capsys.readouterr()
    assert "validation perplexity  mean 9.50, deviation 0.71, of 2 seeds" in captured.out
    assert "test perplexity        mean 13.00, deviation 1.41, of 2 seeds" in captured.out
    assert "rnnlm train --budget 1m --seed 1" in captured.out
    assert captured.err == "warning: a run failed: it diverged\n"
    told = sweeps.sweep_document(of, SEEDS)
    assert told["seeds"]["test perplexity"] == {"mean": 13.0, "deviation": math.sqrt(2)}
    assert (told["best"], told["model"]) == (1, "a b/1.pkl")


def test_the_best_come_first_behind_those_that_run(capsys: pytest.CaptureFixture[str]) -> None:
    trials = [
        Trial(0, {"lr": 0.1, "layers": 1}, "pruned", 1, 30.0),
        Trial(1, {"lr": 0.2, "layers": 1}, "done", 1, 20.0),
        Trial(2, {"lr": 0.3, "layers": 1}, "done", 1, 10.0),
        Trial(3, {"lr": 0.4, "layers": 1}, "running"),
    ]
    sweeps.show_sweep(plan(lr=Between(0.1, 0.5), layers=OneOf((1,))), trials)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[0] for row in rows if row and row[0].isdigit()] == ["3", "2", "1", "0"]
    assert ["run", "lr", "state", "epoch", "valid", "ppl", "test", "ppl", "time"] in rows


def test_no_run_that_finished_is_no_best(capsys: pytest.CaptureFixture[str]) -> None:
    sweeps.show_sweep(plan(seed=OneOf((0,))), SEEDS[2:])
    assert "best run" not in capsys.readouterr().out
    assert sweeps.sweep_document(plan(seed=OneOf((0,))), SEEDS[2:])["command"] is None


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"tied": False, "projection": True}, "--untied --projection"),
        ({"corpus": ["a b.txt", "c"]}, "--corpus 'a b.txt' --corpus c"),
        ({"lr": 0.5, "hidden_size": 8, "unit": "char"}, "--lr 0.5 --hidden-size 8 --unit char"),
        ({"budget": 60, "lr": 1}, "--budget 60s --lr 1"),
        ({"budget": "1m", "validate_every": "6s"}, "--budget 1m --validate-every 6s"),
        ({"cluster_edges": [800, 5_000]}, "--cluster-edges 800,5000"),
        ({"random_offsets": False, "skip": False, "lr": 0.5}, "--lr 0.5"),
    ],
)
def test_settings_are_a_command_line_again(given: dict[str, Any], line: str) -> None:
    assert sweeps.command_of(given) == f"rnnlm train {line}"


def test_a_pipe_is_told_each_end_once(capsys: pytest.CaptureFixture[str]) -> None:
    with sweeps.SweepDisplay(plan(seed=OneOf((0, 1, 2)))) as display:
        display.show(SEEDS[:1])
        display.show(SEEDS)
        display.stopped()
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "sweep  a b.toml: 3 runs, one after the other, in a b",
        "run 0 done (seed 0): validation perplexity 10.00 after 2 epochs, 1s",
        "run 1 done (seed 1): validation perplexity 9.00 after 2 epochs, 1s",
        "run 2 failed (seed 2): it diverged",
        "stopped; the runs have saved their states",
        "go on with: rnnlm train --sweep 'a b.toml'",
    ]
