"""A run of a sweep in a process of its own, with one BLAS thread."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from rnnlm_cli.checkpoint.naming import state_path
from rnnlm_cli.errors import RnnlmError
from rnnlm_cli.runs.around import Around
from rnnlm_cli.runs.events import Event, RunFinished, RunStopped
from rnnlm_cli.runs.fine_tuning import requested
from rnnlm_cli.runs.run import begin, resume
from rnnlm_cli.runs.stop_request import signals_here
from rnnlm_cli.settings.run import FREE
from rnnlm_cli.training.reports import EpochReport, kept_epoch
from rnnlm_cli.watching import Stop

_THREADS = "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"  # read as NumPy loads


@dataclass(frozen=True, slots=True)
class Validated:
    """An epoch is over."""

    epoch: int
    valid: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Finished:
    """The run is over: the perplexities of the model that it kept."""

    valid: float
    test: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Stopped:
    """It was asked to stop, and has saved its state."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """It cannot be made."""

    message: str


Told = Validated | Finished | Stopped | Failed


class Worker:
    """The process of a run: `connection` gives Validated, and at last one of the others."""

    def __init__(self, number: int, given: dict[str, Any]) -> None:
        self.number = number
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(given, theirs), daemon=True)
        with _one_thread():
            self._process.start()
        theirs.close()  # so that the end of the process is the end of the pipe

    def ask_to_stop(self) -> None:
        """It saves its state, and ends."""
        try:
            self.connection.send(None)
        except OSError:
            pass  # it has ended already

    def wait(self) -> int | None:
        """Until it has ended: its exit code. May be asked again."""
        self._process.join()
        self.connection.close()
        return self._process.exitcode


@contextmanager
def _one_thread() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _work(given: dict[str, Any], connection: Connection) -> None:
    """The run of `given` settings; it goes on where it has been before."""
    for number in signals_here():  # the sweep gets them too, and tells
        signal.signal(number, signal.SIG_IGN)
    parent = os.getppid()

    def stop() -> bool:
        return connection.poll() or os.getppid() != parent

    try:
        for event in _events(given, stop):
            if told := _told(event):
                connection.send(told)
    except RnnlmError as error:
        connection.send(Failed(str(error)))
    except BrokenPipeError:
        pass  # the sweep is no more: the state is saved as in any run


def _events(given: dict[str, Any], stop: Stop) -> Iterator[Event]:
    out = given["out"]
    if state_path(out).exists():
        free = {name: given[name] for name in FREE if name in given and name != "encoding"}
        return resume(out, free, Around(stop=stop))  # the state does not know its threads, say
    return begin(requested(given), Around(stop=stop))


def _told(event: Event) -> Told | None:
    match event:
        case EpochReport():
            return Validated(event.epoch, event.valid_perplexity, event.seconds)
        case RunStopped():
            return Stopped(event.seconds)
        case RunFinished():
            record = event.checkpoint.run
            assert record is not None
            kept = kept_epoch(event.checkpoint.history, record.train.keep)
            assert kept is not None, "a run that kept nothing ends with an error"
            return Finished(kept.valid_perplexity, record.test_perplexity["stream"], event.seconds)
        case _:
            return None
