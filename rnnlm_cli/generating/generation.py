"""Drawing ids from a model, one step at a time (book section 7.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from rnnlm_cli.arrays import Ids, quietly
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.generating.endings import Endings
from rnnlm_cli.generating.samplers import arrays_of_scores, draw, next_shares, samplers
from rnnlm_cli.generating.stepping import Stepper
from rnnlm_cli.memory import need
from rnnlm_cli.model.footprint import building_parts, step_bytes
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.sample import SampleConfig

_GENERATOR, _TOKEN = 4_000, 20  # bytes of a random generator, and of a token that is drawn


def sampling_parts(vocab_size: int, config: SampleConfig, model: ModelConfig) -> dict[str, int]:
    """Bytes that it takes beside the model to draw texts, by what they are for."""
    N = config.samples
    return {
        "steps": step_bytes(model, N),
        "scores": 4 * arrays_of_scores(config) * N * vocab_size,
        "texts": N * (_GENERATOR + _TOKEN * config.length),
    }


def check_sampling(
    vocab_size: int, config: SampleConfig, model: ModelConfig, *, built: bool = False
) -> None:
    """Raises ConfigError if drawing texts cannot fit in memory; a model that is `built` does."""
    parts = building_parts(vocab_size, model, built=built)
    parts |= sampling_parts(vocab_size, config, model)
    need("drawing", parts, "draw fewer or shorter samples")


def generate(
    model: LanguageModel,
    start: Sequence[int],
    config: SampleConfig,
    *,
    rng: np.random.Generator,
    banned: Collection[int] = (),
    endings: Endings | None = None,
) -> Iterator[Ids]:
    """After the words `start`, yield (samples,) ids up to `config.length` times.

    Every sample has a random stream of its own, spawned from `rng`: what is drawn of it does not
    depend on the others. Their number does decide how the BLAS adds up, and the last bit of a score
    may turn a text: the same ids come from the same seed, number of samples and threads.

    A sample that has ended, should there be `endings`, yields -1. The model's own state is left as
    it was. Raises ConfigError if `start` is empty or all ids are banned, CheckpointError if the
    model's weights are too large for any score to be a number.
    """
    if not len(start):
        raise ConfigError("generation needs at least one start word: give a start")
    if len(set(banned)) >= model.vocab_size:
        raise ConfigError("every word of the vocabulary is banned: skip fewer words")
    rngs, chain = rng.spawn(config.samples), samplers(config, banned)
    stepper = Stepper(model, config.samples)
    with quietly():
        for word in start[:-1]:
            stepper.read(np.full(config.samples, word))
    if endings is not None:
        for word in start:
            endings.feed(np.full(config.samples, word))
    ids: Ids = np.full(config.samples, start[-1], np.int32)
    alive = np.ones(config.samples, bool)
    for _ in range(config.length):
        with quietly():
            shares = next_shares(stepper.step(ids), chain)
        ids = draw(shares, np.array([r.random() for r in rngs]))
        yield np.where(alive, ids, -1)
        if endings is not None:
            alive &= ~endings.feed(ids)
            if not alive.any():
                return
