"""What of a run's files must be the same in two runs: all but the timings."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.runs import state_path

_TIMINGS = ("seconds", "words_per_second")


def content(path: Path) -> list[bytes]:
    """All of a checkpoint but its timings."""
    loaded = load_checkpoint(path)
    arrays = [a.tobytes() for a in (*loaded.params, *loaded.arrays.values())]
    plain = replace(loaded, params=[], arrays={}, timings={})
    return [*arrays, repr(plain).encode()]


def log_rows(path: Path) -> list[dict[str, Any]]:
    """All lines."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return [{k: v for k, v in row.items() if k not in _TIMINGS} for row in rows]


def outcome(out: Path) -> object:
    """The model, the state and the log `NAME.jsonl` of a run."""
    return content(out), content(state_path(out)), log_rows(out.with_suffix(".jsonl"))
