"""Test suites of SyntaxGym: does a model give away more, or less, where grammar says it should?

Every item of a suite is one sentence in several conditions, cut into regions; predictions compare
the surprisals of regions, summed over their tokens (Hu et al. 2020, "A systematic assessment of
syntactic generalization in neural language models", ACL). An item is right if all predictions hold.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from rnnlm_cli.arrays import BIT
from rnnlm_cli.scoring.intervals import Share
from rnnlm_cli.tasks.contrasts.formulas import ALL, Formula, Reference
from rnnlm_cli.tasks.contrasts.regions import Regions
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.scorer import ScoredPassage, Scorer
from rnnlm_cli.watching import Progress, unseen


@dataclass(frozen=True, slots=True)
class Condition:
    """A sentence of an item."""

    name: str
    numbers: tuple[str, ...]  # of its regions
    regions: Regions


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence in all conditions."""

    number: int
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Suite:
    """Items, and what is predicted of each of them."""

    name: str
    where: str  # it is from: for messages
    predictions: tuple[Formula, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class ItemScore:
    """What a model makes of an item."""

    number: int
    bits: dict[Reference, float]  # of each region of each condition, and of all regions ("*")
    holds: tuple[bool, ...]  # each prediction
    same: tuple[tuple[str, str], ...]  # conditions that are the same tokens to it

    @property
    def right(self) -> bool:
        """Whether all predictions hold."""
        return all(self.holds)


@dataclass(frozen=True, slots=True)
class SuiteScore:
    """What a model makes of a suite."""

    suite: Suite
    items: tuple[ItemScore, ...]
    tokens: int  # of all conditions
    unknown: int  # of these, `<unk>`

    @property
    def accuracy(self) -> Share:
        """Of all items."""
        return Share(sum(item.right for item in self.items), len(self.items))

    @property
    def accuracy_distinct(self) -> Share:
        """Of the items whose conditions are all different to the model."""
        items = [item for item in self.items if not item.same]
        return Share(sum(item.right for item in items), len(items))

    @property
    def unknown_share(self) -> float:
        """Of the tokens of all conditions, those that are `<unk>`."""
        return self.unknown / max(1, self.tokens)

    @property
    def by_prediction(self) -> list[Share]:
        """Of all items, for each prediction by itself."""
        columns = zip(*(item.holds for item in self.items), strict=True)
        return [Share(sum(column), len(column)) for column in columns]

    @property
    def same(self) -> list[tuple[int, str, str]]:
        """Items, and the two conditions of them that the model cannot tell apart."""
        return [(item.number, *pair) for item in self.items for pair in item.same]


@dataclass(frozen=True, slots=True)
class MeanScore:
    """What a model makes of several suites, each of which weighs the same in its accuracies."""

    suites: int
    items: int  # in all
    accuracy: float
    accuracy_distinct: float  # of the suites that have such items: see SuiteScore
    same_share: float  # of all items, those with conditions that are the same to the model
    unknown_share: float  # of all tokens

    @classmethod
    def of(cls, scores: Sequence[SuiteScore]) -> MeanScore:
        """Those of at least one suite."""
        items = sum(len(score.items) for score in scores)
        distinct = [score.accuracy_distinct for score in scores if score.accuracy_distinct.total]
        return cls(
            len(scores),
            items,
            sum(score.accuracy.value for score in scores) / len(scores),
            sum(share.value for share in distinct) / len(distinct) if distinct else math.nan,
            1 - sum(share.total for share in distinct) / items,
            sum(score.unknown for score in scores) / max(1, sum(score.tokens for score in scores)),
        )


def score_suite(
    scorer: Scorer, suite: Suite, *, eos: bool = True, progress: Progress = unseen
) -> SuiteScore:
    """What the model makes of every item, each condition scored by itself.

    The last region has the `<eos>` behind it, as in SyntaxGym's own core, unless `eos` is false.
    `progress` is called with the number of words just scored. Raises VocabularyError, which names
    file and item, for a word that has no id.
    """

    def passages(item: Item) -> Iterator[Passage]:
        where = f"{suite.where}, item {item.number}"
        for condition in item.conditions:
            text = condition.regions.text
            yield Passage.of(scorer.words, text, where, eos=eos, in_places=True)

    vocabulary = scorer.words.vocabulary
    items, tokens, unknown = list[ItemScore](), 0, 0
    for item, read in scorer.score_each(suite.items, passages, progress=progress):
        items.append(_judged(item, read, suite.predictions))
        tokens += sum(len(each.passage.ids) for each in read)
        unknown += sum(int(vocabulary.is_unknown(each.passage.ids).sum()) for each in read)
    return SuiteScore(suite, tuple(items), tokens, unknown)


def _judged(item: Item, read: list[ScoredPassage], predictions: tuple[Formula, ...]) -> ItemScore:
    bits = dict[Reference, float]()
    for condition, scored in zip(item.conditions, read, strict=True):
        sums = condition.regions.sums(scored.passage, scored.scores.nats) / BIT
        numbered = zip(condition.numbers, sums.tolist(), strict=True)
        bits |= {(number, condition.name): value for number, value in numbered}
        bits[ALL, condition.name] = float(sums.sum())
    holds = tuple(formula(bits) for formula in predictions)
    return ItemScore(item.number, bits, holds, tuple(_same(item, read)))


def _same(item: Item, read: list[ScoredPassage]) -> Iterator[tuple[str, str]]:
    """The conditions that are the same tokens to the model."""
    for (one, a), (other, b) in combinations(zip(item.conditions, read, strict=True), 2):
        if np.array_equal(a.passage.ids, b.passage.ids):
            yield one.name, other.name
