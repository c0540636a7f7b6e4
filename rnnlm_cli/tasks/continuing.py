"""What a model expects after some words: its state as a value, the next words, continuations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

import numpy as np

from rnnlm_cli.arrays import Floats, Ids, quietly
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.model.layers import LSTMState
from rnnlm_cli.scoring.distribution import predict_places
from rnnlm_cli.scoring.streaming import CHUNK
from rnnlm_cli.settings.calls import checked
from rnnlm_cli.settings.setting import whole
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.scorer import Scorer


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """A model after some text, to go on from as often as one likes: nothing changes it.

    It begins after `<eos>`, as every text does; where there is none, with the first word.
    """

    _scorer: Scorer = field(repr=False)
    text: str  # that was read
    _ids: Ids = field(repr=False)  # (words,)
    _lstms: list[LSTMState] | None = field(repr=False)
    # (1, H), what the output layer reads now; None: nothing was read
    _hs: Floats | None = field(repr=False)

    @classmethod
    def begin(cls, scorer: Scorer) -> State:
        """Before the first word."""
        return cls._read(scorer, "", np.empty(0, np.int32), None, scorer.begun)

    @classmethod
    def _read(
        cls, scorer: Scorer, text: str, ids: Ids, lstms: list[LSTMState] | None, rest: Sequence[int]
    ) -> State:
        model = scorer.model
        if not len(rest):
            return cls(scorer, text, ids, None, None)
        with model.fresh_state(), model.cores.held(), quietly():
            model.state = lstms
            for start in range(0, len(rest), CHUNK):  # the gates of all at once are many
                hs = model.hidden(np.array([rest[start : start + CHUNK]], np.int32))
            now = model.state
        return cls(scorer, text, ids, now, hs[0, -1:].copy())

    @checked
    def after(self, text: str) -> State:
        """The state after `text` too, which is set off by a blank where none stands between.

        Raises VocabularyError for a word that has no id.
        """
        whole = self.text + self._scorer.gap(self.text, text) + text
        ids = Passage.of(self._scorer.words, whole, "the text", eos=False).ids
        read = len(self._ids)
        if read < len(ids) and np.array_equal(ids[:read], self._ids):
            return self._read(self._scorer, whole, ids, self._lstms, ids[read:].tolist())
        # Nothing new, or what was read is cut otherwise now.
        return self._read(self._scorer, whole, ids, None, [*self._scorer.begun, *ids.tolist()])

    @checked
    def next_words(self, n: Annotated[int, whole(1)] = 5) -> list[tuple[str, float]]:
        """The `n` likeliest tokens to come, with their probabilities, likeliest first.

        Raises ConfigError if `n` is below 1, or if nothing was read and there is no `<eos>`.
        """
        if self._hs is None:
            raise ConfigError("nothing was read, and there is no <eos> to begin with: give a word")
        model, words = self._scorer.model, self._scorer.words.words
        target = np.zeros(1, np.int32)
        found = predict_places(model.network.affine, self._hs, target, n, model.cores)
        guesses = zip(found.guesses[0].tolist(), found.shares[0].tolist(), strict=True)
        return [(words[guess], share) for guess, share in guesses]


def conditional_nats(
    scorer: Scorer, prefix: str, continuations: Sequence[str], *, eos: bool
) -> list[float]:
    """-log p(continuation | prefix) of each, in nats; with that of `<eos>` behind it if `eos`.

    A blank is put between where none stands. Raises VocabularyError for a word that has no id.
    """
    prefix = scorer.words.as_read(prefix, open_end=True)
    wholes = [prefix + scorer.gap(prefix, each) + each for each in continuations]
    passages = [Passage.of(scorer.words, whole, "the text", eos=eos) for whole in wholes]
    scored = scorer.score(passages)
    return [
        float(each.scores.nats[_first_after(each.passage, len(prefix)) :].sum()) for each in scored
    ]


def _first_after(passage: Passage, length: int) -> int:
    """The first token that reaches beyond so many characters."""
    ends = (end for _, end in passage.spans)
    return next((index for index, end in enumerate(ends) if end > length), len(passage.spans))
