"""Drawing ids from a model, one step at a time (book section 7.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.generating.samplers import _quietly, draw, next_shares
from rnnlm_cli.generating.stepping import Stepper
from rnnlm_cli.model.model import Ids, LanguageModel
from rnnlm_cli.settings.sample import SampleConfig


def generate(
    model: LanguageModel,
    start: Sequence[int],
    config: SampleConfig,
    *,
    rng: np.random.Generator,
    banned: Collection[int] = (),
    eos_id: int | None = None,
) -> Iterator[Ids]:
    """After the words `start`, yield (samples,) ids up to `config.length` times.

    Every sample has a random stream of its own, spawned from `rng`: what is drawn of it does not
    depend on the others. Their number does decide how the BLAS adds up, and the last bit of a score
    may turn a text: the same ids come from the same seed, number of samples and threads.

    A sample that has ended (`config.stop_at_eos`) yields -1. The model's own state is left as it
    was. Raises ConfigError if `start` is empty or all ids are banned, CheckpointError if the
    model's weights are too large for any score to be a number.
    """
    if not len(start):
        raise ConfigError("generation needs at least one start word: give --start")
    if len(set(banned)) >= model.vocab_size:
        raise ConfigError("every word of the vocabulary is banned: skip fewer words")
    rngs = rng.spawn(config.samples)
    stepper = Stepper(model, config.samples)
    with _quietly():
        for word in start[:-1]:
            stepper.step(np.full(config.samples, word))
    ids: Ids = np.full(config.samples, start[-1], np.int32)
    alive = np.ones(config.samples, bool)
    for _ in range(config.length):
        with _quietly():
            shares = next_shares(
                stepper.step(ids),
                temperature=config.temperature,
                top_k=config.top_k,
                top_p=config.top_p,
                banned=banned,
            )
        ids = draw(shares, np.array([r.random() for r in rngs]))
        yield np.where(alive, ids, -1)
        if config.stop_at_eos:
            alive &= ids != eos_id
            if not alive.any():
                return
