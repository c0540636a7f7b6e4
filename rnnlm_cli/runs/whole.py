"""A run to its end in one call, as a Python user asks for it."""

from __future__ import annotations

import sys
from os import PathLike
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.runs.events import Event, RunFinished, RunStarted
from rnnlm_cli.runs.fine_tuning import requested
from rnnlm_cli.runs.run import train
from rnnlm_cli.settings.run import Places
from rnnlm_cli.settings.setting import check_given
from rnnlm_cli.settings.train import read_duration
from rnnlm_cli.training.reports import EpochReport, StepReport

_SHARE = "{l_bar}{bar}| {elapsed}<{remaining}{postfix}"


def run_whole(*, progress: bool | None = None, **settings: Any) -> tuple[RunStarted, RunFinished]:
    """Train as `settings` ask, which are the options of `rnnlm train`, and wait for the end.

    A budget is in seconds, or text as "10m"; paths may be text. `progress` is a bar that shows how
    far the run is; None: where somebody sees it. Raises RnnlmError.
    """
    hidden = not (_is_watched() if progress is None else progress)
    for name in ("init_from", "log", "out", "vocab"):
        if isinstance(settings.get(name), str | PathLike):
            settings[name] = Path(settings[name])
    if isinstance(budget := settings.get("budget"), str):
        try:
            settings["budget"] = read_duration(budget)
        except ValueError as error:
            raise ConfigError(str(error)) from None
    given = {name: value for name, value in settings.items() if value is not None}
    check_given(given, Places)  # before a file is opened
    asked, start = requested(given)
    events = train(asked, start=start)
    ended = begun = next(events)
    with tqdm(total=1.0, bar_format=_SHARE, disable=hidden) as bar:
        for event in events:
            ended = event
            _show(event, bar)
    assert isinstance(begun, RunStarted)
    assert isinstance(ended, RunFinished), "a run that nobody stops ends by itself"
    return begun, ended


def _show(event: Event, bar: Any) -> None:
    """Bring a bar up to date."""
    if isinstance(event, StepReport):
        bar.update(max(0.0, event.progress - bar.n))
    elif isinstance(event, EpochReport):
        bar.set_postfix_str(f"epoch {event.epoch}: valid perplexity {event.valid_perplexity:,.1f}")


def _is_watched() -> bool:
    """Whether somebody sees a bar: in a notebook, whose stderr is no terminal, too."""
    return "ipykernel" in sys.modules or (sys.stderr is not None and sys.stderr.isatty())
