"""A run under way: it holds the lock of its files, and saves as it goes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rnnlm_cli.checkpoint.contents import Checkpoint, Resume
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.runs.around import Around
from rnnlm_cli.runs.events import Event, SaveFailed
from rnnlm_cli.runs.sampling import Samples
from rnnlm_cli.runs.saving import Saver
from rnnlm_cli.runs.setup import Setup
from rnnlm_cli.runs.sinks import Sinks
from rnnlm_cli.runs.validating import Validations
from rnnlm_cli.training.reports import EpochReport, StepReport


@dataclass(frozen=True)
class ActiveRun:
    """What is computed, what writes it, and what is around it."""

    setup: Setup
    saver: Saver
    sinks: Sinks
    validations: Validations
    samples: Samples
    around: Around

    def state(self) -> Checkpoint:
        """The newest state."""
        place, gathering = self.setup.corpus.place, self.sinks.gathering
        resume = Resume(
            state=self.setup.trainer.capture(),
            line=replace(gathering.line),
            line_timings=replace(gathering.timings),
            corpus_paths=() if place.is_registered else place.names,
        )
        return self.setup.snapshot(resume)

    def tell(self, report: StepReport | EpochReport) -> list[Event]:
        """Tell `report` and what is due after it, and save what an epoch earned: all the events."""
        if isinstance(report, EpochReport):
            report = self._ranked(report)
        failures = self.sinks.add(report)  # before the save: a resume cuts a log that is ahead
        validation, sample = self.validations.after(report), self.samples.after(report)
        if validation:
            failures += self.sinks.add(validation)
        if sample and self.setup.config.sample_every:
            failures += self.sinks.add(sample)
        if isinstance(report, EpochReport):
            failures += self._saved_after(report)
        return [report, *(each for each in (validation, sample) if each), *failures]

    def _saved_after(self, report: EpochReport) -> list[SaveFailed]:
        """Note the epoch and save what it earned: what failed."""
        self.setup.history.append(report)
        is_kept = report.is_best or self.setup.config.train.keep == "last"
        return self.try_to_save(self.setup.snapshot() if is_kept else None)

    def _ranked(self, report: EpochReport) -> EpochReport:
        # Epochs that a resume repeats can differ from those of the kept model, on other threads or
        # under a budget: what is worse than the model on the disk does not replace it.
        kept = self.saver.kept_nats
        is_worse = kept is not None and report.valid_nats > kept
        return replace(report, is_best=False) if is_worse else report

    def try_to_save(self, model: Checkpoint | None = None) -> list[SaveFailed]:
        """Save the state, and `model` if there is a better one: what failed."""
        try:
            self.saver.save(self.state(), model)
        except CheckpointError as error:
            return [SaveFailed(str(error))]
        return []
