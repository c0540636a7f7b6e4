"""The training history as JSON lines: one object a line, written as the run goes.

    {"event": "steps", "run": "0f3a…", "step": 40, "epoch": 1, "train_perplexity": …, …}
    {"event": "validation", "run": "0f3a…", "step": 500, "epoch": 1, "valid_perplexity": …, …}
    {"event": "epoch", …, "train_perplexity": …, "valid_perplexity": …, …}
    {"event": "sample", "run": "0f3a…", "step": 1328, "epoch": 1, "text": …}
    {"event": "finished", …, "test_perplexity": {"stream": …}, "tests": {"stream": {…}}, …}

Their fields are those of `lines`. A line is written before the state is saved, so a log is never
behind; a resumed run cuts it back to where its state is. The state knows the steps since the last
line, so the log of a run that was killed or stopped, and resumed, is that of one which was left in
peace.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from rnnlm_cli.atomic import write_atomically
from rnnlm_cli.runs.appended import AppendedFile, opening
from rnnlm_cli.runs.events import SaveFailed
from rnnlm_cli.runs.lines import Line, only_figures
from rnnlm_cli.runs.lock import RunLock
from rnnlm_cli.schema import finite

_OPTION = "--log"
_BEGINS = b'{"event": "'  # every line, as `RunLog.add` writes it


class RunLog:
    """The log of run `run_id` at `path`; a new one, or one that is gone on with.

    Raises ConfigError if it cannot be opened.
    """

    def __init__(self, path: Path, run_id: str, *, anew: bool) -> None:
        self._file, self._run_id = AppendedFile(path, _OPTION, anew=anew), run_id

    def add(self, lines: Sequence[Line]) -> list[SaveFailed]:
        """Write `lines`; those that cannot be written wait for the next epoch."""
        rows = [{"event": line.event, "run": self._run_id} | as_json(line) for line in lines]
        written = [json.dumps(row, allow_nan=False).encode() + b"\n" for row in rows]
        return self._file.add(written, patient=only_figures(lines))

    def close(self) -> None:
        """No more lines will come."""
        self._file.close()


def as_json(line: Line) -> dict[str, Any]:
    """The fields of `line` as JSON has them: null for what is not finite, or not known.

    A field whose default is None is left out where it is.
    """
    left_out = {f.name for f in fields(line) if f.default is None and getattr(line, f.name) is None}
    return {name: value for name, value in finite(asdict(line)).items() if name not in left_out}


@contextmanager
def held_log(path: Path | None) -> Iterator[list[str]]:
    """Inside the block no other run writes the log, which can be written; notes where that is not
    sure. Raises RnnlmError.

    What is no file, a pipe say, has no lock.
    """
    if path is None or (path.exists() and not (path.is_file() or path.is_dir())):
        yield []  # to open a pipe twice would end its reader
        return
    with opening(path, _OPTION):
        path.open("a").close()
    with RunLock(path, _OPTION) as lock:
        yield lock.notes


def cut_log(
    path: Path | None, run_id: str, step: int, *, told: int | None = None, complete: bool
) -> None:
    """Remove what a run that goes on from `step` will write again, and a line cut short by a kill.

    Steps after `told` are told again, which a stop had told before there were 20 of them; and a
    stop after which a run goes on is none. Its end is written again too, unless the run is
    `complete`. Lines of other runs stay. Raises RnnlmError if that cannot be done.
    """
    if path is None or not path.is_file():
        return
    with opening(path, _OPTION):
        data = path.read_bytes()
    kept: list[bytes] = []
    beyond, end, last_told = False, None, step if told is None else told
    for line in data.split(b"\n")[:-1]:  # the last piece is empty, or cut short
        row = _parsed(line)
        mine = row.get("run") == run_id
        beyond |= mine and row.get("step", 0) > step
        event = row.get("event") if mine else None
        again = event == "stopped" or (event == "steps" and row.get("step", 0) > last_told)
        if mine and not beyond and not again:
            end = len(kept) if event == "finished" else None
        if not (mine and (beyond or again)):
            kept.append(line + b"\n")
    if end is not None and not complete:
        del kept[end]
    if b"".join(kept) != data:
        write_atomically(path, kept, sum(map(len, kept)))


def logged_rows(path: Path, run_id: str) -> list[dict[str, Any]]:
    """The lines of that run in the log at `path`; none of a file that is no log, or not there."""
    try:
        data = path.read_bytes()
    except OSError:
        return []
    return [row for row in map(_parsed, data.split(b"\n")) if row.get("run") == run_id]


def begins_a_log(line: bytes) -> bool:
    """Whether a file that begins with `line` is a log: empty, or cut by a kill in its first."""
    if not line.endswith(b"\n"):
        return line.startswith(_BEGINS) or _BEGINS.startswith(line)
    row = _parsed(line)
    return all(isinstance(row.get(name), str) for name in ("event", "run"))


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) and isinstance(row.get("step", 0), int) else {}
