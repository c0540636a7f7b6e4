"""Beam search, beside one in plain Python, and beside all texts there are."""

import math
from collections.abc import Sequence
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import log_softmax
from rnnlm_cli.errors import CheckpointError, ConfigError
from rnnlm_cli.generating.beam import BeamSearch, Found
from rnnlm_cli.generating.endings import Endings
from rnnlm_cli.generating.generation import generate
from rnnlm_cli.generating.start import Start
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.sample import LENGTH_PENALTY, SampleConfig
from tests.models import scores_of

V, EOS, START = 5, 2, (2, 3)
Scored = tuple[tuple[int, ...], float]  # the words behind the start, and their log p


def made(seed: int) -> LanguageModel:
    config = ModelConfig(wordvec_size=6, hidden_size=6, layers=2, skip=True)
    model = LanguageModel(V, config, rng=np.random.default_rng(0), dtype=np.float64)
    model.flat_params += np.random.default_rng(seed).normal(0, 1, model.flat_params.size)
    return model


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return made(5)


def search(
    model: LanguageModel,
    *,
    banned: Sequence[int] = (),
    required: Sequence[Sequence[int]] = (),
    **settings: Any,
) -> list[Found]:
    config = SampleConfig(**settings)
    record = config.ends_with()
    endings = (
        Endings(record, EOS, (), Start(START), config.rows(sum(map(len, required))))
        if record
        else None
    )
    return BeamSearch(
        model,
        Start(START, before=1),
        config,
        banned=banned,
        required=required,
        endings=endings,
        eos_id=EOS,
    ).run()


def next_log_ps(model: LanguageModel, words: tuple[int, ...]) -> list[float]:
    with model.fresh_state():
        scores = scores_of(model, np.array([[*START, *words]]))[0, -1]
    return list(map(float, log_softmax(scores)))


def in_plain_python(
    model: LanguageModel, B: int, length: int, *, ends: bool, samples: int, penalty: float
) -> list[Scored]:
    """The search as its definition says, without an early end."""
    kept: list[Scored] = [((), 0.0)]
    ended: list[Scored] = []
    for _ in range(length):
        longer = [
            ((*words, word), log_p + more)
            for words, log_p in kept
            for word, more in enumerate(next_log_ps(model, words))
        ]
        longer.sort(key=lambda each: -each[1])
        kept = [each for each in longer if not (ends and each[0][-1] == EOS)][:B]
        best = sorted(longer, key=lambda each: -each[1])
        # The best B of those that end and of the B that go on.
        there = [each for each in best if each in kept or (ends and each[0][-1] == EOS)][:B]
        ended += [each for each in there if ends and each[0][-1] == EOS]
    ended.sort(key=lambda each: -each[1] / ((5 + len(each[0])) / 6) ** penalty)
    return [*ended, *kept][:samples]


def check(found: list[Found], expected: list[Scored]) -> None:
    assert [tuple(each.ids) for each in found] == [words for words, _ in expected]
    log_ps = [log_p for _, log_p in expected]
    np.testing.assert_allclose([each.log_p for each in found], log_ps, rtol=1e-9)


@pytest.mark.parametrize("seed", [5, 7])
@pytest.mark.parametrize("B", [1, 2, 5])
@pytest.mark.parametrize(
    "settings", [{}, *({"record": "line", "length_penalty": each} for each in (0.0, 0.6, 3.0))]
)
def test_it_finds_what_its_definition_finds(seed: int, B: int, settings: dict[str, Any]) -> None:
    model, penalty = made(seed), settings.get("length_penalty", 0.0)
    samples = min(B, 2)
    found = search(model, beam=B, samples=samples, length=6, **settings)
    ends = bool(settings)
    check(found, in_plain_python(model, B, 6, ends=ends, samples=samples, penalty=penalty))


def all_texts(model: LanguageModel, length: int) -> list[Scored]:
    log_ps: dict[tuple[int, ...], list[float]] = {}
    for t in range(length):
        for words in product(range(V), repeat=t):
            log_ps[words] = next_log_ps(model, words)
    return [
        (text, math.fsum(log_ps[text[:t]][word] for t, word in enumerate(text)))
        for text in product(range(V), repeat=length)
    ]


def test_a_beam_of_all_texts_finds_the_likeliest_of_them(model: LanguageModel) -> None:
    texts = sorted(all_texts(model, 3), key=lambda each: -each[1])
    check(search(model, beam=V**2, samples=9, length=3), texts[:9])


def test_the_likeliest_text_with_all_that_is_required_is_found(model: LanguageModel) -> None:
    required = [[1, 0], [4]]
    texts = [each for each in all_texts(model, 4) if 4 in each[0] and (1, 0) in pairwise(each[0])]
    texts.sort(key=lambda each: -each[1])
    check(search(model, beam=V**3, required=required, length=4, samples=3), texts[:3])


@pytest.mark.parametrize("settings", [{}, {"record": "line"}, {"no_repeat_ngram": 3}])
@pytest.mark.parametrize("beam", [1, 3])
def test_every_text_has_what_is_required_even_in_a_narrow_beam(
    model: LanguageModel, beam: int, settings: dict[str, Any]
) -> None:
    required = [[0, 0, 1], [1, 4]]  # they may overlap
    for found in search(model, beam=beam, samples=beam, required=required, length=7, **settings):
        text = "".join(map(str, found.ids))
        assert "001" in text
        assert "14" in text
        assert not settings.get("record") or EOS not in found.ids[:-1]


def test_log_p_is_the_models_own_without_the_words_that_are_banned(model: LanguageModel) -> None:
    for found in search(model, beam=3, samples=3, length=5, banned=[0, 3]):
        assert not {0, 3} & set(found.ids)
        words = tuple(found.ids)
        own = math.fsum(next_log_ps(model, words[:t])[word] for t, word in enumerate(words))
        assert found.log_p == pytest.approx(own, rel=1e-9)


def test_no_run_comes_twice(model: LanguageModel) -> None:
    for found in search(model, beam=4, samples=4, length=12, no_repeat_ngram=2):
        runs = list(pairwise([3, *found.ids]))
        assert len(set(runs)) == len(runs)


def test_log_p_loses_what_a_penalty_takes_off_a_score(model: LanguageModel) -> None:
    with model.fresh_state():
        score = float(scores_of(model, np.array([START]))[0, -1, 3])
    taken = score / 2 if score > 0 else -score
    expected = next_log_ps(model, ())
    expected[3] -= taken
    for found in search(model, beam=V, samples=V, length=1, repetition_penalty=2.0):
        assert found.log_p == pytest.approx(expected[found.ids[0]], rel=1e-9)


def test_a_beam_of_one_is_greedy(model: LanguageModel) -> None:
    config = SampleConfig(temperature=0, length=20)
    drawn = generate(model, Start(START), config, rng=np.random.default_rng(0))
    (found,) = search(model, beam=1, length=20)
    assert found.ids == [int(each[0]) for each in drawn]


def test_a_text_that_has_not_ended_comes_only_where_too_few_have(model: LanguageModel) -> None:
    short = search(model, beam=5, samples=5, length=1, record="line")
    assert [each.has_ended for each in short].count(True) <= 1
    assert short[0].has_ended == any(each.has_ended for each in short)
    norm = (6 / 6) ** LENGTH_PENALTY
    assert short[0].score == pytest.approx(short[0].log_p / norm)


def test_a_search_that_finds_nothing_says_so(model: LanguageModel) -> None:
    with pytest.raises(ConfigError, match="no text of 9 words was found that keeps to all"):
        search(model, beam=2, length=9, no_repeat_ngram=1)


def test_scores_that_are_no_numbers_are_refused() -> None:
    config, rng = ModelConfig(wordvec_size=4, hidden_size=5), np.random.default_rng(0)
    huge = LanguageModel(V, config, rng=rng)
    huge.flat_params[...] = np.sign(huge.flat_params) * np.float32(3e38)
    with pytest.raises(CheckpointError, match="too large to draw words"):
        search(huge, beam=2, length=3)
