"""Validations within an epoch: points of a curve, which change nothing of a run.

Whose weights are kept, the schedule and the patience go by the ends of epochs. What is scored is a
beginning of the validation split that is always the same, so that it costs little.
"""

from __future__ import annotations

from rnnlm_cli.runs.events import ValidationReport
from rnnlm_cli.runs.setup import Setup
from rnnlm_cli.scoring.evaluation import evaluate
from rnnlm_cli.settings.run import RunPlan
from rnnlm_cli.settings.train import Interval
from rnnlm_cli.training.reports import EpochReport, StepReport

_TIMES = 9  # the time of one that a duration leaves to training: they take a tenth at most
MOST_TOKENS = 20_000  # whose perplexity has a standard error of about 2%


class Validations:
    """Those of a run, after every so many steps, or so many seconds after the one before.

    A run is the same with them and without. They come before the state of their step is saved, and
    none is given up on a stop: so a run that goes on does none again, and leaves none out.
    """

    def __init__(self, setup: Setup) -> None:
        self._trainer, every = setup.trainer, setup.config.validate_every
        self._every = None if every is None else Interval.read(every)
        self._text = setup.trainer.valid.beginning(MOST_TOKENS)
        self._last = setup.trainer.seconds  # the end of any validation, or the beginning
        self._cost = 0.0  # seconds that the last one here took

    def after(self, report: StepReport | EpochReport) -> ValidationReport | None:
        """The one that is due after `report`, if one is; the end of an epoch has its own."""
        if isinstance(report, EpochReport):
            self._last = report.seconds
            return None
        if not self._is_due(report):
            return None
        began, found = self._trainer.seconds, self._validated()
        self._last = self._trainer.seconds
        self._cost = self._last - began
        return found

    def _is_due(self, report: StepReport) -> bool:
        every = self._every
        if every is None:
            return False
        if every.unit == "steps":
            is_due = report.step % every.number == 0
        else:
            is_due = report.seconds - self._last >= max(every.number, _TIMES * self._cost)
        if not is_due or report.step_in_epoch == report.steps_per_epoch:
            return False
        pace = self._trainer.pace
        return not pace.is_over and pace.has_time_for(len(self._text))

    def _validated(self) -> ValidationReport:
        trainer = self._trainer
        with trainer.kept_weights():
            scored = evaluate(trainer.model, self._text, protocol=trainer.config.protocol)
        return ValidationReport(
            trainer.epoch_report(scored.nats_per_token),
            tokens=scored.tokens,
            is_whole=len(self._text) == len(trainer.valid),
        )


def validation_notes(config: RunPlan, tokens: int) -> list[str]:
    """What to say where the validation split has more `tokens` than are scored within an epoch."""
    if config.validate_every is None or tokens <= MOST_TOKENS:
        return []
    return [
        f"validations within an epoch score the first {MOST_TOKENS:,} of {tokens:,} tokens; "
        "those at its end all"
    ]
