"""What is mixed, for one model and its training text: made once, and timed."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from functools import cached_property

import numpy as np

from rnnlm_cli.arrays import Doubles, Floats, Ids
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.adapting.dynamic import (
    MEASURED,
    GradientScale,
    RMSRule,
    dynamic_pass,
    gradient_scale,
)
from rnnlm_cli.scoring.adapting.neural_cache import cache_log_probs
from rnnlm_cli.scoring.adapting.ngram import KneserNey
from rnnlm_cli.scoring.adapting.passes import Pass, static_pass
from rnnlm_cli.scoring.adapting.tuned import Rates, TunedTricks, kind_of
from rnnlm_cli.settings.tricks import Trick, TrickConfig
from rnnlm_cli.watching import Bars


def needs_training_text(tricks: TrickConfig) -> bool:
    """Whether one of the `tricks` is made of it."""
    return not {"dynamic", "ngram"}.isdisjoint(tricks.asked)


class Components:
    """The model in its two kinds, the cache and the n-grams.

    `stages(name, words)` gives a context with the progress of a stage over so many words.
    """

    def __init__(self, model: LanguageModel, train: Ids, stages: Bars) -> None:
        self.model = model
        self._train, self._stages = train, stages
        self._seconds: dict[Hashable, float] = defaultdict(float)

    def prepare(self, tricks: tuple[Trick, ...]) -> None:
        """Make what these `tricks` need of the training text, for all texts."""
        if "dynamic" in tricks:
            with self.timed("dynamic"):
                _ = self._scale
        if "ngram" in tricks:
            with self.timed("ngram"):
                _ = self._ngrams

    def for_a_text(self) -> Components:
        """The same for one text more: its seconds come to those so far, and not to another's."""
        other = copy(self)
        other._seconds = self._seconds.copy()
        return other

    @contextmanager
    def timed(self, part: Hashable) -> Iterator[None]:
        """Count the seconds of the block as those of `part`: a component, or certain tricks."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[part] += time.perf_counter() - began

    def seconds_of(self, row: TunedTricks) -> float:
        """What these tricks took so far, with all that they share with others."""
        shared = [row.kind, *("ngram" for trick in row.tricks if trick == "ngram")]
        return sum(self._seconds[part] for part in [row.tricks, *shared])

    @cached_property
    def _ngrams(self) -> KneserNey:
        return KneserNey(self._train, self.model.vocab_size)

    @cached_property
    def _scale(self) -> GradientScale:
        with self._stages("gradients", min(MEASURED, len(self._train))) as progress:
            return gradient_scale(self.model, self._train, progress)

    def say(
        self, text: EncodedText, rates: Rates | None, temperatures: Sequence[float], name: str
    ) -> Pass:
        """One pass of the model: static, or dynamic with `rates`."""
        kind = kind_of(rates)
        with self.timed(kind), self._stages(f"{name}, {kind}", len(text)) as progress:
            if rates is None:
                return static_pass(
                    self.model,
                    text.ids,
                    before=text.before,
                    temperatures=temperatures,
                    progress=progress,
                )
            return dynamic_pass(
                self.model,
                text.ids,
                rule=RMSRule(self._scale, rates.lr, rates.decay),
                before=text.before,
                temperatures=temperatures,
                progress=progress,
            )

    def cache(
        self,
        ids: Ids,
        states: Floats,
        windows: Sequence[int],
        thetas: Sequence[float],
        tricks: tuple[Trick, ...],
    ) -> Doubles:
        """log p (windows, thetas, T) of the cache for each of ids (T,); its time is of `tricks`."""
        with self.timed(tricks), self._stages("cache", len(ids)) as progress:
            return cache_log_probs(
                states,
                ids,
                windows=windows,
                thetas=thetas,
                vocab_size=self.model.vocab_size,
                cores=self.model.cores,
                progress=progress,
            )

    def ngram(self, text: EncodedText) -> Doubles:
        """log p (T,) of the n-grams for each word of a text."""
        with self.timed("ngram"):
            return np.log(self._ngrams.probabilities(text.ids, before=text.before))
