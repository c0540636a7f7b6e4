"""The layers of a model, made from its config and laid out in memory.

ids -> TimeEmbedding -> [TimeDropout] -> TimeLSTM -> ... -> [projection] -> [TimeTAR]
    -> [TimeDropout] -> [TimeAR] -> TimeAffine -> ys
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import DTypeLike

from rnnlm_cli.arrays import Array
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.model.layers import (
    Layer,
    TimeAffine,
    TimeAR,
    TimeDropout,
    TimeEmbedding,
    TimeLSTM,
    TimeResidual,
    TimeSplitAffine,
    TimeTAR,
)
from rnnlm_cli.model.layers.layer import aligned_empty, aligned_zeros
from rnnlm_cli.model.sizes import lstm_sizes, parameter_shapes
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.threads import Cores


@dataclass(frozen=True)
class _Start:
    """What arrays hold before training: zeros, or numbers from `rng` if they are `drawn`."""

    shapes: dict[str, tuple[int, ...]]
    rng: np.random.Generator
    dtype: DTypeLike
    drawn: bool

    def zeros(self, name: str) -> Array:
        return np.zeros(self.shapes[name], self.dtype)

    def normal(self, name: str, scale: float, order: Literal["C", "F"] = "F") -> Array:
        # Weights lie transposed in memory, (4H, H) and (V, H): the GEMMs of layer.py's sequences
        # read them so.
        if not self.drawn:
            return np.zeros(self.shapes[name], self.dtype, order)
        numbers = self.rng.standard_normal(self.shapes[name]) * scale
        return numbers.astype(self.dtype, order=order)

    def linear(self, name: str) -> Array:
        """Such that outputs have the variance of the inputs."""
        return self.normal(name, self.shapes[name][0] ** -0.5)


class Stack:
    """The layers for V words: what `config` asks for, each with a random generator of its own.

    `params` and `grads` list the arrays in the book's order; `flat_params` and `flat_grads` are the
    two vectors that all of them are views of, each number once even where weights are tied.
    """

    def __init__(
        self,
        vocab_size: int,
        config: ModelConfig,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike,
        cores: Cores,
        drawn: bool,
    ) -> None:
        self.vocab_size, self.config, self.cores = vocab_size, config, cores
        init_rng, *noise = rng.spawn(2 * config.layers + 3)
        dropout_rngs, lstm_rngs = noise[: config.layers + 1], noise[config.layers + 1 : -1]
        start = _Start(parameter_shapes(vocab_size, config), init_rng, dtype, drawn)
        words = start.normal("embedding.W", config.embedding_std, "C")
        self.embedding = TimeEmbedding(
            words, tied=config.tied, dropout=config.word_dropout, rng=noise[-1]
        )
        self.lstms = [
            self._make_lstm(start, f"lstm{index}", lstm_rng)
            for index, lstm_rng in enumerate(lstm_rngs, start=1)
        ]
        self.projection: TimeAffine | None = None
        if config.projection:
            self.projection = TimeAffine(start.linear("projection.W"), start.zeros("projection.b"))
        W = words.T if config.tied else start.linear("affine.W")
        self.affine = self._make_affine(W, start.zeros("affine.b"))
        self.dropouts = self._make_dropouts(dropout_rngs)
        self.layers = self._stack()
        self.flat_params, self.flat_grads = self._flatten()

    def _make_lstm(self, start: _Start, name: str, rng: np.random.Generator) -> TimeLSTM:
        b = start.zeros(f"{name}.b")
        b[: len(b) // 4] = self.config.forget_bias
        return TimeLSTM(
            start.linear(f"{name}.Wx"),
            start.linear(f"{name}.Wh"),
            b,
            stateful=True,
            cores=self.cores,
            dropout=self.config.dropout_hidden,
            weight_drop=self.config.weight_drop,
            rng=rng,
        )

    def _make_dropouts(self, rngs: list[np.random.Generator]) -> list[TimeDropout]:
        """One below every LSTM, and one below the output."""
        config = self.config
        shares = [config.dropout_at("between")] * config.layers + [config.dropout_at("out")]
        shares[0] = config.dropout_at("in")
        return [
            TimeDropout(share, rng, locked=config.locked)
            for share, rng in zip(shares, rngs, strict=True)
        ]

    @property
    def noisy(self) -> list[TimeDropout | TimeLSTM | TimeEmbedding]:
        """The layers that draw random numbers while training, each from an `rng` of its own."""
        return [*self.dropouts, *self.lstms, self.embedding]

    def _make_affine(self, W: Array, b: Array) -> TimeAffine:
        H, V, head_size = *W.shape, self.config.head_size
        if not head_size:
            return TimeAffine(W, b)
        if head_size >= V:
            raise ConfigError(
                f"head-size is {head_size:,}, but must be below the {V:,} words of the vocabulary"
            )
        return TimeSplitAffine(W, b, np.zeros(H, W.dtype), np.zeros(1, W.dtype), head_size)

    def is_residual(self, index: int) -> bool:
        """Whether the LSTM of that number, from 0, adds to its input."""
        inputs, units = lstm_sizes(self.config)[index]
        return self.config.skip and index > 0 and inputs == units

    def _stack(self) -> list[Layer]:
        config = self.config
        layers: list[Layer] = [self.embedding]
        for index, (dropout, lstm) in enumerate(zip(self.dropouts, self.lstms, strict=False)):
            residual = TimeResidual(lstm) if self.is_residual(index) else lstm
            layers += [dropout, residual] if dropout.ratio else [residual]
        if self.projection is not None:
            layers.append(self.projection)
        layers += [TimeTAR(config.tar)] if config.tar else []
        layers += [self.dropouts[-1]] if self.dropouts[-1].ratio else []
        layers += [TimeAR(config.ar)] if config.ar else []
        return [*layers, self.affine]

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
        last = [self.projection] if self.projection is not None else []
        layers: list[Layer] = [self.embedding, *self.lstms, *last, self.affine]
        arrays = [array for layer in layers for array in layer.params.values()]
        return dict(zip(parameter_shapes(self.vocab_size, self.config), arrays, strict=True))

    @property
    def params(self) -> list[Array]:
        """The parameter arrays in the book's order; tied weights also as the transposed view."""
        return list(self.named_params().values())

    @property
    def grads(self) -> list[Array]:
        """The gradients, in the order of `params`."""
        return [array for layer in self.layers for array in layer.grads.values()]
