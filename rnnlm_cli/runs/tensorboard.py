"""The history of a run as TensorBoard reads it: event files, by the library tensorboardX.

Each line of the run becomes an event at its step. A run that goes on writes a new file, which
begins with a note that what was told of later steps holds no longer; TensorBoard goes by it. So a
curve has no point twice, though the run was killed. Every event is on the disk at once, for one who
looks on.
"""

from __future__ import annotations

import math
import struct
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rnnlm_cli.runs.appended import AppendedFile
from rnnlm_cli.runs.events import SaveFailed
from rnnlm_cli.runs.lines import (
    EpochLine,
    FinishedLine,
    Line,
    SampleLine,
    StepsLine,
    StoppedLine,
    ValidationLine,
    only_figures,
)
from rnnlm_cli.runs.setup import Setup
from rnnlm_cli.runs.tensorboard_folder import OPTION, event_path, tensorboardx
from rnnlm_cli.settings.spelling import spelt

_VERSION = "brain.Event:2"  # of event files, in which such notes are gone by
_ENDED = 2  # of the three summaries of settings: that the run is over
_METRICS = "perplexity/valid", "perplexity/test_stream"  # that TensorBoard compares runs by


class EventFile:
    """An event file in `folder`, of a new run or one that goes on.

    Raises ConfigError if it cannot be written, MissingExtra.
    """

    def __init__(self, folder: Path, run: Setup, *, anew: bool) -> None:
        self._summaries = tensorboardx("summary")
        self._proto = tensorboardx("proto.event_pb2")
        self._checksum = tensorboardx("record_writer").masked_crc32c
        self._step = run.trainer.counters.step
        self._validated = -1  # the last step with a validation of the whole split
        path = event_path(folder, run.record.id, anew=anew)
        self._file = AppendedFile(path, OPTION, anew=anew)
        self._file.add(list(self._beginning(run, anew)))

    def add(self, lines: Sequence[Line]) -> list[SaveFailed]:
        """Write `lines`; those that cannot be written wait for the next epoch."""
        if any(isinstance(line, StoppedLine) for line in lines):
            return []  # the steps before a stop are told again by a run that goes on
        records = [self._event(line) for line in lines]
        if any(isinstance(line, FinishedLine) for line in lines):
            records.append(self._record(summary=self._summaries.hparams({}, {})[_ENDED]))
        return self._file.add(records, patient=only_figures(lines))

    def close(self) -> None:
        """No more lines will come."""
        self._file.close()

    def _beginning(self, run: Setup, anew: bool) -> Iterator[bytes]:
        """What the file is, from which step on it holds, and the settings of the run."""
        start = self._proto.SessionLog(status=self._proto.SessionLog.START)
        yield self._record(file_version=_VERSION)
        yield self._record(step=0 if anew else self._step + 1, session_log=start)
        settings = _settings(run)
        yield self._record(summary=self._summaries.text("settings", _table(settings)))
        for summary in self._summaries.hparams(settings, dict.fromkeys(_METRICS, 0.0))[:_ENDED]:
            yield self._record(summary=summary)

    def _event(self, line: Line) -> bytes:
        self._step = getattr(line, "step", self._step)
        if isinstance(line, SampleLine):
            as_code = "\n".join(f"    {each}" for each in line.text.split("\n"))
            return self._record(summary=self._summaries.text("sample", as_code))
        summary = self._proto.Event().summary
        if isinstance(line, ValidationLine) and line.is_whole:
            self._validated = line.step
        # A budget that ends in a validation has its epoch end at that step, with the same figure.
        again = isinstance(line, EpochLine) and line.step == self._validated
        for tag, value in [] if again else _scalars(line).items():
            summary.MergeFrom(self._summaries.scalar(tag, value))
        return self._record(summary=summary)

    def _record(self, **values: Any) -> bytes:
        """An event at the present step, unless `values` have another, in TFRecord's frame."""
        event = self._proto.Event(**{"wall_time": time.time(), "step": self._step} | values)
        data, length = event.SerializeToString(), struct.pack("<Q", event.ByteSize())
        sums = [struct.pack("<I", self._checksum(each)) for each in (length, data)]
        return b"".join([length, sums[0], data, sums[1]])


def _scalars(line: Line) -> dict[str, float]:
    match line:
        case StepsLine():
            return {
                "loss/train": _nats(line.train_perplexity),
                "perplexity/train": line.train_perplexity,
                "training/learning_rate": line.lr,
                "training/gradient_norm": line.gradient_norm,
                "training/words_per_second": line.words_per_second,
            }
        case EpochLine():
            return _validation("valid", line.valid_perplexity)
        case ValidationLine():
            name = "valid" if line.is_whole else "valid_beginning"
            return _validation(name, line.valid_perplexity)
        case FinishedLine():
            return {f"perplexity/test_{name}": each for name, each in line.test_perplexity.items()}
        case _:
            return {}


def _validation(name: str, perplexity: float) -> dict[str, float]:
    return {f"loss/{name}": _nats(perplexity), f"perplexity/{name}": perplexity}


def _nats(perplexity: float) -> float:
    return math.log(perplexity) if perplexity > 0 else math.nan


def _settings(run: Setup) -> dict[str, str | bool | int | float]:
    """What the run is, by name; what is not given is left out."""
    config = run.config
    found = {
        "run": run.record.id,
        "corpus": run.corpus.name,
        "vocabulary": len(run.corpus.vocabulary),
        "preset": config.preset,
        "parameters": run.model.flat_params.size,
        **asdict(config.text),
        **asdict(config.model),
        **asdict(config.train),
    }
    shown = {k: spelt(v) if isinstance(v, tuple) and v else v for k, v in found.items()}
    return {k: v for k, v in shown.items() if isinstance(v, str | bool | int | float)}


def _table(settings: dict[str, Any]) -> str:
    """As Markdown."""
    return "\n".join(
        ["| setting | value |", "|---|---|", *(f"| {k} | {v} |" for k, v in settings.items())]
    )
