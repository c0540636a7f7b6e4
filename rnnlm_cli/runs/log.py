"""The training history as JSON lines: one object a line, written as the run goes.

    {"event": "steps", "run": "0f3a…", "step": 40, "epoch": 1, "train_perplexity": …, …}
    {"event": "epoch", …, "train_perplexity": …, "valid_perplexity": …, …}
    {"event": "sample", "run": "0f3a…", "step": 1328, "epoch": 1, "text": …}
    {"event": "finished", …, "test_perplexity": {"stream": …}, "tests": {"stream": {…}}, …}

Steps are reported in means over 20, as in the book's learning curves. A line is written before the
state is saved, so a log is never behind; a resumed run cuts it back to where its state is. The
state knows the steps since the last line, so the log of a run that was killed or stopped, and
resumed, is that of one which was left in peace.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from rnnlm_cli.atomic import write_atomically
from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.runs.events import Event, RunFinished, RunStarted, RunStopped, Sample, SaveFailed
from rnnlm_cli.schema import finite
from rnnlm_cli.scoring.figures import perplexity
from rnnlm_cli.training.reports import EpochReport, LineTimings, LogLine, StepReport

_STEPS_A_LINE = 20


class RunLog:
    """The log of run `run_id` at `path` (None: no log); a new one, or one that is gone on with.

    `line` and `timings` are of the steps since its last line. Raises ConfigError if it cannot be
    opened.
    """

    def __init__(
        self,
        path: Path | None,
        run_id: str,
        *,
        anew: bool,
        line: LogLine | None = None,
        timings: LineTimings | None = None,
    ) -> None:
        self._path, self._run_id = path, run_id
        self.line, self.timings = line or LogLine(), timings or LineTimings()
        self._waiting: list[bytes] = []  # lines that are not on the disk
        self._failed = False
        if path is not None:
            with _opening(path):
                # Not buffered: a line that is half written can be taken back.
                self._file = path.open("ab", buffering=0)
            status = os.fstat(self._file.fileno())
            if anew and stat.S_ISREG(status.st_mode):
                self._file.truncate(0)
            self._size = 0 if anew else status.st_size

    def add(self, event: Event) -> list[SaveFailed]:
        """Write the lines of `event`; those that cannot be written wait for the next epoch."""
        if isinstance(event, StepReport):
            self._count(event)
        full = isinstance(event, StepReport) and event.step_in_epoch % _STEPS_A_LINE == 0
        if self.line.steps and (full or not isinstance(event, StepReport)):
            self._waiting.append(self._line("steps", self._means()))
            self.line, self.timings = LogLine(), LineTimings()
        if line := _line(event):
            self._waiting.append(self._line(*line))
        if self._path is None:  # the steps are counted all the same: a resume may have a log
            self._waiting = []
        retry = not (self._failed and isinstance(event, StepReport))
        return self._write() if self._waiting and retry else []

    def _count(self, report: StepReport) -> None:
        line, timings = self.line, self.timings
        line.steps += 1
        line.nats += report.nats_per_token
        line.norms += report.gradient_norm
        line.step, line.epoch, line.lr = report.step, report.epoch, report.lr
        timings.seconds_per_word += 1 / report.words_per_second
        timings.seconds = report.seconds

    def _means(self) -> dict[str, Any]:
        line, timings = self.line, self.timings
        return {
            "step": line.step,
            "epoch": line.epoch,
            "train_perplexity": perplexity(line.nats / line.steps),
            "lr": line.lr,
            "gradient_norm": line.norms / line.steps,
            "words_per_second": line.steps / max(timings.seconds_per_word, 1e-12),
            "seconds": timings.seconds,
        }

    def close(self) -> None:
        """No more lines will come."""
        if self._path is not None:
            self._file.close()

    def _line(self, kind: str, values: dict[str, Any]) -> bytes:
        row = {key: finite(value) for key, value in values.items()}
        line = json.dumps({"event": kind, "run": self._run_id, **row}, allow_nan=False)
        return line.encode() + b"\n"

    def _write(self) -> list[SaveFailed]:
        data = b"".join(self._waiting)
        try:
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            self._failed = True
            with suppress(OSError):  # a pipe cannot be cut
                self._file.truncate(self._size)
            what = f"{len(self._waiting)} lines could not be written: {error.strerror}"
            return [SaveFailed(f"{quoted(self._path)}: {what}: make room")]
        self._failed = False
        self._size += len(data)
        self._waiting = []
        return []


@contextmanager
def _opening(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"{quoted(path)} cannot be written ({error.strerror}): choose another --log"
        ) from None


def check_log(path: Path | None) -> None:
    """Find out whether the log can be written, before anything is changed. Raises ConfigError."""
    if path is not None:
        with _opening(path):
            path.open("a").close()


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
    with _opening(path):
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


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        return {}
    return row if isinstance(row, dict) and isinstance(row.get("step", 0), int) else {}


def _line(event: Event) -> tuple[str, dict[str, Any]] | None:
    match event:
        case EpochReport():
            return "epoch", {
                "step": event.step,
                "epoch": event.epoch,
                "train_perplexity": event.train_perplexity,
                "valid_perplexity": event.valid_perplexity,
                "lr": event.lr,
                "gradient_norm": event.gradient_norm,
                "is_best": event.is_best,
                "words_per_second": event.words_per_second,
                "seconds": event.seconds,
                **({"share": event.share} if event.share < 1 else {}),
            }
        case Sample():
            return "sample", {"step": event.step, "epoch": event.epoch, "text": event.text}
        case RunFinished(already=False):
            tests = {
                test.protocol: {name: finite(value) for name, value in test.named().items()}
                for test in event.tests
            }
            perplexities = {protocol: found["perplexity"] for protocol, found in tests.items()}
            return "finished", {
                "test_perplexity": perplexities,
                "tests": tests,
                "seconds": event.seconds,
            }
        case RunStopped():
            return "stopped", {"seconds": event.seconds}
        case RunFinished() | StepReport() | RunStarted() | SaveFailed():
            return None
