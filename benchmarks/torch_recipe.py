"""A recipe of `word_model` in torch: training for a budget, rows for a log out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from benchmarks.recipes import Recipe
from benchmarks.torch_worker import OPTIMIZERS, Model
from rnnlm_cli.arrays import Ids
from rnnlm_cli.corpus.batches import padded_segments
from rnnlm_cli.corpus.loading import Corpus
from rnnlm_cli.corpus.vocabulary import EOS
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.machine import usable_cores
from rnnlm_cli.scoring.figures import perplexity

_VALIDATION = {"streams": 20, "time_size": 35}  # the protocol `parallel`
_TEST = {"streams": 1, "time_size": 100}  # the protocol `stream`, in torch's fastest chunks
_SCORING = 1 / 3  # of the time of training, before the first validation has told


def score(model: Any, ids: Ids, *, eos_id: int, streams: int, time_size: int) -> float:
    """Mean nats of `ids` (words,), every one scored once, in streams that begin after `<eos>`."""
    total = 0.0
    state: Any = None
    model.eval()
    with torch.no_grad():
        for xs, ts in padded_segments(ids, streams=streams, time_size=time_size, before=eos_id):
            ys, state = model(_steps_first(xs), state)
            targets = _steps_first(ts).flatten()
            total += float(
                cross_entropy(ys.flatten(0, 1), targets, ignore_index=-1, reduction="sum")
            )
    model.train()
    return total / len(ids)


def _steps_first(batch: Ids) -> Any:
    """(N, T) -> (T, N) as torch has it."""
    return torch.tensor(batch.T, dtype=torch.long)


def cut(ids: Ids, streams: int) -> Any:
    """ids (words,) -> (steps, streams): streams of equal length side by side, the rest dropped.

    Raises CorpusError if there is nothing to predict.
    """
    steps = len(ids) // streams
    if steps < 2:
        raise CorpusError(
            f"the training split has {len(ids)} tokens, but {streams} streams need {2 * streams}: "
            "use a longer text"
        )
    return _steps_first(ids[: steps * streams].reshape(streams, steps))


class TorchRun:
    """A recipe on a text for `budget` seconds of `clock`, on all cores or on `threads`.

    There are about `points` validations, and one after every epoch, by which alone the rate goes.
    The weights of the best of them all are tested. Raises CorpusError if the text is too short.
    """

    def __init__(
        self,
        recipe: Recipe,
        corpus: Corpus,
        budget: float,
        *,
        points: int,
        seed: int,
        clock: Callable[[], float],
        threads: int | None = None,
    ) -> None:
        self.recipe, self.corpus, self.budget, self.clock = recipe, corpus, budget, clock
        self._every = budget / points if points else math.inf
        torch.manual_seed(seed)
        torch.set_num_threads(threads or usable_cores())
        self.model: Any = Model(replace(recipe.size, vocab_size=len(corpus.vocabulary)))
        self._draw()
        self.optimizer = OPTIMIZERS[recipe.size.optimizer](
            self.model.parameters(),
            lr=recipe.lr,
            weight_decay=recipe.weight_decay,
            **recipe.of_adam,
        )
        self.streams = cut(corpus.ids("train"), recipe.size.batch_size)
        self.step, self.epoch, self.words, self.training = 0, 1, 0, 0.0
        self.best, self.best_weights = math.inf, self._weights()
        self.nats, self.best_epoch = math.nan, math.inf  # of the last one; after epochs alone
        self.validation, self.validations = math.nan, 0.0  # seconds of the last one, of all
        self._begin_epoch()

    def _draw(self) -> None:
        """The first weights: of the example, or of a preset. The LSTMs stay as torch makes them."""
        config, model = self.recipe.size.model, self.model
        for matrix in (model.embedding.weight, model.output.weight):
            if self.recipe.size.optimizer == "sgd":
                nn.init.uniform_(matrix, -0.1, 0.1)
            else:
                nn.init.normal_(matrix, std=config.embedding_std)
        nn.init.zeros_(model.output.bias)
        if config.unigram_bias:
            with torch.no_grad():
                model.output.bias.copy_(torch.tensor(np.log(self.corpus.shares)))
        if config.forget_bias:  # torch's gates are i, f, g, o
            H = config.hidden_size
            with torch.no_grad():
                model.lstm.bias_ih_l0[H : 2 * H] += config.forget_bias

    def rows(self) -> Iterator[dict[str, Any]]:
        """Train to the end of the budget, then test."""
        yield self._started()
        last, over = self.clock(), False
        while not over:
            self._train_step()
            over, ends = self._is_over(), self._at >= len(self.streams) - 1
            if over or ends or self._is_due(last):
                yield self._validate("epoch" if over or ends else "validation")
                last, over = self.clock(), over or self._is_over()
                if ends and not over:
                    self._end_epoch()
        yield self._finished()

    def _reserve(self) -> float:
        """Seconds of the budget to keep for the last validation: at most half of it."""
        cost = self.validation
        if math.isnan(cost):
            cost = _SCORING * self.training * len(self.corpus.ids("valid")) / max(1, self.words)
        return min(cost, self.budget / 2)

    def _is_over(self) -> bool:
        return self.clock() >= self.budget - self._reserve()

    def _is_due(self, last: float) -> bool:
        """Whether it is time for a point, and time enough for the last validation after it."""
        now, reserve = self.clock(), self._reserve()
        return now - last >= self._every and now + reserve < self.budget - reserve

    def _begin_epoch(self) -> None:
        self._at = 0
        self._state: Any = None  # every stream begins at zero again
        self._losses: list[float] = []
        self._norms: list[float] = []
        self._epoch_words, self._epoch_training = 0, 0.0

    def _train_step(self) -> None:
        """One segment forward and backward; the last one of an epoch may be shorter."""
        began, recipe = self.clock(), self.recipe
        if recipe.schedule == "linear":
            progress = min(1.0, began / max(1e-9, self.budget - self._reserve()))
            self._set_lr(recipe.lr * (1 - progress))
        end = min(self._at + recipe.size.time_size, len(self.streams) - 1)
        xs, ts = self.streams[self._at : end], self.streams[self._at + 1 : end + 1]
        self.optimizer.zero_grad()
        ys, state = self.model(xs, self._state)
        self._state = tuple(part.detach() for part in state)
        loss: Any = cross_entropy(ys.flatten(0, 1), ts.flatten())
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), recipe.max_grad)
        self.optimizer.step()
        self._losses.append(float(loss.detach()))
        self._norms.append(float(norm))
        self._count(xs.numel(), self.clock() - began)
        self._at, self.step = end, self.step + 1

    def _count(self, words: int, seconds: float) -> None:
        self.words += words
        self.training += seconds
        self._epoch_words += words
        self._epoch_training += seconds

    def _end_epoch(self) -> None:
        """The rate falls where the validation that has just been made is not the best such one."""
        if self.nats < self.best_epoch:
            self.best_epoch = self.nats
        elif self.recipe.schedule == "plateau":
            self._set_lr(self._lr() / 4)
        self.epoch += 1
        self._begin_epoch()

    def _lr(self) -> float:
        return float(self.optimizer.param_groups[0]["lr"])

    def _set_lr(self, lr: float) -> None:
        self.optimizer.param_groups[0]["lr"] = lr

    def _weights(self) -> dict[str, Any]:
        return {name: weight.clone() for name, weight in self.model.state_dict().items()}

    def _validate(self, event: str) -> dict[str, Any]:
        """Score the validation split, keep the best weights; the row of it."""
        began, text = self.clock(), self.corpus
        eos_id = text.vocabulary.ids[EOS]
        self.nats = score(self.model, text.ids("valid"), eos_id=eos_id, **_VALIDATION)
        is_best = self.nats < self.best  # False for nan
        if is_best:
            self.best, self.best_weights = self.nats, self._weights()
        self.validation = self.clock() - began
        self.validations += self.validation
        return {
            "event": event,
            "step": self.step,
            "epoch": self.epoch,
            "train_perplexity": perplexity(sum(self._losses) / len(self._losses)),
            "valid_perplexity": perplexity(self.nats),
            "lr": self._lr(),
            "gradient_norm": sum(self._norms) / len(self._norms),
            "is_best": is_best,
            "words_per_second": self._epoch_words / max(self._epoch_training, 1e-9),
            "seconds": self.clock(),
        }

    def _started(self) -> dict[str, Any]:
        return {
            "event": "started",
            "torch": torch.__version__,
            "threads": torch.get_num_threads(),
            "parameters": sum(weight.numel() for weight in self.model.parameters()),
            "corpus": self.corpus.name,
            "budget": self.budget,
            "seconds": self.clock(),
        }

    def _finished(self) -> dict[str, Any]:
        """The row of the end: the best weights on the test split, after the budget."""
        self.model.load_state_dict(self.best_weights)
        text, began = self.corpus, self.clock()
        nats = score(self.model, text.ids("test"), eos_id=text.vocabulary.ids[EOS], **_TEST)
        test = perplexity(nats)
        return {
            "event": "finished",
            "step": self.step,
            "epoch": self.epoch,
            "test_perplexity": {"stream": test if math.isfinite(test) else None},
            "words_per_second": self.words / max(self.training, 1e-9),
            "validation_seconds": self.validations,
            "test_seconds": self.clock() - began,
            "seconds": began,  # of all but the test, as in the log of `rnnlm train`
        }
