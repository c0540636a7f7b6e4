"""A text as one stream through a model: surprisal of every word, as fast as the recurrence allows.

A step of the recurrence must wait for the one before it, and at one stream it is too small for two
threads; all else need not wait. So the text goes in chunks through stages, and two threads take
whatever can be done: one runs layer 1 through chunk 5 while the other runs layer 2 through chunk 4
or projects chunk 3 to the vocabulary.
"""

from __future__ import annotations

import numpy as np

from rnnlm_cli.arrays import Doubles, Floats, Ids
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.stopping import Progress, Stop, never
from rnnlm_cli.threads import Cores, Stage

CHUNK = 256  # steps whose inputs and scores are one GEMM each; the result does not depend on it


def first_input(ids: Ids, eos_id: int | None) -> tuple[int, Ids]:
    """The input before the first word to score, and what of `ids` (words,) is to be scored.

    `<eos>` stands before all of them; without one, the first word before the others.
    """
    if eos_id is not None:
        return eos_id, ids
    return (int(ids[0]), ids[1:]) if len(ids) else (0, ids)


def shifted(ids: Ids, eos_id: int) -> Ids:
    """ids (words,) -> the input (words,) before each: `<eos>`, and all but the last."""
    return np.concatenate([np.array([eos_id], ids.dtype), ids[:-1]])


def stream_nats(
    model: LanguageModel,
    ids: Ids,
    *,
    eos_id: int,
    progress: Progress | None = None,
    stop: Stop = never,
    states: Floats | None = None,
) -> Doubles | None:
    """ids (words,) -> surprisal (words,) of each, in nats, the first one after `<eos>`.

    `progress` is called with the number of words just scored; `states` (words, H), if given, is
    filled with what the output layer reads. The model's state is not touched. None as soon as
    `stop` says yes.
    """
    inputs = shifted(ids, eos_id)
    nats = np.empty(len(ids))
    words, steps, output = model.network.embedding, model.network.steps(1), model.output(Cores(1))
    between: dict[tuple[int, int], Floats] = {}  # what a stage left for the next one

    def place(chunk: int) -> slice:
        return slice(chunk * CHUNK, min(len(ids), (chunk + 1) * CHUNK))

    def go(part: int, chunk: int) -> None:
        xs = between.pop((part, chunk)) if part else words.run(inputs[place(chunk)])
        between[part + 1, chunk] = steps[part].run(xs)

    def score(part: int, chunk: int) -> None:
        hs, ts = between.pop((part, chunk)), ids[place(chunk)]
        if states is not None:
            states[place(chunk)] = hs
        nats[place(chunk)] = output.nats(hs[None], ts[None])[0]
        if progress is not None:
            progress(len(ts))

    stages: list[Stage] = [*[go] * len(steps), score]
    chunks = -(-len(ids) // CHUNK)
    done = model.cores.pipeline(stages, chunks, in_order=len(steps), stop=stop)
    return nats if done else None
