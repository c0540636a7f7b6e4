"""Many texts through a model, each by itself: the figures of every one of their words.

A passage is what has one state: it begins from zero after `<eos>`, as the text of an evaluation
does. Short passages go side by side, sorted by their length, so that a step multiplies a matrix and
not a vector; one alone goes as a stream, with the figures of an evaluation to the bit. What is
beside it moves a surprisal in the last digits of float32 alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import numpy as np

from rnnlm_cli.arrays import Doubles, Floats, Ids, Mask, quietly
from rnnlm_cli.corpus.batches import first_input
from rnnlm_cli.machine import need
from rnnlm_cli.model.footprint import layer_bytes, step_bytes
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.model.sizes import ModelSizes
from rnnlm_cli.scoring.distribution import Predictions, predict_places, prediction_bytes
from rnnlm_cli.scoring.streaming import CHUNK, run_stream, shifted
from rnnlm_cli.threads import Cores
from rnnlm_cli.watching import Progress, unseen

_WINDOW = 4096  # passages that are sorted by length at a time
_STREAMS = 64  # passages side by side, at most
PLACES = 2048  # words side by side, at most
_LONG = 1024  # words from which a passage goes alone

Item = TypeVar("Item")
Begun = tuple[int, Ids]  # the input before a passage, and its words that are scored


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Of every word of a passage, in its order; `predictions` where they were asked for."""

    ids: Ids  # (words,)
    nats: Doubles  # (words,) surprisal
    predictions: Predictions | None

    def part(self, keep: Mask) -> Scores:
        """Those of some of the words."""
        found = self.predictions and self.predictions.part(keep)
        return Scores(self.ids[keep], self.nats[keep], found)


def passage_parts(model: ModelSizes) -> dict[str, int]:
    """Bytes that surprisals of passages take beside the model, by what they are for."""
    return {"layers": layer_bytes(model, max(PLACES, CHUNK)) + step_bytes(model.config)}


def score_passages(
    model: LanguageModel,
    passages: Iterable[Ids],
    *,
    eos_id: int | None,
    guesses: int | None = None,
    progress: Progress = unseen,
) -> Iterator[Scores]:
    """The figures of each of `passages`, arrays (words,) of ids, in their order.

    Without an `eos_id` the first word of a passage is not scored: see `first_input`.

    `guesses`: how many of them at each place, beside entropy and rank; None: surprisals alone.
    Passages are read some thousands at a time: however many there are, the memory is the same.
    `progress` is called with the number of words just scored. The model's state is left as it was.
    Raises ConfigError where memory cannot hold what is predicted.
    """
    if guesses is not None:
        parts = {"predictions": prediction_bytes(model.vocab_size, model.cores.threads)}
        need("scoring with entropies and ranks", parts, "use fewer threads")
    for window in windows(passages, _WINDOW):
        begun = [first_input(ids, eos_id) for ids in window]
        found = {index: _nothing(guesses) for index, (_, ids) in enumerate(begun) if not len(ids)}
        for batch in _batches([len(ids) for _, ids in begun]):
            several = [begun[index] for index in batch]
            score = _alone if len(several) == 1 else _side_by_side
            with quietly(), model.cores.held():
                found |= zip(batch, score(model, several, guesses), strict=True)
            progress(sum(len(ids) for _, ids in several))
        yield from (found[index] for index in range(len(window)))


def windows(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """`items`, so many at a time."""
    rest = iter(items)
    while window := list(islice(rest, size)):
        yield window


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The numbers of the passages that go side by side: of like lengths, the shortest first."""
    batch: list[int] = []
    for length, index in sorted((length, index) for index, length in enumerate(lengths) if length):
        full = len(batch) == _STREAMS or (len(batch) + 1) * length > PLACES
        if batch and (full or length >= _LONG):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _nothing(guesses: int | None) -> Scores:
    """The scores of a passage without a word."""
    none, K = np.empty(0, np.int32), guesses or 0
    found = Predictions(np.empty(0), none, np.empty((0, K), np.int32), np.empty((0, K)))
    return Scores(none, np.empty(0), None if guesses is None else found)


def _alone(model: LanguageModel, passages: list[Begun], guesses: int | None) -> list[Scores]:
    """One passage, as a stream: each of its chunks is scored by one thread."""
    ((first, ids),), one, parts = passages, Cores(1), dict[int, Scores]()
    output = model.output(one)

    def read(place: slice, hs: Floats) -> None:
        targets = ids[place]
        nats = output.nats(hs[None], targets[None])[0]
        parts[place.start] = Scores(targets, nats, _predicted(model, hs, targets, guesses, one))

    run_stream(model, ids, read, before=first)
    return [_joined([parts[start] for start in sorted(parts)])]


def _side_by_side(model: LanguageModel, passages: list[Begun], guesses: int | None) -> list[Scores]:
    """Several passages, each a stream of one batch; the shorter ones end before the last."""
    N, T = len(passages), max(len(ids) for _, ids in passages)
    xs, ts = np.zeros((N, T), np.int32), np.full((N, T), -1, np.int32)
    for n, (first, ids) in enumerate(passages):
        xs[n, : len(ids)], ts[n, : len(ids)] = shifted(ids, first), ids
    scored = np.nonzero(ts >= 0)  # the words alone, one passage after the other
    with model.fresh_state():
        hs = model.hidden(xs)
        nats = model.output(model.cores).nats(hs, ts)
        whole = _predicted(model, hs[scored], ts[scored], guesses, model.cores)
    ends = np.cumsum([len(ids) for _, ids in passages])
    return [
        Scores(ids, nats[n, : len(ids)].copy(), whole and whole.part(slice(end - len(ids), end)))
        for n, ((_, ids), end) in enumerate(zip(passages, ends, strict=True))
    ]


def _predicted(
    model: LanguageModel, hs: Floats, targets: Ids, guesses: int | None, cores: Cores
) -> Predictions | None:
    if guesses is None:
        return None
    return predict_places(model.network.affine, hs, targets, guesses, cores)


def _joined(parts: list[Scores]) -> Scores:
    """The scores of a passage that was cut into `parts`."""
    predictions = [part.predictions for part in parts if part.predictions is not None]
    return Scores(
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.nats for part in parts]),
        Predictions.joined(predictions) if predictions else None,
    )
