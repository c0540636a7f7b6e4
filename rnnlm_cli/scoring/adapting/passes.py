"""One pass over a text: what a model says of every word, and the states it said it from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.arrays import Doubles, Floats, Ids
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.model.sizes import output_size
from rnnlm_cli.scoring.adapting.temper import tempered_nats
from rnnlm_cli.scoring.streaming import Watch, stream_nats
from rnnlm_cli.watching import Progress, unseen


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """Surprisal (T,) of every word in nats, by temperature, and states (T, H) before each word."""

    nats: dict[float, Doubles]
    states: Floats


def empty_states(model: LanguageModel, words: int) -> Floats:
    """Room for what the output layer reads for so many words: (words, H)."""
    return np.empty((words, output_size(model.config)), model.flat_params.dtype)


def static_pass(
    model: LanguageModel,
    ids: Ids,
    *,
    before: int,
    temperatures: Sequence[float],
    progress: Progress = unseen,
) -> Pass:
    """Score ids (T,) as one stream, at each of `temperatures`. The model's state is not touched."""
    states = empty_states(model, len(ids))
    static = stream_nats(model, ids, before=before, watch=Watch(progress), states=states)
    assert static is not None, "stopped by nobody"
    nats: dict[float, Doubles] = {1.0: static}
    others = [temperature for temperature in temperatures if temperature != 1]
    if others:
        rows = tempered_nats(model, states, ids, others)
        nats |= dict(zip(others, rows, strict=True))
    return Pass(nats, states)
