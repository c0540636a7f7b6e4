"""What a run may write over: files of its own kind, and none that it reads."""

from __future__ import annotations

import os
from pathlib import Path

from rnnlm_cli.checkpoint.checkpoint import read_checkpoint
from rnnlm_cli.checkpoint.naming import ENDINGS, own_stem
from rnnlm_cli.corpus.reading.overwriting import is_same_file
from rnnlm_cli.corpus.reading.places import Place
from rnnlm_cli.errors import ConfigError, RnnlmError, quoted
from rnnlm_cli.pickling import begins_as_written
from rnnlm_cli.runs.log import begins_a_log
from rnnlm_cli.runs.run_files import is_there, run_files

_LONGEST_LINE = 1 << 16


def check_out(out: Path, init_from: Path | None) -> None:
    """Find out whether a new run would move anything aside but models and states.

    Raises ConfigError: for a text, a log, the model that the run is to begin with.
    """
    for path in run_files(out):
        if not path.is_dir() and is_there(path) and (problem := _no_checkpoint(path)):
            raise ConfigError(
                f"{quoted(path)} is no file of rnnlm ({problem}), and a run would write there: "
                "move it away, or choose another --out"
            )
    if init_from is not None:
        start, target = (Path(os.path.realpath(path)) for path in (init_from, out))
        if (start.parent, own_stem(start)) == (target.parent, own_stem(target)):
            raise ConfigError(
                f"{quoted(init_from)}, which --init-from begins with, is a file that a run at "
                f"{quoted(out)} moves aside: choose another --out"
            )


def _no_checkpoint(path: Path) -> str:
    """Why the file is none of ours and none of the book's; a damaged one of ours is one."""
    try:
        if not begins_as_written(path):
            read_checkpoint(path)
    except RnnlmError as error:
        return str(error)
    return ""


def check_log_target(log: Path | None, corpus: Place) -> None:
    """Find out whether a log can be written at `log`, which begins anew there.

    Raises ConfigError for every other file that is not empty: a log begins with a line of ours.
    """
    if log is None:
        return
    real = Path(os.path.realpath(log))
    if real.name.lower().endswith(ENDINGS):  # written or not: a living run may be about to
        raise ConfigError(
            f"{quoted(log)}: {quoted(real.name)} is a name for the files of a run: "
            "choose another --log"
        )
    if any(is_same_file(log, text) for text in corpus.files):
        problem = "is the text to train on"
    elif real.is_file() and not _is_log(log):
        problem = "is no log (its first line is none of rnnlm's)"
    else:
        return
    raise ConfigError(f"{quoted(log)} {problem}, and would be written over: choose another --log")


def check_tensorboard_target(folder: Path | None, out: Path, log: Path | None) -> None:
    """Find out whether a folder can be made at `folder` where a run writes to `out` and `log`.

    Raises ConfigError where it would stand in the place of one of their files, there or not.
    """
    if folder is None:
        return
    files = [*run_files(out), *([log] if log else [])]
    taken = {os.path.realpath(path) for path in files}
    real = Path(os.path.realpath(folder))
    for path in (real, *real.parents):
        if str(path) in taken:
            raise ConfigError(
                f"{quoted(folder)} is to be a folder, but the run writes a file at {quoted(path)}: "
                "choose another --tensorboard"
            )


def _is_log(path: Path) -> bool:
    """Whether `path` is empty, begins with a line of a log, or is its beginning, cut by a kill."""
    try:
        with path.open("rb") as file:
            line = file.readline(_LONGEST_LINE)
    except OSError:
        return True  # opening it for writing will say why
    return begins_a_log(line)
