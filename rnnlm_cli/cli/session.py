"""A training run in a terminal: signals in, events out to the display."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import typer

from rnnlm_cli.cli.progress import TrainingDisplay
from rnnlm_cli.config import RunConfig
from rnnlm_cli.runs import RunStopped, resume, train


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


def run_session(config: RunConfig, *, resume_with: dict[str, Any] | None, as_json: bool) -> None:
    """Run or resume a training; exits with 130 or 143 when a signal stopped it."""
    stop = StopRequest()
    with TrainingDisplay(as_json=as_json) as display:
        if resume_with is None:
            events = train(config, stop=stop, progress=display.on_terminal)
        else:
            events = resume(config.out, resume_with, stop=stop, progress=display.on_terminal)
        display.show(next(events))  # until the run has started there is nothing to save
        with stop.listening():
            for event in events:
                display.show(event)
        if isinstance(event, RunStopped):
            raise typer.Exit(128 + (stop.signal or signal.SIGINT))
