"""The tricks that score a text, with all their values: nothing is left to tune."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from rnnlm_cli.settings.tricks import Trick

Kind = Literal["static", "dynamic"]


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast the weights learn in dynamic evaluation, and how fast they go back."""

    lr: float
    decay: float


@dataclass(frozen=True, slots=True)
class Memory:
    """How many words the cache remembers, and how much more the likest states count."""

    window: int
    theta: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TunedTricks:
    """What works together on a text; a value that is None belongs to a trick that does not."""

    tricks: tuple[Trick, ...]
    temperature: float = 1.0
    rates: Rates | None = None
    memory: Memory | None = None
    mixture: tuple[float, ...] = (1.0,)  # shares of the model, the cache and the n-grams

    @property
    def kind(self) -> Kind:
        """Which of its two passes over a text the model makes."""
        return kind_of(self.rates)

    @property
    def values(self) -> dict[str, Any]:
        """All of them, by the names of the options that repeat them."""
        values: dict[str, Any] = {}
        if "temper" in self.tricks:
            values["temperature"] = self.temperature
        if self.memory is not None:
            values |= {"cache_window": self.memory.window, "cache_theta": self.memory.theta}
        if self.rates is not None:
            values |= {"dynamic_lr": self.rates.lr, "dynamic_decay": self.rates.decay}
        return values if len(self.mixture) == 1 else values | {"mixture": self.mixture}


def kind_of(rates: Rates | None) -> Kind:
    """The pass of a model that learns with these `rates`, or not."""
    return "static" if rates is None else "dynamic"
