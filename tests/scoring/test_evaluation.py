import math
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import Doubles, Ids, log_softmax
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring import streaming
from rnnlm_cli.scoring.evaluation import Evaluation, evaluate
from rnnlm_cli.scoring.standard_error import error_of_mean
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
    result = evaluate(model, EncodedText(IDS, EOS))
    np.testing.assert_allclose(result.nats, surprisal_by_hand(model, IDS), rtol=2e-4, atol=2e-5)
    assert result.tokens == len(IDS)


@pytest.mark.parametrize("chunk", [1, 7, 100, 5000])
def test_the_stream_does_not_depend_on_its_chunk_size(
    model: LanguageModel, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = evaluate(model, EncodedText(IDS, EOS)).nats_per_token
    monkeypatch.setattr(streaming, "CHUNK", chunk)
    assert evaluate(model, EncodedText(IDS, EOS)).nats_per_token == pytest.approx(
        expected, rel=1e-6
    )


def test_parallel_streams_score_every_token_once_from_cold_states(model: LanguageModel) -> None:
    result = evaluate(model, EncodedText(IDS, EOS), protocol="parallel")
    np.testing.assert_array_equal(np.sort(result.targets), np.sort(IDS))
    length = len(IDS) // 20
    expected = surprisal_by_hand(model, IDS[:length]).sum()
    stream0 = evaluate(model, EncodedText(IDS[:length], EOS)).nats.sum()
    assert stream0 == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("protocol", ["parallel", "book"])
def test_streams_side_by_side_agree_with_it_too(model: LanguageModel, protocol: Protocol) -> None:
    side = {
        "parallel": [(EOS if not k else IDS[k - 1], IDS[k : k + 40]) for k in range(0, 800, 40)],
        "book": [(IDS[k], IDS[k + 1 : k + 71]) for k in range(0, 790, 79)],
    }[protocol]
    by_hand = np.concatenate([surprisal_by_hand(model, ids, word) for word, ids in side])
    result = evaluate(model, EncodedText(IDS, EOS), protocol=protocol)
    assert result.tokens == len(by_hand)
    assert result.nats_per_token == pytest.approx(by_hand.mean(), rel=1e-5)


@pytest.mark.parametrize("place", [1, 37, 399])
def test_no_word_is_scored_by_what_follows_it(model: LanguageModel, place: int) -> None:
    other = np.concatenate([IDS[:place], (IDS[place:] + 1) % V])
    nats = [evaluate(model, EncodedText(ids, EOS)).nats for ids in (IDS, other)]
    np.testing.assert_allclose(nats[0][:place], nats[1][:place], rtol=1e-5)
    assert abs(nats[0][place] - nats[1][place]) > 1e-3


def test_the_book_protocol_is_the_books_loop(model: LanguageModel) -> None:
    jump, losses = (len(IDS) - 1) // 10, []
    with model.fresh_state():
        for step in range((len(IDS) - 1) // 350):
            index = np.arange(10)[:, None] * jump + step * 35 + np.arange(35)
            losses.append(model.forward(IDS[index], IDS[index + 1], train_flg=False))
    result = evaluate(model, EncodedText(IDS, EOS), protocol="book")
    assert result.tokens == 700
    assert result.perplexity == pytest.approx(np.exp(np.mean(losses)), rel=1e-6)


@pytest.mark.parametrize("protocol", ["stream", "parallel", "book"])
def test_uniform_scores_have_perplexity_V(protocol: Protocol) -> None:
    model = LanguageModel(V, ModelConfig(wordvec_size=4, hidden_size=5))
    model.flat_params[...] = 0
    result = evaluate(model, EncodedText(IDS, EOS, UNK), protocol=protocol)
    assert result.perplexity == pytest.approx(V, rel=1e-6)
    assert result.perplexity_known == pytest.approx(V, rel=1e-6)
    assert result.standard_error == pytest.approx(0, abs=1e-5)


def test_evaluation_leaves_the_state_of_the_model(model: LanguageModel) -> None:
    model.forward(IDS[None, :5], IDS[None, 1:6])
    before = model.state
    evaluate(model, EncodedText(IDS[:50], EOS))
    assert model.state == before


def test_figures_are_derived_from_the_surprisals() -> None:
    nats, targets = np.log([2.0, 4.0, 8.0, 16.0]), np.array([0, UNK, 1, UNK])
    result = Evaluation.of("stream", nats, EncodedText(targets, EOS, UNK), seconds=2.0)
    assert result.bits_per_token == pytest.approx(2.5)
    assert result.perplexity == pytest.approx(2**2.5)
    assert (result.tokens, result.unknown, result.words_per_second) == (4, 2, 2.0)
    assert result.perplexity_known == pytest.approx(4)
    assert math.isnan(result.standard_error)  # of so few


def figures_of(words: str, **settings: Any) -> Evaluation:
    """Of a text of the tokens a, b, . (a line end) and ? (unknown), whose surprisals are bits."""
    ids, bits = zip(*((("ab.?".index(w[0])), float(w[1:])) for w in words.split()), strict=True)
    text = EncodedText(np.array(ids), eos_id=2, unk_id=3, **settings)
    return Evaluation.of("stream", np.log(2) * np.array(bits), text, seconds=1.0)


def test_bits_a_character_are_all_bits_of_all_characters() -> None:
    result = figures_of("a3 b2 .1 b6 .0", characters=24)
    assert result.bits_per_character == pytest.approx(12 / 24)
    assert result.characters_per_token == pytest.approx(24 / 5)
    assert not result.is_lower_bound


def test_unknown_words_and_small_letters_make_them_a_lower_bound() -> None:
    assert figures_of("a3 ?2 .1", characters=24).is_lower_bound
    assert figures_of("a3 b2 .1", characters=24, lower=True).is_lower_bound


def test_without_characters_nothing_is_said_of_them() -> None:
    result = figures_of("a3 b2 .1")
    assert result.characters is result.bits_per_character is result.characters_per_token is None


def test_line_ends_are_counted_apart_and_can_be_left_out() -> None:
    result = figures_of("a3 ?2 .1 b6 .0", characters=24)
    assert result.perplexity_without_eos == pytest.approx(2 ** (11 / 3))
    left = result.without_eos()
    assert (left.tokens, left.unknown, left.eos) == (3, 1, False)
    assert left.perplexity == result.perplexity_without_eos
    assert left.perplexity_known == pytest.approx(2 ** (9 / 2))
    assert left.words_per_second == result.words_per_second == 5
    assert math.isnan(left.perplexity_without_eos)
    assert left.characters is None  # they are those of the line ends too


@pytest.mark.parametrize("words", ["a3 b2", ".1 .0"])
def test_a_text_all_or_none_of_line_ends_has_no_figure_apart_from_them(words: str) -> None:
    assert math.isnan(figures_of(words).perplexity_without_eos)


def test_a_text_of_line_ends_alone_has_nothing_to_count_without_them() -> None:
    with pytest.raises(CorpusError, match="no token but line ends"):
        figures_of(".1 .0").without_eos()


@pytest.mark.parametrize(
    ("protocol", "known"), [("stream", True), ("parallel", True), ("book", False)]
)
def test_characters_are_known_where_every_token_is_scored(
    model: LanguageModel, protocol: Protocol, known: bool
) -> None:
    text = EncodedText(IDS, EOS, UNK, characters=3_000)
    result = evaluate(model, text, protocol=protocol)
    assert result.characters == (3_000 if known else None)
    assert (len(result.nats) == len(IDS)) is known


@pytest.mark.parametrize("protocol", ["parallel", "book"])
def test_every_surprisal_knows_its_place_in_the_text(
    model: LanguageModel, protocol: Protocol
) -> None:
    result = evaluate(model, EncodedText(IDS, EOS), protocol=protocol)
    assert result.places is not None
    np.testing.assert_array_equal(result.targets, IDS[result.places])
    assert (
        len(set(result.places.tolist()))
        == result.tokens
        == {"parallel": 800, "book": 700}[protocol]
    )
    stream = evaluate(model, EncodedText(IDS, EOS)).nats[result.places]
    assert np.corrcoef(stream, result.nats)[0, 1] > 0.99  # all but cold starts


def test_the_standard_error_follows_the_text_in_whatever_order_it_was_scored(
    model: LanguageModel,
) -> None:
    text = EncodedText(IDS, EOS)
    result = evaluate(model, text)
    places = np.random.default_rng(0).permutation(len(IDS))
    again = Evaluation.of("parallel", result.nats[places], text, places=places, seconds=1.0)
    assert again.standard_error == pytest.approx(result.standard_error, rel=1e-9)
    expected = error_of_mean(result.nats, np.cumsum(IDS == EOS) - (IDS == EOS))
    assert result.standard_error == pytest.approx(result.perplexity * expected)
    words = IDS != EOS
    expected = error_of_mean(result.nats[words], np.cumsum(IDS == EOS)[words])
    left = result.without_eos()
    assert left.standard_error == pytest.approx(left.perplexity * expected)


def test_the_figures_alone_are_those_of_the_evaluation() -> None:
    result = figures_of("a3 ?2 .1 b6 .0", characters=24)
    assert result.figures.named() == pytest.approx(result.named(), nan_ok=True)
    assert result.named()["bits_per_character"] == pytest.approx(0.5)


def test_progress_counts_the_tokens(model: LanguageModel) -> None:
    seen: list[int] = []
    evaluate(model, EncodedText(IDS, EOS), protocol="parallel", progress=seen.append)
    assert sum(seen) == len(IDS)


def test_nothing_to_score_and_too_little_for_the_book_are_errors(model: LanguageModel) -> None:
    with pytest.raises(CorpusError, match="no token"):
        evaluate(model, EncodedText(IDS[:0], EOS))
    with pytest.raises(CorpusError, match="has one token, which has nothing before it, but at"):
        evaluate(model, EncodedText(np.array([3]), eos_id=None))
    with pytest.raises(CorpusError, match="need 351"):
        evaluate(model, EncodedText(IDS[:350], EOS), protocol="book")


@pytest.mark.parametrize("protocol", ["stream", "parallel", "book"])
@pytest.mark.parametrize(
    "more", [{}, {"head_size": 3}, {"cluster_edges": (2, 4)}, {"tied": True, "projection": True}]
)
def test_no_surprisal_of_scores_beyond_float32_is_below_0_or_no_number(
    more: dict[str, Any], protocol: Protocol
) -> None:
    """Scores of 1e30 are rounded by 1e23, in the total and in the target's otherwise."""
    model = LanguageModel(
        V, ModelConfig(wordvec_size=4, hidden_size=5, **more), rng=np.random.default_rng(0)
    )
    model.flat_params *= np.float32(1e30)
    result = evaluate(model, EncodedText(IDS, EOS), protocol=protocol)
    assert (result.nats >= 0).all()
    assert result.perplexity == math.inf


def test_the_standard_error_of_an_infinite_surprisal_is_not_known() -> None:
    text = EncodedText(np.arange(40) % 2, EOS)
    result = Evaluation.of("stream", np.where(text.ids, 1.0, math.inf), text, seconds=1.0)
    assert result.perplexity == math.inf
    assert math.isnan(result.standard_error)
