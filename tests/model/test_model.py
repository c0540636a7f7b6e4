from contextlib import suppress
from typing import Any, get_args

import numpy as np
import pytest

from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.errors import CheckpointError, ConfigError
from rnnlm_cli.generating.generation import generate
from rnnlm_cli.generating.start import Start
from rnnlm_cli.model.layers import (
    TimeAffine,
    TimeAR,
    TimeDropout,
    TimeEmbedding,
    TimeLSTM,
    TimeSoftmaxWithLoss,
    TimeTAR,
)
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.model.sizes import ModelSizes
from rnnlm_cli.scoring.evaluation import evaluate
from rnnlm_cli.scoring.passages import score_passages
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.settings.train import Protocol
from tests.model.gradcheck import assert_gradient
from tests.models import better_rnnlm, rnnlm, scores_of

V, D, H = 7, 4, 5
XS = np.array([[0, 3, 3], [6, 3, 1]])
TS = np.array([[3, 3, 2], [3, 1, 0]])


def small(config: ModelConfig | None = None, dtype: type = np.float64) -> LanguageModel:
    config = config or ModelConfig(wordvec_size=D, hidden_size=H)
    model = LanguageModel(V, config, rng=np.random.default_rng(0), dtype=dtype)
    model.flat_params += np.random.default_rng(1).standard_normal(model.flat_params.size) / 3
    return model


CONFIGS = {
    "one layer": ModelConfig(wordvec_size=D, hidden_size=H),
    "two layers": ModelConfig(wordvec_size=D, hidden_size=H, layers=2),
    "tied": ModelConfig(wordvec_size=D, hidden_size=D, tied=True),
    "split": ModelConfig(wordvec_size=D, hidden_size=H, head_size=2),
    "clusters": ModelConfig(wordvec_size=D, hidden_size=H, cluster_edges=(2, 3, 5)),
    "tied split": ModelConfig(wordvec_size=D, hidden_size=D, tied=True, head_size=4),
    "narrow end": ModelConfig(wordvec_size=D, hidden_size=H, layers=2, tied=True),
    "projection": ModelConfig(wordvec_size=D, hidden_size=H, tied=True, projection=True),
    "all there is": ModelConfig(
        wordvec_size=D,
        hidden_size=H,
        layers=3,
        tied=True,
        projection=True,
        skip=True,
        dropout=0.2,
        dropout_in=0.4,
        dropout_out=0.3,
        locked=True,
        dropout_hidden=0.2,
        word_dropout=0.2,
        weight_drop=0.2,
        ar=0.5,
        tar=0.7,
        head_size=3,
    ),
    "better": ModelConfig(wordvec_size=D, hidden_size=D, layers=2, tied=True, dropout=0.5),
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_gradients_of_whole_models_with_a_carried_state(config: ModelConfig) -> None:
    model = small(config)
    model.forward(XS, TS)
    state = model.state
    masks = [layer.rng.bit_generator.state for layer in model.noisy]

    def loss() -> float:
        model.state = state
        for layer, saved in zip(model.noisy, masks, strict=True):
            layer.rng.bit_generator.state = saved
        penalties = [layer for layer in model.layers if isinstance(layer, TimeAR | TimeTAR)]
        return model.forward(XS, TS) + sum(layer.penalty() for layer in penalties)

    loss()
    model.backward()
    assert_gradient(loss, model.flat_params, model.flat_grads.copy())


def test_training_goes_the_way_of_the_textbook_layers() -> None:
    model, loss_layer = small(), TimeSoftmaxWithLoss()
    loss = model.forward(XS, TS)
    model.reset_state()
    assert loss == pytest.approx(loss_layer.forward(scores_of(model, XS), TS), rel=1e-12)


def test_a_tied_model_ends_as_narrow_as_its_word_vectors() -> None:
    model = LanguageModel(V, CONFIGS["narrow end"])
    assert [lstm.params["Wh"].shape[0] for lstm in model.lstms] == [H, D]
    projected = LanguageModel(V, CONFIGS["projection"])
    assert projected.network.projection is not None
    assert projected.named_params()["projection.W"].shape == (H, D)


def test_the_parameters_have_the_shapes_that_are_foretold() -> None:
    for config in CONFIGS.values():
        found = {k: p.shape for k, p in LanguageModel(V, config).named_params().items()}
        assert found == ModelSizes(V, config).shapes()


def test_the_head_must_leave_words_for_the_tail() -> None:
    with pytest.raises(ConfigError, match="head-size is 7, but must be below the 7 words"):
        small(ModelConfig(wordvec_size=D, hidden_size=H, head_size=7))
    with pytest.raises(ConfigError, match="cluster-edges end at 7, but must be below the 7 words"):
        small(ModelConfig(wordvec_size=D, hidden_size=H, cluster_edges=(2, 7)))


def test_one_edge_is_the_head_of_a_split_in_two_as_files_have_it() -> None:
    config = ModelConfig(wordvec_size=D, hidden_size=H, cluster_edges=(2,))
    by_edge = LanguageModel(V, config, rng=np.random.default_rng(0))
    by_head = LanguageModel(V, CONFIGS["split"], rng=np.random.default_rng(0))
    assert by_head.named_params()["affine.w"].shape == (H,)
    assert by_head.named_params().keys() == by_edge.named_params().keys()
    np.testing.assert_array_equal(by_head.flat_params, by_edge.flat_params)


def test_the_branches_of_a_split_softmax_begin_at_zero() -> None:
    model = LanguageModel(V, CONFIGS["clusters"])
    assert not model.named_params()["affine.w"].any()


def test_rnnlm_has_the_layers_and_shapes_of_the_book() -> None:
    model = rnnlm(V, D, H)
    assert [type(layer) for layer in model.layers] == [TimeEmbedding, TimeLSTM, TimeAffine]
    shapes = [(V, D), (D, 4 * H), (H, 4 * H), (4 * H,), (H, V), (V,)]
    assert [p.shape for p in model.params] == shapes
    assert [g.shape for g in model.network.grads.named.values()] == shapes
    assert {p.dtype for p in model.params} == {np.dtype(np.float32)}


def test_better_rnnlm_has_the_layers_of_the_book_and_shares_its_embedding() -> None:
    model = better_rnnlm(V, D, D)
    kinds = [TimeEmbedding, *[TimeDropout, TimeLSTM] * 2, TimeDropout, TimeAffine]
    assert [type(layer) for layer in model.layers] == kinds
    assert len(model.params) == 9
    assert np.shares_memory(model.params[0], model.params[7])
    assert model.flat_params.size == V * D + 2 * (2 * D * 4 * D + 4 * D) + V


def test_initial_weights_have_the_scales_of_the_book() -> None:
    model = LanguageModel(
        500,
        ModelConfig(wordvec_size=64, hidden_size=100, forget_bias=1),
        rng=np.random.default_rng(0),
    )
    stds = {name: float(p.std()) for name, p in model.named_params().items()}
    assert stds["embedding.W"] == pytest.approx(1 / 100, rel=0.02)
    assert stds["lstm1.Wx"] == pytest.approx(1 / 8, rel=0.02)
    assert stds["lstm1.Wh"] == pytest.approx(1 / 10, rel=0.02)
    assert stds["affine.W"] == pytest.approx(1 / 10, rel=0.02)
    assert model.named_params()["lstm1.b"].sum() == 100
    assert not model.named_params()["affine.b"].any()


def test_params_are_views_of_the_flat_vector() -> None:
    model = small()
    model.flat_params[...] = 2
    assert all((p == 2).all() for p in model.params)
    model.forward(XS, TS)
    model.backward()
    assert sum(float((g**2).sum()) for g in model.network.grads.named.values()) == pytest.approx(
        float((model.flat_grads**2).sum())
    )


def test_the_same_rng_makes_the_same_model() -> None:
    one, two = (rnnlm(V, D, H, rng=np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(one.flat_params, two.flat_params)
    assert not np.array_equal(
        one.flat_params, rnnlm(V, D, H, rng=np.random.default_rng(6)).flat_params
    )


def test_dropout_acts_in_training_only() -> None:
    model = small(CONFIGS["better"])
    losses = set()
    for train_flg in (True, True, False, False):
        model.reset_state()
        losses.add(model.forward(XS, TS, train_flg=train_flg))
    assert len(losses) == 3


def test_fresh_state_puts_the_state_back_even_after_an_error() -> None:
    model = small()
    model.forward(XS, TS)
    before = model.state
    with suppress(ZeroDivisionError), model.fresh_state():
        assert model.state is None
        scores_of(model, XS[:1])
        raise ZeroDivisionError
    assert model.state == before


def test_forget_streams_clears_the_marked_ones_only() -> None:
    model = small()
    model.forward(XS, TS)
    assert model.state is not None
    kept = model.state[0].c[1].copy()
    model.forget_streams(np.array([True, False]))
    assert not model.state[0].h[0].any()
    assert not model.state[0].c[0].any()
    np.testing.assert_array_equal(model.state[0].c[1], kept)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p[:-1], "found 5 arrays, but this model has 6"),
        (lambda p: [p[0][:-1], *p[1:]], r"embedding.W has shape \(6, 4\), but .* needs \(7, 4\)"),
        (lambda p: [*p[:-1], p[-1] * np.nan], "affine.b holds numbers that are not finite"),
    ],
)
def test_wrong_arrays_are_refused_and_leave_the_model_as_it_was(change, message) -> None:  # type: ignore[no-untyped-def]
    model = small()
    before = model.flat_params.copy()
    with pytest.raises(CheckpointError, match=message):
        model.assign(change([p + 1 for p in model.params]))
    np.testing.assert_array_equal(model.flat_params, before)


def test_tied_weights_that_disagree_are_refused() -> None:
    model = small(CONFIGS["tied"])
    arrays = [p.copy() for p in model.params]
    arrays[-2][0, 0] += 1
    with pytest.raises(CheckpointError, match="tied"):
        model.assign(arrays)


def test_a_model_that_is_not_drawn_takes_others_weights() -> None:
    config = ModelConfig(wordvec_size=4, hidden_size=4, layers=2, tied=True, forget_bias=1.0)
    model, bare = LanguageModel(V, config), LanguageModel(V, config, drawn=False)
    assert not bare.flat_params.any()
    bare.assign(model.params)
    np.testing.assert_array_equal(bare.flat_params, model.flat_params)
    assert [p.strides for p in bare.params] == [p.strides for p in model.params]


def test_building_a_model_leaves_the_blas_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []
    monkeypatch.setattr("rnnlm_cli.threads.set_blas_threads", given.append)
    assert LanguageModel(V, CONFIGS["tied"], threads=1).cores.threads == 1
    assert not given


def made(model: LanguageModel) -> set[str]:
    """What of `model` there is that only training needs."""
    gradients = {layer.__class__.__name__ for layer in model.layers if layer.grads}
    return (
        gradients
        | vars(model.network.grads).keys() & {"flat", "named"}
        | (vars(model).keys() & {"loss_layer"})
    )


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_scoring_and_drawing_make_nothing_that_only_training_needs(config: ModelConfig) -> None:
    model, rng = small(config), np.random.default_rng(0)
    for protocol in get_args(Protocol):
        evaluate(model, EncodedText(np.resize(XS, 400), 0), protocol=protocol)
    list(generate(model, Start([0]), SampleConfig(length=2), rng=rng))
    assert not made(model)
    model.forward(XS, TS)
    model.backward()
    assert {"flat", "named", "loss_layer", "TimeEmbedding"} <= made(model)


def test_gradients_are_made_by_whichever_layer_is_first_asked_for_one() -> None:
    model, loss_layer = small(CONFIGS["better"]), TimeSoftmaxWithLoss()
    loss_layer.forward(scores_of(model, XS), TS)
    model.network.backward(model.network.affine.backward(loss_layer.backward()))
    by_hand = model.flat_grads.copy()
    model.reset_state()
    model.learn_from(model.hidden(XS), TS)
    np.testing.assert_allclose(model.flat_grads, by_hand, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(
    "between",
    [
        lambda model: model.forward(XS, TS, train_flg=False),
        lambda model: model.nats(XS, TS),
        lambda model: model.hidden(XS),
        lambda model: list(score_passages(model, [XS[0], XS[1]], eos_id=0)),
    ],
)
def test_backward_goes_back_through_a_training_pass_alone(between: Any) -> None:
    model = small()
    model.forward(XS, TS)
    between(model)
    with pytest.raises(
        ConfigError, match=r"backward needs the forward.* models of rnnlm_cli\.book"
    ):
        model.backward()
    model.forward(XS, TS)
    model.backward()


@pytest.mark.parametrize("flag", [True, False])
def test_what_the_books_models_take_and_these_do_not_is_told(flag: bool) -> None:
    model, lists, one_hot = small(CONFIGS["split"]), XS.tolist(), np.eye(V)[TS]
    with pytest.raises(ConfigError, match=r"ids has type list.* \(N, T\) .* rnnlm_cli\.book"):
        model.forward(lists, TS, flag)
    for ts in (lists, one_hot):
        for kind in (model, small()):
            with pytest.raises(ConfigError, match=r"ts has .* rnnlm_cli\.book"):
                kind.forward(XS, ts, flag)


@pytest.mark.parametrize("config", [CONFIGS["one layer"], CONFIGS["split"]])
def test_a_loss_layer_that_is_given_scores_says_what_it_reads(config: ModelConfig) -> None:
    model = small(config)
    with pytest.raises(ConfigError, match=r"hs has 7 numbers a place, .* hidden states of 5, not"):
        model.loss_layer.forward(scores_of(model, XS), TS)
