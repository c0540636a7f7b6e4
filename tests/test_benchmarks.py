import numpy as np
import pytest

from benchmarks.measure import Comparison, Contender, Figure, take_turns
from benchmarks.roofline import layouts, shapes, word_shapes
from benchmarks.sizes import SIZES, Size, words
from benchmarks.textbook import TextbookModel
from rnnlm_cli.config import ModelConfig
from rnnlm_cli.functions import Array
from rnnlm_cli.model import LanguageModel
from rnnlm_cli.optim import SGD, clip_scale, gradient_norm

SMALL = ModelConfig(wordvec_size=4, hidden_size=5)
TIED = ModelConfig(wordvec_size=5, hidden_size=5, layers=2, tied=True)


@pytest.mark.parametrize("config", [SMALL, TIED], ids=["untied", "tied"])
def test_the_textbook_step_is_the_same_training_step_as_ours(config: ModelConfig) -> None:
    textbook = TextbookModel(Size("small", config, vocab_size=7, batch_size=2, time_size=3))
    model = LanguageModel(7, config)
    flat = [textbook.embedding, *(w for weights in textbook.lstms for w in weights)]
    model.assign([*flat, textbook.W, textbook.b])
    optimizer = SGD(model.flat_params, model.cores)
    for seed in range(3):
        xs, ts = np.random.default_rng(seed).integers(0, 7, (2, 2, 3))
        loss = textbook.step(xs, ts, lr=1.0, max_grad=0.25)
        assert model.forward(xs, ts) == pytest.approx(loss, rel=1e-5)
        model.backward()
        scale = clip_scale(gradient_norm(model.flat_grads, model.cores), 0.25)
        optimizer.update(model.flat_params, model.flat_grads, 1.0, seed + 1, scale)
    theirs: list[Array] = [*flat, textbook.W, textbook.b]
    for mine, other in zip(model.params, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-6)


def test_the_bare_gemms_of_a_step_have_the_flops_of_the_model() -> None:
    size = SIZES["BetterRnnlm"]
    flops = sum(2 * m * k * n * times for m, k, n, times in shapes(size))
    weights = 650 * 10_000 + 2 * 2 * 650 * 4 * 650
    assert flops == 6 * weights * 20 * 35


def test_the_bare_gemms_of_a_word_read_every_weight_once() -> None:
    size = SIZES["BetterRnnlm"]
    products = sum(m * k * n * times for m, k, n, times in word_shapes(size, samples=3))
    assert products == 3 * (650 * 10_000 + 2 * 2 * 650 * 4 * 650)


def test_every_layout_is_the_same_product() -> None:
    products = [np.asarray(product()) for product in layouts(2, 3, 5)]
    assert len(products) == 8
    for product in products:
        straight = product if product.shape == (2, 5) else product.T
        np.testing.assert_allclose(straight, products[0], rtol=1e-6)


def test_contenders_take_turns_and_ratios_go_round_by_round() -> None:
    log: list[str] = []

    def contender(name: str, seconds: float) -> Contender:
        def turn() -> float:
            log.append(name)
            return seconds

        return Contender(name, turn)

    both = [contender("a", 1.0), contender("b", 2.0)]
    take_turns(both, rounds=2, warm_up=1)
    assert log == ["a", "b"] * 3
    comparison = Comparison("t", "m", 10, both)
    assert comparison.ratio(both[0], both[1]) == Figure(2.0, 2.0, 2.0)
    assert comparison.speed(both[1]) == Figure(5.0, 5.0, 5.0)


def test_the_words_are_spread_like_ptbs() -> None:
    share = (words(10_000, 100_000) < 1_500).mean()
    assert share == pytest.approx(0.838, abs=0.01)
