"""The book's language models: SimpleRnnlm (5.5.1), Rnnlm (6.4) and BetterRnnlm (6.5.4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from rnnlm_cli.arrays import Floats
from rnnlm_cli.book.base_model import BaseModel
from rnnlm_cli.book.time_layers import (
    TimeAffine,
    TimeDropout,
    TimeEmbedding,
    TimeLSTM,
    TimeSoftmaxWithLoss,
)
from rnnlm_cli.book.time_rnn import TimeRNN

Part = TimeEmbedding | TimeRNN | TimeLSTM | TimeAffine | TimeDropout


def _words(V: int, D: int) -> Floats:
    """Word vectors (V, D), a hundredth of a normal number each."""
    return (np.random.randn(V, D) / 100).astype("f")


def _matrix(rows: int, columns: int) -> Floats:
    """Weights whose outputs have the variance of their inputs.

    They lie transposed in memory, as the layers are fastest with.
    """
    drawn = np.random.randn(rows, columns) / np.sqrt(rows)
    return np.asfortranarray(drawn.astype("f"))


def _zeros(size: int) -> Floats:
    return np.zeros(size, "f")


def _lstm(D: int, H: int) -> TimeLSTM:
    return TimeLSTM(_matrix(D, 4 * H), _matrix(H, 4 * H), _zeros(4 * H), stateful=True)


class _Rows(BaseModel):
    """Layers one after the other, and a loss on top of their scores."""

    def __init__(self, layers: list[Part]) -> None:
        self.layers = layers
        self.loss_layer = TimeSoftmaxWithLoss()
        self.params = [param for layer in layers for param in layer.params]
        self.grads = [grad for layer in layers for grad in layer.grads]

    def predict(self, xs: ArrayLike) -> Floats:
        """xs (N, T) ids -> scores (N, T, V); the state goes on from the last call."""
        for layer in self.layers:
            xs = layer.forward(xs)
        return np.asarray(xs)

    def forward(self, xs: ArrayLike, ts: ArrayLike) -> float:
        """xs (N, T) ids, ts (N, T) targets -> mean loss in nats."""
        return self.loss_layer.forward(self.predict(xs), ts)

    def backward(self, dout: float = 1) -> None:
        """Fill `grads` for the last `forward`, times `dout`."""
        dxs: Floats | None = self.loss_layer.backward(dout)
        for layer in reversed(self.layers):
            assert dxs is not None, "only the lowest layer, of ids, gives none"
            dxs = layer.backward(dxs)

    def reset_state(self) -> None:
        """Start from zeros."""
        for layer in self.layers:
            if hasattr(layer, "reset_state"):  # a reader's own recurrent layer too
                layer.reset_state()


class SimpleRnnlm(_Rows):
    """Word vectors, one simple recurrent layer, scores (section 5.5.1)."""

    def __init__(self, vocab_size: int, wordvec_size: int, hidden_size: int) -> None:
        V, D, H = vocab_size, wordvec_size, hidden_size
        words = TimeEmbedding(_words(V, D))
        self.rnn_layer = TimeRNN(_matrix(D, H), _matrix(H, H), _zeros(H), stateful=True)
        super().__init__([words, self.rnn_layer, TimeAffine(_matrix(H, V), _zeros(V))])


class Rnnlm(_Rows):
    """Word vectors, one LSTM, scores (section 6.4)."""

    def __init__(
        self, vocab_size: int = 10000, wordvec_size: int = 100, hidden_size: int = 100
    ) -> None:
        V, D, H = vocab_size, wordvec_size, hidden_size
        words = TimeEmbedding(_words(V, D))
        self.lstm_layer = _lstm(D, H)
        super().__init__([words, self.lstm_layer, TimeAffine(_matrix(H, V), _zeros(V))])


class BetterRnnlm(_Rows):
    """Two LSTMs, dropout below, between and above them, tied weights (section 6.5.4).

    The word vectors stand in `params` a second time, transposed, as the weights of the scores.
    """

    def __init__(
        self,
        vocab_size: int = 10000,
        wordvec_size: int = 650,
        hidden_size: int = 650,
        dropout_ratio: float = 0.5,
    ) -> None:
        V, D, H = vocab_size, wordvec_size, hidden_size
        W = _words(V, D)
        self.lstm_layers = [_lstm(D, H), _lstm(H, H)]
        self.drop_layers = [TimeDropout(dropout_ratio) for _ in range(3)]
        below, between, above = self.drop_layers
        lower, upper = self.lstm_layers
        scores = TimeAffine(W.T, _zeros(V))
        super().__init__([TimeEmbedding(W), below, lower, between, upper, above, scores])

    def predict(self, xs: ArrayLike, train_flg: bool = False) -> Floats:
        """xs (N, T) ids -> scores (N, T, V), with dropout if `train_flg`."""
        for layer in self.drop_layers:
            layer.train_flg = train_flg
        return super().predict(xs)

    def forward(self, xs: ArrayLike, ts: ArrayLike, train_flg: bool = True) -> float:
        """xs (N, T) ids, ts (N, T) targets -> mean loss in nats, with dropout if `train_flg`."""
        return self.loss_layer.forward(self.predict(xs, train_flg), ts)
