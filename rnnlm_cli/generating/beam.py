"""Beam search: the likeliest texts that can be found by keeping a few of each length.

Of all continuations of the `beam` texts that are kept, by one word, the `beam` likeliest are kept
next (Sutskever et al. 1409.3215, section 3.2). A text that ends is set aside if it is among these,
and takes no place from the others. Texts that have ended compare by

    log p / ((5 + words) / 6) ** length_penalty              (Wu et al. 1609.08144, section 7)

with their `<eos>` in both. The search is over where as many as asked for have ended, and nothing
that is kept could still become better than they are.

Where words are required there is a beam for every number of these that a text may have, a grid
(Hokamp and Liu 1704.07138), of which only the last gives texts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.arrays import Doubles, Floats, Ids, quietly
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.generating.endings import Endings
from rnnlm_cli.generating.processors import TextSoFar, ruled, rules
from rnnlm_cli.generating.required import Required
from rnnlm_cli.generating.samplers import check_are_numbers
from rnnlm_cli.generating.start import Start
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.sample import LENGTH_PENALTY, SampleConfig

_BLOCK = 128  # numbers of which the least is found before the least of all


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A text that a search found."""

    ids: list[int]  # of the words behind the start
    log_p: float  # of all these words after the start in nats, less what rules have taken
    score: float  # the same by its length, which texts that have ended compare by
    has_ended: bool


class BeamSearch:
    """A search for texts that begin with `start`.

    N = beams * B texts go side by side, B with each number of required words, the fewest first.
    None has a word that is `banned`, and all that it finds have each phrase that is `required`,
    whole, behind the start. `endings`, for N texts, say where a text ends.
    """

    def __init__(
        self,
        model: LanguageModel,
        start: Start,
        config: SampleConfig,
        *,
        banned: Collection[int] = (),
        required: Sequence[Sequence[int]] = (),
        endings: Endings | None = None,
        eos_id: int | None = None,
    ) -> None:
        N = config.rows(sum(map(len, required)))
        self._config, self._banned, self._endings = config, list(banned), endings
        self._B, self._rules = config.rows(), rules(config, eos_id)
        self._stepper, self._ids = start.stepper(model, N), start.last(N)
        self._required = Required(required, model.vocab_size, N) if required else None
        self._text, self._begun = TextSoFar(start.words, config.length, N), len(start.words)
        # One text has begun; inf: there is none in this row.
        self._nats: Doubles = np.full(N, np.inf)
        self._nats[0] = 0
        self._ended: list[Found] = []  # the best, best first

    def run(self) -> list[Found]:
        """The `config.samples` best texts, best first, those that have ended before all others.

        They are fewer where the beam held no more. Raises ConfigError where there is none, and
        CheckpointError for scores that are no numbers.
        """
        for _ in range(self._config.length):
            self._step()
            if self._is_over():
                break
        found = self._ended + self._cut_off()
        if not found:
            raise ConfigError(
                f"no text of {self._config.length:,} words was found that keeps to all that is "
                "asked: skip or require fewer words, or use a larger --beam or --length"
            )
        return found[: self._config.samples]

    def _step(self) -> None:
        """Go on by a word."""
        with quietly():
            nats = self._continued(self._stepper.step(self._ids))
        counts = None if self._required is None else self._required.counts()
        ending, end_nats = self._take_ends(nats, counts)
        found = [_least(beam, self._B) for beam in self._beams(nats, counts)]
        rows, ids, kept_nats = (np.concatenate(each) for each in zip(*found, strict=True))
        self._set_aside(ending, end_nats, kept_nats[-self._B :])
        self._go_on(rows, ids, kept_nats)

    def _continued(self, scores: Floats) -> Doubles:
        """scores (N, V), overwritten -> -log p (N, V) of the texts with each word behind them.

        What a rule takes off a score is taken off log p; no mass of a banned word goes to others.
        """
        tops = scores.max(axis=1)
        check_are_numbers(tops)
        shares = np.exp(scores - tops[:, None])
        sums = (shares @ np.ones(shares.shape[1], shares.dtype)).astype(np.float64)
        scores[:, self._banned] = -np.inf
        scores = ruled(scores, self._text.words, self._rules)
        nats: Doubles = (self._nats + tops + np.log(sums))[:, None] - scores
        return nats

    def _take_ends(self, nats: Doubles, counts: Ids | None) -> tuple[Ids, Doubles]:
        """The texts that may end now, and -log p of each with its end, which leaves `nats`."""
        if self._endings is None:
            return np.empty(0, np.intp), np.empty(0)
        ending, eos_id = np.flatnonzero(self._endings.ready), self._endings.eos_id
        end_nats = nats[ending, eos_id]
        if counts is not None and self._required is not None:
            end_nats[counts[ending, eos_id] < self._required.size] = np.inf
        nats[ending, eos_id] = np.inf
        return ending, end_nats

    def _beams(self, nats: Doubles, counts: Ids | None) -> Iterator[Doubles]:
        """-log p of the texts of each beam, one after the other; inf for those of the others."""
        if counts is None or self._required is None:
            yield nats
            return
        for number in range(self._required.size + 1):
            yield np.where(counts == number, nats, np.inf)

    def _set_aside(self, ending: Ids, end_nats: Doubles, kept: Doubles) -> None:
        """Take those of the texts `ending` that are among the B best of them and of those kept."""
        most = np.sort(np.concatenate([end_nats, kept]))[self._B - 1]
        for row, nats in zip(ending.tolist(), end_nats.tolist(), strict=True):
            if nats <= most and nats < np.inf:
                end = [self._endings.eos_id] if self._endings else []
                self._ended.append(self._found([*self._drawn(row), *end], nats, has_ended=True))
        self._ended.sort(key=lambda each: -each.score)
        del self._ended[self._config.samples :]

    def _go_on(self, rows: Ids, ids: Ids, nats: Doubles) -> None:
        """Keep the texts `rows` (N,), each with the next of `ids` behind it."""
        self._stepper.select(rows)
        self._text.select(rows)
        self._text.append(ids)
        for followed in (self._endings, self._required):
            if followed is not None:
                followed.select(rows)
                followed.feed(ids)
        self._ids, self._nats = ids, nats

    def _is_over(self) -> bool:
        """Whether nothing that is kept could become better than what has ended."""
        least = float(self._nats.min())
        if len(self._ended) < self._config.samples:
            return least == np.inf
        return self._ended[-1].score >= -least / self._norm(self._config.length)

    def _cut_off(self) -> list[Found]:
        """The texts that have not ended, the likeliest first."""
        last = list(enumerate(self._nats.tolist()))[-self._B :]
        return [
            self._found(self._drawn(row), nats, has_ended=False)
            for row, nats in last
            if nats < np.inf
        ]

    def _drawn(self, row: int) -> list[int]:
        words: list[int] = self._text.words[row, self._begun :].tolist()
        return words

    def _found(self, ids: list[int], nats: float, *, has_ended: bool) -> Found:
        return Found(ids, -nats, -nats / self._norm(len(ids)), has_ended)

    def _norm(self, words: int) -> float:
        penalty = self._config.length_penalty
        return float(((5 + words) / 6) ** (LENGTH_PENALTY if penalty is None else penalty))


def _least(nats: Doubles, count: int) -> tuple[Ids, Ids, Doubles]:
    """The `count` least of `nats` (N, V): their texts, words and values, the least first.

    Where fewer are finite, the others are inf, of any text and word. First the least of each block
    is found: what is above the `count` least of these is none of those. To rank all would take
    several times as long as to make them.
    """
    flat = nats.T.reshape(-1)  # as scores lie in memory
    whole = flat.size // _BLOCK * _BLOCK
    blocks = np.append(flat[:whole].reshape(-1, _BLOCK).min(axis=1), flat[whole:])
    most = np.partition(blocks, count - 1)[count - 1] if count <= len(blocks) else np.inf
    found = np.flatnonzero(flat <= most) if most < np.inf else np.flatnonzero(flat < np.inf)
    found = found[np.lexsort((found, flat[found]))][:count]
    missing = count - len(found)
    words, texts = np.divmod(np.append(found, np.zeros(missing, np.intp)), len(nats))
    return texts, words, np.append(flat[found], np.full(missing, np.inf))
