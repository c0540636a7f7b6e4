"""How a model is trained."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from rnnlm_cli.settings.setting import _LARGEST_SEED, MOST, need, need_choice, need_int

Optimizer = Literal["sgd", "momentum", "rmsprop", "adam", "adamw"]


Schedule = Literal["constant", "plateau", "linear", "cosine", "one-cycle"]


Protocol = Literal["stream", "parallel", "book"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """How a model is trained: truncated back-propagation through time over parallel streams."""

    batch_size: int | None = None  # parallel streams; None: chosen from the text
    time_size: int = 35  # steps of back-propagation through time
    # The end of the run, and of its schedule: whichever comes first.
    epochs: int | None = None  # None: unlimited under a budget or steps, else chosen from the text
    steps: int | None = None
    budget: float | None = None  # wall-clock seconds
    optimizer: Optimizer = "sgd"
    lr: float = 20.0
    max_grad: float = 0.25  # norm to which all gradients together are clipped
    weight_decay: float = 0.0  # L2, or of AdamW: see optim.py
    schedule: Schedule = "linear"
    warmup: float = 0.0  # share of the run over which the rate rises: 1706.02677
    reset_probability: float = (
        0.02  # per stream and segment: keeps the state near what zero reaches
    )
    random_offsets: bool = False  # an epoch begins up to a segment further on: other segments
    average: float = 0.0  # share of the run, at its end, whose weights are averaged: 1708.02182
    restart_epochs: bool = False  # every epoch begins at the first token with a zero state
    patience: int | None = None  # epochs without a better validation perplexity before stopping
    protocol: Protocol = "parallel"  # of the validation after each epoch
    keep: Literal["best", "last"] = "best"
    seed: int = 0

    def __post_init__(self) -> None:
        for setting in ("batch_size", "epochs", "steps", "patience"):
            if (value := getattr(self, setting)) is not None:
                need_int(setting.replace("_", "-"), value, 1)
        need_int("time-size", self.time_size, 1)
        need_int("seed", self.seed, 0, _LARGEST_SEED)
        need_choice("optimizer", self.optimizer, Optimizer)
        need_choice("schedule", self.schedule, Schedule)
        need_choice("protocol", self.protocol, Protocol)
        for setting, value in (("lr", self.lr), ("max-grad", self.max_grad)):
            need(0 < value < math.inf, setting, value, "a finite number above 0")
        if self.budget is not None:
            need(0 < self.budget <= MOST, "budget", self.budget, "a time of at most 10^9 seconds")
        reset = self.reset_probability
        need(0 <= reset <= 1, "reset-probability", reset, "in [0, 1]")
        need(0 <= self.warmup < 1, "warmup", self.warmup, "in [0, 1)")
        need(0 <= self.average <= 1, "average", self.average, "in [0, 1]")
        decay = self.weight_decay
        need(0 <= decay < 1, "weight-decay", decay, "in [0, 1)")
