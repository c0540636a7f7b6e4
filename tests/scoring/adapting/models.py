"""Small models with weights that say something, and texts that have something to learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from rnnlm_cli.arrays import Ids
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.adapting.tuned import TunedTricks
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.tricks import TrickConfig

V, D, H, EOS = 7, 4, 5, 2


def small_model(
    *, dtype: DTypeLike = np.float32, scale: float = 1.0, **settings: Any
) -> LanguageModel:
    """V words, D and H units, one or more LSTMs; on one thread."""
    config = ModelConfig(wordvec_size=D, hidden_size=H, **settings)
    model = LanguageModel(V, config, rng=np.random.default_rng(0), dtype=dtype, threads=1)
    model.flat_params += np.random.default_rng(1).normal(0, scale, model.flat_params.size)
    return model


def random_ids(words: int, seed: int = 0, below: int = V) -> Ids:
    """(words,) ids, each word as likely as the others."""
    return np.random.default_rng(seed).integers(0, below, words).astype(np.int32)


def cycle(words: int) -> Ids:
    """0, 1, .. 6, 0, 1, ..: a text that can be learnt."""
    return np.asarray(np.arange(words) % V, np.int32)


def again(found: TunedTricks) -> TrickConfig:
    """What asks for just these tricks with these values."""
    flags: dict[str, Any] = dict.fromkeys(found.tricks, True)
    return TrickConfig(**flags, **found.values)
