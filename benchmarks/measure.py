"""Contenders that take turns, so that a machine's moods hit all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

_SETTLE = 0.02  # seconds for the threads of the last contender to go to sleep


@dataclass
class Contender:
    """Something that does the same work as others: `turn` returns the seconds that it took."""

    name: str
    turn: Callable[[], float]
    seconds: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Figure:
    """A number with its range over the rounds."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure:
        """The median and the range of `values`."""
        return cls(median(values), min(values), max(values))

    def show(self, digits: int) -> str:
        """`median (least to most)`."""
        return f"{self.median:,.{digits}f} ({self.least:,.{digits}f} to {self.most:,.{digits}f})"


@dataclass(frozen=True)
class Comparison:
    """What a round-robin of contenders gave; `tokens` is the work of one turn."""

    title: str
    model: str
    tokens: int
    contenders: list[Contender]

    def speed(self, contender: Contender) -> Figure:
        """Tokens a second."""
        return Figure.of([self.tokens / s for s in contender.seconds])

    def ratio(self, of: Contender, over: Contender) -> Figure:
        """How many times as fast `of` is as `over`, round by round."""
        return Figure.of([b / a for a, b in zip(of.seconds, over.seconds, strict=True)])


def timed(work: Callable[[], object]) -> Callable[[], float]:
    """`work` as the turn of a contender."""

    def turn() -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    return turn


def take_turns(contenders: Sequence[Contender], rounds: int, warm_up: int = 2) -> None:
    """Every contender once a round; the rounds of warm-up are not kept."""
    for number in range(warm_up + rounds):
        for contender in contenders:
            time.sleep(_SETTLE)
            seconds = contender.turn()
            if number >= warm_up:
                contender.seconds.append(seconds)
