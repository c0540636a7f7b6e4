"""Lines out of what happens in a run: steps are told in means over 20, as in the book's curves."""

from __future__ import annotations

from rnnlm_cli.checkpoint.contents import LineTimings, LogLine
from rnnlm_cli.runs.events import Event, RunFinished, RunStopped, Sample, ValidationReport
from rnnlm_cli.runs.lines import (
    EpochLine,
    FinishedLine,
    Line,
    SampleLine,
    StepsLine,
    StoppedLine,
    TestFigures,
    ValidationLine,
)
from rnnlm_cli.scoring.figures import perplexity
from rnnlm_cli.training.reports import EpochReport, StepReport

_STEPS_A_LINE = 20


class Gathering:
    """Counts steps; `line` and `timings` are of those since the last line of a run."""

    def __init__(self, line: LogLine | None = None, timings: LineTimings | None = None) -> None:
        self.line, self.timings = line or LogLine(), timings or LineTimings()

    def lines_of(self, event: Event) -> list[Line]:
        """What is to be told now that `event` has come."""
        lines: list[Line] = []
        if isinstance(event, StepReport):
            self._count(event)
        full = isinstance(event, StepReport) and event.step_in_epoch % _STEPS_A_LINE == 0
        if self.line.steps and (full or isinstance(event, EpochReport | RunStopped | RunFinished)):
            lines.append(self._means())
            self.line, self.timings = LogLine(), LineTimings()
        line = _line_of(event)
        return lines if line is None else [*lines, line]

    def _count(self, report: StepReport) -> None:
        line, timings = self.line, self.timings
        line.steps += 1
        line.nats += report.nats_per_token
        line.norms += report.gradient_norm
        line.step, line.epoch, line.lr = report.step, report.epoch, report.lr
        timings.seconds_per_word += 1 / report.words_per_second
        timings.seconds = report.seconds

    def _means(self) -> StepsLine:
        line, timings = self.line, self.timings
        return StepsLine(
            step=line.step,
            epoch=line.epoch,
            train_perplexity=perplexity(line.nats / line.steps),
            lr=line.lr,
            gradient_norm=line.norms / line.steps,
            words_per_second=line.steps / max(timings.seconds_per_word, 1e-12),
            seconds=timings.seconds,
        )


def _line_of(event: Event) -> Line | None:
    match event:
        case EpochReport():
            return EpochLine(
                step=event.step,
                epoch=event.epoch,
                train_perplexity=event.train_perplexity,
                valid_perplexity=event.valid_perplexity,
                lr=event.lr,
                gradient_norm=event.gradient_norm,
                is_best=event.is_best,
                words_per_second=event.words_per_second,
                seconds=event.seconds,
                share=event.part,
            )
        case ValidationReport(so_far=so_far):
            return ValidationLine(
                step=so_far.step,
                epoch=so_far.epoch,
                share=so_far.share,
                valid_perplexity=so_far.valid_perplexity,
                tokens=event.tokens,
                is_whole=event.is_whole,
                seconds=so_far.seconds,
            )
        case Sample():
            return SampleLine(step=event.step, epoch=event.epoch, text=event.text)
        case RunFinished(already=False):
            return FinishedLine(
                test_perplexity={test.protocol: test.perplexity for test in event.tests},
                tests={test.protocol: TestFigures(**test.named()) for test in event.tests},
                seconds=event.seconds,
            )
        case RunStopped():
            return StoppedLine(seconds=event.seconds)
        case _:
            return None
