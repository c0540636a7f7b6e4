"""A run in one call: what a Python user is told of it."""

import signal
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import rnnlm_cli as rnnlm
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint, save_checkpoint
from rnnlm_cli.errors import CheckpointError, RnnlmWarning
from rnnlm_cli.runs import saving
from rnnlm_cli.training.trainer import Trainer

SMALL: dict[str, Any] = {"wordvec_size": 8, "hidden_size": 8, "projection": False, "steps": 2}


@pytest.mark.parametrize("script", [__file__, f"{Path(rnnlm.__file__).parent}_demo.py"])
def test_a_save_that_fails_is_a_warning_where_train_was_called(
    script: str, text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(path: Path, *arguments: Any, **options: Any) -> None:
        if path.name == "m.last.pkl":
            raise CheckpointError("m.last.pkl: full: give --save-every 9")
        save_checkpoint(path, *arguments, **options)

    monkeypatch.setattr(saving, "save_checkpoint", save)
    call = compile("rnnlm.train(text_file, out, **SMALL)", script, "exec")
    known = {"rnnlm": rnnlm, "text_file": text_file, "out": tmp_path / "m.pkl", "SMALL": SMALL}
    with pytest.warns(RnnlmWarning, match=r"^m\.last\.pkl: full: give save_every=9$") as told:
        exec(call, known)
    assert told[0].filename == script


def test_without_files_an_error_at_the_end_promises_no_way_on(
    text_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(path: Path, *arguments: Any, **options: Any) -> None:
        if path.exists() and path.name == "Rnnlm.pkl":
            raise CheckpointError("full")
        save_checkpoint(path, *arguments, **options)

    monkeypatch.setattr(saving, "save_checkpoint", save)
    with pytest.raises(CheckpointError, match=r"^full; then train again"):
        rnnlm.train(text_file, **SMALL)


def test_a_warning_that_is_an_error_gives_the_files_back(
    text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(path: Path, *arguments: Any, **options: Any) -> None:
        raise CheckpointError(f"{path.name}: full")

    with monkeypatch.context() as patched:
        patched.setattr(saving, "save_checkpoint", save)
        with pytest.raises(RnnlmWarning) as raised:  # whose traceback keeps the run alive
            rnnlm.train(text_file, tmp_path / "m.pkl", **SMALL | {"epochs": 1, "steps": None})
    assert raised.tb
    rnnlm.train(text_file, tmp_path / "m.pkl", **SMALL)


def test_what_is_moved_out_of_the_way_is_told_above_the_bar(
    text_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for progress in (True, False, True):
        rnnlm.train(text_file, tmp_path / "m.pkl", progress=progress, **SMALL)
        told = capsys.readouterr().err
        assert ("note: " in told) is progress
    assert "m.previous.pkl" in told
    assert "\r" not in told[: told.rindex("note: ")]  # and the bar is not drawn between notes


def test_a_note_of_a_file_reaches_no_terminal_as_it_is(
    text_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        rnnlm.train(text_file, tmp_path / "\x1b[31mx.pkl", progress=True, **SMALL)
    told = [line for line in capsys.readouterr().err.splitlines() if "note: an earlier" in line]
    assert told
    assert all("\\x1b[31mx" in line and "\x1b" not in line for line in told)


def test_a_run_leaves_the_blas_its_threads_and_computes_with_those_it_was_given(
    text_file: Path, tmp_path: Path, blas: list[int]
) -> None:
    rnnlm.train(text_file, tmp_path / "m.pkl", threads=3, **SMALL)
    assert blas[-1] == 5
    assert blas.count(3) > SMALL["steps"]
    assert all(after in (1, 5) for now, after in pairwise(blas) if now == 3)


def test_an_interrupted_run_has_saved_its_state_and_says_how_it_goes_on(
    text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_at(3, monkeypatch)
    with pytest.raises(KeyboardInterrupt, match=r"^stopped and saved: rnnlm train --resume --out "):
        rnnlm.train(text_file, tmp_path / "m.pkl", **SMALL | {"steps": 9})
    state = load_checkpoint(tmp_path / "m.last.pkl").resume
    assert state is not None
    assert state.state.counters.step == 3
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupted_run_without_files_says_that_nothing_is_kept(
    text_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_at(1, monkeypatch)
    with pytest.raises(KeyboardInterrupt, match=r"^stopped; without out=NAME nothing"):
        rnnlm.train(text_file, **SMALL)


def test_a_program_with_a_handler_of_its_own_keeps_it(
    text_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = list[int]()
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        interrupt_at(1, monkeypatch)
        rnnlm.train(text_file, **SMALL)
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [signal.SIGINT]


def interrupt_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a Ctrl-C come in that step of the next run."""
    run = Trainer.run

    def interrupted(self: Trainer, *given: Any) -> Iterator[Any]:
        for number, report in enumerate(run(self, *given), 1):
            if number == step:
                signal.raise_signal(signal.SIGINT)
            yield report

    monkeypatch.setattr(Trainer, "run", interrupted)
