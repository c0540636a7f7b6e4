"""The surprisals of a text gone through part by part, so that a long one takes little memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from rnnlm_cli.arrays import Doubles, Ids
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.corpus.kept import IDS_AT_ONCE, scratch
from rnnlm_cli.scoring.standard_error import Part, error_of_parts

Scored = tuple[Doubles, Ids]  # the surprisals (n,) of some tokens, and those


@dataclass(slots=True)
class Sums:
    """What is added up over a text, part by part; `words` are not `<eos>`."""

    tokens: int = 0
    words: int = 0
    unknown: int = 0
    both: int = 0  # words that are known
    nats: float = 0.0  # of all of these
    nats_words: float = 0.0
    nats_known: float = 0.0
    nats_both: float = 0.0

    def add(self, nats: Doubles, targets: Ids, text: EncodedText) -> None:
        """Count a part of `text` too."""
        words, known = targets != text.eos_id, targets != text.unk_id
        both = words & known
        self.tokens += len(nats)
        self.words += int(np.count_nonzero(words))
        self.unknown += len(nats) - int(np.count_nonzero(known))
        self.both += int(np.count_nonzero(both))
        self.nats += float(nats.sum())
        self.nats_words += float(nats[words].sum())
        self.nats_known += float(nats[known].sum())
        self.nats_both += float(nats[both].sum())


def in_parts(nats: Doubles, text: EncodedText, places: Ids | None) -> Iterator[Scored]:
    """The surprisals and the tokens that they are of, in the order in which they were scored."""
    for start in range(0, len(nats), IDS_AT_ONCE):
        part = slice(start, start + IDS_AT_ONCE)
        yield nats[part], text.ids[part] if places is None else text.ids[places[part]]


def in_order(
    nats: Doubles, text: EncodedText, places: Ids | None
) -> Callable[[], Iterator[Scored]]:
    """The same in the order of the text, as often as asked."""
    if places is None:
        return partial(in_parts, nats, text, None)
    there = scratch(len(text), np.float64)
    for start in range(0, len(there), IDS_AT_ONCE):
        there[start : start + IDS_AT_ONCE] = -1  # no surprisal is: not scored
    for start in range(0, len(nats), IDS_AT_ONCE):
        part = slice(start, start + IDS_AT_ONCE)
        there[places[part]] = nats[part]
    return partial(_those_scored, there, text)


def _those_scored(there: Doubles, text: EncodedText) -> Iterator[Scored]:
    for nats, targets in in_parts(there, text, None):
        scored = nats >= 0
        yield nats[scored], targets[scored]


def error_of_text(parts: Callable[[], Iterator[Scored]], eos_id: int | None, *, eos: bool) -> float:
    """Standard error of the mean over the tokens that are counted: without `eos` the words."""

    def counted() -> Iterator[Part]:
        line = 0
        for nats, targets in parts():
            ends = targets == eos_id
            lines = line + np.cumsum(ends, dtype=np.int32) - ends  # the line ends before each
            line += int(np.count_nonzero(ends))
            yield (nats, lines) if eos else (nats[~ends], lines[~ends])

    return error_of_parts(counted)
