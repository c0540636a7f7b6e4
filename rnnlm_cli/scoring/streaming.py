"""A text as one stream through a model: surprisal of every word, as fast as the recurrence allows.

A step of the recurrence must wait for the one before it, and at one stream it is too small for two
threads; all else need not wait. So the text goes in chunks through stages, and two threads take
whatever can be done: one runs layer 1 through chunk 5 while the other runs layer 2 through chunk 4
or projects chunk 3 to the vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rnnlm_cli.arrays import Doubles, Floats, Ids
from rnnlm_cli.corpus.kept import scratch
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.threads import Cores, Stage
from rnnlm_cli.watching import Progress, Stop, never, unseen

CHUNK = 256  # steps whose inputs and scores are one GEMM each; the result does not depend on it


class Sharing(Protocol):
    """Processes that score a text together: each runs the recurrence and scores its own chunks."""

    def has(self, chunk: int) -> bool:
        """Whether that chunk is scored here."""

    def joined(self, nats: Doubles | None) -> Doubles | None:
        """nats (scored,), zero where it is not scored here -> those of all; None if given up."""


class _Whole:
    """The sharing of one process, which scores all of a text."""

    def has(self, chunk: int) -> bool:
        """All of them."""
        return True

    def joined(self, nats: Doubles | None) -> Doubles | None:
        """They are whole already."""
        return nats


_WHOLE = _Whole()


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is beside a text that is scored: told how far it is, asked to stop, taking a part."""

    progress: Progress = unseen
    stop: Stop = never
    shared: Sharing = _WHOLE


UNWATCHED = Watch()


def shifted(ids: Ids, before: int) -> Ids:
    """ids (words,) -> the input (words,) before each: `before` the first, and all but the last."""
    return np.concatenate([np.array([before], np.int32), ids[:-1].astype(np.int32, copy=False)])


def run_stream(
    model: LanguageModel,
    ids: Ids,
    read: Callable[[slice, Floats], object],
    *,
    before: int,
    watch: Watch = UNWATCHED,
) -> bool:
    """Take ids (words,) through `model` as one stream; `before` is the input before the first.

    `read` is called once for each chunk, in no order and by any thread: with its place in the text,
    and with what the output layer reads there, hs (chunk, H). The model's state is not touched.
    Returns whether it was never stopped.
    """
    words, steps = model.network.embedding, model.network.steps(1)
    between: dict[tuple[int, int], Floats] = {}  # what a stage left for the next one

    def place(chunk: int) -> slice:
        return slice(chunk * CHUNK, min(len(ids), (chunk + 1) * CHUNK))

    def inputs(chunk: int) -> Ids:
        where = place(chunk)
        return shifted(ids[where], before if chunk == 0 else int(ids[where.start - 1]))

    def go(part: int, chunk: int) -> None:
        xs = between.pop((part, chunk)) if part else words.run(inputs(chunk))
        between[part + 1, chunk] = steps[part].run(xs)

    def finish(part: int, chunk: int) -> None:
        where = place(chunk)
        read(where, between.pop((part, chunk)))
        watch.progress(where.stop - where.start)

    stages: list[Stage] = [*[go] * len(steps), finish]
    chunks = -(-len(ids) // CHUNK)
    with model.alone():  # another thread may be changing the weights for a while: dynamic.py
        return model.cores.pipeline(stages, chunks, in_order=len(steps), stop=watch.stop)


def stream_nats(
    model: LanguageModel,
    ids: Ids,
    *,
    before: int,
    watch: Watch = UNWATCHED,
    states: Floats | None = None,
) -> Doubles | None:
    """ids (words,) -> surprisal (words,) of each, in nats; `before` is the input before the first.

    `states` (words, H), if given, is filled with what the output layer reads. None as soon as it
    is stopped.
    """
    nats, output = scratch(len(ids), np.float64), model.output(Cores(1))

    def score(place: slice, hs: Floats) -> None:
        if states is not None:
            states[place] = hs
        if watch.shared.has(place.start // CHUNK):
            targets = ids[place][None].astype(np.int32, copy=False)
            nats[place] = output.nats(hs[None], targets)[0]

    done = run_stream(model, ids, score, before=before, watch=watch)
    return watch.shared.joined(nats if done else None)
