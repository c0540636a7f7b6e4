from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import Doubles, Floats, Ids
from rnnlm_cli.corpus.batches import ParallelStreams
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.adapting.dynamic import (
    EPS,
    SEGMENT,
    GradientScale,
    RMSRule,
    dynamic_pass,
    gradient_scale,
)
from rnnlm_cli.scoring.evaluation import evaluate
from rnnlm_cli.scoring.streaming import shifted
from rnnlm_cli.settings.setting import MOST
from rnnlm_cli.threads import Cores
from tests.model.gradcheck import assert_gradient
from tests.scoring.adapting.models import EOS, cycle, random_ids, small_model

IDS = random_ids(133)
STACKS: list[dict[str, Any]] = [
    {},
    {"head_size": 3},
    {"cluster_edges": (1, 3)},
    {"layers": 2, "tied": True, "projection": True, "skip": True},
]
NOISY: dict[str, Any] = {
    "layers": 2, "dropout": 0.5, "dropout_hidden": 0.3, "word_dropout": 0.2, "weight_drop": 0.4,
    "ar": 2.0, "tar": 1.0,
}  # fmt: skip


def rule_for(model: LanguageModel, lr: float, decay: float = 0.0) -> RMSRule:
    ones = np.ones_like(model.flat_params)
    return RMSRule(GradientScale(ones, 1.0), lr, decay)


def nats_of(model: LanguageModel, ids: Ids, rule: RMSRule) -> Doubles:
    return dynamic_pass(model, ids, rule=rule, before=EOS).nats[1.0]


@pytest.mark.parametrize("stack", [*STACKS, NOISY], ids=str)
def test_a_rate_of_zero_is_the_static_model(stack: dict[str, Any]) -> None:
    model = small_model(**stack)
    expected = evaluate(model, EncodedText(IDS, EOS)).nats
    np.testing.assert_allclose(nats_of(model, IDS, rule_for(model, 0.0)), expected, atol=2e-5)


@pytest.mark.parametrize("stack", STACKS, ids=str)
def test_a_text_that_repeats_itself_is_learnt(stack: dict[str, Any]) -> None:
    model, ids = small_model(**stack), cycle(1500)
    nats = nats_of(model, ids, rule_for(model, 1.0))
    assert nats[-100:].mean() < 0.5 * nats[:100].mean()


def test_a_segment_is_scored_before_it_is_learnt_from() -> None:
    model = small_model()
    expected = evaluate(model, EncodedText(IDS, EOS)).nats
    nats = nats_of(model, IDS, rule_for(model, 1.0))
    np.testing.assert_allclose(nats[:SEGMENT], expected[:SEGMENT], atol=2e-5)
    assert np.abs(nats[SEGMENT:] - expected[SEGMENT:]).max() > 0.01


@pytest.mark.parametrize("stack", [*STACKS, NOISY], ids=str)
def test_the_gradient_is_that_of_the_mean_loss_of_the_segment(stack: dict[str, Any]) -> None:
    model, ids = small_model(dtype=np.float64, **stack), IDS[:SEGMENT]
    seen: list[Floats] = []

    class Spy(RMSRule):
        def step(self, params: Floats, grads: Floats, trained: Floats, cores: Cores) -> None:
            seen.append(grads.copy())

    spy = Spy(GradientScale(np.ones_like(model.flat_params), 1.0), 0.0, 0.0)
    dynamic_pass(model, ids, rule=spy, before=EOS)

    def loss() -> float:
        with model.fresh_state():
            return float(model.nats(shifted(ids, EOS)[None], ids[None]).mean())

    assert len(seen) == 1
    assert_gradient(loss, model.flat_params, seen[0])


def test_weights_and_state_are_afterwards_what_they_were() -> None:
    model = small_model()
    model.forward(IDS[None, :5], IDS[None, 1:6])
    weights, state = model.flat_params.copy(), model.state
    nats_of(model, IDS, rule_for(model, 1.0))
    np.testing.assert_array_equal(model.flat_params, weights)
    assert model.state == state


def test_they_are_so_also_when_it_is_stopped() -> None:
    model = small_model()
    weights = model.flat_params.copy()

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dynamic_pass(model, IDS, rule=rule_for(model, 1.0), before=EOS, progress=stop)
    np.testing.assert_array_equal(model.flat_params, weights)
    assert model.state is None


def test_the_rule_is_its_formula() -> None:
    rng = np.random.default_rng(0)
    params, grads, trained = rng.normal(size=(3, 100_003))
    rms = rng.uniform(0, 2, 100_003)
    lr, decay, mean = 0.3, 0.9, float(rms.mean())
    stepped = params - lr * grads / (rms + EPS * mean)
    expected = stepped + np.minimum(1, decay * rms / mean) * (trained - stepped)
    RMSRule(GradientScale(rms, mean), lr, decay).step(params, grads, trained, Cores(2))
    np.testing.assert_allclose(params, expected, rtol=1e-9, atol=1e-12)


def test_a_rate_that_diverges_is_no_error_and_leaves_the_model_as_it_was() -> None:
    model = small_model()
    weights = model.flat_params.copy()
    nats = nats_of(model, IDS, rule_for(model, 1e38))
    assert nats.mean() > 1e30
    np.testing.assert_array_equal(model.flat_params, weights)


def test_the_scale_is_that_of_the_gradients_of_single_segments() -> None:
    model, ids = small_model(), random_ids(2 * 3 * SEGMENT + 1)
    scale = gradient_scale(model, ids)
    N, squares = 6, []
    with model.fresh_state():
        xs, ts = ParallelStreams(ids, N, SEGMENT).batch(0)
        model.forward(xs, ts)
        model.backward()
        squares.append(np.square(model.flat_grads))
    np.testing.assert_allclose(scale.rms, np.sqrt(N * np.mean(squares, axis=0)), rtol=1e-5)
    assert scale.mean == pytest.approx(scale.rms.mean(), rel=1e-5)


def test_only_a_part_of_a_long_text_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnlm_cli.scoring.adapting.dynamic._BATCHES", 3)
    seen: list[int] = []
    progress: Callable[[int], object] = seen.append
    gradient_scale(small_model(), random_ids(9_000), progress)
    assert sum(seen) == 3 * 20 * SEGMENT


def test_a_text_of_one_word_has_no_gradient() -> None:
    assert gradient_scale(small_model(), random_ids(2)).mean > 0
    with pytest.raises(CorpusError, match="need 2"):
        gradient_scale(small_model(), random_ids(1))


def test_the_factors_of_the_largest_rates_are_numbers_where_no_gradient_was_seen() -> None:
    model = small_model()
    model.flat_params[...] = 0
    for layer in (model.network.embedding, model.network.affine):
        layer.params["W"][...] = 0
    model.network.affine.params["b"][0] = (
        200  # the word that always comes, so that nothing is to learn
    )
    scale = gradient_scale(model, np.zeros(50, np.int32))
    assert not scale.rms.any()
    rule = RMSRule(scale, lr=MOST, decay=MOST)
    assert np.isfinite(rule.rates).all()
    assert not rule.pulls.any()
