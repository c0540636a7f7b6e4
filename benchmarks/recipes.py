"""How the peer is trained: the recipes of `word_model`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from benchmarks.sizes import SIZES, Size
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.presets import PRESETS
from rnnlm_cli.settings.setting import config_of
from rnnlm_cli.settings.train import BETA1, WITH_BETA1


@dataclass(frozen=True)
class Recipe:
    """A model, its batch, and how its learning rate falls."""

    size: Size
    schedule: Literal["plateau", "linear"]  # divided by 4, or to zero over the budget
    lr: float = 20.0
    max_grad: float = 0.25
    weight_decay: float = 0.0
    beta1: float = BETA1

    @property
    def of_adam(self) -> dict[str, tuple[float, float]]:
        """What torch's class takes where it is one of Adam."""
        return {"betas": (self.beta1, 0.999)} if self.size.optimizer in WITH_BETA1 else {}


def _tied(name: str, units: int, layers: int, dropout: float) -> Size:
    model = ModelConfig(
        wordvec_size=units, hidden_size=units, layers=layers, tied=True, dropout=dropout
    )
    return Size(name, model)


def _ours(name: str, dropout: float, decay: float) -> Recipe:
    """A preset of ours with one softmax and torch's dropout, which is not locked; with what our
    run chooses for the passes that it makes in the time that the preset is for.
    """
    preset = PRESETS[name]
    settings = preset.settings
    plain = {"locked": False, "dropout_hidden": 0.0, "dropout": dropout}
    size = Size(
        name,
        config_of(ModelConfig, {**settings, **plain}),
        batch_size=preset.streams,
        time_size=settings["time_size"],
        optimizer=settings["optimizer"],
    )
    return Recipe(size, "linear", settings["lr"], settings["max_grad"], decay, settings["beta1"])


RECIPES = {
    "example": Recipe(_tied("example", 200, layers=2, dropout=0.2), "plateau"),
    "example650": Recipe(_tied("example650", 650, layers=2, dropout=0.5), "plateau"),
    "tied256": Recipe(
        replace(SIZES["tied256"], model=replace(SIZES["tied256"].model, dropout=0.2)), "linear"
    ),
    "tiny": _ours("tiny", dropout=0.0, decay=0.05),
    "small": _ours("small", dropout=0.28, decay=0.1),
    "medium": _ours("medium", dropout=0.45, decay=0.1),
}
