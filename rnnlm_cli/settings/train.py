"""How a model is trained."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.settings.setting import (
    LARGEST_SEED,
    MOST,
    POSITIVE,
    SHARE,
    SHARE_OR_ALL,
    Checked,
    Range,
    Setting,
    whole,
)

OptimizerName = Literal["sgd", "momentum", "rmsprop", "adam", "adamw"]
Schedule = Literal["constant", "plateau", "linear", "cosine", "one-cycle"]
Protocol = Literal["stream", "parallel", "book"]


@dataclass(frozen=True, slots=True)
class OptimizerFacts:
    """The settings that suit an optimiser."""

    lr: float
    max_grad: float


# The steps of the last three do not grow with the gradient; those of momentum add up to ten times
# as much as those of sgd.
OPTIMIZERS: dict[OptimizerName, OptimizerFacts] = {
    "sgd": OptimizerFacts(lr=20.0, max_grad=0.25),
    "momentum": OptimizerFacts(lr=2.0, max_grad=0.25),
    "rmsprop": OptimizerFacts(lr=0.005, max_grad=1.0),
    "adam": OptimizerFacts(lr=0.005, max_grad=1.0),
    "adamw": OptimizerFacts(lr=0.005, max_grad=1.0),
}

WITH_BETA1: tuple[OptimizerName, ...] = ("adam", "adamw")

_SECONDS = {"h": 3600, "m": 60, "s": 1}
_NUMBER = r"(\d+(?:\.\d+)?)"
_DURATION = re.compile("".join(f"(?:{_NUMBER}{unit})?" for unit in _SECONDS), re.ASCII)


def read_duration(text: str) -> float:
    """Seconds of "90s", "10m", "1h", "1h30m". Raises ValueError."""
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        raise ValueError(f"{quoted(text)} is no duration: write it as 90s, 10m or 1h30m")
    return sum(
        float(n) * unit for n, unit in zip(match.groups(), _SECONDS.values(), strict=True) if n
    )


def write_duration(seconds: float) -> str:
    """The inverse, to the bit: digits and a point alone, as it reads them."""
    return f"{Decimal(repr(seconds)):f}".removesuffix(".0") + "s"


@dataclass(frozen=True, slots=True)
class Interval:
    """How far it is from one thing to the next."""

    number: float
    unit: Literal["steps", "seconds"]

    @classmethod
    def read(cls, text: str) -> Interval:
        """Of "500", which are steps, or a duration: "6s", "2m". Raises ValueError."""
        if text.isascii() and text.isdigit():
            return cls(int(text), "steps")
        return cls(read_duration(text), "seconds")


@dataclass(frozen=True, slots=True)
class IntervalText:
    """What an interval is read of. A number alone, in Python or TOML, would not say of what."""

    needed: str = (
        "from 1 to 10^9 steps, as in '500', or a time above 0, of at most 10^9 seconds, as in '6s' "
        "or '2m'"
    )

    def holds(self, value: str) -> bool:
        """Whether it is one, and no longer than a run."""
        try:
            return 0 < Interval.read(value).number <= MOST
        except ValueError:
            return False


_PANEL = "The training"
BETA1 = 0.9
_TIME = Range(needed="a time above 0, of at most 10^9 seconds", above=0, most=MOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig(Checked):
    """How a model is trained: truncated back-propagation through time over parallel streams."""

    batch_size: Annotated[int, Setting("Parallel streams.", whole(1), _PANEL)] = 20
    time_size: Annotated[
        int, Setting("Steps of back-propagation through time.", whole(1), _PANEL)
    ] = 35
    # The end of the run, and of its schedule: whichever comes first; a plan has one of them.
    epochs: Annotated[
        int | None, Setting("Passes over the text. Default: chosen for its length.", whole(1))
    ] = None
    steps: Annotated[int | None, Setting("So many updates instead of passes.", whole(1))] = None
    budget: Annotated[
        float | None,
        Setting(
            "Wall-clock time instead: 90s, 10m, 1h30m.",
            _TIME,
            metavar="DURATION",
            read=read_duration,
            write=write_duration,
        ),
    ] = None
    optimizer: Annotated[
        OptimizerName,
        Setting("Update rule; another than the preset's comes with its own rate.", None, _PANEL),
    ] = "sgd"
    lr: Annotated[
        float,
        Setting("Learning rate at the start.", POSITIVE, _PANEL),
    ] = OPTIMIZERS["sgd"].lr
    schedule: Annotated[
        Schedule,
        Setting(
            "constant; plateau: a quarter when validation worsens; linear, cosine: to zero; "
            "one-cycle: up and down to zero.",
            None,
            _PANEL,
        ),
    ] = "linear"
    # 1706.02677
    warmup: Annotated[
        float, Setting("Share of the run in which the rate rises.", SHARE, _PANEL)
    ] = 0.0
    # L2, or of AdamW: see training/optimizers.py
    weight_decay: Annotated[float, Setting("Pull of the weights to zero.", SHARE, _PANEL)] = 0.0
    # 1412.6980
    beta1: Annotated[
        float,
        Setting(
            "Of adam and adamw: share that earlier gradients have in the one to follow.",
            SHARE,
            _PANEL,
            is_later=True,
        ),
    ] = BETA1
    # 1708.02182
    average: Annotated[
        float,
        Setting("Share of the run, at its end, whose weights are averaged.", SHARE_OR_ALL, _PANEL),
    ] = 0.0
    # Of all gradients together
    max_grad: Annotated[
        float,
        Setting("Norm to clip gradients to.", POSITIVE, _PANEL),
    ] = OPTIMIZERS["sgd"].max_grad
    # Per stream and segment: keeps the state near what zero reaches
    reset_probability: Annotated[
        float, Setting("Chance of a stream to start from zero.", SHARE_OR_ALL, _PANEL)
    ] = 0.02
    # An epoch begins up to a segment further on
    random_offsets: Annotated[
        bool,
        Setting("Cut every epoch at other places.", None, _PANEL, flags="--random-offsets"),
    ] = False
    restart_epochs: Annotated[
        bool,
        Setting("Begin every epoch at the first token with a zero state.", is_option=False),
    ] = False
    # By the perplexity of the validation
    patience: Annotated[
        int | None,
        Setting("Stop after so many epochs without a better one.", whole(1), _PANEL),
    ] = None
    protocol: Annotated[
        Protocol, Setting("Of the validation after each epoch.", is_option=False)
    ] = "parallel"
    keep: Annotated[
        Literal["best", "last"], Setting("Whose weights are kept.", is_option=False)
    ] = "best"
    seed: Annotated[int, Setting("Same seed, same model. Default: 0.", whole(0, LARGEST_SEED))] = 0

    def _check_across(self) -> None:
        if self.beta1 != BETA1 and self.optimizer not in WITH_BETA1:
            raise ConfigError(
                f"beta1 is of {' and '.join(WITH_BETA1)}, but the optimizer is {self.optimizer}: "
                "leave one of them out"
            )
