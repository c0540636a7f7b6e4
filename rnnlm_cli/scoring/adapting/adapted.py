"""What helps a trained model to score a text: each trick by itself, and all together.

    model      static or dynamic (dynamic.py), at a temperature (temper.py)
    cache      over the states of that model (neural_cache.py)
    n-grams    counted in the training split (ngram.py)
    p(w)       = the mixture of the three (mixture.py)

What is not given is tuned on the validation split (tuning.py), never on the scored text. Kept of a
text are a float32 state (T, H) and a few float64 numbers a word; never an array (T, V).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from rnnlm_cli.arrays import Doubles, Ids, quietly
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.errors import told_of
from rnnlm_cli.machine import need
from rnnlm_cli.model.footprint import parameter_bytes, softmax_bytes
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.model.sizes import ModelSizes, output_size
from rnnlm_cli.scoring.adapting.components import Components
from rnnlm_cli.scoring.adapting.dynamic import PLACES, VECTORS
from rnnlm_cli.scoring.adapting.mixture import mixed_nats
from rnnlm_cli.scoring.adapting.neural_cache import cache_bytes
from rnnlm_cli.scoring.adapting.ngram import COUNT_BYTES
from rnnlm_cli.scoring.adapting.passes import Pass
from rnnlm_cli.scoring.adapting.temper import temper_bytes
from rnnlm_cli.scoring.adapting.tuned import TunedTricks
from rnnlm_cli.scoring.adapting.tuning import Tuner
from rnnlm_cli.scoring.evaluation import Evaluation, scorable
from rnnlm_cli.settings.tricks import CACHE_WINDOWS, TrickConfig
from rnnlm_cli.watching import Bars, in_silence

_TOKEN = 160  # bytes of a token of the text: what every component says of it


@dataclass(frozen=True, slots=True, eq=False)
class Adapted:
    """How well a text was predicted with some tricks.

    The seconds of its evaluation are those of tuning and scoring, as if it had been asked alone.
    """

    settings: TunedTricks
    evaluation: Evaluation

    def without_eos(self) -> Adapted:
        """The same with line ends as context only. Raises CorpusError if nothing is left."""
        return replace(self, evaluation=self.evaluation.without_eos())


def adapting_parts(
    model: ModelSizes, tokens: int, train_tokens: int, tricks: TrickConfig, threads: int
) -> dict[str, int]:
    """Bytes that it takes beside scoring a text of so many tokens to score it with `tricks`."""
    asked, parts = tricks.asked, {"states": (4 * output_size(model.config) + _TOKEN) * tokens}
    if "dynamic" in asked:
        learning = softmax_bytes(model, PLACES)
        parts["dynamic evaluation"] = VECTORS * parameter_bytes(model) + learning
    if "temper" in asked or "dynamic" in asked:
        parts["temperatures"] = temper_bytes(model.vocab_size, threads)
    if "ngram" in asked:
        parts["n-grams"] = COUNT_BYTES * train_tokens
    if "cache" in asked:
        windows = [*CACHE_WINDOWS, tricks.cache_window or 0]
        parts["cache"] = cache_bytes(windows, threads)
    return parts


def check_adapting(
    model: ModelSizes, tokens: int, train_tokens: int, tricks: TrickConfig, threads: int
) -> None:
    """Raises ConfigError if `tokens` tokens cannot be scored with `tricks` in memory."""
    parts = adapting_parts(model, tokens, train_tokens, tricks, threads)
    need("scoring with tricks", parts, "ask for fewer of them, or score a shorter text")


class Adapting:
    """`model` with the tricks that `config` asks for: they are tuned once, for all texts.

    `train` (T,) are the ids of its training split, `valid` is the validation split.
    """

    def __init__(
        self,
        model: LanguageModel,
        train: Ids,
        valid: EncodedText,
        config: TrickConfig,
        *,
        stages: Bars = in_silence,
    ) -> None:
        self._components = Components(model, train, stages)
        self._valid, self._config = valid, config

    def score(self, text: EncodedText) -> list[Adapted]:
        """Score a text with each trick that is asked for, and with all of them together.

        A given mixture is that of all together: then only they are scored. The model is afterwards
        what it was before. Raises CorpusError if there is nothing to score, or to tune what is open
        on.
        """
        with told_of("the text", "score a longer text"):
            text = scorable(text, "stream")
        with quietly(), self._components.model.cores.held():  # an infinite perplexity says it all
            rows, results = self._rows, dict[int, Adapted]()
            components = self._components.for_a_text()
            for kind in ("static", "dynamic"):
                same = {index: row for index, row in enumerate(rows) if row.kind == kind}
                if same:
                    results |= _scored(components, text, same)
        return [results[index] for index in range(len(rows))]

    @cached_property
    def _rows(self) -> list[TunedTricks]:
        """The tricks of every row of an answer, with their values."""
        valid, config = self._valid, self._config
        if not config.is_complete:
            with told_of("the validation split that tricks are tuned on", "give their values"):
                valid = scorable(valid, "stream")
        self._components.prepare(config.asked)
        return _tuned(self._components, valid, config)


def _tuned(components: Components, valid: EncodedText, config: TrickConfig) -> list[TunedTricks]:
    tuner, asked = Tuner(components, valid, config), config.asked
    rates = tuner.rates()
    alone = [(trick,) for trick in asked] if len(asked) > 1 and config.mixture is None else []
    return [tuner.tuned(config.only(tricks), rates) for tricks in [*alone, asked]]


def _scored(
    components: Components, text: EncodedText, rows: dict[int, TunedTricks]
) -> dict[int, Adapted]:
    """The results of rows of one kind, which share a pass over the text."""
    first = next(iter(rows.values()))
    temperatures = sorted({row.temperature for row in rows.values()})
    passed = components.say(text, first.rates, temperatures, "text")
    return {index: _result(components, text, row, passed) for index, row in rows.items()}


def _result(components: Components, text: EncodedText, row: TunedTricks, passed: Pass) -> Adapted:
    nats = _nats(components, text, row, passed)
    seconds = components.seconds_of(row)
    evaluation = Evaluation.of("stream", nats, text, seconds=seconds)
    return Adapted(row, evaluation)


def _nats(components: Components, text: EncodedText, row: TunedTricks, passed: Pass) -> Doubles:
    """Surprisal (T,) of the words of a text under the mixture of `row`."""
    nats = passed.nats[row.temperature]
    if len(row.mixture) == 1:
        return nats
    log_probs = [-nats]
    if row.memory is not None:
        windows, thetas = [row.memory.window], [row.memory.theta]
        cached = components.cache(text.ids, passed.states, windows, thetas, row.tricks)
        log_probs.append(cached[0, 0])
    if "ngram" in row.tricks:
        log_probs.append(components.ngram(text))
    shares = np.array(row.mixture)
    return mixed_nats(shares / shares.sum(), np.stack(log_probs))
