import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.runs.sweeps import Trial
from rnnlm_cli.runs.sweeps.axes import Between, OneOf
from rnnlm_cli.runs.sweeps.plan import SweepPlan

pytest.importorskip("optuna")

from rnnlm_cli.runs.sweeps.study import Study
from rnnlm_cli.runs.sweeps.trial import State

LRS = {"lr": Between(0.1, 0.9)}


def plan(folder: Path, trials: int = 8, **changes: Any) -> SweepPlan:
    (folder / "s").mkdir(exist_ok=True)
    given: dict[str, Any] = {"jobs": 1, "seed": 0, "prune": True, "fixed": {}, "space": LRS}
    return SweepPlan(path=folder / "s.toml", trials=trials, **given | changes)


def numbers(study: Study) -> list[int]:
    found = []
    while trial := study.next():
        found.append(trial.number)
    return found


def test_there_are_as_many_runs_as_were_asked_for_and_more_may_be(tmp_path: Path) -> None:
    study = Study(plan(tmp_path, 2))
    for number in numbers(study):
        study.end(Trial(number, {}, "done", valid=2.0 + number, test=3.0, seconds=1.5))
    assert [(t.state, t.test, t.seconds) for t in study.trials()] == [("done", 3.0, 1.5)] * 2
    assert numbers(Study(plan(tmp_path, 2))) == []
    assert numbers(Study(plan(tmp_path, 3, jobs=2))) == [2]


@pytest.mark.parametrize("space", [LRS, {"lr": OneOf((0.1, 0.2))}])
def test_a_run_that_failed_is_made_again_when_the_sweep_is_started_again(
    space: dict[str, Any], tmp_path: Path
) -> None:
    asked = plan(tmp_path, 2, space=space)
    later: list[tuple[int, State]] = [(2, "failed"), (3, "done"), (3, "done")]

    def session(state: State) -> list[Trial]:
        study = Study(asked)
        while trial := study.next():
            study.end(replace(trial, state="done" if trial.number == 1 else state, valid=2.0))
        return study.trials()

    first = session("failed")
    assert [(t.number, t.state) for t in first] == [(0, "failed"), (1, "done")]
    for number, state in later:
        other, again = session(state)
        assert other == first[1]
        assert (again.number, again.state, again.params) == (number, state, first[0].params)


def test_a_run_that_was_cut_short_comes_first(tmp_path: Path) -> None:
    study = Study(plan(tmp_path))
    first = [study.next(), study.next()]
    study.end(Trial(0, {}, "done", valid=2.0))
    again = Study(plan(tmp_path)).next()
    assert again is not None
    assert again.number == 1
    assert first[1] is not None
    assert again.params == first[1].params


def test_sessions_draw_together_what_one_alone_would(tmp_path: Path) -> None:
    def drawn(folder: Path, sessions: int) -> list[float]:
        folder.mkdir()
        for _ in range(sessions):
            study = Study(plan(folder, 12))
            for _ in range(12 // sessions):
                trial = study.next()
                assert trial is not None
                study.end(replace(trial, state="done", valid=2.0 + trial.params["lr"]))
        return [trial.params["lr"] for trial in study.trials()]

    alone = drawn(tmp_path / "alone", 1)
    assert len(set(alone)) == 12
    assert drawn(tmp_path / "often", 4) == alone


GRID: dict[str, Any] = {"lr": OneOf((0.1, 0.2, 0.3)), "layers": OneOf((1, 2))}


def ran(study: Study, most: int = 99) -> list[tuple[Any, ...]]:
    """The settings of the next runs, which end at once."""
    made = list[tuple[Any, ...]]()
    while len(made) < most and (trial := study.next()):
        study.end(replace(trial, state="done", valid=2.0))
        made.append((trial.params["lr"], trial.params["layers"]))
    return made


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("sessions", [1, 5])
def test_no_combination_is_run_twice(seed: int, sessions: int, tmp_path: Path) -> None:
    asked, found = plan(tmp_path, 5, space=GRID, seed=seed), []
    for _ in range(sessions):
        found += ran(Study(asked), 5 // sessions)
    assert len(set(found)) == 5


def test_a_grid_may_become_shorter(tmp_path: Path) -> None:
    ran(Study(plan(tmp_path, 6, space=GRID)), 2)
    assert len(ran(Study(plan(tmp_path, 3, space=GRID)))) == 1


@pytest.mark.parametrize("seed", range(3))
def test_what_becomes_a_grid_runs_every_combination(seed: int, tmp_path: Path) -> None:
    before = ran(Study(plan(tmp_path, 4, space=GRID, seed=seed)))
    assert len(set(before + ran(Study(plan(tmp_path, 6, space=GRID, seed=seed))))) == 6


def test_all_combinations_are_run_once_and_in_order_over_two_sessions(tmp_path: Path) -> None:
    grid = plan(tmp_path, 4, space={"lr": OneOf((0.1, 0.2)), "layers": OneOf((1, 2))})
    study, found = Study(grid), []
    for _ in range(3):
        trial = study.next()
        assert trial is not None
        study.end(replace(trial, state="done", valid=2.0))
        found.append(tuple(trial.params.values()))
    last = Study(grid).next()
    assert last is not None
    assert sorted([*found, tuple(last.params.values())]) == [(0.1, 1), (0.1, 2), (0.2, 1), (0.2, 2)]
    assert found[0] == (0.1, 1)


@pytest.mark.parametrize(("prune", "behind"), [(True, True), (False, False)])
def test_a_run_behind_most_of_those_that_ended_is_given_up(
    prune: bool, behind: bool, tmp_path: Path
) -> None:
    study = Study(plan(tmp_path, prune=prune))
    for _ in range(4):
        trial = study.next()
        assert trial is not None
        assert not study.note(trial.number, 1, 5.0)
        study.end(replace(trial, state="done", valid=5.0))
    trial = study.next()
    assert trial is not None
    assert study.note(trial.number, 1, 6.0) is behind
    study.end(replace(trial, state="pruned" if behind else "done", valid=6.0))
    assert study.trial(trial.number).state == ("pruned" if behind else "done")
    assert study.trial(trial.number).valid == 6.0


def test_a_perplexity_that_is_no_number_is_a_failure_and_behind_all(tmp_path: Path) -> None:
    study = Study(plan(tmp_path))
    study.next()
    assert not study.note(0, 1, math.nan)
    study.end(Trial(0, {}, "failed", valid=math.inf, message="it diverged"))
    assert (study.trial(0).state, study.trial(0).message) == ("failed", "it diverged")


def test_a_finished_run_is_judged_by_the_model_that_it_kept(tmp_path: Path) -> None:
    study = Study(plan(tmp_path))
    study.next()
    study.note(0, 1, 2.0)
    study.end(Trial(0, {}, "done", valid=3.0))
    assert study.trial(0).valid == 3.0


def test_another_sweep_of_that_name_is_refused(tmp_path: Path) -> None:
    Study(plan(tmp_path)).next()
    with pytest.raises(ConfigError, match="asks for other runs than those in"):
        Study(plan(tmp_path, fixed={"epochs": 3}))
    assert Study(plan(tmp_path)).trials()
