"""The models of the book's chapter 6 as the rest works with them: a network with state and loss.

`forward` and `backward` go through the output in its fused form, which shares the arrays of the
TimeAffine on top and never makes all scores at once. The book's own classes, with `predict`, lists
of gradients and a `loss_layer` that takes scores, are those of rnnlm_cli.book.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from threading import RLock

import numpy as np
from numpy.typing import DTypeLike

from rnnlm_cli.arrays import Doubles, Floats, Ids, Mask
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.model.layers import Layer, LSTMState, Output, TimeDropout, TimeEmbedding, TimeLSTM
from rnnlm_cli.model.network import Network
from rnnlm_cli.model.parameters import check_parameters
from rnnlm_cli.model.sizes import ModelSizes
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.threads import Cores


class LanguageModel:
    """An LSTM language model: V words, D = wordvec_size, H = hidden_size, any number of LSTMs.

    `params` lists the arrays in the book's order; `flat_params` is the vector that all of them are
    views of, each number once even where weights are tied, `flat_grads` that of the gradients. What
    only training needs is made when it is first asked for.
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
        """`threads` are those of its `cores`; the BLAS has as many as the caller gives it.

        `drawn=False`: the weights are left at zero, for a model that gets others at once.
        """
        self.sizes, self.cores = ModelSizes(vocab_size, config), Cores(threads)
        rng = rng or np.random.default_rng()
        self.network = Network(self.sizes, rng=rng, dtype=dtype, cores=self.cores, drawn=drawn)
        self.flat_params = self.network.params.flat
        self._turns = RLock()  # of threads: one at a time has what a pass leaves in the layers
        self._learnable = False  # whether the last pass was one that `backward` goes back through

    @property
    def vocab_size(self) -> int:
        """V: how many words it knows."""
        return self.sizes.vocab_size

    @property
    def config(self) -> ModelConfig:
        """What it is made by."""
        return self.sizes.config

    @property
    def layers(self) -> list[TimeEmbedding | Layer]:
        """The layers in the order in which data goes through, as the book has them."""
        return self.network.layers

    def named_params(self) -> dict[str, Floats]:
        """Every parameter array by name (`lstm1.Wx`), in the book's order; tied weights twice."""
        return dict(self.network.params.named)

    @property
    def params(self) -> list[Floats]:
        """The parameter arrays in the book's order; tied weights also as the transposed view."""
        return list(self.network.params.named.values())

    @property
    def word_vectors(self) -> Floats:
        """(V, D): a row a word."""
        return self.network.embedding.params["W"]

    @property
    def flat_grads(self) -> Floats:
        """All gradients as one vector, in the order of `flat_params`."""
        return self.network.grads.flat

    @property
    def lstms(self) -> list[TimeLSTM]:
        """The LSTMs, from the bottom up."""
        return self.network.lstms

    @property
    def noisy(self) -> list[TimeDropout | TimeLSTM | TimeEmbedding]:
        """The layers that draw random numbers while training, each from an `rng` of its own."""
        return self.network.noisy

    @cached_property
    def loss_layer(self) -> Output:
        """The output in its fused form, to learn with."""
        return self.output(self.cores)

    def output(self, cores: Cores) -> Output:
        """The affine on top in its fused form, working on `cores`."""
        return self.network.affine.fused(cores)

    def forward(self, xs: Ids, ts: Ids, train_flg: bool = True) -> float:
        """xs, ts (N, T) -> mean loss in nats a token. Noise and penalties act if `train_flg`."""
        if train_flg:
            loss = self.loss_layer.forward(self.hidden(xs, train_flg=True), ts)
            self._learnable = True
            return loss
        return float(self.nats(xs, ts).sum() / max(1, np.count_nonzero(ts >= 0)))

    def nats(self, xs: Ids, ts: Ids) -> Doubles:
        """xs, ts (N, T) -> -log probability (N, T) of each target; 0 where the target is -1."""
        return self.output(self.cores).nats(self.hidden(xs), ts)

    def hidden(self, xs: Ids, train_flg: bool = False) -> Floats:
        """xs (N, T) -> what the output reads (N, T, H).

        Whatever `backward` could have gone back through is lost.
        """
        self._learnable = False
        return self.network.forward(xs, train_flg)

    def backward(self) -> None:
        """Fill the gradients of the mean loss of the last `forward`.

        Raises ConfigError where no `forward` with `train_flg` was the last pass.
        """
        if not self._learnable:
            raise ConfigError(
                "backward needs the forward(xs, ts) with train_flg just before it, and the last "
                "pass through the model was none: call that first, or use the models of "
                "rnnlm_cli.book, which go back through any forward"
            )
        self.network.backward(self.loss_layer.backward())

    def learn_from(self, hs: Floats, ts: Ids) -> None:
        """hs (N, T, H) of the last `hidden`, ts (N, T): fill the mean loss's gradients.

        Nothing has been dropped, and no penalty counts, if that was without `train_flg`.
        """
        self.loss_layer.forward(hs, ts)
        self._learnable = True
        self.backward()

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

    def forget_streams(self, streams: Mask) -> None:
        """Set the state of the marked streams (N,) to zero; the others go on."""
        if (states := self.state) is not None and streams.any():
            keep = ~streams[:, None]
            self.state = [LSTMState(h * keep, c * keep) for h, c in states]

    def alone(self) -> AbstractContextManager[object]:
        """Inside the block no other thread is in one of this model, nor in its `fresh_state`."""
        return self._turns

    @contextmanager
    def fresh_state(self) -> Iterator[None]:
        """Work alone, from a zero state; afterwards the state is what it was before."""
        with self.alone():
            before = self.state
            self.reset_state()
            try:
                yield
            finally:
                self.state = before

    def assign(self, arrays: Sequence[Floats]) -> None:
        """Copy `arrays`, in the order of `params`, into the model.

        Arrays after the parameters are not looked at. Raises CheckpointError on a wrong shape, a
        number that is not finite, or tied weights that disagree; the model is then unchanged.
        """
        params = self.params
        check_parameters(arrays[: len(params)], self.sizes)
        for mine, theirs in zip(params, arrays, strict=False):
            mine[...] = theirs
