"""The names of a run's files, each from the name of its model.

    NAME.pkl               the best model
    NAME.last.pkl          the newest state, from which the run can go on
    NAME.last.older.pkl    the state before it, should the newest be damaged

All of them lie beside the file that NAME.pkl is, should that be a symbolic link.
"""

from __future__ import annotations

import os
from pathlib import Path

STATE = ".last.pkl"


def followed(path: Path) -> Path:
    """The file itself where `path` is a symbolic link to one."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def state_path(out: Path) -> Path:
    """`NAME.last.pkl` for `NAME.pkl`."""
    out = followed(out)
    return out.with_name(f"{out.stem}{STATE}")


def model_path(state: Path) -> Path:
    """The reverse of `state_path`."""
    return state.with_name(f"{state.name.removesuffix(STATE)}.pkl")


def older_path(out: Path) -> Path:
    """`NAME.last.older.pkl` for `NAME.pkl`."""
    state = state_path(out)
    return state.with_name(f"{state.stem}.older.pkl")
