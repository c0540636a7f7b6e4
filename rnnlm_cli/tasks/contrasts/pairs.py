"""Minimal pairs: does a model find a good text likelier than a bad one that differs in a few words?

    sentence      both whole
    one prefix    the word behind the same prefix: p(good word | prefix) and p(bad word | prefix)
    two prefixes  the same word behind two prefixes: p(word | good prefix), p(word | bad prefix)

The methods are those of BLiMP (Warstadt et al. 2020, TACL 8, section 3.2). A pair is right if the
good side has the higher probability, a tie if a model cannot tell them apart, which counts half.

An unknown word is `<unk>` to a model, which makes pairs easier or void. So of every pair is told

    same      whether both sides are the same tokens to the model: a tie, whatever it has learnt
    unknown   whether a word that differs is `<unk>`: one across from which another word or none
              stands when both sides are laid side by side by their longest common runs (Ratcliff
              and Obershelp, as Python's difflib does it). Unknown words are compared as they are
              spelt, so that all pairs which are `same` through `<unk>` are among these.

and figures are given without the `unknown` ones too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

import numpy as np

from rnnlm_cli.corpus.reading.decoding import is_blank
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.tasks.contrasts.regions import Regions
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.scorer import ScoredPassage, Scorer
from rnnlm_cli.watching import Progress, unseen

Method = Literal["sentence", "one prefix", "two prefixes"]

_ROUNDING = 1e-4  # nats, more than float32 makes of a sentence by what is scored beside it


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, of which the last region is compared."""

    good: Regions
    bad: Regions
    where: str  # it is from: for messages
    line: int  # of that, from 1
    uid: str = ""  # of the paradigm, the phenomenon or the file that it is one of
    method: Method = "sentence"

    @classmethod
    def sentences(cls, good: str, bad: str, where: str, line: int, uid: str = "") -> Pair:
        """Two whole sentences. Raises CorpusError where one is blank."""
        for side, text in (("good", good), ("bad", bad)):
            if is_blank(text):
                raise CorpusError(f"{where}, line {line}: the {side} sentence is blank: write one")
        return cls(Regions.whole(good), Regions.whole(bad), where, line, uid)


@dataclass(frozen=True, slots=True)
class PairScore:
    """What a model makes of a pair: see above."""

    pair: Pair
    good: float  # log probability in nats
    bad: float
    same: bool
    unknown: bool

    @property
    def tie(self) -> bool:
        """Whether the model cannot tell the sides apart: what rounding may do does not count."""
        return self.good == self.bad or abs(self.good - self.bad) < _ROUNDING

    @property
    def points(self) -> float:
        """1 if it is right, 0 if it is wrong, a half for a tie."""
        return 0.5 if self.tie else float(self.good > self.bad)


def score_pairs(
    scorer: Scorer,
    pairs: Iterable[Pair],
    *,
    eos: bool = True,
    progress: Progress = unseen,
) -> Iterator[PairScore]:
    """What the model makes of each of `pairs`, in their order, some thousands read at a time.

    A sentence is scored with the `<eos>` behind it, unless `eos` is false.
    `progress` is called with the number of words just scored. Raises VocabularyError, which names
    file and line, for a word that has no id.
    """

    def passages(pair: Pair) -> Iterator[Passage]:
        for side in (pair.good, pair.bad):
            yield Passage.of(
                scorer.words,
                side.text,
                pair.where,
                eos=eos and pair.method == "sentence",
                line=pair.line,
                in_places=True,
            )

    unk_id = scorer.words.vocabulary.unk_id
    for pair, (good, bad) in scorer.score_each(pairs, passages, progress=progress):
        yield _judged(pair, good, bad, unk_id)


def _judged(pair: Pair, good: ScoredPassage, bad: ScoredPassage, unk_id: int | None) -> PairScore:
    sides = (pair.good, good), (pair.bad, bad)
    log_good, log_bad = (
        -float(regions.sums(scored.passage, scored.scores.nats)[-1]) for regions, scored in sides
    )
    same = np.array_equal(good.passage.ids, bad.passage.ids)
    unknown = unk_id is not None and _differs_in(good, bad, unk_id)
    return PairScore(pair, log_good, log_good if same else log_bad, same, unknown)


def _differs_in(good: ScoredPassage, bad: ScoredPassage, unk_id: int) -> bool:
    """Whether one of the words that differ is unknown."""
    one, other = good.passage.ids == unk_id, bad.passage.ids == unk_id
    if not (one.any() or other.any()):
        return False
    a, b = _spelt(good.passage, unk_id), _spelt(bad.passage, unk_id)
    return any(
        bool(one[i1:i2].any() or other[j1:j2].any())
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
        if tag != "equal"
    )


def _spelt(passage: Passage, unk_id: int) -> list[int | str]:
    """The tokens as they can be told apart: by id, an unknown one by what stands in the text."""
    ids = enumerate(passage.ids.tolist())
    return [passage.word(index) if token == unk_id else token for index, token in ids]
