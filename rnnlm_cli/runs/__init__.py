"""A training run from a text to a checkpoint: what the CLI and a Python user both call.

for event in train(RunRequest.of("book", corpus="ptb")):
    ...  # RunStarted, then StepReport and EpochReport as they come, then RunFinished
"""

from rnnlm_cli.checkpoint.naming import model_path, state_path
from rnnlm_cli.runs.events import Event, RunFinished, RunStarted, RunStopped, SaveFailed
from rnnlm_cli.runs.fine_tuning import fine_tuned
from rnnlm_cli.runs.run import resume, train

__all__ = [
    "Event",
    "RunFinished",
    "RunStarted",
    "RunStopped",
    "SaveFailed",
    "fine_tuned",
    "model_path",
    "resume",
    "state_path",
    "train",
]
