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
from rnnlm_cli.scoring.adapting.components import Components
from rnnlm_cli.scoring.adapting.mixture import fit_weights, mixed_nats
from rnnlm_cli.scoring.adapting.passes import Pass
from rnnlm_cli.scoring.adapting.temper import TEMPERATURES
from rnnlm_cli.scoring.adapting.tuned import Kind, Memory, Rates, TunedTricks, kind_of
from rnnlm_cli.settings.tricks import CACHE_WINDOWS, TrickConfig

LRS = 0.0005, 0.001, 0.002, 0.0035, 0.005, 0.007
FIRST_DECAY = 0.01  # with which the rates are compared
DECAYS = 0.001, 0.003, 0.01, 0.03, 0.1
SHARPNESS = 1.0, 2.0, 4.0, 8.0, 16.0, 32.0  # theta times the mean square length of a state
_GRID_WORDS = 8_000  # of the prefix on which lr and decay are compared
_WORDS: dict[Kind, int] = {"static": 80_000, "dynamic": 20_000}  # of that for all other values


def tuned_on(tricks: TrickConfig, valid: int) -> int:
    """How many tokens of a validation split of `valid` are looked at at once, at most."""
    if tricks.is_complete:
        return 0
    kinds: set[Kind] = {"dynamic" if trick == "dynamic" else "static" for trick in tricks.asked}
    return sum(min(valid, _WORDS[kind]) for kind in kinds)  # each kind's states are kept to the end


class Tuner:
    """Finds what a TrickConfig lacks; `valid` is the text that it may look at."""

    def __init__(self, components: Components, valid: EncodedText, config: TrickConfig) -> None:
        self._components, self._valid, self._config = components, valid, config
        tunes = "temper" in config.asked and config.temperature is None
        given = dict.fromkeys((1.0, config.temperature or 1.0))
        self._temperatures = TEMPERATURES if tunes else tuple(given)
        self._passes: dict[Kind, Pass] = {}

    def rates(self) -> Rates | None:
        """Those of dynamic evaluation, if it is asked for."""
        if "dynamic" not in self._config.asked:
            return None
        text = self._valid.beginning(_GRID_WORDS)

        @cache
        def nats(lr: float, decay: float) -> float:
            name = f"lr {lr:g}, decay {decay:g}"
            passed = self._components.say(text, Rates(lr, decay), (1.0,), name)
            return float(passed.nats[1.0].mean())

        lr, decay = self._config.dynamic_lr, self._config.dynamic_decay
        if lr is None:
            lr = min(LRS, key=lambda lr: nats(lr, FIRST_DECAY if decay is None else decay))
        if decay is None:
            decay = min(DECAYS, key=lambda decay: nats(lr, decay))
        return Rates(lr, decay)

    def tuned(self, config: TrickConfig, rates: Rates | None) -> TunedTricks:
        """What `config` asks for of these tricks, dynamic evaluation with `rates`."""
        rates = rates if "dynamic" in config.asked else None
        temperature = self._temperature(config, rates)
        found = TunedTricks(tricks=config.asked, temperature=temperature, rates=rates)
        if len(config.components) == 1:
            return found
        window, theta = config.cache_window, config.cache_theta
        memory = None if window is None or theta is None else Memory(window, theta)
        if config.mixture is None or (memory is None and "cache" in config.asked):
            return self._mixed(config, found)
        return replace(found, memory=memory, mixture=config.mixture)

    def _temperature(self, config: TrickConfig, rates: Rates | None) -> float:
        if "temper" not in config.asked:
            return 1.0
        if config.temperature is not None:
            return config.temperature
        nats = self._pass_over(rates).nats
        return min(nats, key=lambda temperature: nats[temperature].mean())

    def _text(self, rates: Rates | None) -> EncodedText:
        """What every value is found on but the rates themselves."""
        return self._valid.beginning(_WORDS[kind_of(rates)])

    def _pass_over(self, rates: Rates | None) -> Pass:
        """The model over that text, once."""
        kind = kind_of(rates)
        if kind not in self._passes:
            text, name = self._text(rates), "validation text"
            self._passes[kind] = self._components.say(text, rates, self._temperatures, name)
        return self._passes[kind]

    def _mixed(self, config: TrickConfig, found: TunedTricks) -> TunedTricks:
        """`found` with its cache and mixture: the likeliest of all windows and thetas."""
        text, passed = self._text(found.rates), self._pass_over(found.rates)
        model = -passed.nats[found.temperature]
        others = [self._components.ngram(text)] if "ngram" in config.asked else []
        if "cache" not in config.asked:
            return replace(found, mixture=_shares([model, *others])[0])
        windows, thetas = self._cache_grid(config, passed.states)
        caches = self._components.cache(text.ids, passed.states, windows, thetas, config.asked)

        def tried(i: int, j: int) -> tuple[float, TunedTricks]:
            shares, nats = _shares([model, caches[i, j], *others], config.mixture)
            return nats, replace(found, memory=Memory(windows[i], thetas[j]), mixture=shares)

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
