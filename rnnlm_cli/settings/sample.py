"""How words are drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rnnlm_cli.settings.setting import _LARGEST_SEED, need, need_int


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleConfig:
    """How words are drawn from a model's distribution."""

    length: int = 100
    temperature: float = 1.0  # 0: always the likeliest word
    top_k: int | None = None
    top_p: float | None = None
    samples: int = 1
    seed: int | None = None  # None: another text each time
    stop_at_eos: bool = False

    def __post_init__(self) -> None:
        need_int("length", self.length, 1)
        need_int("samples", self.samples, 1)
        temperature = self.temperature
        need(0 <= temperature < math.inf, "temperature", temperature, "a number of at least 0")
        if self.top_k is not None:
            need_int("top-k", self.top_k, 1)
        if self.top_p is not None:
            need(0 < self.top_p <= 1, "top-p", self.top_p, "in (0, 1]")
        if self.seed is not None:
            need_int("seed", self.seed, 0, _LARGEST_SEED)
