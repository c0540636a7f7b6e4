"""The models of the book's chapter 6: one stack of layers in two configurations.

    ids -> TimeEmbedding -> [TimeDropout] -> TimeLSTM -> ... -> [TimeDropout] -> TimeAffine -> ys

`predict` runs the textbook layers to scores ys; `forward` and `backward` go through FusedOutput,
which shares the arrays of the TimeAffine on top.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray

from rnnlm_cli.config import ModelConfig
from rnnlm_cli.errors import CheckpointError, ConfigError
from rnnlm_cli.functions import Array
from rnnlm_cli.layers import (
    FusedOutput,
    FusedSplitOutput,
    Layer,
    LSTMState,
    TimeAffine,
    TimeDropout,
    TimeEmbedding,
    TimeLSTM,
    TimeSplitAffine,
)
from rnnlm_cli.layers.layer import aligned_empty, aligned_zeros
from rnnlm_cli.pickling import read_arrays, write_arrays
from rnnlm_cli.threads import Cores, set_blas_threads

Ids = NDArray[np.integer]


class LanguageModel:
    """An LSTM language model: V words, D = wordvec_size, H = hidden_size, any number of LSTMs.

    `params` and `grads` list the arrays in the book's order; `flat_params` and `flat_grads` are the
    two vectors that all of them are views of, each number once even where weights are tied.
    """

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
        rng = rng or np.random.default_rng()
        self.vocab_size, self.config = vocab_size, config
        self.cores = Cores(threads)
        if threads is not None:
            set_blas_threads(threads)
        init_rng, *dropout_rngs = rng.spawn(2 + config.layers)
        V, D, H = vocab_size, config.wordvec_size, config.hidden_size

        def normal(rows: int, columns: int, scale: float, order: Literal["C", "F"] = "F") -> Array:
            # Weights lie transposed in memory, (4H, H) and (V, H): the GEMMs of layer.py's
            # sequences read them so.
            if not drawn:
                return np.zeros((rows, columns), dtype, order)
            numbers = init_rng.standard_normal((rows, columns)) * scale
            return numbers.astype(dtype, order=order)

        self.embedding = TimeEmbedding(normal(V, D, config.embedding_std, "C"), tied=config.tied)
        self.lstms = []
        for index in range(config.layers):
            size = D if index == 0 else H
            Wx, Wh = normal(size, 4 * H, size**-0.5), normal(H, 4 * H, H**-0.5)
            b = np.zeros(4 * H, dtype)
            b[:H] = config.forget_bias
            self.lstms.append(TimeLSTM(Wx, Wh, b, stateful=True, cores=self.cores))
        W = self.embedding.params["W"].T if config.tied else normal(H, V, H**-0.5)
        self.affine = self._affine(W, np.zeros(V, dtype))
        self.dropouts = [TimeDropout(config.dropout or 0.0, rng) for rng in dropout_rngs]
        self.layers = self._stack()
        self.flat_params, self.flat_grads = self._flatten()
        self.loss_layer = self.output(self.cores)

    def output(self, cores: Cores) -> FusedOutput | FusedSplitOutput:
        """The fused form of the affine on top, working on `cores`."""
        if isinstance(self.affine, TimeSplitAffine):
            return FusedSplitOutput(self.affine, cores)
        return FusedOutput(self.affine, cores)

    def _affine(self, W: Array, b: Array) -> TimeAffine:
        H, V, head_size = *W.shape, self.config.head_size
        if not head_size:
            return TimeAffine(W, b)
        if head_size >= V:
            raise ConfigError(
                f"head-size is {head_size:,}, but must be below the {V:,} words of the vocabulary"
            )
        return TimeSplitAffine(W, b, np.zeros(H, W.dtype), np.zeros(1, W.dtype), head_size)

    def _stack(self) -> list[Layer]:
        layers: list[Layer] = [self.embedding]
        for index, lstm in enumerate(self.lstms):
            layers += [self.dropouts[index], lstm] if self.config.dropout else [lstm]
        layers += [self.dropouts[-1], self.affine] if self.config.dropout else [self.affine]
        return layers

    def _flatten(self) -> tuple[Array, Array]:
        """Move all arrays into two flat vectors and leave views of them in the layers."""
        owned = [(layer, key) for layer in self.layers for key in layer.params]
        if self.config.tied:
            owned.remove((self.affine, "W"))
        size = sum(layer.params[key].size for layer, key in owned)
        dtype = self.embedding.params["W"].dtype
        flat_params, flat_grads = aligned_empty(size, dtype), aligned_zeros(size, dtype)
        start = 0
        for layer, key in owned:
            array = layer.params[key]
            place = slice(start, start := start + array.size)
            order: Literal["C", "F"] = "C" if array.flags.c_contiguous else "F"
            flat_params[place] = array.reshape(-1, order=order)
            layer.params[key] = flat_params[place].reshape(array.shape, order=order)
            layer.grads[key] = flat_grads[place].reshape(array.shape, order=order)
        if self.config.tied:
            self.affine.params["W"] = self.embedding.params["W"].T
            self.affine.grads["W"] = self.embedding.grads["W"].T
        return flat_params, flat_grads

    def named_params(self) -> dict[str, Array]:
        """Every parameter array by name (`lstm1.Wx`), in the book's order; tied weights twice."""
        names = ["embedding", *(f"lstm{k + 1}" for k in range(len(self.lstms))), "affine"]
        layers: list[Layer] = [self.embedding, *self.lstms, self.affine]
        return {
            f"{name}.{key}": array
            for name, layer in zip(names, layers, strict=True)
            for key, array in layer.params.items()
        }

    @property
    def params(self) -> list[Array]:
        """The parameter arrays in the book's order; tied weights also as the transposed view."""
        return list(self.named_params().values())

    @property
    def grads(self) -> list[Array]:
        """The gradients, in the order of `params`."""
        return [array for layer in self.layers for array in layer.grads.values()]

    def predict(self, xs: Ids, train_flg: bool = False) -> Array:
        """xs (N, T) ids -> scores ys (N, T, V); the state goes on from the last call."""
        return self.affine.forward(self._hidden(xs, train_flg))

    def forward(self, xs: Ids, ts: Ids, train_flg: bool = True) -> float:
        """xs, ts (N, T) -> mean loss in nats a token. Dropout acts if `train_flg`."""
        hs = self._hidden(xs, train_flg)
        if train_flg:
            return self.loss_layer.forward(hs, ts)
        nats = self.loss_layer.nats(hs, ts)
        return float(nats.sum() / max(1, np.count_nonzero(ts >= 0)))

    def nats(self, xs: Ids, ts: Ids) -> NDArray[np.float64]:
        """xs, ts (N, T) -> -log probability (N, T) of each target; 0 where the target is -1."""
        return self.loss_layer.nats(self._hidden(xs, train_flg=False), ts)

    def backward(self) -> None:
        """Fill `grads` for the last `forward` with `train_flg=True`."""
        dout: Array | None = self.loss_layer.backward()
        for layer in reversed(self.layers[:-1]):
            assert dout is not None
            dout = layer.backward(dout)

    def _hidden(self, xs: Ids, train_flg: bool) -> Array:
        """xs (N, T) -> the hidden states (N, T, H) that the output layer reads."""
        for dropout in self.dropouts:
            dropout.train_flg = train_flg
        hs: Array = xs
        for layer in self.layers[:-1]:
            hs = layer.forward(hs)
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
        named = self.named_params()
        if len(arrays) < len(named):
            raise CheckpointError(
                f"found {len(arrays)} arrays, but this model has {len(named)}: it is another model"
            )
        for (name, mine), theirs in zip(named.items(), arrays, strict=False):
            if theirs.shape != mine.shape:
                raise CheckpointError(
                    f"{name} has shape {theirs.shape}, but this model needs {mine.shape}"
                )
            if not np.isfinite(theirs).all():
                raise CheckpointError(f"{name} holds numbers that are not finite")
        if self.config.tied and not np.array_equal(
            arrays[0].T, arrays[list(named).index("affine.W")]
        ):
            raise CheckpointError("the tied embedding and output weights disagree")
        for mine, theirs in zip(named.values(), arrays, strict=False):
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
