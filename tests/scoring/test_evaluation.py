import math
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import Doubles, Ids, log_softmax
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring import streaming
from rnnlm_cli.scoring.evaluation import Evaluation, evaluate
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.train import Protocol

V, EOS, UNK = 7, 2, 5
IDS = np.random.default_rng(0).integers(0, V, 800).astype(np.int32)


@pytest.fixture
def model() -> LanguageModel:
    made = LanguageModel(
        V, ModelConfig(wordvec_size=4, hidden_size=5), rng=np.random.default_rng(0)
    )
    made.flat_params += np.random.default_rng(1).normal(0, 1, made.flat_params.size)
    return made


def surprisal_by_hand(model: LanguageModel, ids: Ids, word: int = EOS) -> Doubles:
    """One cell, one word at a time, in float64, straight from the formulas of `lstm.py`.

    `word` is the one before `ids`.
    """
    E, Wx, Wh, b, W, c0 = (p.astype(np.float64) for p in model.params)
    H, nats = Wh.shape[0], []
    h, c = np.zeros(H), np.zeros(H)
    for target in ids:
        f, g, i, o = np.split(E[word] @ Wx + h @ Wh + b, 4)
        f, i, o = (1 / (1 + np.exp(-x)) for x in (f, i, o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        nats.append(-log_softmax(h @ W + c0)[target])
        word = target
    return np.array(nats)


def test_the_stream_agrees_with_an_independent_float64_computation(model: LanguageModel) -> None:
    result = evaluate(model, IDS, eos_id=EOS)
    np.testing.assert_allclose(result.nats, surprisal_by_hand(model, IDS), rtol=2e-4, atol=2e-5)
    assert result.tokens == len(IDS)


@pytest.mark.parametrize("chunk", [1, 7, 100, 5000])
def test_the_stream_does_not_depend_on_its_chunk_size(
    model: LanguageModel, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = evaluate(model, IDS, eos_id=EOS).nats_per_token
    monkeypatch.setattr(streaming, "CHUNK", chunk)
    assert evaluate(model, IDS, eos_id=EOS).nats_per_token == pytest.approx(expected, rel=1e-6)


def test_parallel_streams_score_every_token_once_from_cold_states(model: LanguageModel) -> None:
    result = evaluate(model, IDS, eos_id=EOS, protocol="parallel")
    np.testing.assert_array_equal(np.sort(result.targets), np.sort(IDS))
    length = len(IDS) // 20
    expected = surprisal_by_hand(model, IDS[:length]).sum()
    stream0 = evaluate(model, IDS[:length], eos_id=EOS).nats.sum()
    assert stream0 == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("protocol", ["parallel", "book"])
def test_streams_side_by_side_agree_with_it_too(model: LanguageModel, protocol: Protocol) -> None:
    side = {
        "parallel": [(EOS if not k else IDS[k - 1], IDS[k : k + 40]) for k in range(0, 800, 40)],
        "book": [(IDS[k], IDS[k + 1 : k + 71]) for k in range(0, 790, 79)],
    }[protocol]
    by_hand = np.concatenate([surprisal_by_hand(model, ids, word) for word, ids in side])
    result = evaluate(model, IDS, eos_id=EOS, protocol=protocol)
    assert result.tokens == len(by_hand)
    assert result.nats_per_token == pytest.approx(by_hand.mean(), rel=1e-5)


@pytest.mark.parametrize("place", [1, 37, 399])
def test_no_word_is_scored_by_what_follows_it(model: LanguageModel, place: int) -> None:
    other = np.concatenate([IDS[:place], (IDS[place:] + 1) % V])
    nats = [evaluate(model, ids, eos_id=EOS).nats for ids in (IDS, other)]
    np.testing.assert_allclose(nats[0][:place], nats[1][:place], rtol=1e-5)
    assert abs(nats[0][place] - nats[1][place]) > 1e-3


def test_the_book_protocol_is_the_books_loop(model: LanguageModel) -> None:
    jump, losses = (len(IDS) - 1) // 10, []
    with model.fresh_state():
        for step in range((len(IDS) - 1) // 350):
            index = np.arange(10)[:, None] * jump + step * 35 + np.arange(35)
            losses.append(model.forward(IDS[index], IDS[index + 1], train_flg=False))
    result = evaluate(model, IDS, eos_id=EOS, protocol="book")
    assert result.tokens == 700
    assert result.perplexity == pytest.approx(np.exp(np.mean(losses)), rel=1e-6)


@pytest.mark.parametrize("protocol", ["stream", "parallel", "book"])
def test_uniform_scores_have_perplexity_V(protocol: Protocol) -> None:
    model = LanguageModel(V, ModelConfig(wordvec_size=4, hidden_size=5))
    model.flat_params[...] = 0
    result = evaluate(model, IDS, eos_id=EOS, unk_id=UNK, protocol=protocol)
    assert result.perplexity == pytest.approx(V, rel=1e-6)
    assert result.perplexity_known == pytest.approx(V, rel=1e-6)
    assert result.standard_error == pytest.approx(0, abs=1e-5)


def test_evaluation_leaves_the_state_of_the_model(model: LanguageModel) -> None:
    model.forward(IDS[None, :5], IDS[None, 1:6])
    before = model.state
    evaluate(model, IDS[:50], eos_id=EOS)
    assert model.state == before


def test_figures_are_derived_from_the_surprisals() -> None:
    nats, targets = np.log([2.0, 4.0, 8.0, 16.0]), np.array([0, UNK, 1, UNK])
    result = Evaluation("stream", nats, targets, UNK, seconds=2.0)
    assert result.bits_per_token == pytest.approx(2.5)
    assert result.perplexity == pytest.approx(2**2.5)
    assert (result.tokens, result.unknown, result.words_per_second) == (4, 2, 2.0)
    assert result.perplexity_known == pytest.approx(4)
    error = math.log(2) * np.std([1, 2, 3, 4], ddof=1) / 2
    assert result.standard_error == pytest.approx(2**2.5 * error)


def test_progress_counts_the_tokens(model: LanguageModel) -> None:
    seen: list[int] = []
    evaluate(model, IDS, eos_id=EOS, protocol="parallel", progress=seen.append)
    assert sum(seen) == len(IDS)


def test_nothing_to_score_and_too_little_for_the_book_are_errors(model: LanguageModel) -> None:
    with pytest.raises(CorpusError, match="no token"):
        evaluate(model, IDS[:0], eos_id=EOS)
    with pytest.raises(CorpusError, match="need 351"):
        evaluate(model, IDS[:350], eos_id=EOS, protocol="book")


@pytest.mark.parametrize("protocol", ["stream", "parallel", "book"])
@pytest.mark.parametrize("more", [{}, {"head_size": 3}, {"tied": True, "projection": True}])
def test_no_surprisal_of_scores_beyond_float32_is_below_0_or_no_number(
    more: dict[str, Any], protocol: Protocol
) -> None:
    """Scores of 1e30 are rounded by 1e23, in the total and in the target's otherwise."""
    model = LanguageModel(
        V, ModelConfig(wordvec_size=4, hidden_size=5, **more), rng=np.random.default_rng(0)
    )
    model.flat_params *= np.float32(1e30)
    result = evaluate(model, IDS, eos_id=EOS, protocol=protocol)
    assert (result.nats >= 0).all()
    assert result.perplexity == math.inf


def test_the_standard_error_of_an_infinite_surprisal_is_not_known() -> None:
    result = Evaluation("stream", np.array([1.0, math.inf]), np.array([0, 1]), None, seconds=1.0)
    assert result.perplexity == math.inf
    assert math.isnan(result.standard_error)
