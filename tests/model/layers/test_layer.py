"""What a layer has, and what it tells a reader of the book who takes it for one of the book's."""

from typing import Any

import numpy as np
import pytest

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.model.layers import (
    TimeAffine,
    TimeDropout,
    TimeEmbedding,
    TimeLSTM,
    TimeSoftmaxWithLoss,
    TimeSplitAffine,
)
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.model import ModelConfig

D, H = 4, 5
AFFINE = TimeAffine(np.ones((D, H)), np.zeros(H))
LSTM = TimeLSTM(np.ones((D, 4 * H)), np.ones((H, 4 * H)), np.zeros(4 * H))
WORDS = TimeEmbedding(np.ones((7, D)))


@pytest.mark.parametrize("layer", [AFFINE, LSTM, WORDS])
def test_arrays_with_names_do_not_pass_for_a_list(layer: Any) -> None:
    for arrays in (layer.params, layer.grads):
        params: list[Any] = []
        with pytest.raises(TypeError, match=r"take its \.values\(\), or the layers of rnnlm_cli\."):
            params += arrays
        params += arrays.values()
        assert len(params) == len(arrays)


@pytest.mark.parametrize(
    ("layer", "given", "found"),
    [
        (WORDS, [[1, 2]], r"ids has type list.* rnnlm_cli\.book: lists"),
        (WORDS, np.array([1, 2]), r"ids has shape \(2,\), .* is needed here: make one of it$"),
        (LSTM, [[[1.0] * D]], r"xs has type list.* rnnlm_cli\.book: lists"),
        (AFFINE, np.ones((2, D)), r"hs has shape \(2, 4\), but an array \(N, T, H\)"),
        (TimeDropout(0.5, np.random.default_rng(0)), [[[1.0]]], "xs has type list"),
    ],
)
def test_what_is_no_sequence_is_refused(layer: Any, given: Any, found: str) -> None:
    with pytest.raises(ConfigError, match=found):
        layer.forward(given)


@pytest.mark.parametrize("ts", [[[1, 2, 3]], np.eye(7)[[[1, 2, 3]]]])
def test_other_targets_than_ids_are_refused(ts: Any) -> None:
    with pytest.raises(ConfigError, match=r"ts has .* \(N, T\) is needed .* one-hot targets do"):
        TimeSoftmaxWithLoss().forward(np.zeros((1, 3, 7)), ts)


def test_a_flag_that_would_act_on_nothing_is_refused() -> None:
    layer: Any = TimeDropout(0.5, np.random.default_rng(0))
    with pytest.raises(AttributeError, match=r"forward\(xs, train_flg\): give it there"):
        layer.train_flg = False
    with pytest.raises(AttributeError, match=r"TimeDropout of rnnlm_cli\.book"):
        layer.train_flg  # noqa: B018


def test_all_gradients_are_there_for_whoever_asks_for_all() -> None:
    layer = TimeSplitAffine(np.ones((2, 5)), np.ones(5), np.ones(2), np.ones(1), edges=[3])
    assert [grad.shape for grad in layer.grads.values()] == [(2, 5), (5,), (2,), (1,)]
    assert layer.grads.keys() == layer.params.keys()
    (model := LanguageModel(5, ModelConfig(wordvec_size=2, hidden_size=3))).flat_grads[:] = 7
    for built in model.layers:
        for name, grad in built.grads.items():
            assert grad.shape == built.params[name].shape
            assert (grad == 7).all()
