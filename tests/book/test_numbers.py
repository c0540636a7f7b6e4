"""Models of readers, 40 steps in float64, against the book's equations stated plainly."""

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats, Ids
from rnnlm_cli.book import (
    SGD,
    BaseModel,
    BetterRnnlm,
    TimeAffine,
    TimeEmbedding,
    TimeLSTM,
    TimeRNN,
    TimeSoftmaxWithLoss,
    clip_grads,
    eval_perplexity,
    remove_duplicate,
)
from tests.book import plain
from tests.book.plain import Params
from tests.book.readers.classify import Classifier
from tests.book.readers.seq2seq import Seq2seq
from tests.book.readers.train_own import OwnRnnlm, TiedRnnlm

V, D, H, N, T, STEPS = 7, 4, 5, 2, 3, 40
LR, MAX_GRAD = 1.5, 0.3
State = list[tuple[Floats, Floats]] | None


def batches(*shapes: tuple[int, ...]) -> list[Any]:
    rng = np.random.default_rng(0)
    return [tuple(rng.integers(0, V, shape) for shape in shapes) for _ in range(STEPS)]


def train(model: Any, pairs: Sequence[Any]) -> list[float]:
    """The loop of section 5.5.4 on those batches; the loss of each before its step."""
    optimizer, losses = SGD(LR), []
    for xs, ts in pairs:
        losses.append(model.forward(xs, ts))
        model.backward()
        params, grads = remove_duplicate(model.params, model.grads)
        clip_grads(grads, MAX_GRAD)
        optimizer.update(params, grads)
    return losses


def agree(model: Any, loss: plain.Loss, pairs: Sequence[Any], params: Params | None = None) -> None:
    """Losses and parameters after all steps are those of `loss`, whose `params` each stand once."""
    mine = params or model.params
    theirs = [param.copy() for param in mine]
    expected = plain.train(loss, theirs, pairs, lr=LR, max_grad=MAX_GRAD)
    np.testing.assert_allclose(train(model, pairs), expected, rtol=1e-6)
    assert expected[-1] != pytest.approx(expected[0], rel=1e-3)
    for found, wanted in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-9)


def zeros(size: int) -> Floats:
    return np.zeros((N, size))


def stack_loss(p: Params, batch: tuple[Ids, Ids], state: State) -> tuple[Floats, State]:
    """An untied stack of LSTMs (section 6.4.1)."""
    E, *lstms, W, b = p
    xs, ts = batch
    hs, ends = plain.embedded(E, xs), []
    for k in range(len(lstms) // 3):
        Wx, Wh, bias = lstms[3 * k : 3 * k + 3]
        h, c = state[k] if state else (zeros(Wh.shape[-2]), zeros(Wh.shape[-2]))
        hs, h, c = plain.lstm(hs, h, c, Wx, Wh, bias)
        ends.append((h, c))
    return plain.mean_nats(plain.affine(hs, W, b), ts), ends


@pytest.mark.parametrize("lstms", [1, 4])
def test_a_stack_of_lstms_that_are_not_tied(lstms: int) -> None:
    np.random.seed(0)
    agree(OwnRnnlm(V, D, H, lstms, "d"), stack_loss, batches((N, T), (N, T)))


class Narrowing(OwnRnnlm):
    """LSTMs of two sizes, which the commands do not know: they send a reader here."""

    def __init__(self) -> None:
        super().__init__(V, D, H)
        words, lower, _ = self.layers
        Wx, Wh, b = (np.zeros(shape, "f") for shape in [(H, 12), (3, 12), (12,)])
        upper: Any = TimeLSTM(Wx, Wh, b, True)
        scores: Any = TimeAffine(np.zeros((3, V), "f"), np.zeros(V, "f"))
        both: Any = [lower, upper]
        self.layers, self.lstm_layers = [words, lower, upper, scores], both
        self.params = [param for layer in self.layers for param in layer.params]


def test_a_file_with_lstms_of_two_sizes_loads_into_a_class_of_ones_own(tmp_path: Path) -> None:
    model, rng = Narrowing(), np.random.default_rng(1)
    halves = [rng.standard_normal(param.shape).astype(np.float16) for param in model.params]
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(halves, protocol=2))
    model.load_params(tmp_path / "m.pkl")
    corpus = rng.integers(0, V, 2 * T + 1)
    batch = corpus[:-1].reshape(2, T), corpus[1:].reshape(2, T)
    expected, _ = stack_loss([half.astype("d") for half in halves], batch, None)
    assert eval_perplexity(model, corpus, 2, T) == pytest.approx(np.exp(expected), rel=1e-5)


class SimpleModel(BaseModel):
    def __init__(self) -> None:
        r = np.random.RandomState(0).randn
        rnn = TimeRNN(r(D, H) / 2, r(H, H) / 2, np.zeros(H), True)
        self.layers: list[Any] = [TimeEmbedding(r(V, D) / 2), rnn, TimeAffine(r(H, V), np.zeros(V))]
        self.loss_layer = TimeSoftmaxWithLoss()
        self.params = [param for layer in self.layers for param in layer.params]
        self.grads = [grad for layer in self.layers for grad in layer.grads]

    def forward(self, xs: Any, ts: Any) -> float:
        for layer in self.layers:
            xs = layer.forward(xs)
        return self.loss_layer.forward(xs, ts)

    def backward(self, dout: Any = 1) -> None:
        dout = self.loss_layer.backward(dout)
        for layer in reversed(self.layers):
            dout = layer.backward(dout)


def test_the_simple_model_of_chapter_5() -> None:
    def loss(p: Params, batch: tuple[Ids, Ids], h: Floats | None) -> tuple[Floats, Floats]:
        E, Wx, Wh, b, W, c = p
        xs, ts = batch
        hs, h = plain.rnn(plain.embedded(E, xs), zeros(H) if h is None else h, Wx, Wh, b)
        return plain.mean_nats(plain.affine(hs, W, c), ts), h

    agree(SimpleModel(), loss, batches((N, T), (N, T)))


def test_tied_weights_with_dropout() -> None:
    np.random.seed(0)
    model, draws, masks = TiedRnnlm(V, H, 0.3, "d"), np.random.RandomState(5), dict[int, Any]()
    pairs = batches((N, T), (N, T))

    def loss(p: Params, batch: tuple[Ids, Ids], state: State) -> tuple[Floats, State]:
        E, *lstms, b = p
        if id(batch) not in masks:  # the draws of a step, in the order of the layers
            masks[id(batch)] = [(draws.rand(N, T, H) > r) / (1 - r) for r in (0.3, 0.3, 0.5)]
        hs, ends = plain.embedded(E, batch[0]), []
        for k, mask in enumerate(masks[id(batch)][:2]):
            h, c = state[k] if state else (zeros(H), zeros(H))
            hs, h, c = plain.lstm(hs * mask, h, c, *lstms[3 * k : 3 * k + 3])
            ends.append((h, c))
        ys = plain.affine(hs * masks[id(batch)][2], np.swapaxes(E, -1, -2), b)
        return plain.mean_nats(ys, batch[1]), ends

    np.random.seed(5)
    agree(model, loss, pairs, [*model.params[:7], model.params[8]])


def test_the_books_better_model_has_the_gradients_of_its_equations() -> None:
    """In float32, and with the weights and masks that the seed gives."""
    np.random.seed(3)
    model = BetterRnnlm(V, H, H, 0.4)
    draws = np.random.RandomState(3)
    drawn = [draws.randn(V, H) / 100, *(draws.randn(H, 4 * H) / np.sqrt(H) for _ in range(4))]
    E, *matrices = [array.astype("f") for array in drawn]
    unique = [*model.params[:7], model.params[8]]
    bias, scores = np.zeros(4 * H, "f"), np.zeros(V, "f")
    for mine, theirs in zip(unique, [E, *matrices[:2], bias, *matrices[2:], bias, scores]):  # noqa: B905
        np.testing.assert_array_equal(mine, theirs)
    xs, ts = np.random.default_rng(0).integers(0, V, (2, N, T))
    masks = [(draws.rand(N, T, H) > 0.4) / 0.6 for _ in range(3)]

    def loss(p: Params, batch: Any, _: Any) -> tuple[Floats, Any]:
        hs = plain.embedded(p[0], xs)
        for k in range(2):
            hs, _, _ = plain.lstm(hs * masks[k], zeros(H), zeros(H), *p[3 * k + 1 : 3 * k + 4])
        ys = plain.affine(hs * masks[2], np.swapaxes(p[0], -1, -2), p[7])
        return plain.mean_nats(ys, ts), None

    exact = [param.astype("d") for param in unique]
    assert model.forward(xs, ts) == pytest.approx(float(loss(exact, None, None)[0]), rel=1e-5)
    model.backward()
    _, grads = remove_duplicate(model.params, model.grads)
    for found, wanted in zip(grads, plain.gradients(loss, exact, None, None), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-6)


def test_a_classifier_on_the_last_state() -> None:
    np.random.seed(0)

    def loss(p: Params, batch: tuple[Ids, Ids], _: Any) -> tuple[Floats, Any]:
        E, Wx, Wh, b, W, c = p
        hs, _, _ = plain.lstm(plain.embedded(E, batch[0]), zeros(H), zeros(H), Wx, Wh, b)
        return plain.mean_nats(plain.affine(hs[..., -1:, :], W, c), batch[1][:, None]), None

    pairs = [(xs, t % 3) for xs, t in batches((N, T), (N,))]
    agree(Classifier(V, D, H, 3, "d"), loss, pairs)


def attended(hs_enc: Floats, hs_dec: Floats) -> Floats:
    """What an attention over hs_enc (..., N, T, H) adds to hs_dec (..., N, U, H) (section 8.1)."""
    shares = plain.softmax(hs_dec @ np.swapaxes(hs_enc, -1, -2))
    return np.concatenate((shares @ hs_enc, hs_dec), axis=-1)


@pytest.mark.parametrize("attention", [False, True])
def test_a_seq2seq_whose_decoder_gives_dh_back(attention: bool) -> None:
    np.random.seed(0)

    def loss(p: Params, batch: tuple[Ids, Ids], _: Any) -> tuple[Floats, Any]:
        hs_enc, h, _ = plain.lstm(plain.embedded(p[0], batch[0]), zeros(H), zeros(H), *p[1:4])
        words = plain.embedded(p[4], batch[1][:, :-1])
        hs, _, _ = plain.lstm(words, h, zeros(H), *p[5:8])
        ys = plain.affine(attended(hs_enc, hs) if attention else hs, *p[8:])
        return plain.mean_nats(ys, batch[1][:, 1:]), None

    agree(Seq2seq(V, D, H, attention, "d"), loss, batches((N, T), (N, T + 2)))
