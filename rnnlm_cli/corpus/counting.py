"""How often each token stands in a text, exact however many different ones there are.

Counts that grow too many for memory are written to the disk in the order of the tokens, and
brought together when all are there: so only what can be in the vocabulary is held at the end.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count, groupby
from mmap import mmap
from operator import itemgetter
from typing import NamedTuple

from rnnlm_cli.corpus.kept import kept
from rnnlm_cli.corpus.vocabulary import EOS, UNK, Cut, Vocabulary

HELD = 500_000  # different tokens that are counted in memory

_Row = tuple[str, int, int, int]  # a token, how often in training, how often elsewhere, its rank


class Chosen(NamedTuple):
    """A vocabulary, what it left out, and how often the rarest token but `<eos>` stands there."""

    vocabulary: Vocabulary
    cut: Cut
    rarest: int


class Counts:
    """Counts of the tokens of a training split, and of the others."""

    def __init__(self, held: int = HELD) -> None:
        self._held, self._ranks = held, count()
        self._train, self._others = Counter[str](), Counter[str]()
        self._written: list[bytes | mmap] = []

    def add(self, tokens: Iterable[str] | Mapping[str, int], *, training: bool = True) -> None:
        """Count the `tokens`, or add their counts; they stand behind those counted before."""
        (self._train if training else self._others).update(tokens)
        if len(self._train) + len(self._others) > self._held:
            lines = (f"{json.dumps(row)}\n".encode() for row in self._rows())
            self._written.append(kept(lines))
            self._train, self._others = Counter(), Counter()

    def choose(
        self, min_count: int, max_vocab: int, spacing_of: Callable[[Iterable[str]], set[str]]
    ) -> Chosen:
        """The vocabulary (see `Vocabulary.from_counts`), in which what `spacing_of` finds stays."""
        if not self._written:
            counts, others = self._train, self._others
            vocabulary = Vocabulary.from_counts(
                counts, min_count=min_count, max_vocab=max_vocab, uncut=spacing_of(counts)
            )
            # What only spaces is no word to miss.
            missed = set(others.keys() - counts.keys())
            unseen = Counter({word: others[word] for word in missed - spacing_of(missed)})
            rarest = min((n for word, n in counts.items() if word != EOS), default=1)
            cut = Cut.made(counts, vocabulary, min_count, [list(unseen.elements())])
            return Chosen(vocabulary, cut, rarest)
        return _chosen(self._merged(), min_count, max_vocab, spacing_of)

    def _rows(self) -> list[_Row]:
        train = [(word, n, self._others.pop(word, 0)) for word, n in self._train.items()]
        rows = [(*row, next(self._ranks)) for row in train]
        rows += [(word, 0, n, next(self._ranks)) for word, n in self._others.items()]
        return sorted(rows)

    def _merged(self) -> Iterator[_Row]:
        """Every token once, in order, with the rank of its first appearance in training."""
        rows = heapq.merge(*map(_read, self._written), self._rows())
        for word, same in groupby(rows, key=itemgetter(0)):
            _, trained, others, ranks = zip(*same, strict=True)
            first = min((r for n, r in zip(trained, ranks, strict=True) if n), default=0)
            yield word, sum(trained), sum(others), first


def _read(data: bytes | mmap) -> Iterator[_Row]:
    start = 0
    while start < len(data):
        end = data.find(b"\n", start) + 1
        yield tuple(json.loads(data[start:end]))
        start = end


def _chosen(
    rows: Iterator[_Row],
    min_count: int,
    max_vocab: int,
    spacing_of: Callable[[Iterable[str]], set[str]],
) -> Chosen:
    """What `choose` returns, with no more in memory than may be in the vocabulary."""
    types = rare = beyond = capitals = unseen = 0
    rarest, has_unk = None, False
    uncut: list[tuple[int, str, int]] = []  # rank, word, count
    likely: list[tuple[int, int, str]] = []  # count, -rank, word: a heap, the rarest first
    lost: tuple[int, str, int] | None = None  # of the words that are cut the one that came first
    for word, n, elsewhere, rank in rows:
        if not n:
            unseen += 0 if spacing_of([word]) else elsewhere
            continue
        types += 1
        capitals += word != word.lower()
        has_unk = has_unk or word == UNK
        rarest = n if word != EOS and (rarest is None or n < rarest) else rarest
        if word in (EOS, UNK) or spacing_of([word]):
            uncut.append((rank, word, n))
            continue
        out: tuple[int, str, int] | None = (rank, word, n)
        if n < min_count:
            rare += 1
        else:
            out = None
            heapq.heappush(likely, (n, -rank, word))
            if len(likely) > max_vocab:
                fewest, late, least = heapq.heappop(likely)
                out, beyond = (-late, least, fewest), beyond + 1
        lost = out if lost is None or (out and out < lost) else lost
    left = [*uncut, *((-late, word, n) for n, late, word in likely), *([lost] if lost else [])]
    counts = Counter({word: n for _, word, n in sorted(left)})
    vocabulary = Vocabulary.from_counts(
        counts,
        min_count=min_count,
        max_vocab=max_vocab,
        uncut={word for _, word, _ in uncut},
    )
    beyond += sum(word not in vocabulary for _, _, word in likely)
    cut = Cut(types, rare, beyond, capitals, 0 if has_unk else unseen)
    return Chosen(vocabulary, cut, rarest or 1)
