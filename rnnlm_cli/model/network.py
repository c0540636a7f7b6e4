"""The layers of a model, made from its config: its one way from ids to what the output reads.

    ids -> TimeEmbedding -> [TimeDropout] -> TimeLSTM -> ... -> [projection] -> [TimeTAR]
        -> [TimeDropout] -> [TimeAR] -> TimeAffine -> ys                     (book section 6.5.1)

`layers` says it once. Training goes through them by whole sequences (`forward`, `backward`);
scoring and drawing go through the same ones by single steps (`steps`).
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import DTypeLike

from rnnlm_cli.arrays import Floats, Ids
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.model.layers import (
    Dealt,
    InnerLayer,
    Layer,
    Projection,
    Step,
    TimeAffine,
    TimeAR,
    TimeDropout,
    TimeEmbedding,
    TimeLSTM,
    TimeResidual,
    TimeSplitAffine,
    TimeTAR,
)
from rnnlm_cli.model.layers.layer import Gradients, aligned_zeros
from rnnlm_cli.model.sizes import BRANCHES, EMBEDDING, OUTPUT, ModelSizes
from rnnlm_cli.settings.model import residual_lstms
from rnnlm_cli.threads import Cores


class Arrays:
    """An array for every parameter of a model, zeros at first: made when they are asked for.

    `flat` has each number once. `named` are views of it, in the book's order; tied weights stand
    there as the transposed view too.
    """

    def __init__(self, sizes: ModelSizes, dtype: DTypeLike) -> None:
        self._sizes, self._dtype = sizes, dtype

    @cached_property
    def flat(self) -> Floats:
        """All of them as one vector."""
        return aligned_zeros(self._sizes.parameters(), self._dtype)

    @cached_property
    def named(self) -> dict[str, Floats]:
        """Each by its name, as in `lstm1.Wx`."""
        named: dict[str, Floats] = {}
        start = 0
        for name, shape in self._sizes.shapes().items():
            if self._sizes.config.tied and name == OUTPUT:
                named[name] = named[EMBEDDING].T
                continue
            # Weights lie transposed in memory, (4H, H) and (V, H): the GEMMs of layer.py's
            # sequences read them so. A word vector is one piece.
            place = slice(start, start := start + math.prod(shape))
            order: Literal["C", "F"] = "C" if name == EMBEDDING else "F"
            named[name] = self.flat[place].reshape(shape, order=order)
        return named

    def of(self, layer: str) -> list[Floats]:
        """The arrays of one layer."""
        return [array for name, array in self.named.items() if name.split(".")[0] == layer]


class Network:
    """What a config asks for, for V words: `layers`, their `params` and their `grads`.

    Gradients are made when the first is asked for: scoring and drawing need none.
    Layers that draw noise have a random generator each. `drawn=False` leaves the weights at zero.
    """

    def __init__(
        self,
        sizes: ModelSizes,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike,
        cores: Cores,
        drawn: bool,
    ) -> None:
        config = sizes.config
        if not sizes.leaves_words:
            found = f"cluster-edges end at {config.edges[-1]:,}"
            if config.head_size:
                found = f"head-size is {config.head_size:,}"
            raise ConfigError(
                f"{found}, but must be below the {sizes.vocab_size:,} words of the vocabulary"
            )
        self.config = config
        self.params, self.grads = (Arrays(sizes, dtype) for _ in range(2))
        init_rng, *noise = rng.spawn(2 * config.layers + 3)
        dropout_rngs, lstm_rngs = noise[: config.layers + 1], noise[config.layers + 1 : -1]
        if drawn:
            self._draw(init_rng)
        (words,) = self.params.of("embedding")
        self.embedding = TimeEmbedding(
            words,
            tied=config.tied,
            dropout=config.word_dropout,
            rng=noise[-1],
            grads=self._gradients("embedding"),
        )
        self.lstms = [
            self._make_lstm(f"lstm{index}", cores, lstm_rng)
            for index, lstm_rng in enumerate(lstm_rngs, start=1)
        ]
        self.projection = self._make_projection() if config.projection else None
        self.affine = self._make_affine()
        self.dropouts = self._make_dropouts(dropout_rngs)
        self.between = self._make_between()
        self.layers: list[TimeEmbedding | Layer] = [self.embedding, *self.between, self.affine]

    def forward(self, ids: Ids, train_flg: bool) -> Floats:
        """ids (N, T) -> the hidden states (N, T, H) that the output layer reads."""
        hs = self.embedding.forward(ids, train_flg)
        for layer in self.between:
            hs = layer.forward(hs, train_flg)
        return hs

    def backward(self, dhs: Floats) -> None:
        """dhs (N, T, H) of the last `forward`: fill the gradients of all below the output layer."""
        for layer in reversed(self.between):
            dhs = layer.backward(dhs)
        self.embedding.backward(dhs)

    def steps(self, N: int) -> list[Step]:
        """The way of `forward` without noise for N streams, from zero: what turns one step of word
        vectors into that of hidden states, part after part."""
        steps = [layer.stepped(N) for layer in self.between]
        return [step for step in steps if step is not None]

    @property
    def noisy(self) -> list[TimeDropout | TimeLSTM | TimeEmbedding]:
        """The layers that draw random numbers while training, each from an `rng` of its own."""
        return [*self.dropouts, *self.lstms, self.embedding]

    def deal(self, dealt: Dealt) -> None:
        """Let the streams be those of a larger batch: they get the noise that they have in it.

        Words and weights are dropped for all streams alike.
        """
        layers: list[TimeDropout | TimeLSTM] = [*self.dropouts, *self.lstms]
        for layer in layers:
            layer.dealt = dealt

    def _draw(self, rng: np.random.Generator) -> None:
        """Weights such that outputs have the variance of the inputs; biases and branches stay
        zero, but for the biases of the forget gates."""
        for name, array in self.params.named.items():
            shared = self.config.tied and name == OUTPUT
            if array.ndim == 2 and not shared and name != BRANCHES:
                words = name == EMBEDDING
                scale = self.config.embedding_std if words else len(array) ** -0.5
                array[...] = rng.standard_normal(array.shape) * scale
            elif name.startswith("lstm"):
                array[: len(array) // 4] = self.config.forget_bias

    def _gradients(self, layer: str) -> Gradients:
        """Of one layer."""
        arrays = self.grads  # and no way back to this network, which would be a circle
        names = (name.partition(".") for name in self.params.named)
        own = [name for start, _, name in names if start == layer]
        return Gradients(own, lambda name: arrays.named[f"{layer}.{name}"])

    def _make_lstm(self, name: str, cores: Cores, rng: np.random.Generator) -> TimeLSTM:
        Wx, Wh, b = self.params.of(name)
        return TimeLSTM(
            Wx,
            Wh,
            b,
            stateful=True,
            cores=cores,
            dropout=self.config.dropout_hidden,
            weight_drop=self.config.weight_drop,
            rng=rng,
            grads=self._gradients(name),
        )

    def _make_projection(self) -> Projection:
        W, b = self.params.of("projection")
        return Projection(W, b, grads=self._gradients("projection"))

    def _make_affine(self) -> TimeAffine:
        grads = self._gradients("affine")
        if not self.config.edges:
            W, b = self.params.of("affine")
            return TimeAffine(W, b, grads=grads)
        W, b, w, c = self.params.of("affine")
        return TimeSplitAffine(W, b, w, c, self.config.edges, grads=grads)

    def _make_dropouts(self, rngs: list[np.random.Generator]) -> list[TimeDropout]:
        """One below every LSTM, and one below the output."""
        config = self.config
        shares = [config.dropout_at("between")] * config.layers + [config.dropout_at("out")]
        shares[0] = config.dropout_at("in")
        return [
            TimeDropout(share, rng, locked=config.locked)
            for share, rng in zip(shares, rngs, strict=True)
        ]

    def _make_between(self) -> list[InnerLayer]:
        """All between the word vectors and the output, in the order in which data goes through."""
        config, layers = self.config, list[InnerLayer]()
        *below, last = self.dropouts
        residual = residual_lstms(config)
        for index, (dropout, lstm) in enumerate(zip(below, self.lstms, strict=True)):
            layers += [dropout] if dropout.ratio else []
            layers.append(TimeResidual(lstm) if index in residual else lstm)
        layers += [self.projection] if self.projection is not None else []
        layers += [TimeTAR(config.tar)] if config.tar else []
        layers += [last] if last.ratio else []
        layers += [TimeAR(config.ar)] if config.ar else []
        return layers
