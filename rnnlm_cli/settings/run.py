"""A whole training run as settings; what is None in it is chosen for a text by planning.py."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from rnnlm_cli.errors import quoted
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.presets import DEFAULT, PRESETS, RATES, find_preset
from rnnlm_cli.settings.setting import MOST_THREADS, need, need_int
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.settings.train import TrainConfig

DEFAULT_CHECKPOINT = Path("checkpoints/Rnnlm.pkl")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """One training run: a text, a recipe, and where the result goes."""

    corpus: str = "pydoc"
    preset: str = DEFAULT
    text: CorpusConfig = field(default_factory=CorpusConfig)
    model: ModelConfig = PRESETS[DEFAULT].model
    train: TrainConfig = PRESETS[DEFAULT].train
    init_from: Path | None = None  # a checkpoint to begin with
    out: Path = DEFAULT_CHECKPOINT
    save_every: float = 60.0  # seconds between two saves of the resumable state
    log: Path | None = None  # JSON lines
    threads: int | None = None  # None: all cores
    # Without a preset: what was given, until planning.py has chosen one for the text.
    choices: dict[str, Any] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        need(self.out.suffix == ".pkl", "out", quoted(self.out), "a file name ending in .pkl")
        every = self.save_every
        need(0 < every < math.inf, "save-every", every, "a positive number of seconds")
        if self.threads is not None:
            need_int("threads", self.threads, 1, MOST_THREADS)

    @classmethod
    def from_preset(cls, preset: str | None = None, **given: Any) -> RunConfig:
        """The preset of that name, changed by what is `given`: fields of any of the configs.

        Without a name it is the default one until planning.py has chosen one for the text.

        A budget or steps alone lift the preset's limit of epochs, epochs alone its budget. Another
        optimiser than the preset's comes with its own rate.
        Raises ConfigError.
        """
        choices = dict(given) if preset is None else None
        preset = preset or DEFAULT
        recipe = find_preset(preset)
        if "budget" in given or "steps" in given:
            given.setdefault("epochs", None)
        elif "epochs" in given:
            given["budget"] = None
        given.setdefault("projection", _needs_projection(recipe.model, given))
        given = _rates(recipe.train, given) | given
        parts: dict[str, Any] = {
            "text": CorpusConfig(),
            "model": recipe.model,
            "train": recipe.train,
        }
        for part, config in parts.items():
            mine = {f.name for f in fields(config)} & set(given)
            parts[part] = replace(config, **{key: given.pop(key) for key in mine})
        return cls(preset=preset, choices=choices, **parts, **given)


def _needs_projection(model: ModelConfig, given: dict[str, Any]) -> bool:
    """Whether `model` with what is given has one: where tied sizes differ, else as it had."""
    D, H, layers, tied = (
        given.get(name, getattr(model, name))
        for name in ("wordvec_size", "hidden_size", "layers", "tied")
    )
    return bool(tied) and (model.projection or (layers == 1 and D != H))


def _rates(recipe: TrainConfig, given: dict[str, Any]) -> dict[str, Any]:
    """What another optimiser than the recipe's needs where the recipe's settings do not suit it."""
    optimizer = given.get("optimizer", recipe.optimizer)
    if optimizer == recipe.optimizer:
        return {}
    undecayed = {"weight_decay": 0.0}  # the recipe's is a share of the rate, others are an L2
    if RATES.get(optimizer) == RATES[recipe.optimizer]:
        return undecayed
    return undecayed | RATES.get(optimizer, {})
