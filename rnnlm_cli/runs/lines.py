"""What a run tells as it goes, as records: a line of its log each, and points of its curves.

Each field has its meaning beside it. The schema of the log (`log.schema.json`) and the tables of
docs/logs.md are made of them: `scripts/log_fields --write`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from rnnlm_cli.schema import FloatOrInf, FloatOrNan
from rnnlm_cli.settings.train import Protocol

Step = Annotated[int, "the step of the run after which it is told, from 1"]
Epoch = Annotated[int, "the epoch, from 1"]
Seconds = Annotated[float, "since the run began, those before a resume included"]
Valid = Annotated[FloatOrInf, "exp(mean surprisal in nats) of the validation split"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepsLine:
    """The mean of up to 20 steps: after every 20 of an epoch, and at its end or a stop."""

    event: ClassVar[str] = "steps"
    step: Annotated[int, "the last of them, from 1"]
    epoch: Epoch
    train_perplexity: Annotated[FloatOrInf, "exp(mean of their losses in nats), dropout on"]
    lr: Annotated[float, "learning rate of the last of them"]
    gradient_norm: Annotated[FloatOrInf, "mean norm of all gradients together, before clipping"]
    words_per_second: Annotated[float, "tokens a second of training, validations not counted"]
    seconds: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochLine:
    """The end of an epoch, or of the part of it that a run made."""

    event: ClassVar[str] = "epoch"
    step: Step
    epoch: Epoch
    train_perplexity: Annotated[FloatOrInf, "exp(mean loss of the epoch in nats), dropout on"]
    valid_perplexity: Valid
    lr: Annotated[float, "learning rate of its last step"]
    gradient_norm: Annotated[FloatOrInf, "mean of its steps, before clipping"]
    is_best: Annotated[bool, "whether no epoch before it had a lower valid_perplexity"]
    words_per_second: Annotated[float, "tokens a second of training, validations not counted"]
    seconds: Seconds
    share: Annotated[float | None, "of its steps that were made; left out where all were"] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationLine:
    """A validation within an epoch, with --validate-every: it changes nothing of the run."""

    event: ClassVar[str] = "validation"
    step: Step
    epoch: Epoch
    share: Annotated[float, "of the epoch's steps that were made"]
    valid_perplexity: Annotated[
        FloatOrInf, "exp(mean surprisal in nats) of the first `tokens` of the validation split"
    ]
    tokens: Annotated[int, "how many were scored"]
    is_whole: Annotated[bool, "whether those are all of it, as at the end of an epoch"]
    seconds: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLine:
    """A text that the model wrote after an epoch, with --sample-every."""

    event: ClassVar[str] = "sample"
    step: Step
    epoch: Epoch
    text: Annotated[str, "20 words, or 80 characters"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedLine:
    """The run was asked to stop and saved its state; a run that goes on takes the line out."""

    event: ClassVar[str] = "stopped"
    seconds: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class TestFigures:
    """The test split under the model that was kept: what `rnnlm eval --json` prints of a text."""

    __test__: ClassVar[bool] = False  # no test, whatever pytest takes it for
    eos: Annotated[bool, "whether line ends were counted"]
    tokens: Annotated[int, "how many were counted"]
    unknown: Annotated[int, "of them: those that are <unk>"]
    unknown_share: Annotated[float, "unknown / tokens"]
    characters: Annotated[int | None, "of the text as it was given; null where not known"]
    characters_per_token: Annotated[float | None, "characters / tokens"]
    nats_per_token: Annotated[FloatOrInf, "mean surprisal, natural logarithm"]
    bits_per_token: Annotated[FloatOrInf, "the same, logarithm to base 2"]
    bits_per_character: Annotated[FloatOrInf | None, "their sum / characters"]
    perplexity: Annotated[FloatOrInf, "exp(nats_per_token)"]
    standard_error: Annotated[FloatOrNan, "of the perplexity"]
    perplexity_known: Annotated[FloatOrNan, "over the tokens that are not <unk>"]
    perplexity_without_eos: Annotated[FloatOrNan, "over the tokens that are no line ends"]
    bits_per_character_is_lower_bound: Annotated[bool, "whether unknown words cost too little"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedLine:
    """The end of the run: the test split, scored once with the model that was kept."""

    event: ClassVar[str] = "finished"
    test_perplexity: Annotated[dict[Protocol, FloatOrInf], "perplexity by protocol"]
    tests: Annotated[dict[Protocol, TestFigures], "all figures by protocol: see below"]
    seconds: Seconds


Line = StepsLine | EpochLine | ValidationLine | SampleLine | StoppedLine | FinishedLine


def only_figures(lines: Sequence[Line]) -> bool:
    """Whether they come within an epoch, as many more will: a sink that failed may wait."""
    return all(isinstance(line, StepsLine | ValidationLine) for line in lines)
