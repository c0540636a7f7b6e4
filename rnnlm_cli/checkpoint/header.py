"""What the header of a checkpoint holds, declared as dataclasses, and the check that it does.

A file may hold anything. `check_header` compares what it holds with the dataclasses that the
program works with, so that a new field of theirs is saved and checked without a word here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rnnlm_cli.corpus.record import TextRecord
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.schema import FloatOrNull, check
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.settings.train import Protocol, TrainConfig
from rnnlm_cli.training.reports import TIMED, EpochReport, LineTimings, LogLine
from rnnlm_cli.training.state import Counters, Timings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sizes(ModelConfig):
    vocab_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    id: str
    preset: str
    train: TrainConfig
    init_from: str | None = None  # the file name of the checkpoint that the run began with
    init_sha256: str | None = None  # of its parameters
    test_perplexity: dict[Protocol, FloatOrNull] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Times:
    epochs: list[dict[str, float]]  # beside `history`: what EpochReport has of seconds
    run: Timings | None = None  # in a `.last.pkl`
    line: LineTimings | None = None  # the same
    corpus_path: str | None = None  # where the text was: in a `.last.pkl`, which is not passed on
    seconds: float | None = None  # of a finished run


@dataclass(slots=True, kw_only=True)
class _Numbers(Counters):
    rng: list[dict[str, Any]]  # NumPy alone knows what a generator's state is


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """What the header holds: `check` compares the JSON with it, field by field."""

    format: str
    version: int
    model: _Sizes
    parameters: int
    arrays: list[str]
    text: TextRecord
    run: _Run
    history: list[dict[str, Any]]  # EpochReport without what `timings` has of it
    timings: _Times
    numbers: _Numbers | None  # or {}, as it is written
    libraries: dict[str, str]
    sha256: dict[str, str]
    line: LogLine | None = None


# A new setting, which the files of older versions lack, has a default that leaves all as it was.
_MAY_LACK = (_Header, _Sizes, TextRecord, TrainConfig, CorpusConfig, _Run, _Times)


def check_header(header: dict[str, Any]) -> None:
    """Raises CheckpointError or ConfigError: what follows can trust types and ranges."""
    bare = header if header.get("numbers") != {} else header | {"numbers": None}
    check(_Header, bare, "the header", _MAY_LACK)
    _check_history(header["history"], header["timings"]["epochs"])
    model = {key: value for key, value in header["model"].items() if key != "vocab_size"}
    sizes, train = ModelConfig(**model), TrainConfig(**header["run"]["train"])
    unit = CorpusConfig(**header["text"]["config"]).unit
    chosen = (
        sizes.dropout,
        sizes.head_size,
        unit,
        train.batch_size,
        train.epochs or train.steps or train.budget,
    )
    if None in chosen:
        raise CheckpointError("a setting is null that a model cannot be trained without")
    if sizes.head_size and sizes.head_size >= header["model"]["vocab_size"]:
        raise CheckpointError("the head of the softmax has all words, so nothing is left below it")


def _check_history(history: list[dict[str, Any]], timings: list[dict[str, float]]) -> None:
    """An epoch's row and its timing, which no two runs share, are together an EpochReport."""
    if len(history) != len(timings):
        raise CheckpointError(f"{len(history)} epochs of history, but timings of {len(timings)}")
    for index, (row, timing) in enumerate(zip(history, timings, strict=True)):
        if timing.keys() != TIMED or row.keys() & TIMED:
            raise CheckpointError(f"the timings of epoch {index + 1} are not those of an epoch")
        check(EpochReport, row | timing, f"the header.history[{index}]")
