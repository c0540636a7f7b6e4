"""A run under way: it holds the lock of its files, and saves as it goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rnnlm_cli.checkpoint.contents import Checkpoint, Resume
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.runs.events import SaveFailed
from rnnlm_cli.runs.log import RunLog
from rnnlm_cli.runs.sampling import Samples
from rnnlm_cli.runs.saving import Saver
from rnnlm_cli.runs.setup import Setup
from rnnlm_cli.stopping import Stop
from rnnlm_cli.training.pace import Clock
from rnnlm_cli.training.reports import EpochReport


@dataclass(frozen=True)
class ActiveRun:
    """What is computed, what writes it, and what ends it."""

    setup: Setup
    saver: Saver
    log: RunLog
    samples: Samples
    stop: Stop
    clock: Clock

    def state(self) -> Checkpoint:
        """The newest state."""
        place = self.setup.corpus.place
        resume = Resume(
            state=self.setup.trainer.capture(),
            line=replace(self.log.line),
            line_timings=replace(self.log.timings),
            corpus_paths=() if place.is_registered else place.names,
        )
        return self.setup.snapshot(resume)

    def end_epoch(self, report: EpochReport) -> Iterator[SaveFailed]:
        """Note the epoch and save what it earned."""
        self.setup.history.append(report)
        yield from self.try_to_save(self.setup.snapshot() if self._is_to_keep(report) else None)

    def _is_to_keep(self, report: EpochReport) -> bool:
        if self.setup.config.train.keep == "last":
            return True
        # Epochs that a resume repeats can differ from those of the kept model, on other threads or
        # under a budget: what is worse than the model on the disk does not replace it.
        kept = self.saver.kept_nats
        return report.is_best and (kept is None or report.valid_nats <= kept)

    def try_to_save(self, model: Checkpoint | None = None) -> Iterator[SaveFailed]:
        """Save the state, and `model` if there is a better one; a failure is told."""
        try:
            self.saver.save(self.state(), model)
        except CheckpointError as error:
            yield SaveFailed(str(error))
