"""What a resumed run finds on the disk: its newest whole state, and the model beside it."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

from rnnlm_cli.checkpoint.checkpoint import Checkpoint, libraries, load_checkpoint, save_checkpoint
from rnnlm_cli.checkpoint.naming import older_path, state_path
from rnnlm_cli.errors import CheckpointError, in_file, quoted
from rnnlm_cli.runs.active import ActiveRun
from rnnlm_cli.runs.files import numbered
from rnnlm_cli.settings.train import TrainConfig
from rnnlm_cli.training.pace import LIMITS
from rnnlm_cli.training.state import TrainerState


@dataclass(frozen=True, slots=True)
class Found:
    """A state to go on from, and where it lies; `note` says why it is not the newest one."""

    path: Path
    state: Checkpoint
    note: str = ""


def find_state(out: Path) -> Found:
    """The newest state of the run of `out` that can be read. Raises CheckpointError."""
    newest, older = state_path(out), older_path(out)
    if not newest.exists() and not older.exists():
        raise CheckpointError(
            f"{quoted(newest)} is not there: no run to resume, leave --resume out"
        )
    try:
        if newest.exists():
            return Found(newest, load_checkpoint(newest))
        problem = CheckpointError(f"{quoted(newest)} is not there")
    except CheckpointError as error:
        problem = error
    try:
        state = load_checkpoint(older)
    except CheckpointError:
        raise problem from None
    back = f"going on from the state before it, {older}"
    aside = f" (now {_aside(newest)})" if newest.exists() else ""
    return Found(older, state, f"{problem}{aside}: {back}")


def _aside(newest: Path) -> Path:
    names = numbered(newest.with_name(f"{newest.stem}.damaged.pkl"))
    return next(path for path in names if not os.path.lexists(path))


def make_newest(found: Found, out: Path) -> None:
    """Let the state that was found be the newest one, and move a damaged one aside.

    Else the next save would make a backup of the damaged one, in the place of the whole one.
    """
    newest = state_path(out)
    if found.path == newest:
        return
    try:
        if newest.exists():
            newest.replace(_aside(newest))
        found.path.replace(newest)
    except OSError as error:
        raise CheckpointError(
            f"{quoted(found.path)} cannot be renamed ({error.strerror}): make {newest.parent} "
            "writable"
        ) from None


def find_model(found: Found, out: Path) -> Checkpoint | None:
    """The model at `out`, which may be newer than the state; None if it is not there.

    Raises CheckpointError if it is damaged, or of another run.
    """
    if not out.exists():
        return None
    try:
        model = load_checkpoint(out)
    except CheckpointError as error:
        raise CheckpointError(f"{error}: move it away, and --resume goes on without it") from None
    if model.run.get("id") != found.state.run["id"]:
        raise CheckpointError(
            f"{quoted(found.path)} is the state of another run than {quoted(out)}: "
            "move that model away first, or it would be lost"
        )
    return model


def is_complete(model: Checkpoint | None, state: Checkpoint) -> bool:
    """Whether `model` was tested after the last epoch of `state`."""
    tested = model is not None and "test_perplexity" in model.run
    return tested and model is not None and len(model.history) == len(state.history)


def take_up(run: ActiveRun, found: Found, model: Checkpoint | None) -> list[str]:
    """Put `run` where the state is that was found; returns notes. Raises CheckpointError."""
    path, state = found.path, found.state
    if state.text is None or run.corpus.vocabulary.words != state.text.words:
        raise CheckpointError(
            f"{quoted(path)} knows other words than {quoted(run.corpus.name)} has: it was trained "
            "on another text, or by another version of rnnlm: start a new run without --resume"
        )
    run.run_id, run.start_sha256 = state.run["id"], state.run.get("init_sha256")
    before = TrainConfig(**state.run["train"])
    run.lengthened = [x for x in LIMITS if getattr(before, x) != getattr(run.config.train, x)]
    with in_file(path):
        run.model.assign(state.params)
        saved = TrainerState(state.numbers, state.timings["run"], state.arrays)
        run.trainer.restore(saved, lengthened=bool(run.lengthened))
    run.history, run.epoch_timings = list(state.history), list(state.timings["epochs"])
    run.saver.saved_step = state.numbers["step"]
    notes = _other_libraries(state.libraries, libraries(run.model.cores.threads))
    if model is None:
        return notes + _go_without_model(run, state)
    best = [row["valid_nats"] for row in model.history if row["is_best"]]
    run.saver.kept_nats = best[-1] if best else None
    return notes


def _other_libraries(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """A note if what computes is not what computed; Python itself computes nothing."""
    changes = [
        f"{name} was {before.get(name, 'unknown')}, now {value}"
        for name, value in now.items()
        if name != "python" and before.get(name) != value
    ]
    return [f"not bit-exact with the run so far: {'; '.join(changes)}"] if changes else []


def _go_without_model(run: ActiveRun, state: Checkpoint) -> list[str]:
    """The model was removed: write it again if the state is still that of its epoch.

    If not, the next epoch is the best one; if there is none to come, CheckpointError.
    """
    out, rows = run.config.out, state.history
    keep_last = run.config.train.keep == "last"
    kept = [row for row in rows if row["is_best"] or keep_last]
    if not kept:
        return []  # the run was stopped in its first epoch
    if kept[-1]["step"] == state.numbers["step"] and rows[-1] is kept[-1]:
        save_checkpoint(out, run.snapshot())
        return [f"{out} was not there: written again from the state"]
    if run.trainer.counters.finished:
        more = " and ".join(f"--{limit}" for limit in run.limits)
        raise CheckpointError(
            f"{quoted(out)} is not there, which held the best model (epoch {kept[-1]['epoch']}), "
            f"and no epoch is to come: put it back, or resume with a larger {more}"
        )
    run.trainer.counters.best_nats = math.inf
    return [f"{out} is not there: the best of the epochs to come takes its place"]
