"""A run to its end in one call, as a Python user asks for it."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rnnlm_cli.errors import RnnlmWarning, printable
from rnnlm_cli.runs.around import Around
from rnnlm_cli.runs.events import (
    Event,
    RunFinished,
    RunStarted,
    RunStopped,
    SaveFailed,
    ValidationReport,
)
from rnnlm_cli.runs.fine_tuning import requested
from rnnlm_cli.runs.run import begin
from rnnlm_cli.runs.stop_request import StopRequest
from rnnlm_cli.settings.arguments import as_arguments
from rnnlm_cli.settings.run import OPTIONS, SETTINGS, RunFrame, RunRequest
from rnnlm_cli.settings.setting import check_given
from rnnlm_cli.training.reports import EpochReport, StepReport
from rnnlm_cli.watching import bar_of_here, bars_of_here, in_silence, on_terminal

_KINDS = RunRequest, *SETTINGS
_PACKAGE = str(Path(__file__).parents[1]) + os.sep
_SHARE = "{l_bar}{bar}| {elapsed}<{remaining}{postfix}"


def run_whole(
    out: str | os.PathLike[str] | None, *, progress: bool | None = None, **settings: Any
) -> tuple[RunStarted, RunFinished]:
    """Train as `settings` ask, which are the options of `rnnlm train`, and wait for the end.

    A budget is in seconds, or text as "10m"; paths may be text. Without an `out` nothing is left on
    the disk. `progress` is a bar that shows how far the run is, and above it the notes of the run;
    None: where somebody sees it. A save that fails is an RnnlmWarning. Raises RnnlmError; and
    KeyboardInterrupt, at a first Ctrl-C when the state is saved, at a second one at once.
    """
    hidden = not (_is_watched() if progress is None else progress)
    if out is not None:
        return _run(settings | {"out": out}, hidden, is_kept=True)
    with TemporaryDirectory(prefix="rnnlm-") as folder:
        return _run(settings | {"out": Path(folder, "Rnnlm.pkl")}, hidden, is_kept=False)


def _run(
    settings: dict[str, Any], hidden: bool, *, is_kept: bool
) -> tuple[RunStarted, RunFinished]:
    """The run, with a bar or not, whose files are kept or not."""
    given = {k: OPTIONS[k].given(v) for k, v in settings.items() if v is not None}
    check_given(given, RunFrame)  # before a file is opened
    new = requested(given)
    stop, stages = StopRequest(), in_silence if hidden else bars_of_here
    around = Around(stop=stop, shield=stop.shield, stages=stages, is_kept=is_kept)
    events = begin(new, around)
    with _listening(stop), closing(events):  # which gives the lock back, whatever is raised here
        ended = begun = next(events)
        stop.begin()
        if isinstance(begun, RunStarted) and not hidden:  # above the bar: each note would repeat it
            for note in begun.notes:
                sys.stderr.write(f"note: {printable(as_arguments(note, *_KINDS))}\n")
        with bar_of_here(1.0, bar_format=_SHARE, disable=hidden) as bar:
            for event in events:
                ended = event
                _tell(event, bar)
    if isinstance(ended, RunStopped):
        if not is_kept:
            raise KeyboardInterrupt("stopped; without out=NAME nothing of it is kept")
        name = shlex.quote(str(new.request.out))
        raise KeyboardInterrupt(f"stopped and saved: rnnlm train --resume --out {name} goes on")
    assert isinstance(begun, RunStarted)
    assert isinstance(ended, RunFinished), "a run that nobody stops ends by itself"
    return begun, ended


def _tell(event: Event, bar: Any) -> None:
    """Bring a bar up to date, and warn of a save that failed."""
    match event:
        case StepReport():
            bar.update(max(0.0, event.progress - bar.n))
        case EpochReport() | ValidationReport():
            row = event.so_far if isinstance(event, ValidationReport) else event
            bar.set_postfix_str(f"epoch {row.epoch}: valid perplexity {row.valid_perplexity:,.1f}")
        case SaveFailed(message=message):
            warnings.warn(as_arguments(message, *_KINDS), RnnlmWarning, stacklevel=_of_the_caller())


def _of_the_caller() -> int:
    """The stacklevel, for whoever calls this, of the first frame that is none of this package."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    return level


@contextmanager
def _listening(stop: StopRequest) -> Iterator[None]:
    """Inside the block Ctrl-C, or a notebook's stop button, asks for a stop.

    Not where the program has a handler of its own, nor in a thread, which gets no signals.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if in_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        with stop.listening(["SIGINT"]):
            yield
    else:
        yield


def _is_watched() -> bool:
    """Whether somebody sees a bar: in a notebook, whose stderr is no terminal, too."""
    return "ipykernel" in sys.modules or on_terminal()
