"""Recipes with a name: what `--preset` chooses from, and what comes of it with what is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.setting import config_of, given_of
from rnnlm_cli.settings.train import BETA1, OPTIMIZERS, OptimizerName, TrainConfig


@dataclass(frozen=True, slots=True)
class Preset:
    """A recipe with a name. What its settings lack is chosen for a text: training/planning.py."""

    settings: Mapping[str, Any]
    about: str
    streams: int = 20  # side by side, where the text is long enough for them
    # The fewest passes over the text in which it overtakes the preset before it; None: it must be
    # asked for. On PTB three of small ended at 89.8, as long a run of tiny at 95.7, half as long a
    # one at 96.4. The 12 of medium are a guess: in the time of 7.4 small was at 80.0, it at 81.9.
    fewest_passes: float | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """All settings of a model and its training, but for those `open`: they have mere defaults."""

    model: ModelConfig
    train: TrainConfig
    open: frozenset[str]  # of OPEN: to be chosen for a text

    def closed(self, chosen: Mapping[str, Any]) -> Recipe:
        """With those of the `chosen` settings that are open; what is known stays as it is."""
        known = {name: value for name, value in chosen.items() if name in self.open}
        return Recipe(
            replace(self.model, **given_of(ModelConfig, known)),
            replace(self.train, **given_of(TrainConfig, known)),
            self.open - known.keys(),
        )


def _rates(optimizer: OptimizerName) -> dict[str, float]:
    rule = OPTIMIZERS[optimizer]
    return {"lr": rule.lr, "max_grad": rule.max_grad}


_BOOK = {f.name: f.default for kind in (ModelConfig, TrainConfig) for f in fields(kind)}
_SPLIT = "head_size", "cluster_edges"  # of which whoever gives one has the other closed
OPEN = "dropout", "weight_decay", *_SPLIT, "batch_size", "epochs"
# Vectors of the book's 0.01 would start tied output weights so small that hardly any gradient
# reaches the LSTM. Adam, because short runs make few steps; with the decay of AdamW, ten minutes on
# PTB ended at 88.2 instead of 92.8 on the validation split, and an hour at 74.7 instead of 83.7.
# Biases that begin at the shares of the words took 20 off an epoch of `tiny`. So few steps have no
# time for a mean over ten of them: half of the gradient before took 7 off that epoch, at a higher
# rate, and 2.5 off three of `small`.
_SMALL: dict[str, Any] = {
    **{name: value for name, value in _BOOK.items() if name not in OPEN},
    **_rates("adamw"),
    "wordvec_size": 256,
    "hidden_size": 512,
    "projection": True,
    "tied": True,
    "forget_bias": 1.0,
    "unigram_bias": True,
    "embedding_std": 0.05,
    "optimizer": "adamw",
    "beta1": 0.5,
}

PRESETS = {
    "tiny": Preset(
        _SMALL | {"wordvec_size": 128, "hidden_size": 256, "time_size": 20, "lr": 0.014},
        "one LSTM of 256 units, for a minute",
        streams=32,
        fewest_passes=0.0,
    ),
    "small": Preset(
        _SMALL | {"lr": 0.01},
        "one LSTM of 512 units, for minutes: the default",
        streams=32,
        fewest_passes=2.0,
    ),
    "medium": Preset(
        _SMALL
        # Twenty epochs have the time: after two thirds of them 0.5 at 0.008 was at 84.6 for 81.6.
        | {"wordvec_size": 300, "hidden_size": 650, "lr": 0.006, "beta1": BETA1}
        | {"locked": True, "dropout_hidden": 0.25},
        "one LSTM of 650 units, with locked dropout, for an hour",
        streams=32,
        fewest_passes=12.0,
    ),
    "book": Preset(
        _BOOK
        | {"epochs": 4, "schedule": "constant", "reset_probability": 0.0}
        | {"protocol": "book", "keep": "last"},
        "Rnnlm of chapter 6: 100 units, SGD, 4 epochs",
    ),
    "book-better": Preset(
        _BOOK
        | {"wordvec_size": 650, "hidden_size": 650, "layers": 2, "tied": True, "dropout": 0.5}
        | {"epochs": 40, "schedule": "plateau", "reset_probability": 0.0}
        | {"restart_epochs": True, "protocol": "book"},
        "BetterRnnlm of chapter 6: 2 x 650 units, dropout, tied, 40 epochs",
    ),
}

DEFAULT = "small"


def find_preset(name: str) -> Preset:
    """The preset called `name`. Raises ConfigError with the names there are."""
    if name not in PRESETS:
        raise ConfigError(f"no preset is called {quoted(name)}: use one of {', '.join(PRESETS)}")
    return PRESETS[name]


def recipe(preset: str, given: Mapping[str, Any]) -> Recipe:
    """That preset, changed by what is `given`.

    A budget or steps alone lift the preset's limit of epochs. Another optimiser than the preset's
    comes with its own rate. Raises ConfigError if there is no such preset, and where settings do
    not go together.
    """
    base = find_preset(preset).settings
    made = {**base, **_own_rates(base, given), **given}
    if "epochs" not in given and ("budget" in given or "steps" in given):
        made["epochs"] = None
    if given.keys() & set(_SPLIT):
        made = {name: _BOOK[name] for name in _SPLIT} | made
    if "projection" not in given:
        made["projection"] = _needs_projection(base, made)
    is_open = frozenset(OPEN) - made.keys()
    return Recipe(config_of(ModelConfig, made), config_of(TrainConfig, made), is_open)


def _own_rates(base: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What another optimiser than the preset's needs where the preset's settings do not suit it."""
    mine, theirs = given.get("optimizer", base["optimizer"]), base["optimizer"]
    if mine == theirs:
        return {}
    # The preset's decay is a share of the rate, that of others an L2.
    own: dict[str, Any] = {"weight_decay": 0.0, "beta1": BETA1}
    return own if _rates(mine) == _rates(theirs) else own | _rates(mine)


def _needs_projection(base: Mapping[str, Any], made: Mapping[str, Any]) -> bool:
    """Where tied sizes differ, else as the preset had it."""
    D, H, layers = made["wordvec_size"], made["hidden_size"], made["layers"]
    return bool(made["tied"]) and (base["projection"] or (layers == 1 and D != H))
