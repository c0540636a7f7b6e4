"""What of a run's files must be the same in two runs: all but the timings."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.contents import RunRecord
from rnnlm_cli.checkpoint.header import pack
from rnnlm_cli.runs import state_path
from rnnlm_cli.training.reports import TIMED
from rnnlm_cli.training.state import Counters


def content(path: Path) -> dict[str, object]:
    """All of a checkpoint but its timings: the bytes of its arrays, the header as it is spelt."""
    header = pack(replace(load_checkpoint(path), params=[])) | {"timings": {}}
    return arrays_of(path) | {name: repr(value) for name, value in header.items()}  # 1 is not 1.0


def arrays_of(path: Path) -> dict[str, object]:
    """The bytes of all arrays of a checkpoint."""
    loaded = load_checkpoint(path)
    state = loaded.resume.state.arrays if loaded.resume else {}
    arrays = {f"{k}": array for k, array in enumerate(loaded.params)} | state
    return {f"array {name}": array.tobytes() for name, array in arrays.items()}


def record_of(path: Path) -> RunRecord:
    """What a checkpoint says of its run."""
    run = load_checkpoint(path).run
    assert run is not None
    return run


def counters_of(path: Path) -> Counters:
    """How far the run had come whose state is at `path`."""
    resume = load_checkpoint(path).resume
    assert resume is not None
    return resume.state.counters


def log_rows(path: Path) -> list[dict[str, Any]]:
    """All lines."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return [{k: v for k, v in row.items() if k not in TIMED} for row in rows]


def outcome(out: Path) -> object:
    """The model, the state and the log `NAME.jsonl` of a run."""
    return content(out), content(state_path(out)), log_rows(out.with_suffix(".jsonl"))
