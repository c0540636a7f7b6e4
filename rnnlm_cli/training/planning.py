"""What is chosen for a text where nothing is given: batch, epochs, dropout, and for a budget sizes.

A choice is a fixed function of the text's sizes and, under a budget, of how fast the machine is:
the recipe for an hour of a slow one is that for less of a fast one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from rnnlm_cli.model.sizes import operations, parameter_count
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.presets import DEFAULT, FEWEST_PASSES, recipe
from rnnlm_cli.settings.run import PLACES, RunPlan, RunRequest
from rnnlm_cli.settings.setting import config_of
from rnnlm_cli.settings.text import Unit
from rnnlm_cli.settings.train import TrainConfig

_TOKENS = 3_000_000  # over all epochs, where neither they nor a budget are given
_EPOCHS = 2, 16  # with more, a short text is learnt by heart
_SHORT = 300_000  # tokens: a larger preset than tiny learns fewer by heart, as it did `pydoc`
_FEWEST_STEPS = 100  # an epoch over a short text takes at least about so many
_FEWEST_TO_SPLIT = 5_000  # words of a vocabulary whose softmax is split
_HEAD_SHARE = 0.15  # of the words, the most frequent ones; on PTB they make 84% of the text
_EFFICIENCY = 0.75  # what training reaches of the speed of large products, validations included
_UPDATE = 1_000  # operations that would take as long as an update takes for a parameter
_ASSUMED_FLOPS = 200e9  # of two cores, where none were measured


@dataclass(frozen=True, slots=True)
class TextFacts:
    """What is known of a text: its unit, and the sizes that choices depend on."""

    train_tokens: int
    vocab_size: int
    unit: Unit = "word"


def words_per_second(
    model: ModelConfig, train: TrainConfig, text: TextFacts, flops: float
) -> float:
    """How fast training is likely to be on a machine that does `flops` a second."""
    updates = _UPDATE * parameter_count(text.vocab_size, model)
    cost = operations(text.vocab_size, model) + updates / (train.batch_size * train.time_size)
    return _EFFICIENCY * flops / cost


def passes(
    model: ModelConfig, train: TrainConfig, text: TextFacts, flops: float = _ASSUMED_FLOPS
) -> float:
    """How often a run is likely to see the text, whatever it drops."""
    tokens = max(1, text.train_tokens)
    expected = [float(train.epochs)] if train.epochs else []
    if train.steps:
        expected.append(train.steps * train.batch_size * train.time_size / tokens)
    if train.budget:
        expected.append(train.budget * words_per_second(model, train, text, flops) / tokens)
    return min(expected)


def fitted(asked: RunRequest, text: TextFacts) -> RunPlan:
    """The run with all that was left open chosen for the text."""
    names = _suitable(text)
    return _with_preset(asked, DEFAULT if DEFAULT in names else names[-1], text)


def planned(asked: RunRequest, text: TextFacts, flops: float) -> tuple[RunPlan, str]:
    """The run for its budget, fitted to the text, and a note: what was chosen, and the forecast.

    Where no preset was given it is the largest that sees the text often enough to pay.
    """
    if asked.preset is None:
        run = _largest_that_pays(asked, text, flops)
        reason = f"preset {run.preset}, the largest that pays for this text in this time"
    else:
        run, reason = _with_preset(asked, asked.preset, text, flops), f"preset {asked.preset}"
    speed = words_per_second(run.model, run.train, text, flops)
    epochs = passes(run.model, run.train, text, flops)
    return run, (
        f"{reason}: about {epochs:.1f} epochs at {speed:,.0f} words/s "
        f"({flops / 1e9:,.0f} GFLOP/s here)"
    )


def told(asked: RunRequest, run: RunPlan, text: TextFacts) -> list[str]:
    """A note of what was chosen for the text, if anything was."""
    chosen = [
        f"{name.replace('_', ' ')} {value}"
        for config in (run.model, run.train)
        for name in (f.name for f in fields(config))
        if (value := getattr(config, name)) and value != asked.recipe.get(name)
    ]
    if not chosen:
        return []
    return [f"chosen for {text.train_tokens:,} training tokens: {', '.join(chosen)}"]


def _suitable(text: TextFacts) -> list[str]:
    """The presets that suit the length of a text, the smallest first."""
    names = list(FEWEST_PASSES)
    return names[:1] if text.train_tokens < _SHORT else names


def _largest_that_pays(asked: RunRequest, text: TextFacts, flops: float) -> RunPlan:
    for name in reversed(_suitable(text)):
        run = _with_preset(asked, name, text, flops)
        if passes(run.model, run.train, text, flops) >= FEWEST_PASSES[name]:
            break
    return run


def _with_preset(
    asked: RunRequest, name: str, text: TextFacts, flops: float = _ASSUMED_FLOPS
) -> RunPlan:
    """The run with the preset asked for, or else that one."""
    preset = asked.preset or name
    known = asked.recipe if preset in (asked.preset, DEFAULT) else recipe(preset, asked.settings)
    places = {name: getattr(asked, name) for name in PLACES}
    closed = {**_sizes_for(text, known), **known}
    model, train = config_of(ModelConfig, closed), config_of(TrainConfig, closed)
    if "dropout" not in known:
        model = replace(model, dropout=_dropout_for(passes(model, train, text, flops)))
    how = replace(asked.text, unit=text.unit)
    return RunPlan(preset=preset, text=how, model=model, train=train, **places)


def _sizes_for(text: TextFacts, known: Mapping[str, Any]) -> dict[str, int]:
    """Batch size, epochs and head size, should they be open."""
    batch_size = min(20, max(1, text.train_tokens // (known["time_size"] * _FEWEST_STEPS)))
    fewest, most = _EPOCHS
    epochs = min(most, max(fewest, round(_TOKENS / max(1, text.train_tokens))))
    # On PTB a head of 1,500 reached in 2 minutes what one softmax takes 3 for; with fewer words the
    # second cluster costs more than it saves.
    split = text.vocab_size >= _FEWEST_TO_SPLIT
    head_size = round(_HEAD_SHARE * text.vocab_size) if split else 0
    return {"batch_size": batch_size, "epochs": epochs, "head_size": head_size}


def _dropout_for(passes: float) -> float:
    """The more often a text is seen, the more it takes not to learn it by heart."""
    dropout = 0.15 + 0.2 * math.log2(max(1.0, passes) / 3)
    return round(min(0.45, max(0.0, dropout)), 2)
