"""A training run in a terminal: signals in, events out to the display."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import typer

from rnnlm_cli.cli.progress import TrainingDisplay
from rnnlm_cli.config import RunConfig
from rnnlm_cli.runs import Event, RunStopped, resume, state_path, train


class StopRequest:
    """Set by the first SIGINT or SIGTERM; a second SIGINT interrupts at once."""

    def __init__(self) -> None:
        self.signal: int | None = None

    def __call__(self) -> bool:
        return self.signal is not None

    def receive(self, number: int, frame: FrameType | None) -> None:
        """The signal handler."""
        if self.signal is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.signal = number

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Inside the block the signals are ours."""
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = [signal.signal(number, self.receive) for number in numbers]
        try:
            yield
        finally:
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)


def train_session(config: RunConfig, *, as_json: bool) -> None:
    """A new run; exits with 130 or 143 when a signal stopped it."""
    _run(lambda stop, progress: train(config, stop=stop, progress=progress), config.out, as_json)


def resume_session(out: Path, settings: dict[str, Any], *, as_json: bool) -> None:
    """The run whose state lies beside `out` goes on, lengthened as `settings` say."""
    _run(lambda stop, progress: resume(out, settings, stop=stop, progress=progress), out, as_json)


def _run(start: Callable[[StopRequest, bool], Iterator[Event]], out: Path, as_json: bool) -> None:
    stop = StopRequest()
    with TrainingDisplay(as_json=as_json) as display:
        events = start(stop, display.on_terminal)
        display.show(next(events))  # until the run has started there is nothing to save
        try:
            with stop.listening():
                for event in events:
                    display.show(event)
        except KeyboardInterrupt:
            display.interrupted(state_path(out))
            raise typer.Exit(130) from None
        if isinstance(event, RunStopped):
            raise typer.Exit(128 + (stop.signal or signal.SIGINT))
