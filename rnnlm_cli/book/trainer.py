"""The book's training loops (`common/trainer.py`): they print, and keep what they print."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from rnnlm_cli.arrays import Floats, Ids
from rnnlm_cli.book.clipping import clip_grads
from rnnlm_cli.book.sharing import remove_duplicate
from rnnlm_cli.corpus.batches import Batch, segment_places
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.scoring.figures import perplexity


class Model(Protocol):
    """What can be trained."""

    @property
    def params(self) -> Sequence[Floats]: ...

    @property
    def grads(self) -> Sequence[Floats]: ...

    def forward(self, *args: Any, **kwargs: Any) -> float: ...

    def backward(self) -> Any: ...


class Optimizer(Protocol):
    """What changes parameters by their gradients, in place."""

    def update(self, params: Sequence[Floats], grads: Sequence[Floats]) -> None: ...


class _Loop:
    """Steps over batches, and a line of output every `eval_interval` of them."""

    figure: tuple[str, Callable[[float], float]]  # its name, and how it comes from a mean loss

    def __init__(self, model: Model, optimizer: Optimizer) -> None:
        self.model, self.optimizer = model, optimizer
        self.eval_interval: int | None = None
        self.current_epoch = 0

    def _step(self, batch_x: Any, batch_t: Any, max_grad: float | None) -> float:
        loss = self.model.forward(batch_x, batch_t)
        self.model.backward()
        params, grads = remove_duplicate(self.model.params, self.model.grads)
        if max_grad is not None:
            clip_grads(grads, max_grad)
        self.optimizer.update(params, grads)
        return loss

    def _run(
        self,
        epochs: Iterable[Iterable[tuple[Any, Any]]],
        max_iters: int,
        max_grad: float | None,
        figures: list[float],
    ) -> None:
        """Train on the batches of all `epochs`; what is printed is added to `figures`."""
        name, of_loss = self.figure
        start, losses = time.time(), list[float]()
        for batches in epochs:
            for number, batch in enumerate(batches):
                losses.append(self._step(*batch, max_grad))
                if self.eval_interval is not None and number % self.eval_interval == 0:
                    figures.append(of_loss(sum(losses) / len(losses)))
                    losses.clear()
                    print(
                        f"| epoch {self.current_epoch + 1} |  iter {number + 1} / {max_iters} "
                        f"| time {int(time.time() - start)}[s] | {name} {figures[-1]:.2f}"
                    )
            self.current_epoch += 1

    def _plot(self, figures: list[float], ylim: tuple[float, float] | None) -> None:
        try:
            from matplotlib import pyplot
        except ImportError:  # a script is not to end here, with its model unsaved
            note = "no plot: matplotlib is not installed (pip install matplotlib)"
            print(note, file=sys.stderr)
            return
        if ylim is not None:
            pyplot.ylim(*ylim)
        pyplot.plot(range(len(figures)), figures, label="train")
        pyplot.xlabel(f"iterations (x{self.eval_interval})")
        pyplot.ylabel(self.figure[0])
        pyplot.show()


class RnnlmTrainer(_Loop):
    """Truncated back-propagation through time over parallel streams (section 5.5.4)."""

    figure = "perplexity", perplexity

    def __init__(self, model: Model, optimizer: Optimizer) -> None:
        super().__init__(model, optimizer)
        self.time_idx = 0
        self.ppl_list: list[float] = []

    def get_batch(self, x: ArrayLike, t: ArrayLike, batch_size: int, time_size: int) -> Batch:
        """x, t (words,) -> the next segment of all streams, (batch_size, time_size) each."""
        inputs, targets = np.asarray(x), np.asarray(t)
        places = segment_places(len(inputs), batch_size, time_size, self.time_idx)
        self.time_idx += time_size
        return inputs[places].astype(np.int32), targets[places].astype(np.int32)

    def fit(
        self,
        xs: ArrayLike,
        ts: ArrayLike,
        max_epoch: int = 10,
        batch_size: int = 20,
        time_size: int = 35,
        max_grad: float | None = None,
        eval_interval: int | None = 20,
    ) -> None:
        """Train on xs, ts (words,). `ppl_list` has the perplexities that are printed.

        Raises CorpusError if the text does not fill one batch.
        """
        inputs, targets = np.asarray(xs), np.asarray(ts)
        max_iters = len(inputs) // (batch_size * time_size)
        _check_batches(max_iters, len(inputs), f"batch_size {batch_size} x time_size {time_size}")
        self.time_idx, self.ppl_list, self.eval_interval = 0, [], eval_interval

        def batches() -> Iterable[tuple[Ids, Ids]]:
            for _ in range(max_iters):
                yield self.get_batch(inputs, targets, batch_size, time_size)

        self._run((batches() for _ in range(max_epoch)), max_iters, max_grad, self.ppl_list)

    def plot(self, ylim: tuple[float, float] | None = None) -> None:
        """Draw `ppl_list`; without matplotlib, a note on stderr."""
        self._plot(self.ppl_list, ylim)


class Trainer(_Loop):
    """Shuffled batches of examples (section 1.4.4), as for a seq2seq (7.3.4)."""

    figure = "loss", float

    def __init__(self, model: Model, optimizer: Optimizer) -> None:
        super().__init__(model, optimizer)
        self.loss_list: list[float] = []

    def fit(
        self,
        x: ArrayLike,
        t: ArrayLike,
        max_epoch: int = 10,
        batch_size: int = 32,
        max_grad: float | None = None,
        eval_interval: int | None = 20,
    ) -> None:
        """Train on x and t, whose first axis are the examples. `loss_list` has what is printed.

        Raises CorpusError if there are too few for one batch.
        """
        inputs, targets = np.asarray(x), np.asarray(t)
        max_iters = len(inputs) // batch_size
        _check_batches(max_iters, len(inputs), f"batch_size {batch_size}")
        self.eval_interval = eval_interval
        order = np.arange(len(inputs))

        def batches() -> Iterable[tuple[Any, Any]]:
            # The book shuffles what it has shuffled before: the same draws, the same order.
            order[...] = order[np.random.permutation(len(order))]
            for places in np.split(order[: max_iters * batch_size], max_iters):
                yield inputs[places], targets[places]

        self._run((batches() for _ in range(max_epoch)), max_iters, max_grad, self.loss_list)

    def plot(self, ylim: tuple[float, float] | None = None) -> None:
        """Draw `loss_list`; without matplotlib, a note on stderr."""
        self._plot(self.loss_list, ylim)


def _check_batches(max_iters: int, found: int, asked: str) -> None:
    if not max_iters:
        raise CorpusError(f"{found} examples or words do not fill one batch of {asked}: take less")
