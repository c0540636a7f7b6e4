"""The training history as JSON lines: one object a line, written as the run goes.

    {"event": "steps", "run": "0f3a…", "step": 40, "epoch": 1, "train_perplexity": …, …}
    {"event": "epoch", …, "train_perplexity": …, "valid_perplexity": …, …}
    {"event": "finished", …, "test_perplexity": {"stream": …}, …}

Steps are reported in means over 20, as in the book's learning curves.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.evaluation import perplexity
from rnnlm_cli.reports import EpochReport, StepReport
from rnnlm_cli.runs.events import Event, RunFinished, RunStarted, RunStopped

_STEPS_A_LINE = 20


def finite(value: Any) -> Any:
    """JSON has no nan and no infinity: None stands for both."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def logged(
    events: Iterator[Event], path: Path | None, run_id: str, *, anew: bool
) -> Iterator[Event]:
    """The same events; each line goes to `path`, if there is one, before its event is passed on.

    A file of that name is replaced if `anew`, else added to. Raises ConfigError if it cannot be
    written.
    """
    if path is None:
        yield from events
        return
    steps: list[StepReport] = []
    with _writing(path):
        file = path.open("w" if anew else "a", encoding="utf-8")
    with file:
        for event in events:
            if isinstance(event, StepReport):
                steps.append(event)
            if len(steps) == _STEPS_A_LINE or (steps and not isinstance(event, StepReport)):
                _write(file, run_id, "steps", _mean(steps))
                steps = []
            if line := _line(event):
                _write(file, run_id, *line)
            yield event


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"{quoted(path)} cannot be written ({error.strerror}): choose another --log"
        ) from None


def check_log(path: Path | None) -> None:
    """Find out whether the log can be written, before anything is changed. Raises ConfigError."""
    if path is not None:
        with _writing(path):
            path.open("a").close()


def _write(file: Any, run_id: str, kind: str, values: dict[str, Any]) -> None:
    values = {key: finite(value) for key, value in values.items()}
    with _writing(Path(file.name)):
        file.write(json.dumps({"event": kind, "run": run_id, **values}, allow_nan=False) + "\n")
        file.flush()


def _mean(steps: list[StepReport]) -> dict[str, Any]:
    count, last = len(steps), steps[-1]
    return {
        "step": last.step,
        "epoch": last.epoch,
        "train_perplexity": perplexity(sum(s.nats_per_token for s in steps) / count),
        "lr": last.lr,
        "gradient_norm": sum(s.gradient_norm for s in steps) / count,
        "words_per_second": count / sum(1 / s.words_per_second for s in steps),
        "seconds": last.seconds,
    }


def _line(event: Event) -> tuple[str, dict[str, Any]] | None:
    match event:
        case EpochReport():
            return "epoch", {
                "step": event.step,
                "epoch": event.epoch,
                "train_perplexity": event.train_perplexity,
                "valid_perplexity": event.valid_perplexity,
                "lr": event.lr,
                "gradient_norm": event.gradient_norm,
                "is_best": event.is_best,
                "words_per_second": event.words_per_second,
                "seconds": event.seconds,
            }
        case RunFinished():
            tests = {test.protocol: finite(test.perplexity) for test in event.tests}
            return "finished", {"test_perplexity": tests, "seconds": event.seconds}
        case RunStopped():
            return "stopped", {"seconds": event.seconds}
        case StepReport() | RunStarted():
            return None
