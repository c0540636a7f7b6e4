"""Recipes with a name: what `--preset` chooses from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.train import TrainConfig


@dataclass(frozen=True, slots=True)
class Preset:
    """A recipe with a name."""

    model: ModelConfig
    train: TrainConfig
    about: str


# Vectors of the book's 0.01 would start tied output weights so small that hardly any gradient
# reaches the LSTM.
_MODEL = ModelConfig(
    wordvec_size=256,
    hidden_size=512,
    projection=True,
    tied=True,
    dropout=None,
    forget_bias=1.0,
    embedding_std=0.05,
    head_size=None,
)
# Adam, because short runs make few steps; with the decay of AdamW, ten minutes on PTB ended at 88.2
# instead of 92.8 on the validation split, and an hour at 74.7 instead of 83.7.
_TRAIN = TrainConfig(time_size=35, optimizer="adamw", lr=0.005, max_grad=1.0, weight_decay=0.05)

PRESETS = {
    "tiny": Preset(
        replace(_MODEL, wordvec_size=200, hidden_size=200, projection=False),
        replace(_TRAIN, time_size=20, optimizer="adam", lr=0.01, weight_decay=0.0),
        "one LSTM of 200 units, for a minute",
    ),
    "small": Preset(
        _MODEL,
        _TRAIN,
        "one LSTM of 512 units, for minutes: the default",
    ),
    "medium": Preset(
        replace(_MODEL, wordvec_size=300, hidden_size=650, locked=True, dropout_hidden=0.25),
        replace(_TRAIN, lr=0.004),
        "one LSTM of 650 units, with locked dropout, for an hour",
    ),
    "large": Preset(
        replace(
            _MODEL,
            wordvec_size=320,
            hidden_size=900,
            layers=2,
            projection=False,
            locked=True,
            dropout_hidden=0.3,
            word_dropout=0.1,
        ),
        replace(_TRAIN, lr=0.003),
        "LSTMs of 900 and 320 units, for a night; not tested yet",
    ),
    "book": Preset(
        ModelConfig(),
        TrainConfig(
            batch_size=20,
            epochs=4,
            schedule="constant",
            reset_probability=0.0,
            protocol="book",
            keep="last",
        ),
        "Rnnlm of chapter 6: 100 units, SGD, 4 epochs",
    ),
    "book-better": Preset(
        ModelConfig(wordvec_size=650, hidden_size=650, layers=2, tied=True, dropout=0.5),
        TrainConfig(
            batch_size=20,
            epochs=40,
            schedule="plateau",
            reset_probability=0.0,
            restart_epochs=True,
            protocol="book",
        ),
        "BetterRnnlm of chapter 6: 2 x 650 units, dropout, tied, 40 epochs",
    ),
}

_OF_GRADIENTS = {"lr": 20.0, "max_grad": 0.25}
_OF_SHARES = {"lr": 0.005, "max_grad": 1.0}  # Adam's steps do not grow with the gradient
# Where another optimiser than a preset's is asked for, and no rate.
RATES: dict[str, dict[str, float]] = {
    "sgd": _OF_GRADIENTS,
    "momentum": _OF_GRADIENTS | {"lr": 2.0},  # its steps add up to ten times as much
    "rmsprop": _OF_SHARES,
    "adam": _OF_SHARES,
    "adamw": _OF_SHARES,
}

DEFAULT = "small"
# The fewest passes over the text in which a larger preset overtakes the one before it. On PTB small
# was worse than tiny after a minute (0.5 passes) and better after three passes; the others are
# guesses.
FEWEST_PASSES = {"tiny": 0.0, "small": 1.5, "medium": 8.0, "large": 30.0}


def find_preset(name: str) -> Preset:
    """The preset called `name`. Raises ConfigError with the names there are."""
    if name not in PRESETS:
        raise ConfigError(f"no preset is called {name!r}: use one of {', '.join(PRESETS)}")
    return PRESETS[name]
