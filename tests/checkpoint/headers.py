"""Headers of checkpoints, changed by a stranger who knows how to make the hash right again."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rnnlm_cli.arrays import Floats
from rnnlm_cli.checkpoint import envelope
from rnnlm_cli.checkpoint.contents import RunRecord
from rnnlm_cli.checkpoint.rnnlm_files import array_hash
from rnnlm_cli.pickling import dump_arrays, read_arrays
from rnnlm_cli.settings.train import TrainConfig
from rnnlm_cli.training.reports import EpochReport

RUN = RunRecord(id="x", preset="book", train=TrainConfig(batch_size=2, epochs=3))
EPOCH = EpochReport(
    epoch=1,
    step=3,
    train_nats=2.5,
    valid_nats=math.nan,
    lr=20.0,
    gradient_norm=1.5,
    is_best=True,
    words_per_second=7.5,
    seconds=2,
)


def header_of(path: Path) -> dict[str, Any]:
    header = json.loads(read_arrays(path)[-1].tobytes())
    assert isinstance(header, dict)
    return header


def seal(arrays: list[Floats], header: dict[str, Any]) -> bytes:
    """A checkpoint of `arrays` and `header`, whatever they are, with hashes that are right."""
    header["sha256"] = {"arrays": array_hash(arrays), "header": envelope._hash(header)}
    return dump_arrays([*arrays, np.frombuffer(envelope._encode(header), np.uint8)])


def reseal(path: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Change the header of the checkpoint at `path` in place."""
    header = header_of(path)
    edit(header)
    path.write_bytes(seal(read_arrays(path)[:-1], header))


def put(where: str, value: object) -> Callable[[dict[str, Any]], object]:
    """An edit: `value` at the place `where`, written as "run.train.lr" or "history.0"."""

    def edit(header: dict[str, Any]) -> None:
        *path, last = (int(key) if key.isdigit() else key for key in where.split("."))
        item: Any = header
        for key in path:
            item = item[key]
        item[last] = value

    return edit


def leave_out(where: str) -> Callable[[dict[str, Any]], object]:
    """An edit: nothing at the place `where`."""

    def edit(header: dict[str, Any]) -> None:
        *path, last = where.split(".")
        item: Any = header
        for key in path:
            item = item[int(key) if key.isdigit() else key]
        del item[last]

    return edit
