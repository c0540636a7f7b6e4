"""The files of a run: where they lie, and how an earlier run's are moved out of the way.

    NAME.pkl               the best model
    NAME.last.pkl          the newest state, from which the run can go on
    NAME.last.older.pkl    the state before it, should the newest be damaged
    .NAME.pkl.lock         whose lock a run holds as long as it lives

All of them lie beside the file that NAME.pkl is, should that be a symbolic link.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from rnnlm_cli.errors import CheckpointError, ConfigError, quoted
from rnnlm_cli.pickling import check_writable, remove_orphans
from rnnlm_cli.runs.lock import RunLock

_STATE = ".last.pkl"


def followed(path: Path) -> Path:
    """The file itself where `path` is a symbolic link to one."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def state_path(out: Path) -> Path:
    """`NAME.last.pkl` for `NAME.pkl`."""
    out = followed(out)
    return out.with_name(f"{out.stem}{_STATE}")


def model_path(state: Path) -> Path:
    """The reverse of `state_path`."""
    return state.with_name(f"{state.name.removesuffix(_STATE)}.pkl")


def older_path(out: Path) -> Path:
    """`NAME.last.older.pkl` for `NAME.pkl`."""
    state = state_path(out)
    return state.with_name(f"{state.stem}.older.pkl")


def make_room(out: Path) -> list[str]:
    """Rename the files of an earlier run, so that none is overwritten; returns notes.

    A run with a model becomes `NAME.previous`, model and states together. One that was stopped
    before its first epoch was over has but states: it becomes `NAME.unfinished`, so that it does
    not push out the last run that has a model. Raises CheckpointError.
    """
    mine = _files(out)
    if not any(path.exists() for path in mine):
        return []
    kept = out.with_name(f"{out.stem}.{'previous' if out.exists() else 'unfinished'}.pkl")
    theirs = _files(kept)
    try:
        with RunLock(kept):
            # The file that tells of a run is the last to be removed and to move: where it is
            # missing, a move was cut short, and what lies there belongs to what is still to come.
            if (theirs[-1] if out.exists() else theirs[-2]).exists():
                for path in theirs:
                    path.unlink(missing_ok=True)
            moved = [_moved(*pair) for pair in zip(mine, theirs, strict=True)]
            return [note for note in moved[1:] if note]  # the older state is a detail
    except OSError as error:
        raise CheckpointError(
            f"an earlier run's {out} cannot be renamed ({error.strerror}): choose another --out"
        ) from None


def _files(out: Path) -> list[Path]:
    """From the one that is missed least to the model."""
    return [older_path(out), state_path(out), out]


def _moved(path: Path, target: Path) -> str:
    if not path.exists():
        return ""
    path.replace(target)
    return f"an earlier run's {path} is now {target}"


def check_name(out: Path) -> None:
    """Raises ConfigError if a run cannot have its model at `out`."""
    if out.name.endswith(_STATE):
        raise ConfigError(
            f"{quoted(out)} is the name of a state, not of a model: give --out "
            f"{quoted(model_path(out))}"
        )


def prepare_folder(out: Path, sizes: Sequence[int]) -> None:
    """Find out before the first epoch, not after it, whether files of `sizes` have room there."""
    if out.is_dir():
        raise CheckpointError(f"{quoted(out)} is a folder: choose another --out")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CheckpointError(
            f"{quoted(out.parent)} cannot be written ({error.strerror}): choose another --out"
        ) from None
    check_writable(out, sizes)


def remove_leftovers(out: Path, log: Path | None) -> None:
    """Remove what killed runs left of unfinished writes. For the one who holds the lock."""
    for path in (out, state_path(out), *([log] if log else [])):
        remove_orphans(path)
