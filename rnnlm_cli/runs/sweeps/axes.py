"""What a setting of a sweep may be: one of some values, or a number of a range."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.schema import read

_MOST_STEPS = 2.0**53  # of which a float can tell each from the next


class Axis(Protocol):
    """The values of a setting."""

    @property
    def count(self) -> float:
        """How many there are."""

    @property
    def known(self) -> tuple[Any, ...]:
        """All of them, or the ends."""

    @property
    def as_json(self) -> Any:
        """As a file has it."""

    def distribution(self, kinds: Any, kind: Any) -> Any:
        """That one of `kinds`, Optuna's distributions, which has these values of type `kind`."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """A setting that takes one of these values."""

    known: tuple[Any, ...]

    @property
    def count(self) -> float:
        """How many there are."""
        return len(self.known)

    @property
    def as_json(self) -> Any:
        """A list."""
        return list(self.known)

    def distribution(self, kinds: Any, kind: Any) -> Any:
        """Without an order."""
        return kinds.CategoricalDistribution(self.known)


@dataclass(frozen=True, slots=True)
class Between:
    """A number from `low` to `high`: by `step`, or evenly on a logarithmic scale."""

    low: float
    high: float
    step: float | None = None
    log: bool = False

    @property
    def count(self) -> float:
        """More than can be counted."""
        return math.inf

    @property
    def known(self) -> tuple[Any, ...]:
        """The ends."""
        return self.low, self.high

    @property
    def as_json(self) -> Any:
        """What differs from the usual."""
        given: dict[str, Any] = {"low": self.low, "high": self.high}
        given |= {} if self.step is None else {"step": self.step}
        return given | ({"log": True} if self.log else {})

    def distribution(self, kinds: Any, kind: Any) -> Any:
        """Of whole numbers where all are, and are what is needed."""
        is_whole = self.is_whole and kind is not float
        of = kinds.IntDistribution if is_whole else kinds.FloatDistribution
        step = {} if self.step is None else {"step": self.step}
        return of(self.low, self.high, log=self.log, **step)

    @property
    def last(self) -> float:
        """The greatest value that its steps reach."""
        if self.step is None:
            return self.high
        steps = (self.high - self.low) / self.step
        if math.isclose(steps, round(steps)):
            return self.high
        return self.low + math.floor(steps) * self.step

    @property
    def is_whole(self) -> bool:
        """Whether its ends and steps are whole numbers."""
        return all(isinstance(each, int) for each in (self.low, self.high, self.step or 1))


def read_axis(name: str, given: object, kind: Any) -> Axis:
    """The values of type `kind` that a file gives for a setting.

    Raises ConfigError or CheckpointError.
    """
    if isinstance(given, list) and given and all(isinstance(v, str | int | float) for v in given):
        return OneOf(tuple(given))
    if isinstance(given, dict):
        axis: Between = read(Between, given, name, may_lack=(Between,))
        _check(name, axis, kind)
        return axis
    raise ConfigError(
        f"{name} must be a list of values, or {{ low = 0.001, high = 0.01 }} with log = true or "
        "a step"
    )


def _check(name: str, axis: Between, kind: Any) -> None:
    if axis.low >= axis.high:
        raise ConfigError(f"{name}: low is {axis.low}, but must be below high, {axis.high}")
    if axis.log and (axis.low <= 0 or axis.step is not None):
        raise ConfigError(f"{name}: log needs a low above 0, and no step")
    if axis.step is not None and axis.step <= 0:
        raise ConfigError(f"{name}: step is {axis.step}, but must be above 0")
    if axis.step is not None and (axis.high - axis.low) / axis.step > _MOST_STEPS:
        raise ConfigError(
            f"{name}: step is {axis.step}, too small for the way from {axis.low} to {axis.high}: "
            "give a larger one, or none"
        )
    if axis.step is not None and axis.last < axis.high:
        raise ConfigError(
            f"{name}: steps of {axis.step:g} reach {axis.last:g}, but high is {axis.high:g}: let "
            "one of them fit the other"
        )
    if kind is int and not axis.is_whole:
        raise ConfigError(f"{name}: low, high and step must be whole numbers")
