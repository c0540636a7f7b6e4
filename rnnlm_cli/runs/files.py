"""The files of a run: where they lie, and how an earlier run's are moved out of the way."""

from __future__ import annotations

import os
from pathlib import Path

from rnnlm_cli.checkpoint import Checkpoint, load_checkpoint
from rnnlm_cli.errors import CheckpointError, quoted


def state_path(out: Path) -> Path:
    """`NAME.last.pkl` for `NAME.pkl`."""
    return out.with_name(f"{out.stem}.last.pkl")


def make_room(out: Path) -> list[str]:
    """Rename the files of an earlier run, so that none is overwritten; returns notes.

    A run with a model becomes `NAME.previous`, model and state together. One that was stopped
    before its first epoch was over has but a state: it becomes `NAME.unfinished`, so that it does
    not push out the last run that has a model.
    """
    state = state_path(out)
    kept = out.with_name(f"{out.stem}.{'previous' if out.exists() else 'unfinished'}.pkl")
    notes = []
    for path, target in ((state, state_path(kept)), (out, kept)):
        if path.exists():
            path.replace(target)
            notes.append(f"an earlier run's {path} is now {target}")
        else:
            target.unlink(missing_ok=True)  # of another run than the file beside it
    return notes


def check_same_run(saved: Checkpoint, path: Path, out: Path) -> None:
    """Raises CheckpointError if the model at `out` is of another run than the state at `path`."""
    if os.path.exists(out) and load_checkpoint(out).run.get("id") != saved.run["id"]:
        raise CheckpointError(
            f"{quoted(path)} is the state of another run than {quoted(out)}: "
            "move that model away first, or it would be lost"
        )


def prepare_folder(out: Path) -> None:
    """Find out before the first epoch, not after it, whether `out` can be written."""
    if out.is_dir():
        raise CheckpointError(f"{quoted(out)} is a folder: choose another --out")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        probe = out.with_name(f".{out.name}.probe")
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CheckpointError(
            f"{quoted(out.parent)} cannot be written ({error.strerror}): choose another --out"
        ) from None
