import signal
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.runs import resume
from rnnlm_cli.runs.around import Around
from rnnlm_cli.runs.stop_request import SIGNALS
from rnnlm_cli.runs.sweeps import run_process
from rnnlm_cli.runs.sweeps.run_process import Finished, _told
from tests.runs.conftest import Scores
from tests.small_runs import small_run, train


@pytest.mark.parametrize(("keep", "kept"), [("best", 0), ("last", 2)])
def test_a_run_is_judged_by_the_model_that_it_kept_whenever_it_is_asked(
    keep: Any, kept: int, text_file: Path, tmp_path: Path, epochs_score: Scores
) -> None:
    out = tmp_path / "m.pkl"
    epochs_score(1.0, 2.0, 3.0)
    *_, finished = train(small_run(text_file, out, epochs=3, keep=keep))
    told = _told(finished)
    assert isinstance(told, Finished)
    history = finished.checkpoint.history  # type: ignore[union-attr]
    assert told.valid == history[kept].valid_perplexity
    assert told.test == finished.tests[0].perplexity  # type: ignore[union-attr]
    *_, again = resume(out, {})
    assert replace(_told(again), seconds=told.seconds) == told  # type: ignore[type-var]


def test_a_run_that_goes_on_keeps_the_threads_that_its_state_does_not_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[dict[str, Any]]()

    def resumed(out: Path, given: dict[str, Any], around: Around) -> Iterator[object]:
        asked.append(given)
        return iter(())

    monkeypatch.setattr(run_process, "resume", resumed)
    (tmp_path / "m.last.pkl").touch()
    given = {"out": tmp_path / "m.pkl", "lr": 0.1, "threads": 1, "save_every": 9.0}
    run_process._events(given, lambda: False)
    assert asked == [{"threads": 1, "save_every": 9.0}]


def test_a_run_outlives_the_signals_that_its_sweep_gets_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    survived = list[str]()

    def events(*_: object) -> Iterator[object]:
        for name in ("SIGHUP", "SIGTERM", "SIGINT"):
            signal.raise_signal(getattr(signal, name))
            survived.append(name)
        yield from ()

    monkeypatch.setattr(run_process, "_events", events)
    numbers = [getattr(signal, name) for name in SIGNALS]
    before = {number: signal.signal(number, _raising) for number in numbers}
    try:
        run_process._work({}, Pipe()[0])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert survived == ["SIGHUP", "SIGTERM", "SIGINT"]


def _raising(number: int, frame: object) -> None:
    raise SystemExit(number)
