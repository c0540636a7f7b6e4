"""What a finished run leaves on stdout: its figures, and what to try next."""

from __future__ import annotations

import math
import shlex
from pathlib import Path
from typing import Any

from rnnlm_cli.checkpoint.checkpoint import Checkpoint
from rnnlm_cli.cli.showing import render
from rnnlm_cli.memory import peak_megabytes
from rnnlm_cli.runs import RunFinished, model_path
from rnnlm_cli.scoring.evaluation import perplexity
from rnnlm_cli.settings.run import DEFAULT_CHECKPOINT

_STARTS = ("you", "the", "The", "It", "吾輩")  # words to try, the first that the model knows


def show_summary(event: RunFinished) -> None:
    """The table at the end of `rnnlm train`."""
    path = event.path
    words = event.checkpoint.text.words if event.checkpoint.text else ()
    start = next((f' --start "{word}"' for word in _STARTS if word in words), "")
    render.show_pairs(
        [
            *_tests(event),
            ("validation perplexity", _validation(event.checkpoint)),
            ("time", render.duration(event.seconds)),
            *_memory(),
            ("checkpoint", path),
            (
                "try",
                f"rnnlm generate{'' if path == DEFAULT_CHECKPOINT else f' {_shell(path)}'}{start}",
            ),
            ("", f"rnnlm eval {_shell(path)}"),
        ]
    )


def _memory() -> list[tuple[str, object]]:
    peak = peak_megabytes()
    return [] if peak is None else [("memory", f"at most {peak:,.0f} MB")]


def _validation(kept: Checkpoint) -> str:
    """The figure of the epoch whose weights were kept: the best, or the last."""
    rows = kept.history
    kept_rows = rows if kept.run["train"]["keep"] == "last" else [r for r in rows if r["is_best"]]
    if not kept_rows:  # not written by a run
        return "—"
    row = kept_rows[-1]
    value = math.nan if row["valid_nats"] is None else perplexity(row["valid_nats"])
    return f"{render.number(value)} (epoch {row['epoch']} of {len(rows)})"


def _tests(event: RunFinished) -> list[tuple[str, object]]:
    """A line a protocol; the standard error is known only to the run that scored."""
    results = event.checkpoint.run.get("test_perplexity", {})
    errors = {test.protocol: f" ± {render.number(test.standard_error)}" for test in event.tests}
    return [
        (
            f"test perplexity ({protocol})",
            f"{render.number(math.inf if value is None else value)}{errors.get(protocol, '')}",
        )
        for protocol, value in results.items()
    ]


def summary_dict(event: RunFinished) -> dict[str, Any]:
    """What `train --json` prints."""
    return {
        "checkpoint": str(event.path),
        "run": event.checkpoint.run,
        "history": event.checkpoint.history,
        "timings": event.checkpoint.timings,
        "test_perplexity": event.checkpoint.run.get("test_perplexity", {}),
        "seconds": event.seconds,
        "peak_megabytes": peak_megabytes(),
    }


def _shell(path: Path) -> str:
    """`path` as a shell takes it."""
    return shlex.quote(str(path))


def resume_command(state: Path) -> str:
    """The command that goes on from the file `NAME.last.pkl`."""
    out = model_path(state)
    return "rnnlm train --resume" + ("" if out == DEFAULT_CHECKPOINT else f" --out {_shell(out)}")
