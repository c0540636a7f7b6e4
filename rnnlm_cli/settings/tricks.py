"""What helps a trained model to score a text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.setting import MOST, need, need_int

Trick = Literal["temper", "cache", "ngram", "dynamic"]


CACHE_WINDOWS = 100, 300, 1000, 2000, 5000  # of which the best is found where none is given


@dataclass(frozen=True, slots=True, kw_only=True)
class TrickConfig:
    """What helps a trained model to score a text; `None`: tuned on the validation split.

    A value asks for its trick, as the flag of that name does.
    """

    temper: bool = False
    temperature: float | None = None  # the model's scores are divided by it
    cache: bool = False
    cache_window: int | None = None  # words that the cache remembers
    cache_theta: float | None = None  # how much more the likest of its states count
    ngram: bool = False
    dynamic: bool = False
    dynamic_lr: float | None = None  # of a step, in units of a weight's typical gradient
    dynamic_decay: float | None = None  # share of the way back to the trained weights, a step
    # Shares of the model, the cache and the n-grams: those that are asked for, in this order.
    mixture: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if (T := self.temperature) is not None:
            need(0.01 <= T <= 100, "temperature", T, "a number from 0.01 to 100")
        if self.cache_window is not None:
            need_int("cache-window", self.cache_window, 1, 100_000)
        if (theta := self.cache_theta) is not None:
            need(0 <= theta < math.inf, "cache-theta", theta, "a finite number of at least 0")
        for name, value in (("lr", self.dynamic_lr), ("decay", self.dynamic_decay)):
            if value is not None:
                need(0 <= value <= MOST, f"dynamic-{name}", value, "a number from 0 to 1e+09")
        if self.mixture is not None:
            self._check_mixture(self.mixture)

    def _check_mixture(self, shares: tuple[float, ...]) -> None:
        parts, shown = self.components, ",".join(f"{share:g}" for share in shares)
        if len(parts) == 1:
            raise ConfigError(
                f"mixture is {shown}, but there is nothing to mix: use --cache or --ngram"
            )
        right = len(shares) == len(parts) and all(0 <= share <= 1 for share in shares)
        one = right and abs(sum(shares) - 1) < 1e-3
        needed = f"{len(parts)} shares that add up to 1, of {', '.join(parts)}"
        need(one, "mixture", shown, needed)

    @property
    def asked(self) -> tuple[Trick, ...]:
        """The tricks that are asked for, by flag or value."""
        return tuple(
            trick
            for trick in _VALUES
            if getattr(self, trick) or any(getattr(self, v) is not None for v in _VALUES[trick])
        )

    @property
    def components(self) -> tuple[str, ...]:
        """What is mixed: the model alone, or with the cache, the n-grams or both."""
        return ("model", *(trick for trick in ("cache", "ngram") if trick in self.asked))

    def only(self, tricks: tuple[Trick, ...]) -> TrickConfig:
        """The same for these `tricks` alone; a mixture belongs to all that are asked."""
        kept = {name: getattr(self, name) for trick in tricks for name in _VALUES[trick]}
        mixture = self.mixture if tricks == self.asked else None
        return TrickConfig(**kept, **dict.fromkeys(tricks, True), mixture=mixture)

    @property
    def is_complete(self) -> bool:
        """Whether every value is given, so that there is nothing to tune."""
        values = [getattr(self, name) for trick in self.asked for name in _VALUES[trick]]
        return None not in values and (len(self.components) == 1 or self.mixture is not None)

    @property
    def values(self) -> dict[str, Any]:
        """The values that are known, by name."""
        names = [*(name for trick in self.asked for name in _VALUES[trick]), "mixture"]
        return {name: value for name in names if (value := getattr(self, name)) is not None}


_VALUES: dict[Trick, tuple[str, ...]] = {
    "temper": ("temperature",),
    "cache": ("cache_window", "cache_theta"),
    "ngram": (),
    "dynamic": ("dynamic_lr", "dynamic_decay"),
}
