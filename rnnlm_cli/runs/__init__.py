"""Training runs: the files that they own, locks, logs, and how they go on after a stop."""

from rnnlm_cli.checkpoint.naming import model_path, state_path
from rnnlm_cli.runs.events import (
    Event,
    RunFinished,
    RunStarted,
    RunStopped,
    Sample,
    SaveFailed,
    ValidationReport,
)
from rnnlm_cli.runs.fine_tuning import requested
from rnnlm_cli.runs.run import begin, resume

__all__ = [
    "Event",
    "RunFinished",
    "RunStarted",
    "RunStopped",
    "Sample",
    "SaveFailed",
    "ValidationReport",
    "begin",
    "model_path",
    "requested",
    "resume",
    "state_path",
]
