"""A text as one stream through a model: surprisal of every word, as fast as the recurrence allows.

A step of the recurrence must wait for the one before it, and at one stream it is too small for two
threads; all else need not wait. So the text goes in chunks through stages, and two threads take
whatever can be done: one runs layer 1 through chunk 5 while the other runs layer 2 through chunk 4
or projects chunk 3 to the vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rnnlm_cli.arrays import Array
from rnnlm_cli.model.layers.step import LSTMStep
from rnnlm_cli.model.model import Ids, LanguageModel
from rnnlm_cli.threads import Cores, Stage

CHUNK = 256  # steps whose inputs and scores are one GEMM each; the result does not depend on it


def shifted(ids: Ids, eos_id: int) -> Ids:
    """ids (words,) -> the input (words,) before each: `<eos>`, and all but the last."""
    return np.concatenate([np.array([eos_id], ids.dtype), ids[:-1]])


def stream_nats(
    model: LanguageModel,
    ids: Ids,
    *,
    eos_id: int,
    progress: Callable[[int], object] | None = None,
    states: Array | None = None,
) -> NDArray[np.float64]:
    """ids (words,) -> surprisal (words,) of each, in nats, the first one after `<eos>`.

    `progress` is called with the number of words just scored; `states` (words, H), if given, is
    filled with what the output layer reads. The model's state is not touched.
    """
    inputs = shifted(ids, eos_id)
    nats = np.empty(len(ids))
    words, output = model.embedding.params["W"], model.output(Cores(1))
    steps = [LSTMStep(lstm) for lstm in model.lstms]
    between: dict[tuple[int, int], Array] = {}  # what a stage left for the next one

    def place(chunk: int) -> slice:
        return slice(chunk * CHUNK, min(len(ids), (chunk + 1) * CHUNK))

    def recur(layer: int, chunk: int) -> None:
        xs = between.pop((layer, chunk)) if layer else words[inputs[place(chunk)]]
        hs = np.empty((len(xs), len(steps[layer].h)), xs.dtype)
        steps[layer].run(steps[layer].inputs(xs), hs)
        if model.is_residual(layer):
            hs += xs
        between[layer + 1, chunk] = hs

    def project(layer: int, chunk: int) -> None:
        hs, ts = between.pop((layer, chunk)), ids[place(chunk)]
        if model.projection is not None:
            hs = hs @ model.projection.params["W"] + model.projection.params["b"]
        if states is not None:
            states[place(chunk)] = hs
        nats[place(chunk)] = output.nats(hs[None], ts[None])[0]
        if progress is not None:
            progress(len(ts))

    stages: list[Stage] = [*[recur] * len(steps), project]
    model.cores.pipeline(stages, -(-len(ids) // CHUNK), in_order=len(steps))
    return nats
