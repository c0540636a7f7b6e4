"""The values of the tricks that nobody gave, found on a prefix of the validation split.

First lr and decay of dynamic evaluation, one after the other, then the temperature, each by what
the model says alone; then window and theta of the cache, by the likeliest mixture with them; its
shares are those of the mixture.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from rnnlm_cli.arrays import Doubles, Floats
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.scoring.adapting.components import Components, Kind, kind_of
from rnnlm_cli.scoring.adapting.mixture import fit_weights, mixed_nats
from rnnlm_cli.scoring.adapting.passes import Pass
from rnnlm_cli.scoring.adapting.temper import TEMPERATURES
from rnnlm_cli.settings.tricks import CACHE_WINDOWS, TrickConfig

LRS = 0.0005, 0.001, 0.002, 0.0035, 0.005, 0.007
FIRST_DECAY = 0.01  # with which the rates are compared
DECAYS = 0.001, 0.003, 0.01, 0.03, 0.1
SHARPNESS = 1.0, 2.0, 4.0, 8.0, 16.0, 32.0  # theta times the mean square length of a state
_GRID_WORDS = 8_000  # of the prefix on which lr and decay are compared
_WORDS: dict[Kind, int] = {"static": 80_000, "dynamic": 20_000}  # of that for all other values


class Tuner:
    """Fills in what a TrickConfig lacks; `valid` is the text that it may look at."""

    def __init__(self, components: Components, valid: EncodedText, config: TrickConfig) -> None:
        self._components, self._valid = components, valid
        tunes = "temper" in config.asked and config.temperature is None
        self._temperatures = TEMPERATURES if tunes else (1.0, config.temperature or 1.0)
        self._passes: dict[Kind, Pass] = {}

    def with_rule(self, config: TrickConfig) -> TrickConfig:
        """`config` with the lr and decay of dynamic evaluation, if it asks for that."""
        if "dynamic" not in config.asked:
            return config
        text = self._valid.beginning(_GRID_WORDS)

        @cache
        def nats(lr: float, decay: float) -> float:
            tried = replace(config, dynamic_lr=lr, dynamic_decay=decay)
            passed = self._components.say(text, tried, (1.0,), f"lr {lr:g}, decay {decay:g}")
            return float(passed.nats[1.0].mean())

        lr, decay = config.dynamic_lr, config.dynamic_decay
        if lr is None:
            lr = min(LRS, key=lambda lr: nats(lr, FIRST_DECAY if decay is None else decay))
        if decay is None:
            decay = min(DECAYS, key=lambda decay: nats(lr, decay))
        return replace(config, dynamic_lr=lr, dynamic_decay=decay)

    def tuned(self, config: TrickConfig) -> TrickConfig:
        """`config`, which has its rule, with all other values."""
        if config.is_complete:
            return config
        text = self._valid.beginning(_WORDS[kind_of(config)])
        passed = self._pass_over(text, config)
        if "temper" in config.asked and config.temperature is None:
            best = min(passed.nats, key=lambda temperature: passed.nats[temperature].mean())
            config = replace(config, temperature=best)
        if len(config.components) == 1:
            return config
        return self._mixed(config, text, passed)

    def _pass_over(self, text: EncodedText, config: TrickConfig) -> Pass:
        kind = kind_of(config)
        if kind not in self._passes:
            name = "validation text"
            self._passes[kind] = self._components.say(text, config, self._temperatures, name)
        return self._passes[kind]

    def _mixed(self, config: TrickConfig, text: EncodedText, passed: Pass) -> TrickConfig:
        """`config` with its cache and mixture: the likeliest of all windows and thetas."""
        model = -passed.nats[config.temperature or 1.0]
        others = [self._components.ngram(text)] if "ngram" in config.asked else []
        if "cache" not in config.asked:
            return replace(config, mixture=_shares([model, *others])[0])
        windows, thetas = self._cache_grid(config, passed.states)
        caches = self._components.cache(text.ids, passed.states, windows, thetas, config)

        def tried(i: int, j: int) -> tuple[float, TrickConfig]:
            shares, nats = _shares([model, caches[i, j], *others], config.mixture)
            window, theta = windows[i], thetas[j]
            return nats, replace(config, cache_window=window, cache_theta=theta, mixture=shares)

        with self._components.timed(config.asked):
            places = np.ndindex(caches.shape[:2])
            _, best = min((tried(i, j) for i, j in places), key=lambda each: each[0])
        return best

    def _cache_grid(self, config: TrickConfig, states: Floats) -> tuple[list[int], list[float]]:
        """The windows and thetas to try: those given, else grids."""
        windows, thetas = config.cache_window, config.cache_theta
        square = float(np.einsum("th,th->", states, states, dtype=np.float64)) / len(states)
        if not np.isfinite(square):
            square = 1.0  # of states that are no numbers: any will do
        grid = [float(f"{sharpness / max(square, 1e-30):.3g}") for sharpness in SHARPNESS]
        return [windows] if windows else list(CACHE_WINDOWS), grid if thetas is None else [thetas]


def _shares(
    log_probs: list[Doubles], given: tuple[float, ...] | None = None
) -> tuple[tuple[float, ...], float]:
    """log_probs (T,) of each component -> their shares, unless `given`, and the nats a word."""
    stacked = np.stack(log_probs)
    if given is not None:
        return given, float(mixed_nats(np.array(given), stacked).mean())
    weights, nats = fit_weights(stacked)
    return tuple(weights.tolist()), nats
