"""Recipes with a name: what `--preset` chooses from."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlm_cli.config import ModelConfig, TrainConfig
from rnnlm_cli.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Preset:
    """A recipe with a name."""

    model: ModelConfig
    train: TrainConfig
    about: str


PRESETS = {
    "default": Preset(
        # Adam, because short runs make few steps; vectors of the book's 0.01 would start tied
        # output weights so small that hardly any gradient reaches the LSTM.
        ModelConfig(
            wordvec_size=200,
            hidden_size=200,
            tied=True,
            dropout=None,
            forget_bias=1.0,
            embedding_std=0.05,
            head_size=None,
        ),
        TrainConfig(time_size=20, optimizer="adam", lr=0.01, max_grad=1.0),
        "200 units, tied, Adam, a few minutes: sizes itself to the text",
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


def find_preset(name: str) -> Preset:
    """The preset called `name`. Raises ConfigError with the names there are."""
    if name not in PRESETS:
        raise ConfigError(f"no preset is called {name!r}: use one of {', '.join(PRESETS)}")
    return PRESETS[name]
