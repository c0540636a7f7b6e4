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
from rnnlm_cli.corpus.vocabulary import EOS, UNK, Lost, Vocabulary

HELD = 500_000  # different tokens that are counted in memory

_Row = tuple[str, int, int, int]  # a token, how often in training, how often elsewhere, its rank
_Word = tuple[int, str, int]  # its rank, the word, how often in training


class Chosen(NamedTuple):
    """A vocabulary, what it left out, and how often the rarest token stands there that can be cut.

    None: there is no such token, but what only spaces or ends lines.
    """

    vocabulary: Vocabulary
    cut: Lost
    rarest: int | None


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
        """The vocabulary (see `Vocabulary.from_counts`), in which what `spacing_of` finds stays.

        The counts are then gone.
        """
        choice, unseen = _Choice(min_count, max_vocab), 0
        for word, n, elsewhere, rank in self._merged():
            spaces = bool(spacing_of([word]))
            if n:
                choice.add(word, n, rank, uncut=spaces or word in (EOS, UNK))
            elif not spaces:  # what only spaces is no word to miss
                unseen += elsewhere
        return choice.made(unseen)

    def _rows(self) -> list[_Row]:
        train = [(word, n, self._others.pop(word, 0)) for word, n in self._train.items()]
        rows = [(*row, next(self._ranks)) for row in train]
        rows += [(word, 0, n, next(self._ranks)) for word, n in self._others.items()]
        return sorted(rows)

    def _merged(self) -> Iterator[_Row]:
        """Every token once, in order, with the rank of its first appearance in training."""
        if not self._written:
            yield from self._rows()
            return
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


class _Choice:
    """A vocabulary in the making, of which no more is in memory than may be in it."""

    def __init__(self, min_count: int, max_vocab: int) -> None:
        self._min_count, self._max_vocab = min_count, max_vocab
        self._types = self._capitals = self._rare = self._beyond = 0
        self._rarest: int | None = None
        self._uncut = list[_Word]()
        self._likely = list[tuple[int, int, str]]()  # count, -rank, word: a heap, the rarest first
        self._lost: _Word | None = None  # of the words that are cut the one that came first

    def add(self, word: str, n: int, rank: int, *, uncut: bool) -> None:
        """A word that stands `n` times in training, and first behind so many others."""
        self._types += 1
        self._capitals += word != word.lower()
        if uncut:
            self._uncut.append((rank, word, n))
            return
        self._rarest = min(n, self._rarest or n)
        if n < self._min_count:
            self._rare += 1
            self._lose((rank, word, n))
        else:
            heapq.heappush(self._likely, (n, -rank, word))
            if len(self._likely) > self._max_vocab:
                fewest, late, least = heapq.heappop(self._likely)
                self._beyond += 1
                self._lose((-late, least, fewest))

    def _lose(self, word: _Word) -> None:
        self._lost = min(word, self._lost or word)

    def made(self, unseen: int) -> Chosen:
        """The choice; `unseen` tokens of the other splits are words that training has not."""
        left = [*self._uncut, *((-late, word, n) for n, late, word in self._likely)]
        left += [self._lost] if self._lost else []
        vocabulary = Vocabulary.from_counts(
            Counter({word: n for _, word, n in sorted(left)}),
            min_count=self._min_count,
            max_vocab=self._max_vocab,
            uncut={word for _, word, _ in self._uncut},
        )
        beyond = self._beyond + sum(word not in vocabulary.ids for _, _, word in self._likely)
        unseen = 0 if any(word == UNK for _, word, _ in self._uncut) else unseen
        cut = Lost(self._types, self._rare, beyond, self._capitals, unseen)
        return Chosen(vocabulary, cut, self._rarest)
