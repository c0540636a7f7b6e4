"""What is chosen for a text where nothing is given: batch, epochs, dropout, and for a budget sizes.

A choice is a fixed function of the text's sizes and, under a budget, of how fast the machine is:
the recipe for an hour of a slow one is that for less of a fast one.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from rnnlm_cli.model.sizes import operations, parameter_count
from rnnlm_cli.settings.presets import DEFAULT, FEWEST_PASSES
from rnnlm_cli.settings.run import RunConfig
from rnnlm_cli.threads import set_blas_threads, usable_cores

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
class Text:
    """The sizes of a text that choices depend on."""

    train_tokens: int
    vocab_size: int


def measured_flops(threads: int | None = None) -> float:
    """Floating-point operations a second of products about as large as those of training."""
    set_blas_threads(threads or usable_cores())
    a, b = (np.ones(shape, np.float32) for shape in ((1500, 256), (256, 700)))
    seconds = []
    for _ in range(15):
        began = time.perf_counter()
        a @ b
        seconds.append(time.perf_counter() - began)
    return 2 * 1500 * 256 * 700 / median(seconds)


def words_per_second(config: RunConfig, text: Text, flops: float) -> float:
    """How fast training is likely to be on a machine that does `flops` a second."""
    train, vocab_size = config.train, text.vocab_size
    updates = _UPDATE * parameter_count(vocab_size, config.model)
    cost = operations(vocab_size, config.model)
    cost += updates / ((train.batch_size or 1) * train.time_size)
    return _EFFICIENCY * flops / cost


def passes(config: RunConfig, text: Text, flops: float = _ASSUMED_FLOPS) -> float:
    """How often the run is likely to see the text; `config` has its batch size."""
    train, tokens = config.train, max(1, text.train_tokens)
    expected = [float(train.epochs)] if train.epochs else []
    if train.steps and train.batch_size:
        expected.append(train.steps * train.batch_size * train.time_size / tokens)
    if train.budget:
        expected.append(train.budget * words_per_second(config, text, flops) / tokens)
    return min(expected)


def fitted(config: RunConfig, text: Text, flops: float = _ASSUMED_FLOPS) -> RunConfig:
    """The same run with all that was left open chosen for the text."""
    if config.train.budget is None and _is_open(config) and DEFAULT not in _suitable(text):
        config = _with_preset(config, _suitable(text)[-1])
    model, train = config.model, config.train
    batch_size, epochs, head_size = train.batch_size, train.epochs, model.head_size
    if batch_size is None:
        batch_size = min(20, max(1, text.train_tokens // (train.time_size * _FEWEST_STEPS)))
    if epochs is None and train.budget is None and train.steps is None:
        fewest, most = _EPOCHS
        epochs = min(most, max(fewest, round(_TOKENS / max(1, text.train_tokens))))
    if head_size is None:
        # On PTB a head of 1,500 reached in 2 minutes what one softmax takes 3 for; with fewer
        # words the second cluster costs more than it saves.
        split = text.vocab_size >= _FEWEST_TO_SPLIT
        head_size = round(_HEAD_SHARE * text.vocab_size) if split else 0
    config = replace(
        config,
        model=replace(model, head_size=head_size),
        train=replace(train, batch_size=batch_size, epochs=epochs),
    )
    if model.dropout is None:
        dropout = _dropout_for(passes(config, text, flops))
        config = replace(config, model=replace(config.model, dropout=dropout))
    return config


def _suitable(text: Text) -> list[str]:
    """The presets that suit the length of a text, the smallest first."""
    names = list(FEWEST_PASSES)
    return names[:1] if text.train_tokens < _SHORT else names


def _is_open(config: RunConfig) -> bool:
    """Whether a preset may be chosen: none was given, and the config is as it was made."""
    if config.choices is None:
        return False
    made = RunConfig.from_preset(None, **config.choices)
    return (made.model, made.train) == (config.model, config.train)


def _with_preset(config: RunConfig, name: str) -> RunConfig:
    made = RunConfig.from_preset(name, **config.choices or {})
    return replace(config, preset=name, model=made.model, train=made.train)


def _dropout_for(passes: float) -> float:
    """The more often a text is seen, the more it takes not to learn it by heart."""
    dropout = 0.15 + 0.2 * math.log2(max(1.0, passes) / 3)
    return round(min(0.45, max(0.0, dropout)), 2)


def _largest_that_pays(config: RunConfig, text: Text, flops: float) -> RunConfig:
    for name in reversed(_suitable(text)):
        run = fitted(_with_preset(config, name), text, flops)
        if passes(run, text, flops) >= FEWEST_PASSES[name]:
            break
    return run


def planned(config: RunConfig, text: Text, flops: float) -> tuple[RunConfig, str]:
    """The run for its budget, fitted to the text, and a note: what was chosen, and the forecast.

    Where no preset was given it is the largest that sees the text often enough to pay.
    """
    assert config.train.budget is not None
    if _is_open(config):
        run = _largest_that_pays(config, text, flops)
        reason = f"preset {run.preset}, the largest that pays for this text in this time"
    else:
        run, reason = fitted(config, text, flops), f"preset {config.preset}"
    speed = words_per_second(run, text, flops)
    return run, (
        f"{reason}: about {passes(run, text, flops):.1f} epochs at {speed:,.0f} words/s "
        f"({flops / 1e9:,.0f} GFLOP/s here)"
    )
