import json
import os
import resource
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from threading import Thread

import pytest

from rnnlm_cli.checkpoint.naming import state_path
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.runs import RunFinished, SaveFailed, resume
from rnnlm_cli.runs.around import Around
from rnnlm_cli.runs.lines import StoppedLine
from rnnlm_cli.runs.log import as_json, cut_log, held_log
from rnnlm_cli.settings.run import RunRequest
from rnnlm_cli.training.reports import StepReport
from tests.runs.contents import log_rows
from tests.small_runs import small_run, train


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Later(StoppedLine):
    """A line that got a field."""

    words: int | None
    cause: str | None = None


def test_a_field_is_left_out_where_it_is_none_and_need_not_be_there() -> None:
    assert as_json(Later(seconds=1.0, words=None)) == {"seconds": 1.0, "words": None}
    assert as_json(Later(seconds=1.0, words=2, cause="c"))["cause"] == "c"


def test_every_epoch_and_the_end_are_a_line(text_file: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    list(train(small_run(text_file, tmp_path / "m.pkl", log=log)))
    rows = lines(log)
    assert [r["epoch"] for r in rows if r["event"] == "epoch"] == [1, 2]
    assert rows[-1]["event"] == "finished"
    assert {r["run"] for r in rows} == {rows[0]["run"]}
    steps = [r for r in rows if r["event"] == "steps"]
    keys = {"train_perplexity", "lr", "gradient_norm", "words_per_second", "seconds", "step"}
    assert keys <= steps[0].keys()
    assert steps[0]["step"] == 20


def test_a_resumed_run_adds_to_its_log(text_file: Path, tmp_path: Path) -> None:
    log, config = tmp_path / "log.jsonl", small_run(text_file, tmp_path / "m.pkl")
    list(train(config, Around(stop=lambda: True)))
    list(resume(config.out, {"log": log}))
    list(resume(config.out, {"log": log, "epochs": 3}))
    assert [r["epoch"] for r in lines(log) if r["event"] == "epoch"] == [1, 2, 3]


def test_a_log_that_cannot_be_written_is_told(text_file: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="choose another --log"):
        list(train(small_run(text_file, tmp_path / "m.pkl", log=tmp_path)))


def test_the_lines_of_a_resumed_run_are_at_the_same_steps(text_file: Path, tmp_path: Path) -> None:
    log, config = tmp_path / "log.jsonl", small_run(text_file, tmp_path / "m.pkl", epochs=1)
    asked = count(1)
    list(train(config, Around(stop=lambda: next(asked) == 33)))
    list(resume(config.out, {"log": log}))
    assert [r["step"] for r in lines(log) if r["event"] == "steps"] == [40, 53]


def row(event: str, run: str = "a", **values: object) -> str:
    return json.dumps({"event": event, "run": run, **values}) + "\n"


BEFORE = [row("steps", step=20), row("epoch", step=30), "a line of the user\n", "[" * 9999 + "\n"]
AGAIN = [row("steps", step=29), row("stopped")]
BEYOND = [row("steps", step=50), row("stopped"), row("epoch", step=60), row("finished")]
OTHER = [row("epoch", "b", step=99), row("finished", "b")]


@pytest.mark.parametrize(
    "tail", ["", '{"event": "ste', "\x00", "[" * 9999], ids=["none", "cut", "0", "deep"]
)
def test_a_log_is_cut_back_to_the_state_and_other_runs_lines_stay(
    tail: str, tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text("".join([*BEFORE, *AGAIN, BEYOND[0], *OTHER, *BEYOND[1:]]) + tail)
    cut_log(log, "a", 30, told=25, complete=False)
    assert log.read_text() == "".join([*BEFORE, *OTHER])


@pytest.mark.parametrize(("complete", "kept"), [(True, 3), (False, 2)])
def test_the_end_of_a_run_that_is_not_complete_is_written_again(
    complete: bool, kept: int, tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(row("finished") + row("epoch", step=60) + row("finished"))
    cut_log(log, "a", 60, complete=complete)
    assert len(lines(log)) == kept


@pytest.mark.parametrize("kind", ["stopped", "killed"])
@pytest.mark.parametrize("at", [7, 11, 33, 53, 54, 73, 100, 106])
def test_the_log_of_a_disturbed_run_is_that_of_an_undisturbed_one(
    at: int, kind: str, text_file: Path, tmp_path: Path
) -> None:
    logs = []
    for name in ("calm", "disturbed"):
        log = tmp_path / f"{name}.jsonl"
        config = small_run(text_file, tmp_path / f"{name}.pkl", log=log, validate_every="11")
        if name == "calm":
            list(train(config))
        else:
            disturb(config, at, kind)
            list(resume(config.out, {"log": config.log, "validate_every": "11"}))
        logs.append(log_rows(config.out.with_suffix(".jsonl")))
    assert logs[0] == logs[1]
    assert {row["event"] for row in logs[0]} == {"steps", "validation", "epoch", "finished"}


def disturb(config: RunRequest, at: int, kind: str) -> None:
    """End a run after its report number `at`: by a stop, or by a kill some steps after a save."""
    asked = count(1)
    if kind == "stopped":
        list(train(config, Around(stop=lambda: next(asked) >= at)))
        return
    run = train(replace(config, save_every=13.0), Around(clock=count(0.0).__next__))
    for _ in range(at + 1):
        next(run)
    run.close()
    if not state_path(config.out).exists():
        list(train(config, Around(stop=lambda: True)))


def test_a_log_that_cannot_be_written_for_a_while_has_every_line_at_the_end(
    text_file: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    told: list[str] = []
    try:
        for event in train(small_run(text_file, tmp_path / "m.pkl", log=log)):
            if isinstance(event, StepReport) and event.step in (1, 50):
                limit = 100 if event.step == 1 else soft  # half a line fits
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
            told += [event.message] if isinstance(event, SaveFailed) else []
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert told == [f"'{log}': 1 records could not be written: File too large: make room"]
    steps = [r["step"] for r in lines(log) if r["event"] == "steps"]
    assert steps == [20, 40, 53, 73, 93, 106]


def test_a_pipe_is_a_log_too(text_file: Path, tmp_path: Path) -> None:
    list(train(small_run(text_file, tmp_path / "m.pkl", log=Path("/dev/null"))))
    assert isinstance(list(resume(tmp_path / "m.pkl", {"log": Path("/dev/null")}))[-1], RunFinished)


def test_a_pipe_for_a_log_is_not_opened_before_the_run_is(tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")

    def hold() -> None:
        with held_log(pipe):
            pass

    waiting = Thread(target=hold, daemon=True)
    waiting.start()
    waiting.join(timeout=3)  # to open it would wait for a reader
    assert not waiting.is_alive()
    assert list(tmp_path.iterdir()) == [pipe]
