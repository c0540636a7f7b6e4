"""The names of a run's files, each from the name of its model.

    NAME.pkl               the best model
    NAME.last.pkl          the newest state, from which the run can go on
    NAME.last.older.pkl    the state before it, should the newest be damaged
    .NAME.pkl.lock         whose lock a run holds for as long as it lives

All of them lie beside the file that NAME.pkl is, should that be a symbolic link. What is moved out
of a run's way gets a name of its own, with a number (-2, -3, …) where that is taken:

    NAME.last.damaged.pkl       a state that cannot be read
    NAME.previous.pkl           the run before, with its states: NAME.previous.last.pkl and so on
    NAME.unfinished.last.pkl    the states of one that was stopped before its first epoch was over
    .NAME.previous.pkl.moved    which files were moved there
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

from rnnlm_cli.atomic import TEMPORARY

_STATE, _RECORD, _LOCK = ".last.pkl", ".moved", ".lock"

# How the names end of what a run keeps beside its model, and of files that are being written.
ENDINGS = (".pkl", _LOCK, _RECORD, TEMPORARY)

# What a name ends with (before .pkl) that we make out of another; disks may not tell capitals.
OF_A_STATE = re.compile(r"\.last(\.older|\.damaged(-\d+)?)?$", re.IGNORECASE)
OF_AN_EARLIER_RUN = re.compile(r"(\.(previous|unfinished)(-\d+)?)+$", re.IGNORECASE)


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


def lock_path(out: Path) -> Path:
    """Where the lock of `out` lies: the same for every spelling of it and every link to it."""
    target = Path(os.path.realpath(out))
    return target.with_name(f".{target.name}{_LOCK}")


def earlier_path(out: Path, kind: Literal["previous", "unfinished"]) -> Path:
    """The model of an earlier run that is moved aside from `out`."""
    return out.with_name(f"{out.stem}.{kind}.pkl")


def record_path(earlier: Path) -> Path:
    """Where it stands which files were moved to `earlier`."""
    return earlier.with_name(f".{earlier.name}{_RECORD}")


def own_stem(path: Path) -> str:
    """The NAME of the target to whose files `path` belongs by its name, an earlier run's too."""
    stem = path.stem
    while (shorter := OF_AN_EARLIER_RUN.sub("", OF_A_STATE.sub("", stem))) != stem:
        stem = shorter
    return stem
