"""Training a model: when to step and at which rate, when to validate, which epoch was best, and
when it is over (book sections 5.5.3, 6.4).

`Trainer.run()` yields a report after every step and every epoch. It computes and nothing else: no
file, no terminal, no clock but the one it is given. Everything that the next step depends on is in
`capture()`, so that a run can be taken up again to the bit.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

import numpy as np

from rnnlm_cli.arrays import Ids
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.figures import perplexity
from rnnlm_cli.settings.train import TrainConfig
from rnnlm_cli.training.learner import Learner
from rnnlm_cli.training.pace import Clock, Pace
from rnnlm_cli.training.ranks import ALONE, Ranks
from rnnlm_cli.training.reports import EpochReport, StepReport
from rnnlm_cli.training.schedules import learning_rate
from rnnlm_cli.training.state import Counters, Timings, TrainerState
from rnnlm_cli.watching import Stop, never


class Trainer:
    """Trains `model` on train_ids (words,), validating on the text `valid` after every epoch.

    `config` has its batch size, and an end: epochs, steps, a budget, or several, the earliest one
    ending the run; `spent` seconds of a budget are gone. It leads the learners of all `ranks`.
    Raises CorpusError if a text is too short, TrainingDiverged from `run`.
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
        ranks: Ranks = ALONE,
    ) -> None:
        assert config.epochs or config.steps or config.budget, "a run without an end"
        self.learner = Learner(model, train_ids, valid, config, rng=rng, ranks=ranks)
        self.config, self._clock = config, clock
        self._begin(Timings(elapsed=spent))

    def _begin(self, timings: Timings) -> None:
        self.timings = timings
        self.pace = Pace(
            self.config,
            self.counters,
            timings,
            steps_per_epoch=self.learner.streams.steps_per_epoch,
            valid_words=len(self.learner.valid),
            clock=self._clock,
        )

    @property
    def model(self) -> LanguageModel:
        """The model that is trained."""
        return self.learner.model

    @property
    def ranks(self) -> Ranks:
        """Those that train together, of which this is the first."""
        return self.learner.ranks

    @property
    def valid(self) -> EncodedText:
        """What is scored of the validation split."""
        return self.learner.valid

    @property
    def state_bytes(self) -> int:
        """How large the arrays of `capture` come to be."""
        return self.learner.state_bytes

    @property
    def counters(self) -> Counters:
        """How far the run has come."""
        return self.learner.counters

    @property
    def seconds(self) -> float:
        """Seconds since the run began, those before a resume included."""
        return self.pace.seconds

    def kept_weights(self) -> AbstractContextManager[None]:
        """Inside the block the model has the weights to keep: their average, if there is one."""
        return self.learner.kept_weights()

    def forget_best(self) -> None:
        """The best model is lost: whichever epoch is validated next is the best one."""
        self.counters.best_nats = math.inf

    def run(self, stop: Stop = never) -> Iterator[StepReport | EpochReport]:
        """Train to the end, reporting every step and every epoch.

        A validation is given up when `stop` says yes: the reports then end before that of the
        epoch, and a run that is resumed from there begins with the validation.
        """
        count = self.counters
        self.learner.take_parameters()
        while not count.finished:
            # Asked before a step, not after it: a run resumed from just there asks again.
            over = self.pace.is_over
            ends = over or count.step_in_epoch == self.learner.streams.steps_per_epoch
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
        loss, norm = self.learner.learn(lr, averages=progress >= 1 - config.average)
        return self._step_report(loss, norm, began)

    def _step_report(self, loss: float, norm: float, began: float) -> StepReport:
        count, timings, config = self.counters, self.timings, self.config
        seconds, words = max(1e-9, self._clock() - began), config.batch_size * config.time_size
        timings.epoch_training += seconds
        timings.fastest = max(timings.fastest, words / seconds)
        return StepReport(
            step=count.step,
            epoch=count.epoch,
            step_in_epoch=count.step_in_epoch,
            steps_per_epoch=self.learner.streams.steps_per_epoch,
            nats_per_token=loss,
            lr=count.lr,
            gradient_norm=norm,
            progress=self.pace.progress,
            words_per_second=words / seconds,
            seconds=self.seconds,
        )

    def _validate(self, stop: Stop) -> float | None:
        """Nats a token of the validation split; None if it is stopped. Raises TrainingDiverged."""
        began = self._clock()
        nats = self.learner.validate(stop)
        if nats is not None:
            self.timings.validation = self._clock() - began
        return nats

    def _end_epoch(self, valid_nats: float, *, over: bool) -> EpochReport:
        """Judge the epoch, and begin the next one unless the run is `over`."""
        count, report = self.counters, self.epoch_report(valid_nats)
        if report.is_best:
            count.best_nats, count.epochs_since_best = valid_nats, 0
        else:
            count.epochs_since_best += 1
            count.reductions += 1
        over |= self.pace.is_over  # the validation too takes time
        count.finished = over or self.pace.out_of_patience
        if not count.finished:
            self._begin_epoch()
        return report

    def epoch_report(self, valid_nats: float = math.nan) -> EpochReport:
        """Of what was made of this epoch; neither nan nor what overflows is the best."""
        count, steps, config = self.counters, self.counters.step_in_epoch, self.config
        words = steps * config.batch_size * config.time_size
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
            share=steps / self.learner.streams.steps_per_epoch,
        )

    def _begin_epoch(self) -> None:
        self.timings.epoch_training = 0.0
        self.learner.begin_epoch()

    def capture(self) -> TrainerState:
        """A snapshot between two reports; its arrays are copies. Raises TrainingDiverged."""
        self.learner.check_numbers()
        return TrainerState(
            replace(self.counters),
            replace(self.timings, elapsed=self.seconds),
            self.learner.generators(),
            self.learner.arrays(),
        )

    def restore(self, state: TrainerState, *, lengthened: bool = False) -> None:
        """Go on from a snapshot of a trainer with the same model, texts and config.

        The parameters are the model's affair. A run that had finished goes on only if it has been
        `lengthened`: if `config` has more than it had of all that ended it. Raises CheckpointError
        if the snapshot cannot be of such a trainer.
        """
        self.learner.restore(state)
        self._begin(replace(state.timings))
        if self.counters.finished and lengthened and not self.pace.used_up:
            self.counters.finished = False
            self._begin_epoch()
