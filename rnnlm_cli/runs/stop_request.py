"""Signals that ask a run to stop: it saves its state first, if it has begun."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

SIGNALS = "SIGINT", "SIGTERM", "SIGHUP"  # that ask to stop; the last of a closed terminal


def signals_here(names: Sequence[str] = SIGNALS) -> list[signal.Signals]:
    """Those that this system knows."""
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


class StopRequest:
    """Set by the first signal once the run has begun; a second SIGINT interrupts at once.

    Before the run has begun there is nothing to save, and the first signal interrupts.
    Inside `shield` no signal interrupts: what it would have done is done at the end.
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self.begun = False
        self._shielded = False
        self._impatient = False

    def __call__(self) -> bool:
        return self.signal is not None

    def begin(self) -> None:
        """The run has begun: from now on there is something to save."""
        self.begun = True

    def receive(self, number: int, frame: FrameType | None) -> None:
        """The signal handler."""
        again = self.signal is not None and number == signal.SIGINT
        self.signal = self.signal or number
        if again and self._shielded:
            self._impatient = True
        elif again or not self.begun:
            raise KeyboardInterrupt

    @contextmanager
    def shield(self) -> Iterator[None]:
        """Inside the block files change, which nothing may interrupt."""
        self._shielded = self.begun = True
        try:
            yield
        finally:
            self._shielded = False
        if self._impatient:
            raise KeyboardInterrupt

    @contextmanager
    def listening(self, names: Sequence[str] = SIGNALS) -> Iterator[None]:
        """Inside the block the signals are ours, but for those that the caller ignores (nohup)."""
        before = {number: signal.getsignal(number) for number in signals_here(names)}
        heard = [number for number, handler in before.items() if handler != signal.SIG_IGN]
        for number in heard:
            signal.signal(number, self.receive)
        try:
            yield
        finally:
            for number in heard:
                signal.signal(number, before[number])
