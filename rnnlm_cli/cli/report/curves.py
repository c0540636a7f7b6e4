"""How a model was trained: its perplexities, by its history and by the log beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.cli.report.record import Curves
from rnnlm_cli.runs.log import logged_rows
from rnnlm_cli.schema import finite

_MOST = 400  # points of a line


def curves_of(checkpoint: Checkpoint, path: Path | None) -> Curves:
    """Perplexity by step: after every epoch and, if the run's log lies beside `path`, between."""
    history = checkpoint.history
    lines = {
        "train": [(row.step, finite(row.train_perplexity)) for row in history],
        "valid": [(row.step, finite(row.valid_perplexity)) for row in history],
    }
    run, logged = checkpoint.run, list[dict[str, Any]]()
    if path is not None and run is not None:
        logged = logged_rows(path.with_suffix(".jsonl"), run.id)
    if steps := list(_points(logged, "steps", "train_perplexity")):
        apart = -(-len(steps) // _MOST)
        lines["train"] = steps[::apart]
    # Of the beginning of a long split it would be another curve.
    whole = [row for row in logged if row.get("is_whole") is True]
    within = dict(_points(whole, "validation", "valid_perplexity"))
    lines["valid"] = sorted((within | dict(lines["valid"])).items())
    return Curves(
        lines={name: points for name, points in lines.items() if points},
        steps_per_epoch=history[0].step if history and history[0].part is None else None,
    )


def _points(
    rows: Sequence[dict[str, Any]], event: str, field: str
) -> Iterator[tuple[int, float | None]]:
    for row in rows:
        step, value = row.get("step"), row.get(field)
        if row.get("event") == event and isinstance(step, int) and isinstance(value, int | float):
            yield step, finite(value)
