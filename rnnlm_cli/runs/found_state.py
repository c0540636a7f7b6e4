"""What a resumed run finds on the disk: its newest whole state, and the model beside it."""

from __future__ import annotations

import os
from pathlib import Path

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint, save_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.checkpoint.naming import older_path, state_path
from rnnlm_cli.errors import CheckpointError, quoted
from rnnlm_cli.runs.run_files import numbered
from rnnlm_cli.runs.saved_state import SavedState
from rnnlm_cli.runs.setup import Setup


def check_begun(out: Path) -> None:
    """Raises CheckpointError if the run of `out` has left no state."""
    newest = state_path(out)
    if not newest.exists() and not older_path(out).exists():
        raise CheckpointError(
            f"{quoted(newest)} is not there: no run to resume, leave --resume out"
        )


def find_state(out: Path) -> SavedState:
    """The newest state of the run of `out` that can be read. Raises CheckpointError."""
    check_begun(out)
    return SavedState.of(*_newest_readable(state_path(out), older_path(out)))


def _newest_readable(newest: Path, older: Path) -> tuple[Path, Checkpoint, tuple[str, ...]]:
    """Where it lies, what it is, and why that is not `newest`."""
    try:
        if newest.exists():
            return newest, load_checkpoint(newest), ()
        problem = CheckpointError(f"{quoted(newest)} is not there")
    except CheckpointError as error:
        problem = error
    try:
        state = load_checkpoint(older)
    except CheckpointError:
        raise problem from None
    back = f"going on from the state before it, {older}"
    aside = f" (now {_aside(newest)})" if newest.exists() else ""
    return older, state, (f"{problem}{aside}: {back}",)


def _aside(newest: Path) -> Path:
    names = numbered(newest.with_name(f"{newest.stem}.damaged.pkl"))
    return next(path for path in names if not os.path.lexists(path))


def make_newest(found: SavedState, out: Path) -> None:
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
            f"{quoted(found.path)} cannot be renamed ({error.strerror}): make "
            f"{quoted(newest.parent)} writable"
        ) from None


def find_model(found: SavedState, out: Path) -> Checkpoint | None:
    """What is known of the model at `out`, which may be newer than the state; None if it is not
    there.

    Raises CheckpointError if it is damaged, or of another run.
    """
    if not out.exists():
        return None
    try:
        model = load_checkpoint(out)
    except CheckpointError as error:
        raise CheckpointError(f"{error}: move it away, and --resume goes on without it") from None
    if model.run is None or model.run.id != found.run.id:
        raise CheckpointError(
            f"{quoted(found.path)} is the state of another run than {quoted(out)}: "
            "move that model away first, or it would be lost"
        )
    return model.without_arrays()


def go_without_model(run: Setup) -> list[str]:
    """The model was removed: write it again if the state is still that of its epoch.

    If not, the next epoch is the best one; if there is none to come, CheckpointError.
    """
    out, rows, count = run.config.out, run.history, run.trainer.counters
    keep_last = run.config.train.keep == "last"
    kept = [row for row in rows if row.is_best or keep_last]
    if not kept:
        return []  # the run was stopped in its first epoch
    if kept[-1].step == count.step and rows[-1] is kept[-1]:
        save_checkpoint(out, run.snapshot())
        return [f"{out} was not there: written again from the state"]
    if count.finished:
        more = " and ".join(f"--{limit}" for limit in run.limits)
        raise CheckpointError(
            f"{quoted(out)} is not there, which held the best model (epoch {kept[-1].epoch}), "
            f"and no epoch is to come: put it back, or resume with a larger {more}"
        )
    run.trainer.forget_best()
    return [f"{out} is not there: the best of the epochs to come takes its place"]
