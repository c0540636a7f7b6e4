from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import Ids
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.scoring.adapting import tuning
from rnnlm_cli.scoring.adapting.components import Components
from rnnlm_cli.scoring.adapting.mixture import fit_weights
from rnnlm_cli.scoring.adapting.neural_cache import cache_log_probs
from rnnlm_cli.scoring.adapting.passes import Pass, static_pass
from rnnlm_cli.scoring.adapting.temper import TEMPERATURES
from rnnlm_cli.scoring.adapting.tuned import Memory, Rates, TunedTricks
from rnnlm_cli.scoring.adapting.tuning import Tuner
from rnnlm_cli.settings.tricks import CACHE_WINDOWS, TrickConfig
from rnnlm_cli.threads import Cores
from rnnlm_cli.watching import in_silence
from tests.scoring.adapting.models import EOS, V, again, cycle, random_ids, small_model

TRAIN, VALID = random_ids(900, seed=1), random_ids(400, seed=2)


def tuned(config: TrickConfig, valid: Ids = VALID) -> TunedTricks:
    components = Components(small_model(), TRAIN, in_silence)
    tuner = Tuner(components, EncodedText(valid, EOS), config)
    return tuner.tuned(config, tuner.rates())


def test_the_temperature_is_the_best_of_those_tried() -> None:
    model = small_model()
    nats = static_pass(model, VALID, before=EOS, temperatures=TEMPERATURES).nats
    best = min(TEMPERATURES, key=lambda temperature: nats[temperature].mean())
    assert tuned(TrickConfig(temper=True)).temperature == best
    assert best > 1  # random weights are too sure of random words


def test_a_text_that_repeats_itself_gets_a_cache_and_n_grams_of_its_kind_a_share() -> None:
    found = tuned(TrickConfig(cache=True, ngram=True), cycle(400))
    model, cache, ngram = found.mixture
    assert cache > max(model, ngram)
    assert found.memory is not None
    assert found.memory.window in CACHE_WINDOWS


def test_window_and_theta_are_the_likeliest_of_their_grids() -> None:
    valid = np.concatenate([random_ids(200, below=3), random_ids(200, below=3) + 3])
    model = small_model()
    passed = static_pass(model, valid, before=EOS, temperatures=[1.0])
    square = float(np.square(passed.states.astype(np.float64)).sum(axis=1).mean())
    thetas = [float(f"{sharpness / square:.3g}") for sharpness in tuning.SHARPNESS]
    caches = cache_log_probs(
        passed.states, valid, windows=CACHE_WINDOWS, thetas=thetas, vocab_size=V, cores=Cores(1)
    )
    nats = {
        (window, theta): fit_weights(np.stack([-passed.nats[1.0], caches[i, j]]))[1]
        for i, window in enumerate(CACHE_WINDOWS)
        for j, theta in enumerate(thetas)
    }
    best = min(nats, key=lambda cell: nats[cell])
    found = tuned(TrickConfig(cache=True), valid)
    assert found.memory == Memory(*best)
    assert best != (CACHE_WINDOWS[0], thetas[0])  # the first that is tried


def test_lr_and_decay_are_the_best_of_their_grids_one_after_the_other() -> None:
    found = tuned(TrickConfig(dynamic=True), cycle(400))
    components = Components(small_model(), TRAIN, in_silence)

    def nats(lr: float, decay: float) -> float:
        text, rates = EncodedText(cycle(400), EOS), Rates(lr, decay)
        return float(components.say(text, rates, [1.0], "").nats[1.0].mean())

    lr = min(tuning.LRS, key=lambda lr: nats(lr, tuning.FIRST_DECAY))
    decay = min(tuning.DECAYS, key=lambda decay: nats(lr, decay))
    assert found.rates == Rates(lr, decay)


@pytest.mark.parametrize(
    "given",
    [
        {"temperature": 1.07},
        {"cache_window": 13, "ngram": True},
        {"cache_theta": 0.7},
        {"cache_window": 13, "cache_theta": 0.7, "mixture": (0.75, 0.25)},
        {"dynamic_lr": 0.02},
        {"dynamic_decay": 0.5, "temper": True},
    ],
    ids=str,
)
def test_what_is_given_stays_and_the_rest_is_found(given: dict[str, object]) -> None:
    config = TrickConfig(**given)  # type: ignore[arg-type]
    found = again(tuned(config))
    assert found.is_complete
    assert found.asked == config.asked
    assert {name: getattr(found, name) for name in given} == given


@pytest.mark.parametrize("scale", [1e30, 3e38])
def test_a_model_that_predicts_nothing_gets_every_value_all_the_same(scale: float) -> None:
    model = small_model(tied=True, projection=True)  # its states too are no numbers
    model.flat_params[...] = np.sign(model.flat_params) * np.float32(scale)
    components = Components(model, TRAIN, in_silence)
    with np.errstate(over="ignore", invalid="ignore"):  # as `adapt` does
        for config in (TrickConfig(cache=True), TrickConfig(cache=True, temper=True, dynamic=True)):
            tuner = Tuner(components, EncodedText(VALID, EOS), config)
            assert again(tuner.tuned(config, tuner.rates())).is_complete


def test_nothing_is_looked_at_where_all_is_given() -> None:
    config = TrickConfig(
        temperature=1.1, cache_window=9, cache_theta=0.5, dynamic_lr=0.01, dynamic_decay=0.1,
        ngram=True, mixture=(0.5, 0.25, 0.25),
    )  # fmt: skip
    poison = np.full(9, 10**6, np.int32)  # ids of no word: to look them up is an IndexError
    assert again(tuned(config, poison)) == config.only(config.asked)
    with pytest.raises(IndexError):
        tuned(replace(config, temperature=None, temper=True), poison)


def test_a_long_validation_text_is_looked_at_in_part_and_not_at_all_where_values_are_given() -> (
    None
):
    assert tuning.tuned_on(TrickConfig(temper=True), 500) == 500
    assert tuning.tuned_on(TrickConfig(temper=True), 10**7) == 80_000
    assert tuning.tuned_on(TrickConfig(dynamic=True), 10**7) == 20_000
    assert tuning.tuned_on(TrickConfig(temper=True, dynamic=True), 10**7) == 100_000
    assert tuning.tuned_on(TrickConfig(temper=True, dynamic=True), 30_000) == 50_000
    assert tuning.tuned_on(TrickConfig(temper=True, temperature=1.1), 10**7) == 0


def test_no_temperature_is_scored_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, say = list[tuple[float, ...]](), Components.say

    def said(components: Components, text: EncodedText, rates: Any, temps: Any, name: str) -> Pass:
        asked.append(tuple(temps))
        return say(components, text, rates, temps, name)

    monkeypatch.setattr(Components, "say", said)
    tuned(TrickConfig(cache=True, dynamic=True))
    assert asked
    assert all(len(set(temperatures)) == len(temperatures) for temperatures in asked)
