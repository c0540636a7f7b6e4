"""The models of the book's chapter 6: one stack of layers in two configurations.

    ids -> TimeEmbedding -> [TimeDropout] -> TimeLSTM -> ... -> [TimeDropout] -> TimeAffine -> ys

`predict` runs the textbook layers to scores ys; `forward` and `backward` go through FusedOutput,
which shares the arrays of the TimeAffine on top.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import DTypeLike, NDArray

from rnnlm_cli.arrays import Array
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.model.layers import (
    FusedOutput,
    FusedSplitOutput,
    LSTMState,
    TimeAR,
    TimeSplitAffine,
    TimeTAR,
)
from rnnlm_cli.model.network import Stack
from rnnlm_cli.model.parameters import check_parameters
from rnnlm_cli.pickling import read_arrays, write_arrays
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.threads import Cores, set_blas_threads

Ids = NDArray[np.integer]


class LanguageModel(Stack):
    """An LSTM language model: V words, D = wordvec_size, H = hidden_size, any number of LSTMs."""

    def __init__(
        self,
        vocab_size: int,
        config: ModelConfig,
        *,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
        threads: int | None = None,
        drawn: bool = True,
    ) -> None:
        """`drawn=False`: the weights are left at zero, for a model that gets others at once."""
        if threads is not None:
            set_blas_threads(threads)
        super().__init__(
            vocab_size,
            config,
            rng=rng or np.random.default_rng(),
            dtype=dtype,
            cores=Cores(threads),
            drawn=drawn,
        )
        self.loss_layer = self.output(self.cores)

    def output(self, cores: Cores) -> FusedOutput | FusedSplitOutput:
        """The fused form of the affine on top, working on `cores`."""
        if isinstance(self.affine, TimeSplitAffine):
            return FusedSplitOutput(self.affine, cores)
        return FusedOutput(self.affine, cores)

    def predict(self, xs: Ids, train_flg: bool = False) -> Array:
        """xs (N, T) ids -> scores ys (N, T, V); the state goes on from the last call."""
        return self.affine.forward(self.hidden(xs, train_flg))

    def forward(self, xs: Ids, ts: Ids, train_flg: bool = True) -> float:
        """xs, ts (N, T) -> mean loss in nats a token. Dropout acts if `train_flg`."""
        hs = self.hidden(xs, train_flg)
        if train_flg:
            return self.loss_layer.forward(hs, ts)
        nats = self.loss_layer.nats(hs, ts)
        return float(nats.sum() / max(1, np.count_nonzero(ts >= 0)))

    def nats(self, xs: Ids, ts: Ids) -> NDArray[np.float64]:
        """xs, ts (N, T) -> -log probability (N, T) of each target; 0 where the target is -1."""
        return self.loss_layer.nats(self.hidden(xs, train_flg=False), ts)

    def backward(self, *, penalties: bool = True) -> None:
        """Fill `grads` for the last `forward` with `train_flg=True`.

        Without `penalties` the layers that add the gradient of one are passed over.
        """
        dout: Array | None = self.loss_layer.backward()
        for layer in reversed(self.layers[:-1]):
            if penalties or not isinstance(layer, TimeAR | TimeTAR):
                assert dout is not None
                dout = layer.backward(dout)

    def learn_from(self, hs: Array, ts: Ids) -> None:
        """hs (N, T, H) of the last `hidden`, ts (N, T): fill `grads` for the mean loss alone.

        No penalty counts, and nothing has been dropped if `hidden` was without `train_flg`.
        """
        self.loss_layer.forward(hs, ts)
        self.backward(penalties=False)

    def hidden(self, xs: Ids, train_flg: bool) -> Array:
        """xs (N, T) -> the hidden states (N, T, H) that the output layer reads."""
        for layer in self.noisy:
            layer.train_flg = train_flg
        hs: Array = xs
        for step in self.layers[:-1]:
            hs = step.forward(hs)
        return hs

    def reset_state(self) -> None:
        """Forget: every stream starts from zero."""
        for lstm in self.lstms:
            lstm.reset_state()

    @property
    def state(self) -> list[LSTMState] | None:
        """The state of each LSTM, or None before the first word."""
        states = [lstm.state for lstm in self.lstms]
        return [s for s in states if s is not None] or None

    @state.setter
    def state(self, states: Sequence[LSTMState] | None) -> None:
        for index, lstm in enumerate(self.lstms):
            lstm.state = states[index] if states else None

    def forget_streams(self, streams: NDArray[np.bool_]) -> None:
        """Set the state of the marked streams (N,) to zero; the others go on."""
        if (states := self.state) is not None and streams.any():
            keep = ~streams[:, None]
            self.state = [LSTMState(h * keep, c * keep) for h, c in states]

    @contextmanager
    def fresh_state(self) -> Iterator[None]:
        """Work from a zero state inside the block; afterwards the state is what it was before."""
        before = self.state
        self.reset_state()
        try:
            yield
        finally:
            self.state = before

    def save_params(self, path: str | os.PathLike[str] = "Rnnlm.pkl") -> None:
        """Write `params` as the book does: a pickled list of arrays."""
        write_arrays(path, self.params)

    def load_params(self, path: str | os.PathLike[str] = "Rnnlm.pkl") -> None:
        """Read what `save_params`, or the book's, wrote. Raises CheckpointError."""
        arrays = read_arrays(path)
        try:
            self.assign(arrays)
        except CheckpointError as error:
            raise CheckpointError(f"{os.fspath(path)}: {error}") from None

    def assign(self, arrays: Sequence[Array]) -> None:
        """Copy `arrays`, in the order of `params`, into the model.

        Arrays after the parameters are not looked at. Raises CheckpointError on a wrong shape, a
        number that is not finite, or tied weights that disagree; the model is then unchanged.
        """
        params = self.params
        check_parameters(arrays[: len(params)], self.vocab_size, self.config)
        for mine, theirs in zip(params, arrays, strict=False):
            mine[...] = theirs


class Rnnlm(LanguageModel):
    """The book's Rnnlm: embedding, one LSTM, affine (section 6.4)."""

    def __init__(
        self,
        vocab_size: int = 10000,
        wordvec_size: int = 100,
        hidden_size: int = 100,
        *,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        config = ModelConfig(wordvec_size=wordvec_size, hidden_size=hidden_size)
        super().__init__(vocab_size, config, rng=rng, dtype=dtype)


class BetterRnnlm(LanguageModel):
    """The book's BetterRnnlm: two LSTMs, dropout at three places, tied weights (section 6.5)."""

    def __init__(
        self,
        vocab_size: int = 10000,
        wordvec_size: int = 650,
        hidden_size: int = 650,
        dropout_ratio: float = 0.5,
        *,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        config = ModelConfig(
            wordvec_size=wordvec_size,
            hidden_size=hidden_size,
            layers=2,
            tied=True,
            dropout=dropout_ratio,
        )
        super().__init__(vocab_size, config, rng=rng, dtype=dtype)
