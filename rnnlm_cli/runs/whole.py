"""A run to its end in one call, as a Python user asks for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.runs.events import RunFinished, RunStarted
from rnnlm_cli.runs.fine_tuning import requested
from rnnlm_cli.runs.run import train
from rnnlm_cli.settings.train import read_duration


def run_whole(**settings: Any) -> tuple[RunStarted, RunFinished]:
    """Train as `settings` ask, which are the options of `rnnlm train`, and wait for the end.

    A budget is in seconds, or text as "10m"; paths may be text. Raises RnnlmError.
    """
    for name in ("init_from", "log", "out", "vocab"):
        if settings.get(name) is not None:
            settings[name] = Path(settings[name])
    if isinstance(budget := settings.get("budget"), str):
        try:
            settings["budget"] = read_duration(budget)
        except ValueError as error:
            raise ConfigError(str(error)) from None
    asked, start = requested(settings)
    events = train(asked, start=start)
    ended = begun = next(events)
    for event in events:
        ended = event
    assert isinstance(begun, RunStarted)
    assert isinstance(ended, RunFinished), "a run that nobody stops ends by itself"
    return begun, ended
