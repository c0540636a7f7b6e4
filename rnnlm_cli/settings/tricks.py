"""What helps a trained model to score a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.settings.setting import (
    MOST,
    NOT_NEGATIVE,
    Checked,
    Setting,
    between,
    refuse_setting,
    whole,
)

Trick = Literal["temper", "cache", "ngram", "dynamic"]

CACHE_WINDOWS = 100, 300, 1000, 2000, 5000  # of which the best is found where none is given

FLAGS = "Tricks, tuned on the validation split"
_VALUES_OF = "Values of tricks, to repeat them without tuning"


def read_shares(text: str) -> tuple[float, ...]:
    """The numbers of "0.7,0.2,0.1". Raises ConfigError."""
    try:
        return tuple(map(float, text.split(",")))
    except ValueError:
        raise ConfigError(
            f"mixture is {quoted(text)}, but must be numbers between commas, as in 0.7,0.2,0.1"
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrickConfig(Checked):
    """What helps a trained model to score a text; `None`: tuned on the validation split.

    A value asks for its trick, as the flag of that name does.
    """

    temper: Annotated[
        bool,
        Setting("Divide the model's scores by a temperature.", None, FLAGS, flags="--temper"),
    ] = False
    temperature: Annotated[
        float | None, Setting("What scores are divided by.", between(0.01, 100), _VALUES_OF)
    ] = None
    cache: Annotated[
        bool, Setting("Mix with words that followed similar states.", None, FLAGS, flags="--cache")
    ] = False
    cache_window: Annotated[
        int | None, Setting("Words that the cache remembers.", whole(1, 100_000), _VALUES_OF)
    ] = None
    cache_theta: Annotated[
        float | None, Setting("How much more the likest states count.", NOT_NEGATIVE, _VALUES_OF)
    ] = None
    ngram: Annotated[
        bool, Setting("Mix with a Kneser-Ney 5-gram model.", None, FLAGS, flags="--ngram")
    ] = False
    dynamic: Annotated[
        bool, Setting("Learn from the text, after scoring it.", None, FLAGS, flags="--dynamic")
    ] = False
    # Of a step, in units of a weight's typical gradient
    dynamic_lr: Annotated[
        float | None,
        Setting("Learning rate of dynamic evaluation.", between(0, MOST), _VALUES_OF),
    ] = None
    # Share of the way back to the trained weights, a step
    dynamic_decay: Annotated[
        float | None, Setting("How fast its weights go back.", between(0, MOST), _VALUES_OF)
    ] = None
    # Of those that are asked for, in this order
    mixture: Annotated[
        tuple[float, ...] | None,
        Setting(
            "Shares of model, cache and n-grams, as in 0.7,0.2,0.1.",
            None,
            _VALUES_OF,
            metavar="SHARES",
            read=read_shares,
        ),
    ] = None

    def _check_across(self) -> None:
        """A share for each thing that is mixed."""
        if (shares := self.mixture) is None:
            return
        parts, shown = self.components, ",".join(f"{share:g}" for share in shares)
        if len(parts) == 1:
            raise ConfigError(
                f"mixture is {shown}, but there is nothing to mix: use --cache or --ngram"
            )
        right = len(shares) == len(parts) and all(0 <= share <= 1 for share in shares)
        one = right and abs(sum(shares) - 1) < 1e-3
        needed = f"{len(parts)} shares that add up to 1, of {', '.join(parts)}"
        if not one:
            refuse_setting("mixture", shown, needed)

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


_VALUES: dict[Trick, tuple[str, ...]] = {
    "temper": ("temperature",),
    "cache": ("cache_window", "cache_theta"),
    "ngram": (),
    "dynamic": ("dynamic_lr", "dynamic_decay"),
}
