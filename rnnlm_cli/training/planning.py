"""What is chosen for a text where nothing is given: batch, epochs, dropout, and for a budget sizes.

A choice is a fixed function of the text's sizes and, under a budget, of how fast the machine takes
a few steps of the run: the recipe for an hour of a slow one is that for less of a fast one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from rnnlm_cli.arrays import Ids
from rnnlm_cli.model.sizes import ModelSizes
from rnnlm_cli.settings.presets import DEFAULT, PRESETS
from rnnlm_cli.settings.run import FRAME, RunPlan, RunRequest
from rnnlm_cli.settings.text import Unit
from rnnlm_cli.settings.train import TrainConfig
from rnnlm_cli.training.clusters import cheapest_edges, zipf_counts
from rnnlm_cli.training.pace import SCORING

_TOKENS = 3_000_000  # over all epochs, where neither they nor a budget are given
_EPOCHS = 2, 16  # with more, a short text is learnt by heart
_SHORT = 300_000  # tokens: a larger preset than tiny learns fewer by heart, as it did `pydoc`
_FEWEST_STEPS = 100  # an epoch over a short text takes at least about so many
_FEWEST_TO_DECAY = 2  # passes from which weights are pulled to zero harder: docs/results.md
_FEWEST_TO_SPLIT = 5_000  # words of a vocabulary whose softmax is split
_FEWEST_TO_CLUSTER = 20_000  # whose softmax is split in more than two
_HEAD_SHARE = 0.15  # of the words, the most frequent ones; on PTB they make 84% of the text
_EFFICIENCY = 0.75  # what training reaches of the speed of large products, validations included
_UPDATE = 1_000  # operations that would take as long as an update takes for a parameter
_ASSUMED_FLOPS = 200e9  # of two cores, where none were measured
_DOUBT = 3  # how far an estimate may be from what a machine does
_LONG = 60.0  # seconds from which a run that has no budget says beforehand how long it takes

Speed = Callable[[RunPlan], float]  # words a second with which a run trains


@dataclass(frozen=True, slots=True)
class TextFacts:
    """What is known of a text: its unit, and the sizes that choices depend on."""

    train_tokens: int
    vocab_size: int
    unit: Unit = "word"
    valid_tokens: int = 0
    # (V,) how often each word stands in the training text; None: as often as by Zipf's law
    counts: Ids | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Forecast:
    """A run, the words a second of its training, and how often it is likely to see the text."""

    run: RunPlan
    speed: float
    passes: float

    def seconds(self, text: TextFacts) -> float:
        """How long the run takes, its validations included."""
        return self.passes * _seconds_of_a_pass(text, self.speed)


def estimated(text: TextFacts, flops: float = _ASSUMED_FLOPS) -> Speed:
    """How fast a machine that does `flops` a second is likely to train, with nothing tried."""

    def speed(run: RunPlan) -> float:
        model, train = ModelSizes(text.vocab_size, run.model), run.train
        updates = _UPDATE * model.parameters()
        cost = model.operations() + updates / (train.batch_size * train.time_size)
        return _EFFICIENCY * flops / cost

    return speed


def passes(train: TrainConfig, text: TextFacts, speed: float, spent: float = 0.0) -> float:
    """How often a run is likely to see the text, whatever it drops; of a budget, `spent` seconds
    are gone."""
    tokens = max(1, text.train_tokens)
    expected = [float(train.epochs)] if train.epochs else []
    if train.steps:
        expected.append(train.steps * train.batch_size * train.time_size / tokens)
    if train.budget:
        expected.append(max(0.0, train.budget - spent) / _seconds_of_a_pass(text, speed))
    return min(expected)


def _seconds_of_a_pass(text: TextFacts, speed: float) -> float:
    return max(1, text.train_tokens + SCORING * text.valid_tokens) / speed


def fitted(asked: RunRequest, text: TextFacts) -> RunPlan:
    """The run with all that was left open chosen for the text."""
    names = _suitable(asked, text)
    name = DEFAULT if DEFAULT in names else names[0]
    return _with_preset(asked, name, text, estimated(text)).run


def planned(
    asked: RunRequest,
    text: TextFacts,
    flops: float,
    trial: Speed,
    fits: Callable[[RunPlan], bool],
    spent: float = 0.0,
) -> Forecast:
    """The run for its budget, fitted to the text, and what it is likely to make of it.

    Where no preset was given it is the largest that sees the text often enough to pay, of those
    whose memory `fits` into the machine; the smallest, if none does. `flops` a second are what the
    machine does, by which it is estimated what need not be tried; `trial` tries a run for a moment;
    of the budget, `spent` seconds are gone.
    """
    if asked.preset is not None:
        return _with_preset(asked, asked.preset, text, trial, spent)
    smallest, *larger = _suitable(asked, text)
    for name in reversed(larger):
        fewest = PRESETS[name].fewest_passes or 0.0
        rough = _with_preset(asked, name, text, estimated(text, flops), spent)
        if rough.passes < fewest / _DOUBT or not fits(rough.run):
            continue  # a trial would take of the budget what it cannot bring
        found = _with_preset(asked, name, text, trial, spent)
        if found.passes >= fewest:
            return found
    return _with_preset(asked, smallest, text, trial, spent)


def foretold(run: RunPlan, text: TextFacts, trial: Speed) -> Forecast | None:
    """What a run without a budget is likely to make of the text, should it be long."""

    def forecast(speed: float) -> Forecast:
        return Forecast(run, speed, passes(run.train, text, speed))

    is_long = forecast(estimated(text)(run)).seconds(text) >= _LONG
    return forecast(trial(run)) if is_long else None


def _suitable(asked: RunRequest, text: TextFacts) -> list[str]:
    """The presets that it may have and that suit the length of the text, the smallest first."""
    names = list(asked.recipes)
    return names[:1] if text.train_tokens < _SHORT else names


def _with_preset(
    asked: RunRequest, name: str, text: TextFacts, speed: Speed, spent: float = 0.0
) -> Forecast:
    """The run with that preset, which is one that it may have."""
    frame = {name: getattr(asked, name) for name in FRAME}
    known = asked.recipes[name]
    made = known.closed(_sizes_for(text, known.train.time_size, PRESETS[name].streams))
    made = made.closed(_split_for(text, made.train.batch_size * made.train.time_size))
    how = replace(asked.text, unit=text.unit)
    run = RunPlan(preset=name, text=how, model=made.model, train=made.train, **frame)

    def judged(run: RunPlan, speed: Speed) -> Forecast:
        found = speed(run)
        expected = passes(run.train, text, found, spent)
        noise = {"dropout": _dropout_for(expected), "weight_decay": _decay_for(expected)}
        whole = made.closed(noise)
        assert not whole.open, "a plan has nothing open"
        return Forecast(replace(run, model=whole.model, train=whole.train), found, expected)

    rough = judged(run, estimated(text))  # so that a trial drops about what the run will
    return judged(rough.run, speed)


def _sizes_for(text: TextFacts, time_size: int, streams: int) -> dict[str, int]:
    """Batch size, at most `streams`, and epochs, should they be open."""
    batch_size = min(streams, max(1, text.train_tokens // (time_size * _FEWEST_STEPS)))
    fewest, most = _EPOCHS
    epochs = min(most, max(fewest, round(_TOKENS / max(1, text.train_tokens))))
    return {"batch_size": batch_size, "epochs": epochs}


def _split_for(text: TextFacts, places: int) -> dict[str, object]:
    """Where the softmax is split, should that be open, for so many places a step."""
    # On PTB a head of 1,500 reached in 2 minutes what one softmax takes 3 for; with fewer words the
    # second cluster costs more than it saves.
    if text.vocab_size < _FEWEST_TO_SPLIT:
        return {"head_size": 0, "cluster_edges": ()}
    if text.vocab_size < _FEWEST_TO_CLUSTER:
        return {"head_size": round(_HEAD_SHARE * text.vocab_size), "cluster_edges": ()}
    counts = zipf_counts(text.vocab_size) if text.counts is None else text.counts
    return {"head_size": 0, "cluster_edges": cheapest_edges(counts, places)}


def _dropout_for(passes: float) -> float:
    """The more often a text is seen, the more it takes not to learn it by heart."""
    dropout = 0.15 + 0.2 * math.log2(max(1.0, passes) / 3)
    return round(min(0.45, max(0.0, dropout)), 2)


def _decay_for(passes: float) -> float:
    """The pull of AdamW: the weights are means over so many steps, and a short run has fewer."""
    return 0.05 if passes < _FEWEST_TO_DECAY else 0.1
