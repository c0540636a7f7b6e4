"""From one long row of ids to batches of parallel streams.

Training cuts the text into N streams of equal length, and one segment of T steps of all streams
makes a batch; xs are the inputs and ts the words that follow them (here N = 2, T = 3):

    ids        a b c d e f g h i j k l m      each word predicts its successor
    stream 0   a b c|d e f                    batch 0: xs = a b c    ts = b c d
    stream 1   g h i|j k l                                  g h i         h i j

Scoring pads instead of cutting, so that every word is a target exactly once; its first input is
`<eos>`, as if a line had just ended, and a target of -1 is not scored.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnlm_cli.arrays import Ids
from rnnlm_cli.errors import CorpusError

Batch = tuple[Ids, Ids]


def segment_places(words: int, batch_size: int, time_size: int, position: int) -> Ids:
    """The places (N, T) in a row of so many words of the segment that begins `position` steps into
    every stream.

    Past the end of its stream a segment goes on in the next one, and the last in the first.
    """
    starts = np.arange(batch_size)[:, None] * (words // batch_size)
    return (starts + position + np.arange(time_size)) % words


def check_fills_a_batch(words: int, batch_size: int, time_size: int) -> None:
    """Raises CorpusError if so many words are too few for one batch of streams."""
    need = batch_size * time_size + 1
    if words < need:
        raise CorpusError(
            f"{words:,} tokens, but {batch_size} streams of segments of {time_size} need {need:,}"
        )


class ParallelStreams:
    """N parallel streams over a text, as in the book's RnnlmTrainer and eval_perplexity."""

    def __init__(
        self, ids: Ids, batch_size: int, time_size: int, mine: slice = slice(None)
    ) -> None:
        """ids (words,); of the streams, `mine` are batched here and the others elsewhere.

        Raises CorpusError if they do not fill one batch.
        """
        check_fills_a_batch(len(ids), batch_size, time_size)
        self.batch_size, self.time_size, self._mine = batch_size, time_size, mine
        self.ids, self._inputs, self._targets = ids, ids[:-1], ids[1:]
        self.steps_per_epoch = whole_segments(len(ids), streams=batch_size, time_size=time_size)

    def batch(self, position: int) -> Batch:
        """xs, ts (N, T) of the segment that begins `position` steps into every stream."""
        places = segment_places(len(self._inputs), self.batch_size, self.time_size, position)
        places = places[self._mine]
        return _taken(self._inputs, places), _taken(self._targets, places)


def _taken(ids: Ids, places: Ids) -> Ids:
    """The ids at `places`, as int32: on the disk they may be smaller."""
    return ids[places].astype(np.int32, copy=False)


def first_input(ids: Ids, eos_id: int | None) -> tuple[int, Ids]:
    """The input before the first word to score, and what of `ids` (words,) is to be scored.

    `<eos>` stands before all of them; without one, the first word before the others.
    """
    if eos_id is not None:
        return eos_id, ids
    return (int(ids[0]), ids[1:]) if len(ids) else (0, ids)


def padded_places(words: int, *, streams: int, time_size: int) -> Iterator[Ids]:
    """The places (streams, <= time_size) of the targets of each batch of `padded_segments`.

    They are in order; every place in a row of so many words is there once, and -1 is padding.
    """
    length = -(-words // streams)
    starts = np.arange(streams)[:, None] * length
    for start in range(0, length, time_size):
        places = starts + np.arange(start, min(start + time_size, length))
        yield np.where(places < words, places, -1)


def padded_segments(ids: Ids, *, streams: int, time_size: int, before: int) -> Iterator[Batch]:
    """Batches (streams, <= time_size) in order that hold every id as a target exactly once."""
    for places in padded_places(len(ids), streams=streams, time_size=time_size):
        ts = np.where(places < 0, np.int32(-1), _taken(ids, places))
        xs = np.where(places < 1, np.int32(before), _taken(ids, np.maximum(places - 1, 0)))
        yield xs, ts


def whole_segments(words: int, *, streams: int, time_size: int) -> int:
    """How many segments a pass over `streams` streams has, each of whose inputs has a successor."""
    return (words - 1) // (streams * time_size)


def cut_places(words: int, *, streams: int, time_size: int) -> Iterator[Ids]:
    """The places (streams, time_size) of the targets of each batch of `cut_segments`."""
    for step in range(whole_segments(words, streams=streams, time_size=time_size)):
        yield 1 + segment_places(words - 1, streams, time_size, step * time_size)


def cut_segments(ids: Ids, *, streams: int, time_size: int) -> Iterator[Batch]:
    """The batches of one pass over `streams` streams: the tail that fills no batch is dropped.

    Raises CorpusError at once if nothing is left.
    """
    cut = ParallelStreams(ids, streams, time_size)
    return (cut.batch(step * time_size) for step in range(cut.steps_per_epoch))
