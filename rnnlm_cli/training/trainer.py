"""Training: truncated back-propagation through time over parallel streams (sections 5.5.3, 6.4).

`Trainer.run()` yields a report after every step and every epoch. It computes and nothing else: no
file, no terminal, no clock but the one it is given. Everything that the next step depends on is in
`capture()`, so that a run can be taken up again to the bit.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import numpy as np

from rnnlm_cli.arrays import Floats, Ids, quietly
from rnnlm_cli.corpus.batches import ParallelStreams
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.errors import told_of
from rnnlm_cli.model.layers import LSTMState
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.evaluation import evaluate_until, scorable
from rnnlm_cli.scoring.figures import perplexity
from rnnlm_cli.settings.model import lstm_sizes
from rnnlm_cli.settings.train import TrainConfig
from rnnlm_cli.stopping import Stop, never
from rnnlm_cli.training.averaging import WeightAverage
from rnnlm_cli.training.clipping import clip_scale, gradient_norm
from rnnlm_cli.training.divergence import check_numbers, check_step
from rnnlm_cli.training.optimizers import make_optimizer
from rnnlm_cli.training.pace import Clock, Pace
from rnnlm_cli.training.reports import EpochReport, StepReport
from rnnlm_cli.training.restoring import check_arrays, check_generators, check_progress
from rnnlm_cli.training.schedules import learning_rate
from rnnlm_cli.training.state import Counters, Timings, TrainerState

Reducer = Callable[[Floats], None]


class Trainer:
    """Trains `model` on train_ids (words,), validating on the text `valid` after every epoch.

    `config` has its batch size, and an end: epochs, steps, a budget, or several, the earliest one
    ending the run; `spent` seconds of a budget are gone. `reducer` may change the flat gradient in
    place before it is clipped, as a sum over processes would. Raises CorpusError if a text is too
    short, TrainingDiverged from `run`.
    """

    def __init__(
        self,
        model: LanguageModel,
        train_ids: Ids,
        valid: EncodedText,
        config: TrainConfig,
        *,
        rng: np.random.Generator,
        clock: Clock = time.perf_counter,
        spent: float = 0.0,
        reducer: Reducer | None = None,
    ) -> None:
        assert config.epochs or config.steps or config.budget, "a run without an end"
        self.model, self.config = model, config
        self.batch_size = config.batch_size
        shorter = "use a longer text, a smaller --batch-size or a smaller --time-size"
        with told_of("the training split", shorter):
            self.streams = ParallelStreams(train_ids, config.batch_size, config.time_size)
        with told_of("the validation split", "use a longer text or another --preset"):
            self.valid = scorable(valid, config.protocol)
        self.rng, self.reducer = rng, reducer
        self.optimizer = make_optimizer(config, model.flat_params, model.cores)
        self.average: WeightAverage | None = None
        if config.average:
            self.average = WeightAverage(model.flat_params, model.cores)
        self._clock = clock
        self._begin(Counters(), Timings(elapsed=spent))

    def _begin(self, counters: Counters, timings: Timings) -> None:
        self.counters, self.timings = counters, timings
        self.pace = Pace(
            self.config,
            counters,
            timings,
            steps_per_epoch=self.streams.steps_per_epoch,
            valid_words=len(self.valid),
            clock=self._clock,
        )

    @property
    def seconds(self) -> float:
        """Seconds since the run began, those before a resume included."""
        return self.pace.seconds

    def kept_weights(self) -> AbstractContextManager[None]:
        """Inside the block the model has the weights to keep: their average, if there is one."""
        if self.average is None or not self.counters.averaged:
            return nullcontext()
        return self.average.in_place()

    def forget_best(self) -> None:
        """The best model is lost: whichever epoch is validated next is the best one."""
        self.counters.best_nats = math.inf

    def run(self, stop: Stop = never) -> Iterator[StepReport | EpochReport]:
        """Train to the end, reporting every step and every epoch.

        A validation is given up when `stop` says yes: the reports then end before that of the
        epoch, and a run that is resumed from there begins with the validation.
        """
        count = self.counters
        while not count.finished:
            # Asked before a step, not after it: a run resumed from just there asks again.
            over = self.pace.is_over
            ends = over or count.step_in_epoch == self.streams.steps_per_epoch
            if not (ends and count.step_in_epoch):
                yield self._step()
            elif (valid_nats := self._validate(stop)) is not None:
                yield self._end_epoch(valid_nats, over=over)
            else:
                return

    def _step(self) -> StepReport:
        """One update of the parameters."""
        began, progress, config = self._clock(), self.pace.progress, self.config
        lr = learning_rate(config, progress, self.counters.reductions)
        if config.reset_probability:
            self.model.forget_streams(self.rng.random(self.batch_size) < config.reset_probability)
        xs, ts = self.streams.batch(self.counters.position)
        loss, norm = self._gradient(xs, ts)
        check_step(self.counters.step + 1, loss, norm, lr)
        self._count(loss, norm, lr)
        self._update(lr, norm, progress)
        return self._step_report(loss, norm, began)

    def _gradient(self, xs: Ids, ts: Ids) -> tuple[float, float]:
        """Fill the model's gradient for xs, ts (N, T); returns the loss and the gradient's norm."""
        with quietly():
            loss = self.model.forward(xs, ts)
            self.model.backward()
            if self.reducer is not None:
                self.reducer(self.model.flat_grads)
            return loss, gradient_norm(self.model.flat_grads, self.model.cores)

    def _count(self, loss: float, norm: float, lr: float) -> None:
        count = self.counters
        count.step += 1
        count.step_in_epoch += 1
        count.position += self.config.time_size
        count.loss_sum += loss
        count.norm_sum += norm
        count.lr = lr

    def _update(self, lr: float, norm: float, progress: float) -> None:
        """Change the parameters for the gradient, clipped, and count them into their average."""
        model, count, scale = self.model, self.counters, clip_scale(norm, self.config.max_grad)
        with quietly():
            self.optimizer.update(model.flat_params, model.flat_grads, lr, count.step, scale)
            if self.average is not None and progress >= 1 - self.config.average:
                count.averaged += 1
                self.average.add(count.averaged)

    def _step_report(self, loss: float, norm: float, began: float) -> StepReport:
        count, timings, words = self.counters, self.timings, self.batch_size * self.config.time_size
        seconds = max(1e-9, self._clock() - began)
        timings.epoch_training += seconds
        timings.fastest = max(timings.fastest, words / seconds)
        return StepReport(
            step=count.step,
            epoch=count.epoch,
            step_in_epoch=count.step_in_epoch,
            steps_per_epoch=self.streams.steps_per_epoch,
            nats_per_token=loss,
            lr=count.lr,
            gradient_norm=norm,
            progress=self.pace.progress,
            words_per_second=words / seconds,
            seconds=self.seconds,
        )

    def _check_numbers(self) -> None:
        numbers = [self.model.flat_params, *self.vectors.values()]
        check_numbers(numbers, self.counters.step, self.counters.lr)

    def _validate(self, stop: Stop) -> float | None:
        """Nats a token of the validation split; None if it is stopped. Raises TrainingDiverged."""
        self._check_numbers()
        began = self._clock()
        with self.kept_weights():
            scored = evaluate_until(stop, self.model, self.valid, protocol=self.config.protocol)
        if scored is None:
            return None
        self.timings.validation = self._clock() - began
        return scored.nats_per_token

    def _end_epoch(self, valid_nats: float, *, over: bool) -> EpochReport:
        """Judge the epoch, and begin the next one unless the run is `over`."""
        count, report = self.counters, self.epoch_report(valid_nats)
        if report.is_best:
            count.best_nats, count.epochs_since_best = valid_nats, 0
        else:
            count.epochs_since_best += 1
            count.reductions += 1
        over |= self.pace.is_over  # the validation too takes time
        count.finished = over or self.pace.out_of_patience or self.pace.out_of_epochs
        if not count.finished:
            self._begin_epoch()
        return report

    def epoch_report(self, valid_nats: float = math.nan) -> EpochReport:
        """Of what was made of this epoch; neither nan nor what overflows is the best."""
        count, steps = self.counters, self.counters.step_in_epoch
        words = steps * self.batch_size * self.config.time_size
        return EpochReport(
            epoch=count.epoch,
            step=count.step,
            train_nats=count.loss_sum / steps,
            valid_nats=valid_nats,
            lr=count.lr,
            gradient_norm=count.norm_sum / steps,
            is_best=valid_nats < count.best_nats and math.isfinite(perplexity(valid_nats)),
            words_per_second=words / max(self.timings.epoch_training, 1e-9),
            seconds=self.seconds,
            share=steps / self.streams.steps_per_epoch,
        )

    def _begin_epoch(self) -> None:
        count = self.counters
        count.epoch += 1
        count.step_in_epoch, count.loss_sum, count.norm_sum = 0, 0.0, 0.0
        self.timings.epoch_training = 0.0
        if self.config.restart_epochs:
            count.position = 0
            self.model.reset_state()
        if self.config.random_offsets:
            # The state of a stream is that of its last segment: a small jump costs little.
            count.position += int(self.rng.integers(self.config.time_size))

    def capture(self) -> TrainerState:
        """A snapshot between two reports; its arrays are copies. Raises TrainingDiverged."""
        self._check_numbers()
        arrays = {name: vector.copy() for name, vector in self.vectors.items()}
        for index, state in enumerate(self.model.state or []):
            arrays[f"lstm{index + 1}.h"], arrays[f"lstm{index + 1}.c"] = state
        return TrainerState(
            replace(self.counters),
            replace(self.timings, elapsed=self.seconds),
            [dict(rng.bit_generator.state) for rng in self._generators()],
            arrays,
        )

    def restore(self, state: TrainerState, *, lengthened: bool = False) -> None:
        """Go on from a snapshot of a trainer with the same model, texts and config.

        The parameters are the model's affair. A run that had finished goes on only if it has been
        `lengthened`: if `config` has more than it had of all that ended it. Raises CheckpointError
        if the snapshot cannot be of such a trainer.
        """
        count, timings = replace(state.counters), replace(state.timings)
        check_progress(count, timings, self.config, self.streams.steps_per_epoch)
        check_generators(state.generators, self._generators())
        states = self._state_shapes() if "lstm1.h" in state.arrays else {}
        vectors = self.vectors
        check_arrays(state.arrays, {name: v.shape for name, v in vectors.items()} | states)
        for rng, saved in zip(self._generators(), state.generators, strict=True):
            rng.bit_generator.state = saved
        self._begin(count, timings)
        for name, vector in vectors.items():
            vector[...] = state.arrays[name]
        if states:
            self.model.state = [
                LSTMState(state.arrays[f"lstm{k + 1}.h"], state.arrays[f"lstm{k + 1}.c"])
                for k in range(len(self.model.lstms))
            ]
        if count.finished and lengthened and not self.pace.used_up:
            self._open_again()

    @property
    def vectors(self) -> dict[str, Floats]:
        """What is as long as the parameters and changes with every step."""
        vectors = {f"optimizer.{name}": slot for name, slot in self.optimizer.slots.items()}
        return vectors | ({"average": self.average.mean} if self.average else {})

    def _state_shapes(self) -> dict[str, tuple[int, ...]]:
        sizes = enumerate(lstm_sizes(self.model.config), start=1)
        return {f"lstm{k}.{s}": (self.batch_size, units) for k, (_, units) in sizes for s in "hc"}

    def _open_again(self) -> None:
        """Let a finished run go on with its next epoch."""
        count = self.counters
        count.finished = False
        if self.pace.progress < 1 - self.config.average:
            count.averaged = 0  # its last part, whose weights are averaged, has not begun yet
        self._begin_epoch()

    def _generators(self) -> list[np.random.Generator]:
        return [self.rng, *(layer.rng for layer in self.model.noisy)]
