"""A resumed run is the same run: to the bit, from any step, whatever the recipe."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint, save_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.checkpoint.naming import older_path
from rnnlm_cli.errors import RnnlmError
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.runs import Event, resume, state_path
from rnnlm_cli.runs.around import Around
from rnnlm_cli.scoring.evaluation import Evaluation, evaluate_watched
from rnnlm_cli.settings.run import RunRequest
from rnnlm_cli.settings.train import OptimizerName, Schedule
from rnnlm_cli.training import learner
from rnnlm_cli.training.reports import EpochReport, StepReport
from rnnlm_cli.training.state import Counters, Timings, TrainerState
from rnnlm_cli.watching import Stop
from tests.runs.contents import content
from tests.small_runs import simple_text, small_run, train

pytestmark = pytest.mark.untraced

BASE: dict[str, Any] = {
    "batch_size": 3,
    "time_size": 5,
    "epochs": 3,
    "layers": 2,
    "dropout": 0.3,
    "dropout_hidden": 0.2,
    "word_dropout": 0.1,
    "weight_drop": 0.2,
    "reset_probability": 0.3,
}
NOISE = "dropout", "dropout_hidden", "word_dropout", "weight_drop", "reset_probability"
SGD_RATE, ADAM_RATE = {"lr": 5.0}, {"lr": 0.02, "max_grad": 1.0, "weight_decay": 0.01}
RATES: dict[str, dict[str, Any]] = {"sgd": SGD_RATE, "momentum": {"lr": 0.5}}
# Every optimiser and every schedule, a new one too; then what else the state depends on.
RECIPES: dict[str, dict[str, Any]] = {
    f"{name} linear": {"optimizer": name, "schedule": "linear"} | RATES.get(name, ADAM_RATE)
    for name in get_args(OptimizerName)
}
RECIPES |= {f"sgd {name}": {"schedule": name} | SGD_RATE for name in get_args(Schedule)}
RECIPES |= {
    "restarts": {"restart_epochs": True, "random_offsets": True},
    "offsets": {"random_offsets": True, "warmup": 0.2},
    "steps": {"steps": 37, "schedule": "one-cycle", "epochs": None},
    "quiet": {"keep": "last"} | dict.fromkeys(NOISE, 0.0),
    "locked": {"locked": True, "ar": 1.0, "tar": 1.0},
    "split": {"head_size": 5, "tied": True},
    "clusters": {"cluster_edges": (3, 5, 9), "tied": True},
    "pieces": {"unit": "bpe", "bpe_size": 270, "head_size": 9, "tied": True},
    # Its second epoch is the worse one by far, since only there the rate is high.
    "worse": {"patience": 3, "lr": 60.0, "epochs": 4, "schedule": "plateau", "warmup": 0.9},
    "average": {"average": 0.6},
    "budget": {"budget": 47.0, "optimizer": "adam"} | ADAM_RATE,
}
ONLY_SHOWN = {"epoch_training"}  # a timing that nothing but the display depends on


class WorkClock:
    """Seconds that pass only while there is work: the same for every run of the same steps."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> WorkClock:
    clock, backward = WorkClock(), LanguageModel.backward

    def timed_backward(model: LanguageModel) -> None:
        clock.now += 1.0
        backward(model)

    def timed_evaluate(*arguments: Any, **settings: Any) -> Evaluation | None:
        clock.now += 2.5
        return evaluate_watched(*arguments, **settings)

    monkeypatch.setattr(LanguageModel, "backward", timed_backward)
    monkeypatch.setattr(learner, "evaluate_watched", timed_evaluate)
    monkeypatch.setattr("rnnlm_cli.runs.choosing._tried", lambda *_: 1e4)
    return clock


def short_text(folder: Path) -> Path:
    path = folder / "short.txt"
    path.write_text(simple_text(40), encoding="utf-8")
    return path


@pytest.fixture
def text(tmp_path: Path) -> Path:
    return short_text(tmp_path)


def configured(text: Path, recipe: str) -> RunRequest:
    return small_run(text, text.with_suffix(".pkl"), **(BASE | RECIPES[recipe]))


def result(config: RunRequest) -> tuple[dict[str, object], ...]:
    return content(config.out), content(state_path(config.out))


def go_on(run: Callable[[Stop], Iterator[Event]], reports: int) -> None:
    """Take a run so many reports further, of steps and epochs; then ask it to stop."""
    asked = threading.Event()
    left = reports
    for event in run(asked.is_set):
        left -= isinstance(event, StepReport | EpochReport)
        if not left:
            asked.set()


def stopped(config: RunRequest, clock: WorkClock, at_report: int) -> Checkpoint:
    """The state of the run after so many reports; after the last one it is finished."""
    for path in (config.out, state_path(config.out), older_path(config.out)):
        path.unlink(missing_ok=True)
    go_on(lambda stop: train(config, Around(clock=clock, stop=stop)), at_report)
    return load_checkpoint(state_path(config.out))


def reports(config: RunRequest, clock: WorkClock) -> int:
    """Run it all; how many reports there were."""
    return len(list(train(config, Around(clock=clock)))) - 2


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_run_resumed_after_any_step_is_the_same_run(
    recipe: str, text: Path, clock: WorkClock, long: bool
) -> None:
    config = configured(text, recipe)
    total = reports(config, clock)
    expected = result(config)
    every = range(1, total - 1)
    chosen = every if long else [1, 11, 12, 13, *every[-1:]]  # the first epoch ends at 12
    for step in chosen:
        stopped(config, clock, step)
        clock.now += 1000.0  # time that passes between two sessions does not count
        list(resume(config.out, {}, Around(clock=clock)))
        assert result(config) == expected, f"after report {step}"


def test_a_run_stopped_after_every_step_is_the_same_run(text: Path, clock: WorkClock) -> None:
    config = configured(text, "budget")
    total = reports(config, clock)
    expected = result(config)
    stopped(config, clock, 1)
    for _ in range(total):
        go_on(lambda stop: resume(config.out, {}, Around(clock=clock, stop=stop)), 1)
    assert result(config) == expected


def forgotten(saved: Checkpoint, field: str) -> Checkpoint:
    """`saved` as it would be read if `field` had not been saved: as a run begins with it."""
    kind, _, name = field.partition(" ")
    state = state_of(saved)
    if kind == "number":
        counters = replace(state.counters, **{name: getattr(Counters(), name)})
        return with_state(saved, counters=counters)
    if kind == "timing":
        timings = replace(state.timings, **{name: getattr(Timings(), name)})
        return with_state(saved, timings=timings)
    if kind == "array":
        arrays = state.arrays | {name: np.zeros_like(state.arrays[name])}
        return with_state(saved, arrays=arrays)
    if kind == "parameter":
        params = list(saved.params)
        params[int(name)] = np.zeros_like(params[int(name)])
        return replace(saved, params=params)
    if kind == "history":
        return replace(saved, history=[replace(row, train_nats=0.0) for row in saved.history])
    states = list(state.generators)
    states[int(name)] = dict(np.random.default_rng(5).bit_generator.state)
    return with_state(saved, generators=states)


def state_of(saved: Checkpoint) -> TrainerState:
    assert saved.resume is not None
    return saved.resume.state


def with_state(saved: Checkpoint, **changed: Any) -> Checkpoint:
    assert saved.resume is not None
    state = replace(saved.resume.state, **changed)
    return replace(saved, resume=replace(saved.resume, state=state))


class Whole:
    """A whole run, and the files of the same run when it was stopped after a report."""

    def __init__(self, folder: Path, recipe: str, clock: WorkClock) -> None:
        self.config, self.clock = configured(short_text(folder), recipe), clock
        self.total = reports(self.config, clock)
        self.expected = result(self.config)
        self._stopped: dict[int, dict[Path, bytes]] = {}

    def stopped(self, at_report: int) -> Checkpoint:
        """Its state; the files are as the stopped run left them."""
        out = self.config.out
        paths = [out, state_path(out), older_path(out)]
        if at_report not in self._stopped:
            stopped(self.config, self.clock, at_report)
            there = [path for path in paths if path.exists()]
            self._stopped[at_report] = {path: path.read_bytes() for path in there}
        for path in paths:
            path.unlink(missing_ok=True)
        for path, data in self._stopped[at_report].items():
            path.write_bytes(data)
        return load_checkpoint(state_path(out))

    def notices(self, saved: Checkpoint) -> bool:
        """Whether a run that goes on from `saved` is refused, or ends in something else."""
        older_path(self.config.out).unlink(missing_ok=True)  # else a refused state is no failure
        save_checkpoint(state_path(self.config.out), saved)
        try:
            list(resume(self.config.out, {}, Around(clock=self.clock)))
            return result(self.config) != self.expected
        except RnnlmError:
            return True


@pytest.fixture(scope="module")
def wholes() -> dict[str, Whole]:
    """The whole runs that were made."""
    return {}


@pytest.fixture
def whole(
    wholes: dict[str, Whole], clock: WorkClock, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Whole]:
    """The whole run of a recipe."""

    def of(recipe: str) -> Whole:
        if recipe not in wholes:
            wholes[recipe] = Whole(tmp_path_factory.mktemp("whole"), recipe, clock)
        wholes[recipe].clock = clock
        return wholes[recipe]

    return of


COUNTERS = [f"number {f.name}" for f in fields(Counters)]
TIMINGS = [f"timing {f.name}" for f in fields(Timings) if f.name not in ONLY_SHOWN]
ARRAYS = [f"array optimizer.{m}" for m in "mv"] + [f"array lstm{k}.{s}" for k in "12" for s in "hc"]
OTHERS = [f"rng {k}" for k in range(7)] + [f"parameter {k}" for k in range(9)] + ["history"]


@pytest.mark.parametrize("field", [*COUNTERS, *TIMINGS, *ARRAYS, *OTHERS])
def test_a_run_that_lost_any_one_saved_field_is_caught(
    field: str, whole: Callable[[str], Whole]
) -> None:
    for recipe in ("adam linear", "budget", "worse", "average"):
        run = whole(recipe)
        for step in (5, 12, 14, 27, 40, run.total):
            saved = run.stopped(min(step, run.total))
            kind, _, name = field.partition(" ")
            if kind == "array" and name not in state_of(saved).arrays:
                continue
            if run.notices(forgotten(saved, field)):
                return
    pytest.fail(f"nothing notices that {field} is lost")


@pytest.mark.parametrize("step", [5, 14, 27])
def test_a_run_that_lost_nothing_is_not_caught(step: int, whole: Callable[[str], Whole]) -> None:
    run = whole("budget")
    assert not run.notices(run.stopped(step))


def test_every_array_that_is_saved_is_in_the_list_above(whole: Callable[[str], Whole]) -> None:
    saved = whole("adam linear").stopped(14)
    assert {f"array {name}" for name in state_of(saved).arrays} == set(ARRAYS)
    assert len(state_of(saved).generators) == 7
    assert len(saved.params) == 9
