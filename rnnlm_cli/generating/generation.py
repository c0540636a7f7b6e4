"""Drawing ids from a model, one step at a time (book section 7.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from rnnlm_cli.arrays import Ids, quietly
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.generating.endings import Endings
from rnnlm_cli.generating.processors import TextSoFar, check_a_word_is_left, ruled, rules
from rnnlm_cli.generating.samplers import arrays_of_scores, draw, samplers, through, without
from rnnlm_cli.generating.start import Start
from rnnlm_cli.model.footprint import step_bytes
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.model.sizes import ModelSizes
from rnnlm_cli.settings.sample import SampleConfig

_GENERATOR, _TOKEN = 4_000, 24  # bytes of a random generator, and of a token that is drawn
_OF_A_SEARCH = 8  # arrays (N, V) of float32: scores, totals, and what ranks these


def sampling_parts(model: ModelSizes, config: SampleConfig, required: int = 0) -> dict[str, int]:
    """Bytes that it takes beside the model to draw texts; `required` is how many words are."""
    is_search = config.beam is not None
    N = config.rows(required)
    arrays = _OF_A_SEARCH + bool(required) if is_search else arrays_of_scores(config)
    alone = step_bytes(model.config) if N > 1 else 0  # that reads the start
    return {
        "steps": step_bytes(model.config, N) + alone,
        "scores": 4 * arrays * N * model.vocab_size,
        "required": 8 * required * model.vocab_size,
        "texts": N * (_GENERATOR + _TOKEN * config.length),
    }


def less_to_draw(config: SampleConfig) -> str:
    """What takes less memory, for who has too little."""
    return "draw fewer or shorter samples" if config.beam is None else "use a smaller --beam"


def check_banned(model: LanguageModel, banned: Collection[int]) -> None:
    """Raises ConfigError if all ids are."""
    if len(set(banned)) >= model.vocab_size:
        raise ConfigError("every word of the vocabulary is banned: skip fewer words")


def generate(
    model: LanguageModel,
    start: Start,
    config: SampleConfig,
    *,
    rng: np.random.Generator,
    banned: Collection[int] = (),
    endings: Endings | None = None,
    eos_id: int | None = None,
) -> Iterator[Ids]:
    """After `start`, yield (samples,) ids up to `config.length` times.

    Every sample has a random stream of its own, spawned from `rng`: what is drawn of it does not
    depend on the others. Their number does decide how the BLAS adds up, and the last bit of a score
    may turn a text: the same ids come from the same seed, number of samples and threads.

    A sample that has ended, should there be `endings`, yields -1. The model's own state is left as
    it was. What ends a text is said by `endings`, made of the `record` of `config` by who knows the
    words. Raises ConfigError as `check_banned` does and where the rules leave no word,
    CheckpointError if the model's weights are too large for any score to be a number.
    """
    check_banned(model, banned)
    N = config.samples
    rngs, chain, ruling = rng.spawn(N), samplers(config, banned), rules(config, eos_id)
    stepper, ids = start.stepper(model, N), start.last(N)
    text = TextSoFar(start.words, config.length if ruling else 0, N)
    alive = np.ones(N, bool)
    for _ in range(config.length):
        with quietly():
            scores = stepper.step(ids)
            if ruling:
                scores = ruled(scores, text.words, ruling)
                best = without(banned)(scores).max(axis=-1)  # the chain bans too, but tells nobody
                check_a_word_is_left(best[alive], text.words.shape[1])
                scores[~alive] = 0
            shares = through(chain, scores)
        ids = draw(shares, np.array([r.random() for r in rngs]))
        yield np.where(alive, ids, -1)
        if ruling:
            text.append(ids)
        if endings is not None:
            alive &= ~endings.feed(ids)
            if not alive.any():
                return
