"""The folder of TensorBoard's event files: whose lie there, and room for those of another run."""

from __future__ import annotations

import os
import re
import socket
import time
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rnnlm_cli.errors import ConfigError, library, quoted
from rnnlm_cli.runs.appended import opening

OPTION = "--tensorboard"
_ANY, _OURS = "*tfevents*", re.compile(r"\.rnnlm-([0-9a-f]+)$")


def tensorboardx(module: str) -> Any:
    """That module of the library. Raises MissingExtra."""
    what = "TensorBoard's event files"
    return library(f"tensorboardX.{module}", what=what, extra="tensorboard")


def check_tensorboard(folder: Path | None) -> None:
    """Find out whether event files can be written in `folder`, before anything is computed.

    Raises MissingExtra, and ConfigError where they cannot, or where event files of others lie,
    whose curves would be mixed with those of a run.
    """
    if folder is None:
        return
    tensorboardx("summary")
    _check_room(folder)
    others = [path.name for path in _event_files(folder) if not _OURS.search(path.name)]
    if others:
        raise ConfigError(
            f"{quoted(folder)} holds event files of another program ({quoted(others[0])}): "
            f"choose another {OPTION}"
        )


def _check_room(folder: Path) -> None:
    """Make the folder in one where it is, or is to be; nothing of that is left."""
    if os.path.lexists(folder) and not folder.is_dir():
        raise ConfigError(f"{quoted(folder)} is no folder: choose another {OPTION}")
    try:
        there = next(each for each in (folder, *folder.parents) if each.exists())
        with TemporaryDirectory(dir=there) as tried:
            Path(tried, folder.relative_to(there)).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"{quoted(folder)} cannot be written ({error.strerror}): choose another {OPTION}"
        ) from None


def event_path(folder: Path, run_id: str, *, anew: bool) -> Path:
    """A new name in `folder` for the events of a run, a new one or one that goes on.

    Those of an earlier run are moved into a folder inside that has its id, where TensorBoard shows
    them as a run of their own. Raises ConfigError if that cannot be written.
    """
    with opening(folder, OPTION):
        folder.mkdir(parents=True, exist_ok=True)
        _make_room(folder, None if anew else run_id)
    name = f"events.out.tfevents.{int(time.time()):010}.{socket.gethostname()}"
    return folder / f"{name}.rnnlm-{run_id}"


def _event_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(_ANY) if path.is_file())


def _make_room(folder: Path, own: str | None) -> None:
    """Move the files of runs other than `own` into folders of their own."""
    there = dict[str, list[Path]]()
    for path in _event_files(folder):
        if (match := _OURS.search(path.name)) and match[1] != own:
            there.setdefault(match[1], []).append(path)
    for run_id, paths in there.items():
        names = (run_id if k == 1 else f"{run_id}-{k}" for k in count(1))
        aside = next(folder / name for name in names if not (folder / name).exists())
        aside.mkdir()
        for path in paths:
            path.replace(aside / path.name)
