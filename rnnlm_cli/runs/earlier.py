"""An earlier run's files on their way out: renamed, and removed only by whoever put them there.

A name can be taken by what is no earlier run of this target: by a model that was renamed by hand,
or by an earlier run that has gone on since, or goes on now. It stays, and the next free name serves
(NAME.previous-2.pkl).
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from rnnlm_cli.atomic import remove_orphans, way_out, write_atomically
from rnnlm_cli.checkpoint.naming import earlier_path, record_path, state_path
from rnnlm_cli.checkpoint.rnnlm_files import read_header
from rnnlm_cli.errors import CheckpointError, quoted
from rnnlm_cli.runs.lock import IsWritten, RunLock
from rnnlm_cli.runs.run_files import is_there, numbered, run_files

# Size and time of the last change: a renamed file keeps them, a new one has others.
_Mark = list[int]


@dataclass(frozen=True, slots=True)
class _Record:
    """The files that a move puts there, by name; `ours` if they are those of an earlier run."""

    files: dict[str, _Mark] = field(default_factory=dict)
    ours: bool = False


def make_room(out: Path) -> list[str]:
    """Rename the files of an earlier run, so that none is overwritten; returns notes.

    A run with a model becomes `NAME.previous`, model and states together. One that was stopped
    before its first epoch was over has but states: it becomes `NAME.unfinished`, so that it does
    not push out the last run that has a model. Raises CheckpointError.
    """
    if not any(map(is_there, run_files(out))):
        return []
    try:
        for kept in numbered(earlier_path(out, "previous" if is_there(out) else "unfinished")):
            if kept.is_symlink():  # whatever it points to, it is not ours
                continue
            with suppress(IsWritten), RunLock(kept):  # a run that goes on there keeps its name
                if _is_cut_short(out, kept) or _cleared(kept, out):
                    return _moved(out, kept)
    except OSError as error:
        raise CheckpointError(
            f"an earlier run's {quoted(out)} cannot be renamed ({error.strerror}): "
            f"{way_out(error, 'choose another --out')}"
        ) from None
    raise AssertionError("names have no end")


def _is_cut_short(out: Path, kept: Path) -> bool:
    """Whether a move from `out` to `kept` was: what its record lists lies here or there."""
    theirs, mine = _theirs(kept), _marks(out, kept)
    listed = _read(record_path(kept)).files
    return not theirs.keys() & mine.keys() and theirs | mine == listed


def _cleared(kept: Path, out: Path) -> bool:
    """Remove the earlier run at `kept` and write the record of a move from `out` to there.

    False, and nothing is removed, if what is there may be no earlier run.
    """
    record, theirs = _read(record_path(kept)), _theirs(kept)
    if any(record.files.get(name) != mark for name, mark in theirs.items()):
        return False
    if theirs and not record.ours:
        return False
    for path in run_files(kept):
        path.unlink(missing_ok=True)
    remove_orphans(record_path(kept))
    _write(record_path(kept), _Record(_marks(out, kept), _is_a_run(out)))
    return True


def _moved(out: Path, kept: Path) -> list[str]:
    notes = []
    for path, target in zip(run_files(out), run_files(kept), strict=True):
        if is_there(path):
            path.replace(target)
            notes.append(f"an earlier run's {path} is now {target}")
    return notes[-2:]  # the older state is a detail


def _is_a_run(out: Path) -> bool:
    """Whether a run wrote what is there: a model and its state, or the state of a first epoch.

    A model alone, or beside another's state, was put there by hand, and a state of later epochs
    may be all that is left of its run.
    """
    try:
        found = read_header(state_path(out))
        if not found.is_of_state or found.run is None:
            return False
        if is_there(out):
            model = read_header(out).run
            return model is not None and model.id == found.run.id
        return not found.history
    except CheckpointError:
        return False


def _theirs(kept: Path) -> dict[str, _Mark]:
    """The marks of the files that have the names of `kept`."""
    return {path.name: _mark(path) for path in run_files(kept) if _is_name(path)}


def _marks(out: Path, kept: Path) -> dict[str, _Mark]:
    """The marks of the files at `out`, under the names that they are to get."""
    pairs = zip(run_files(out), run_files(kept), strict=True)
    return {target.name: _mark(path) for path, target in pairs if is_there(path)}


def _is_name(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _mark(path: Path) -> _Mark:
    status = path.lstat()
    return [status.st_size, status.st_mtime_ns]


def _read(path: Path) -> _Record:
    """The record at `path`; where it is missing or damaged, one that lists nothing."""
    try:
        found = json.loads(path.read_bytes())
        return _Record(dict(found["files"]), found["ours"] is True)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return _Record()


def _write(path: Path, record: _Record) -> None:
    data = json.dumps({"files": record.files, "ours": record.ours}).encode()
    write_atomically(path, [data], len(data))
