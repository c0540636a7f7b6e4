"""How many of many pairs a model gets right, with an interval, by paradigm and in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from rnnlm_cli.errors import CorpusError, quoted
from rnnlm_cli.scoring.intervals import Interval, Share
from rnnlm_cli.tasks.contrasts.pairs import Method, Pair, PairScore, score_pairs
from rnnlm_cli.tasks.scorer import Scorer
from rnnlm_cli.watching import Progress, unseen

# Of a pair: its points, whether a differing word is unknown, and whether both sides are the same.
PairKind = tuple[float, bool, bool]
# What yields letters, keys, or texts of which nobody knows the good one.
_NO_ROW = str, Mapping, Set


@dataclass(slots=True)
class Accuracy:
    """Of the pairs of one paradigm (`uid`) by one method; what is counted of them: see `pairs`."""

    uid: str
    method: Method
    kinds: Counter[PairKind] = field(default_factory=Counter)
    ties: list[PairScore] = field(default_factory=list, repr=False)

    @property
    def pairs(self) -> int:
        """How many there are."""
        return self.kinds.total()

    @property
    def accuracy(self) -> Share:
        """Of all pairs; a tie is a half."""
        return _share(self.kinds)

    @property
    def accuracy_known(self) -> Share:
        """Of those whose differing words are all known."""
        return _share({kind: n for kind, n in self.kinds.items() if not kind[1]})

    @property
    def share_same(self) -> float:
        """Of the pairs, those that are the same tokens to the model."""
        return sum(n for (_, _, same), n in self.kinds.items() if same) / self.pairs

    @property
    def share_unknown(self) -> float:
        """Of the pairs, those of which a differing word is unknown."""
        return sum(n for (_, unknown, _), n in self.kinds.items() if unknown) / self.pairs

    def add(self, score: PairScore) -> None:
        """Count one more."""
        self.kinds[score.points, score.unknown, score.same] += 1
        if score.tie:
            self.ties.append(score)


def _share(kinds: Mapping[PairKind, int]) -> Share:
    """The points of pairs of those kinds."""
    return Share(sum(points * n for (points, _, _), n in kinds.items()), sum(kinds.values()))


def accuracies(scores: Iterable[PairScore]) -> list[Accuracy]:
    """Of each paradigm by each method, in the order in which they come.

    Raises CorpusError where there is no pair.
    """
    found = dict[tuple[str, Method], Accuracy]()
    for score in scores:
        key = score.pair.uid, score.pair.method
        found.setdefault(key, Accuracy(*key)).add(score)
    if not found:
        raise CorpusError("no pair of sentences, but at least one was needed")
    return list(found.values())


def pooled(several: Iterable[Accuracy], uid: str = "all") -> list[Accuracy]:
    """Of the pairs of all paradigms together, by each method."""
    found = dict[Method, Accuracy]()
    for one in several:
        whole = found.setdefault(one.method, Accuracy(uid, one.method))
        whole.kinds.update(one.kinds)
        whole.ties += one.ties
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Compared:
    """What a model makes of pairs of sentences: see `pairs` for what each figure is of."""

    accuracy: float  # ties are half
    interval: Interval  # 95%
    accuracy_known: float  # of the pairs whose differing words are all known; nan if there is none
    share_same: float  # of the pairs: both sentences are the same tokens to the model
    share_unknown: float  # of the pairs: a differing word is unknown
    ties: tuple[int, ...]  # the numbers of these pairs, from 0
    log_probabilities: tuple[tuple[float, float], ...]  # nats, good and bad, of each pair


def compare(
    scorer: Scorer,
    pairs: Iterable[tuple[str, str]],
    *,
    eos: bool = True,
    progress: Progress = unseen,
) -> Compared:
    """How often the model finds the good one of (good, bad) sentences likelier, and by how much.

    Raises CorpusError where there is no pair or a sentence is blank; see `score_pairs`.
    """
    given = (_of_row(pair, number) for number, pair in enumerate(pairs))
    scores = list(score_pairs(scorer, given, eos=eos, progress=progress))
    (found,) = accuracies(scores)
    return Compared(
        found.accuracy.value,
        found.accuracy.interval,
        found.accuracy_known.value,
        found.share_same,
        found.share_unknown,
        tuple(number for number, score in enumerate(scores) if score.tie),
        tuple((score.good, score.bad) for score in scores),
    )


def _of_row(row: object, number: int) -> Pair:
    """Raises CorpusError for what is not two texts."""
    match [] if isinstance(row, _NO_ROW) or not isinstance(row, Iterable) else [*row]:
        case [str() as good, str() as bad]:
            return Pair.sentences(good, bad, f"pairs[{number}]", line=1)
    raise CorpusError(
        f"pairs[{number}]: {quoted(row)}, but two texts were needed: give (good, bad)"
    )
