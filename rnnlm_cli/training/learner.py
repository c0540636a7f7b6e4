"""A model that learns a text, step by step, when it is told to: what every rank of a run does.

Truncated back-propagation through time over parallel streams (book sections 5.5.3 and 6.4). When to
step, at which rate, when to validate and when to end is the affair of rank 0's Trainer.
"""

from __future__ import annotations

import math
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

import numpy as np

from rnnlm_cli.arrays import Floats, Ids, quietly
from rnnlm_cli.corpus.batches import ParallelStreams
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.errors import ConfigError, told_of
from rnnlm_cli.model.layers import Dealt, LSTMState
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.evaluation import evaluate_watched, scorable
from rnnlm_cli.scoring.streaming import Watch
from rnnlm_cli.settings.model import lstm_sizes
from rnnlm_cli.settings.train import TrainConfig
from rnnlm_cli.training.averaging import WeightAverage
from rnnlm_cli.training.clipping import clip_scale, gradient_norm
from rnnlm_cli.training.divergence import check_numbers, check_step
from rnnlm_cli.training.optimizers import make_optimizer
from rnnlm_cli.training.ranks import Order, Ranks, summed
from rnnlm_cli.training.restoring import check_arrays, check_generators, check_progress
from rnnlm_cli.training.state import Counters, TrainerState
from rnnlm_cli.watching import Stop, never


class Learner:
    """`model`, its share of the streams over train_ids (words,), and what a step needs and changes.

    `config` has the batch size of all `ranks` together. What rank 0 calls all others are ordered to
    call too. Raises CorpusError if a text is too short.
    """

    def __init__(
        self,
        model: LanguageModel,
        train_ids: Ids,
        valid: EncodedText,
        config: TrainConfig,
        *,
        rng: np.random.Generator,
        ranks: Ranks,
    ) -> None:
        self.model, self.config, self.rng, self.ranks = model, config, rng, ranks
        self.batch_size, self.mine = config.batch_size, ranks.share(config.batch_size)
        if ranks.size > config.batch_size:
            raise ConfigError(
                f"a batch has {config.batch_size} streams, too few for one on each of the "
                f"{ranks.size} ranks: use a larger --batch-size or fewer ranks"
            )
        shorter = "use a longer text, a smaller --batch-size or a smaller --time-size"
        with told_of("the training split", shorter):
            self.streams = ParallelStreams(
                train_ids, config.batch_size, config.time_size, self.mine
            )
        with told_of("the validation split", "use a longer text or another --preset"):
            self.valid = scorable(valid, config.protocol)
        if ranks.size > 1:
            model.network.deal(Dealt(self.mine.start, self.batch_size))
        self.optimizer = make_optimizer(config, model.flat_params, model.cores)
        self.average: WeightAverage | None = None
        if config.average:
            self.average = WeightAverage(model.flat_params, model.cores)
        self.counters = Counters()

    def learn(self, lr: float, *, averages: bool) -> tuple[float, float]:
        """Take the next segment, at the rate `lr`, and count the weights into their average or not.

        Returns the loss in nats a token and the norm of the gradient, which is clipped then. Raises
        TrainingDiverged, on all ranks.
        """
        self.ranks.order(Order.LEARN, lr, averages)
        if self.config.reset_probability:
            forget = self.rng.random(self.batch_size) < self.config.reset_probability
            self.model.forget_streams(forget[self.mine])
        xs, ts = self.streams.batch(self.counters.position)
        with quietly(), self.model.cores.held():
            loss, norm = self._gradient(xs, ts)
            check_step(self.counters.step + 1, loss, norm, lr)
            self._count(loss, norm, lr)
            self._update(lr, norm, averages)
        return loss, norm

    def _gradient(self, xs: Ids, ts: Ids) -> tuple[float, float]:
        """Fill the model's gradient, that of all streams, from those of this rank: xs, ts (n, T).

        Returns the loss and the gradient's norm.
        """
        model = self.model
        loss = model.forward(xs, ts)
        model.backward()
        if self.ranks.size > 1:
            share = len(xs) / self.batch_size
            loss = summed(self.ranks, model.flat_grads, loss, share, model.cores)
        return loss, gradient_norm(model.flat_grads, model.cores)

    def _count(self, loss: float, norm: float, lr: float) -> None:
        count = self.counters
        count.step += 1
        count.step_in_epoch += 1
        count.position += self.config.time_size
        count.loss_sum += loss
        count.norm_sum += norm
        count.lr = lr

    def _update(self, lr: float, norm: float, averages: bool) -> None:
        """Change the parameters for the gradient, clipped, and count them into their average."""
        model, count, scale = self.model, self.counters, clip_scale(norm, self.config.max_grad)
        self.optimizer.update(model.flat_params, model.flat_grads, lr, count.step, scale)
        if self.average is not None:
            # A run that was made longer may be before its last part again, and begins a new mean
            # there. At its first step, not before it: its last epoch is kept by the mean it had.
            count.averaged = count.averaged + 1 if averages else 0
            if averages:
                self.average.add(count.averaged)

    def begin_epoch(self) -> None:
        """Count from the beginning of the next epoch."""
        self.ranks.order(Order.BEGIN_EPOCH)
        count = self.counters
        count.become(self.ranks.broadcast(count))  # what only rank 0 counts: of its validations
        count.epoch += 1
        count.step_in_epoch, count.loss_sum, count.norm_sum = 0, 0.0, 0.0
        if self.config.restart_epochs:
            count.position = 0
            self.model.reset_state()
        if self.config.random_offsets:
            # The state of a stream is that of its last segment: a small jump costs little.
            count.position += int(self.rng.integers(self.config.time_size))

    def validate(self, stop: Stop = never) -> float | None:
        """Nats a token of the validation split; None if it is stopped. Raises TrainingDiverged."""
        self.check_numbers()
        self.ranks.order(Order.VALIDATE)
        with self.kept_weights():
            watch = Watch(stop=stop, shared=self.ranks)
            scored = evaluate_watched(watch, self.model, self.valid, protocol=self.config.protocol)
        return None if scored is None else scored.nats_per_token

    def kept_weights(self) -> AbstractContextManager[None]:
        """Inside the block the model has the weights to keep: their average, if there is one."""
        if self.average is None or not self.counters.averaged:
            return nullcontext()
        return self.average.in_place()

    def check_numbers(self) -> None:
        """Raises TrainingDiverged where a parameter, or what goes with it, is no finite number."""
        numbers = [self.model.flat_params, *self.vectors.values()]
        check_numbers(numbers, self.counters.step, self.counters.lr)

    @property
    def vectors(self) -> dict[str, Floats]:
        """What is as long as the parameters and changes with every step."""
        vectors = {f"optimizer.{name}": slot for name, slot in self.optimizer.slots.items()}
        return vectors | ({"average": self.average.mean} if self.average else {})

    def states(self) -> list[LSTMState]:
        """The state of each LSTM, none before the first word: on rank 0 of all streams."""
        if (states := self.model.state) is None:
            return []
        self.ranks.order(Order.TELL_STATES)
        together = self.ranks.gather
        return [LSTMState(together(h), together(c)) for h, c in states]

    def arrays(self) -> dict[str, Floats]:
        """Copies of all that changes beside the parameters, as a TrainerState has it."""
        arrays = {name: vector.copy() for name, vector in self.vectors.items()}
        for index, state in enumerate(self.states()):
            arrays[f"lstm{index + 1}.h"], arrays[f"lstm{index + 1}.c"] = state
        return arrays

    def generators(self) -> list[dict[str, Any]]:
        """The states of the random generators, the same on every rank."""
        return [dict(rng.bit_generator.state) for rng in self._generators()]

    def take_parameters(self) -> None:
        """Let all ranks have the parameters of rank 0."""
        self.ranks.order(Order.TAKE_PARAMETERS)
        self.ranks.broadcast_into(self.model.flat_params)

    def restore(self, state: TrainerState | None) -> None:
        """Let all ranks go on from the snapshot that rank 0 has; the parameters are another affair.

        Raises CheckpointError, and nothing is changed, if it cannot be of such a run.
        """
        self.ranks.order(Order.RESTORE)
        told = self.ranks.broadcast(state)
        assert told is not None, "rank 0 has no state"
        self.take_up(told)

    def take_up(self, state: TrainerState) -> None:
        """Go on from a snapshot of the whole run, on this rank. Raises CheckpointError as above."""
        count = replace(state.counters)
        check_progress(count, state.timings, self.config, self.streams.steps_per_epoch)
        check_generators(state.generators, self._generators())
        states = self._state_shapes() if "lstm1.h" in state.arrays else {}
        vectors = self.vectors
        check_arrays(state.arrays, {name: v.shape for name, v in vectors.items()} | states)
        for rng, saved in zip(self._generators(), state.generators, strict=True):
            rng.bit_generator.state = saved
        self.counters.become(count)
        for name, vector in vectors.items():
            vector[...] = state.arrays[name]
        if states:
            self.model.state = [
                LSTMState(*(state.arrays[f"lstm{k + 1}.{part}"][self.mine] for part in "hc"))
                for k in range(len(self.model.lstms))
            ]

    @property
    def state_bytes(self) -> int:
        """What `arrays` come to be, h and c included, which are not there before the first step."""
        numbers = sum(math.prod(shape) for shape in self._state_shapes().values())
        held = self.model.flat_params.itemsize * numbers  # sgd has no vectors
        return held + sum(vector.nbytes for vector in self.vectors.values())

    def _state_shapes(self) -> dict[str, tuple[int, ...]]:
        sizes = enumerate(lstm_sizes(self.model.config), start=1)
        return {f"lstm{k}.{s}": (self.batch_size, units) for k, (_, units) in sizes for s in "hc"}

    def _generators(self) -> list[np.random.Generator]:
        return [self.rng, *(layer.rng for layer in self.model.noisy)]
