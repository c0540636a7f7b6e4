"""What happens in a run, as values that `begin` and `resume` yield."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.corpus.loading import Corpus
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.evaluation import Evaluation
from rnnlm_cli.settings.run import RunPlan
from rnnlm_cli.training.pace import Limit
from rnnlm_cli.training.reports import EpochReport, StepReport


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run is set up: what it will do."""

    config: RunPlan
    corpus: Corpus
    model: LanguageModel
    run_id: str
    history: list[EpochReport]  # of the epochs before a resume
    notes: list[str]  # what was chosen for the user, moved out of the way, or not as expected
    seconds: float = 0.0  # of the run, before a resume


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """A validation within an epoch, which changes nothing of the run."""

    so_far: EpochReport  # what was made of the epoch; `valid_nats` are of these tokens
    tokens: int  # of the validation split that were scored
    is_whole: bool  # whether those are all of it, as at the end of an epoch; else its beginning


@dataclass(frozen=True, slots=True)
class Sample:
    """A short text that the model wrote after an epoch."""

    step: int
    epoch: int
    text: str


@dataclass(frozen=True, slots=True)
class SaveFailed:
    """A file could not be written; the run goes on, and tries again at the next turn."""

    message: str  # which file, what the system said, what to do


@dataclass(frozen=True, slots=True)
class RunStopped:
    """The run was asked to stop; its state is saved."""

    state: Path
    seconds: float
    unfinished: EpochReport | None  # what was made of an epoch, not validated


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run is over; `checkpoint` at `path` holds the model that was kept."""

    path: Path
    checkpoint: Checkpoint
    tests: list[Evaluation]  # of the test split; empty if `already`
    seconds: float  # of training, validation and saving
    already: bool = False  # it had been over before this call
    used_up: tuple[Limit, ...] = ()  # then: the settings of which it would need more to go on


Event = (
    RunStarted
    | StepReport
    | EpochReport
    | ValidationReport
    | Sample
    | SaveFailed
    | RunStopped
    | RunFinished
)
