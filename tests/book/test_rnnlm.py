"""The listing that all began with, in our words, and what the models of the book's pages are."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.book import (
    BetterRnnlm,
    Rnnlm,
    SimpleRnnlm,
    TimeAffine,
    TimeDropout,
    TimeEmbedding,
    TimeLSTM,
    TimeRNN,
    TimeSoftmaxWithLoss,
)

V, D, H = 7, 4, 5
XS = np.array([[0, 3, 3], [6, 3, 1]])
TS = np.array([[3, 3, 2], [3, 1, 0]])


def test_the_listing_of_section_6_4(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    model = Rnnlm(vocab_size=10000, wordvec_size=100, hidden_size=100)
    assert [type(layer) for layer in model.layers] == [TimeEmbedding, TimeLSTM, TimeAffine]
    assert type(model.loss_layer) is TimeSoftmaxWithLoss
    assert model.lstm_layer is model.layers[1]
    assert model.lstm_layer.stateful
    shapes = [(10000, 100), (100, 400), (100, 400), (400,), (100, 10000), (10000,)]
    assert [param.shape for param in model.params] == [grad.shape for grad in model.grads] == shapes
    assert all(type(layer.params) is list for layer in model.layers)

    scores = model.predict(XS)
    model.reset_state()
    loss = model.forward(XS, TS)
    assert loss == model.loss_layer.forward(scores, TS)
    assert loss == pytest.approx(np.log(10000), rel=1e-3)
    model.backward()
    assert all(grad.any() for grad in model.grads)
    assert model.lstm_layer.h is not None
    model.reset_state()
    assert model.lstm_layer.h is None

    model.save_params("Rnnlm.pkl")
    other = Rnnlm()
    other.load_params("Rnnlm.pkl")
    assert other.forward(XS, TS) == loss
    with open("Rnnlm.pkl", "rb") as file:
        assert [array.shape for array in pickle.load(file)] == shapes


def test_better_rnnlm_has_what_its_page_has() -> None:
    model = BetterRnnlm(V, D, D, 0.4)
    lstm = [TimeDropout, TimeLSTM]
    assert [type(layer) for layer in model.layers] == [
        TimeEmbedding, *lstm, *lstm, TimeDropout, TimeAffine,
    ]  # fmt: skip
    assert model.lstm_layers == [model.layers[2], model.layers[4]]
    assert model.drop_layers == [model.layers[1], model.layers[3], model.layers[5]]
    assert {layer.dropout_ratio for layer in model.drop_layers} == {0.4}
    assert len(model.params) == len(model.grads) == 9
    assert np.shares_memory(model.params[0], model.params[7])
    assert not np.shares_memory(model.grads[0], model.grads[7])


def test_dropout_acts_where_it_is_asked_for() -> None:
    model, losses = BetterRnnlm(V, D, D), list[float]()
    for flags in ((), (True,), (False,), (False,)):
        model.reset_state()
        losses.append(model.forward(XS, TS, *flags))
    assert len(set(losses)) == 3
    model.reset_state()
    scores = model.predict(XS)
    assert model.loss_layer.forward(scores, TS) == losses[-1]


def test_the_simple_model_has_a_simple_recurrent_layer() -> None:
    model = SimpleRnnlm(V, D, H)
    assert [type(layer) for layer in model.layers] == [TimeEmbedding, TimeRNN, TimeAffine]
    assert model.rnn_layer is model.layers[1]
    first = model.forward(XS, TS)
    assert model.forward(XS, TS) != first
    model.reset_state()
    assert model.forward(XS, TS) == first


@pytest.mark.parametrize(
    ("make", "gates", "inner"),
    [(lambda: SimpleRnnlm(V, D, H), 1, [1, 2]), (lambda: Rnnlm(V, D, H), 4, [1, 2])],
)
def test_a_seed_gives_the_weights_that_it_gives_in_the_book(
    make: Any, gates: int, inner: list[int]
) -> None:
    np.random.seed(7)
    model = make()
    draw = np.random.RandomState(7).randn
    expected = [draw(V, D) / 100]
    expected += [draw(rows, columns) / np.sqrt(rows)
                 for rows, columns in [(D, gates * H), (H, gates * H), (H, V)]]  # fmt: skip
    for number, wanted in zip([0, *inner, 4], expected, strict=True):
        np.testing.assert_array_equal(model.params[number], wanted.astype("f"))
    assert not model.params[3].any()
    assert not model.params[5].any()


def test_backward_after_a_forward_without_dropout_is_of_that_forward() -> None:
    model = BetterRnnlm(V, D, D)
    model.forward(XS, TS)
    model.backward()
    model.reset_state()
    model.forward(XS, TS, train_flg=False)
    model.backward()
    grads = [grad.copy() for grad in model.grads]
    for layer in model.drop_layers:
        layer.dropout_ratio = 0.0
    model.reset_state()
    model.forward(XS, TS)
    model.backward(2)
    for grad, half in zip(model.grads, grads, strict=True):
        np.testing.assert_allclose(grad, 2 * half, rtol=1e-6)
