import time
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats, Ids
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.adapting import Adapted, Adapting, Texts, tuning
from rnnlm_cli.scoring.adapting.adapted import adapting_parts
from rnnlm_cli.scoring.adapting.neural_cache import cache_log_probs
from rnnlm_cli.scoring.adapting.ngram import KneserNey
from rnnlm_cli.scoring.adapting.passes import static_pass
from rnnlm_cli.scoring.adapting.tuned import TunedTricks
from rnnlm_cli.scoring.evaluation import evaluate, scoring_parts
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.tricks import TrickConfig
from tests.peaks import peak_bytes
from tests.scoring.adapting.models import EOS, V, again, cycle, random_ids, small_model

ALL = TrickConfig(temper=True, cache=True, ngram=True, dynamic=True)


def adapt(model: LanguageModel, texts: Texts, config: TrickConfig) -> list[Adapted]:
    return Adapting(model, texts.train, texts.valid, config).score(texts.scored)


def texts(scored: Ids) -> Texts:
    return Texts(random_ids(900, seed=1), EncodedText(cycle(300), EOS), EncodedText(scored, EOS))


def test_each_trick_is_scored_alone_and_then_all_together() -> None:
    results = adapt(small_model(), texts(cycle(250)), ALL)
    tricks = [result.settings.tricks for result in results]
    alone, together = tricks[:-1], tricks[-1]
    assert alone == [("temper",), ("cache",), ("ngram",), ("dynamic",)]
    assert together == ("temper", "cache", "ngram", "dynamic")
    for result in results:
        assert again(result.settings).is_complete
        assert result.evaluation.seconds > 0
        assert result.evaluation.tokens == 250
    best = min(result.evaluation.perplexity for result in results[:-1])
    assert results[-1].evaluation.perplexity <= best * 1.01


def test_one_trick_is_one_result() -> None:
    results = adapt(small_model(), texts(cycle(90)), TrickConfig(cache=True))
    assert [result.settings.tricks for result in results] == [("cache",)]


def test_a_trick_whose_values_change_nothing_is_the_static_model() -> None:
    ids, model = random_ids(90), small_model()
    expected = evaluate(model, EncodedText(ids, EOS)).nats
    for config in (
        TrickConfig(temperature=1.0),
        TrickConfig(dynamic_lr=0.0, dynamic_decay=0.0),
        TrickConfig(cache_window=9, cache_theta=0.2, mixture=(1.0, 0.0)),
        TrickConfig(ngram=True, mixture=(1.0, 0.0)),
        TrickConfig(ngram=True, mixture=(0.9995, 0.0)),  # adds up to 1 as far as it was printed
    ):
        (result,) = adapt(model, texts(ids), config)
        np.testing.assert_allclose(result.evaluation.nats, expected, atol=2e-5)


def test_the_mixture_is_of_the_model_the_cache_and_the_n_grams_in_this_order() -> None:
    ids, model = cycle(90), small_model()
    config = TrickConfig(
        temperature=1.5, cache_window=9, cache_theta=0.2, ngram=True, mixture=(0.5, 0.2, 0.3)
    )
    (result,) = adapt(model, texts(ids), config)
    passed = static_pass(model, ids, before=EOS, temperatures=[1.5])
    cache = cache_log_probs(
        passed.states, ids, windows=[9], thetas=[0.2], vocab_size=V, cores=model.cores
    )[0, 0]
    ngram = KneserNey(texts(ids).train, V).probabilities(ids, before=EOS)
    p = 0.5 * np.exp(-passed.nats[1.5]) + 0.2 * np.exp(cache) + 0.3 * ngram
    np.testing.assert_allclose(result.evaluation.nats, -np.log(p), rtol=1e-6)


GIVEN = TrickConfig(
    temperature=1.3, cache_window=9, cache_theta=0.3, ngram=True, dynamic_lr=0.3,
    dynamic_decay=0.01, mixture=(0.5, 0.2, 0.3),
)  # fmt: skip


def scored(ids: Ids) -> Floats:
    (result,) = adapt(small_model(), texts(ids), GIVEN)
    return result.evaluation.nats


@pytest.mark.parametrize("before", [0, 1, 25])  # two segments of dynamic evaluation, the last
def test_the_shares_of_all_words_add_up_to_one(before: int) -> None:
    past = random_ids(before, seed=4)
    words = [np.append(past, np.int32(word)) for word in range(V)]
    assert sum(np.exp(-scored(ids)[-1]) for ids in words) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("place", [1, 19, 20, 41])
def test_no_word_is_scored_by_what_follows_it(place: int) -> None:
    ids = random_ids(60, seed=4)
    other = np.concatenate([ids[:place], (ids[place:] + 1) % V])
    nats = scored(ids), scored(other)
    np.testing.assert_allclose(nats[0][:place], nats[1][:place], rtol=1e-5)
    assert abs(nats[0][place] - nats[1][place]) > 1e-3


def test_the_values_that_were_found_repeat_the_result() -> None:
    model = small_model()
    *_, tuned = adapt(model, texts(cycle(120)), ALL)
    (same,) = adapt(model, texts(cycle(120)), again(tuned.settings))
    np.testing.assert_array_equal(same.evaluation.nats, tuned.evaluation.nats)


def test_nothing_is_tuned_on_the_scored_text() -> None:
    model = small_model()
    settings = [
        [result.settings for result in adapt(model, texts(scored), ALL)]
        for scored in (cycle(120), random_ids(70, seed=9), cycle(1))
    ]
    assert settings[0] == settings[1] == settings[2]


def test_a_poisoned_text_is_first_looked_at_when_all_is_tuned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    poison = np.full(9, 10**6, np.int32)  # ids of no word: to look them up is an IndexError
    tuned: list[TunedTricks] = []
    from rnnlm_cli.scoring.adapting import adapted as tricks

    def spy(*arguments: object, original: object = tricks._tuned) -> list[TunedTricks]:
        tuned.extend(original(*arguments))  # type: ignore[operator]
        return tuned

    monkeypatch.setattr(tricks, "_tuned", spy)
    with pytest.raises(IndexError):
        adapt(small_model(), texts(poison), ALL)
    assert len(tuned) == 5
    assert all(again(each).is_complete for each in tuned)


def test_the_model_is_afterwards_what_it_was() -> None:
    model = small_model()
    weights = model.flat_params.copy()
    adapt(model, texts(cycle(50)), ALL)
    np.testing.assert_array_equal(model.flat_params, weights)
    assert model.state is None


def test_without_an_eos_what_is_tuned_is_the_same_whatever_the_scored_text_begins_with() -> None:
    valid = EncodedText(random_ids(60, seed=3), None).after_first()
    tuned = [
        adapt(
            small_model(),
            Texts(random_ids(200), valid, EncodedText(ids, None).after_first()),
            TrickConfig(ngram=True),
        )[0].settings
        for ids in (cycle(30), cycle(31)[1:])
    ]
    assert tuned[0] == tuned[1]


def test_a_text_without_a_word_is_refused_before_anything_is_tuned() -> None:
    with pytest.raises(CorpusError, match=r"the text has no token.*longer text"):
        adapt(small_model(), texts(cycle(0)), TrickConfig(cache=True))
    unfit = replace(texts(cycle(9)), valid=EncodedText(cycle(1), eos_id=None))
    with pytest.raises(CorpusError, match=r"tricks are tuned on has one token, which has nothing"):
        adapt(small_model(), unfit, TrickConfig(cache=True))


@pytest.mark.parametrize("given", [{}, {"cache_window": 100, "cache_theta": 0.3}])
def test_tricks_are_tuned_once_for_all_texts_and_no_figure_differs(
    given: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from rnnlm_cli.scoring.adapting import adapted as tricks

    config, many = replace(ALL, **given), [cycle(120), random_ids(70, seed=9), cycle(50)]
    alone = [adapt(small_model(), texts(each), config) for each in many]
    tuned = list[list[TunedTricks]]()

    def spy(*arguments: Any, original: Any = tricks._tuned) -> list[TunedTricks]:
        tuned.append(original(*arguments))
        return tuned[-1]

    monkeypatch.setattr(tricks, "_tuned", spy)
    of = texts(many[0])
    adapting = tricks.Adapting(small_model(), of.train, of.valid, config)
    for each, before in zip(many, alone, strict=True):
        found = adapting.score(texts(each).scored)
        assert [row.settings for row in found] == [row.settings for row in before]
        for mine, theirs in zip(found, before, strict=True):
            np.testing.assert_array_equal(mine.evaluation.nats, theirs.evaluation.nats)
    assert len(tuned) == 1


@pytest.mark.parametrize("is_complete", [False, True])
def test_the_seconds_of_a_text_are_those_of_tuning_and_its_own(
    is_complete: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = count()  # every look at it is a second
    monkeypatch.setattr(time, "perf_counter", lambda: float(next(clock)))
    of = texts(cycle(120))
    config = again(adapt(small_model(), of, ALL)[-1].settings) if is_complete else ALL
    adapting = Adapting(small_model(), of.train, of.valid, config)
    seconds = [[row.evaluation.seconds for row in adapting.score(of.scored)] for _ in range(3)]
    assert seconds[0] == seconds[1] == seconds[2]


@pytest.mark.parametrize("dynamic", [False, True])
def test_a_token_takes_no_more_memory_than_is_asked_for(
    dynamic: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "_WORDS", {"static": 500, "dynamic": 200})
    sizes, config = ModelConfig(wordvec_size=2, hidden_size=200), TrickConfig(cache_window=50)
    if dynamic:
        config = replace(config, dynamic_lr=0.001, dynamic_decay=0.01)
    model = LanguageModel(V, sizes, rng=np.random.default_rng(0), threads=1)

    def peak(scored: int) -> int:
        own = Texts(random_ids(50), EncodedText(cycle(500), EOS), EncodedText(cycle(scored), EOS))
        return peak_bytes(lambda: adapt(model, own, config), again=1)

    few, many = (adapting_parts(model.sizes, T, 50, config, 1)["states"] for T in (1_000, 3_000))
    assert 0.5 * (many - few) < peak(3_000) - peak(1_000) <= many - few


@pytest.mark.parametrize("head_size", [0, 3_000])
@pytest.mark.parametrize(
    "tricks", [{"temper": True}, {"temperature": 1.1}, {"dynamic_lr": 0.001, "dynamic_decay": 0.01}]
)
def test_a_vocabulary_takes_no_more_memory_than_is_asked_for(
    tricks: dict[str, Any], head_size: int
) -> None:
    sizes = ModelConfig(wordvec_size=2, hidden_size=2, head_size=head_size)
    model = LanguageModel(20_000, sizes, rng=np.random.default_rng(0), threads=1)
    config, text = TrickConfig(**tricks), EncodedText(cycle(500), EOS)
    own = Texts(random_ids(500), text, text)
    parts = adapting_parts(model.sizes, 500, 500, config, 1) | scoring_parts(model.sizes, 500)
    assert peak_bytes(lambda: adapt(model, own, config), again=1) <= sum(parts.values())
    assert parts["temperatures"] > 0.1 * sum(parts.values())
