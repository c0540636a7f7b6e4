"""One pass over a text: what a model says of every word, and the states it said it from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.arrays import Array
from rnnlm_cli.model.model import Ids, LanguageModel
from rnnlm_cli.model.sizes import output_size
from rnnlm_cli.scoring.adapting.temper import tempered_nats
from rnnlm_cli.scoring.streaming import stream_nats

Progress = Callable[[int], object]  # called with the number of words just scored


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """Surprisal (T,) of every word in nats, by temperature, and states (T, H) before each word."""

    nats: dict[float, Array]
    states: Array


def empty_states(model: LanguageModel, words: int) -> Array:
    """Room for what the output layer reads for so many words: (words, H)."""
    return np.empty((words, output_size(model.config)), model.flat_params.dtype)


def static_pass(
    model: LanguageModel,
    ids: Ids,
    *,
    eos_id: int,
    temperatures: Sequence[float],
    progress: Progress | None = None,
) -> Pass:
    """Score ids (T,) as one stream, at each of `temperatures`. The model's state is not touched."""
    states = empty_states(model, len(ids))
    nats = {1.0: stream_nats(model, ids, eos_id=eos_id, progress=progress, states=states)}
    others = [temperature for temperature in temperatures if temperature != 1]
    if others:
        rows = tempered_nats(model, states, ids, others)
        nats |= dict(zip(others, rows, strict=True))
    return Pass(nats, states)
