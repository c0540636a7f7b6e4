"""A whole training run as settings, and what is chosen for a text where none are given."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from rnnlm_cli.config import MOST_THREADS, CorpusConfig, ModelConfig, TrainConfig, need, need_int
from rnnlm_cli.errors import quoted
from rnnlm_cli.presets import PRESETS, find_preset

DEFAULT_CHECKPOINT = Path("checkpoints/Rnnlm.pkl")

# What is chosen for a text plans with these: minutes on two cores.
_PLANNED_TOKENS = 3_000_000  # over all epochs
_PLANNED_SPEED = 12_000  # tokens a second; fixed, so that the choice is the same on every machine
_FEWEST_STEPS = 100  # an epoch over a short text takes at least about so many
_EPOCHS = 2, 16  # with more, a short text is learnt by heart
_FEWEST_TO_SPLIT = 5_000  # words of a vocabulary whose softmax is split
_HEAD_SHARE = 0.15  # of the words, the most frequent ones; on PTB they make 84% of the text


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """One training run: a text, a recipe, and where the result goes."""

    corpus: str = "pydoc"
    preset: str = "default"
    text: CorpusConfig = field(default_factory=CorpusConfig)
    model: ModelConfig = PRESETS["default"].model
    train: TrainConfig = PRESETS["default"].train
    init_from: Path | None = None  # a checkpoint to begin with
    out: Path = DEFAULT_CHECKPOINT
    save_every: float = 60.0  # seconds between two saves of the resumable state
    log: Path | None = None  # JSON lines
    threads: int | None = None  # None: all cores

    def __post_init__(self) -> None:
        need(self.out.suffix == ".pkl", "out", quoted(self.out), "a file name ending in .pkl")
        every = self.save_every
        need(0 < every < math.inf, "save-every", every, "a positive number of seconds")
        if self.threads is not None:
            need_int("threads", self.threads, 1, MOST_THREADS)

    @classmethod
    def from_preset(cls, preset: str = "default", **given: Any) -> RunConfig:
        """The preset of that name, changed by what is `given`: fields of any of the configs.

        A budget or steps alone lift the preset's limit of epochs, epochs alone its budget.
        Raises ConfigError.
        """
        recipe = find_preset(preset)
        if "budget" in given or "steps" in given:
            given.setdefault("epochs", None)
        elif "epochs" in given:
            given["budget"] = None
        parts: dict[str, Any] = {
            "text": CorpusConfig(),
            "model": recipe.model,
            "train": recipe.train,
        }
        for part, config in parts.items():
            mine = {f.name for f in fields(config)} & set(given)
            parts[part] = replace(config, **{key: given.pop(key) for key in mine})
        return cls(preset=preset, **parts, **given)

    def fitted_to(self, train_tokens: int, vocab_size: int) -> RunConfig:
        """The same run with all that was left open chosen for a text of these sizes."""
        model, train = self.model, self.train
        batch_size, epochs = train.batch_size, train.epochs
        if batch_size is None:
            batch_size = min(20, max(1, train_tokens // (train.time_size * _FEWEST_STEPS)))
        if epochs is None and train.budget is None and train.steps is None:
            fewest, most = _EPOCHS
            epochs = min(most, max(fewest, round(_PLANNED_TOKENS / max(1, train_tokens))))
        if model.dropout is None:
            # The more often a text is seen, the more it takes not to learn it by heart: on PTB 0.1
            # was best for 3 epochs, on `pydoc` 0.5 for 16.
            passes = epochs or self._planned_tokens(batch_size) / max(1, train_tokens)
            model = replace(model, dropout=round(min(0.5, 0.1 + 0.03 * max(0, passes - 3)), 2))
        if model.head_size is None:
            # On PTB a head of 1,500 reached in 2 minutes what one softmax takes 3 for; with fewer
            # words the second cluster costs more than it saves.
            split = vocab_size >= _FEWEST_TO_SPLIT
            model = replace(model, head_size=round(_HEAD_SHARE * vocab_size) if split else 0)
        train = replace(train, batch_size=batch_size, epochs=epochs)
        return replace(self, model=model, train=train)

    def _planned_tokens(self, batch_size: int) -> float:
        """How many tokens a run without a number of epochs is likely to see."""
        train = self.train
        by_steps = (train.steps or math.inf) * batch_size * train.time_size
        by_budget = (train.budget or math.inf) * _PLANNED_SPEED
        return min(by_steps, by_budget)
