"""The header of a checkpoint: its records as JSON can hold them, and back with a check.

A file may hold anything. `unpack` compares what it holds with the dataclasses that the program
works with, so that a new field of theirs is saved and checked without a word here. In the header an
epoch is two rows: what equal runs share stands in `history`, seconds in `timings`. null stands for
a number that is not finite.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from rnnlm_cli.arrays import Floats
from rnnlm_cli.checkpoint.contents import Checkpoint, RunRecord
from rnnlm_cli.checkpoint.envelope import NAME, VERSION
from rnnlm_cli.corpus.encoded_text import TextSizes
from rnnlm_cli.corpus.record import TextRecord
from rnnlm_cli.corpus.splitting import SPLITS
from rnnlm_cli.corpus.vocabulary import EOS, Cut, Vocabulary
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.schema import check, finite
from rnnlm_cli.scoring.figures import Figures
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.settings.train import TrainConfig
from rnnlm_cli.training.reports import TIMED, EpochReport, LineTimings, LogLine
from rnnlm_cli.training.state import Counters, Timings, TrainerState


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sizes(ModelConfig):
    vocab_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Times:
    epochs: list[dict[str, float]]  # beside `history`: what EpochReport has of seconds
    run: Timings | None = None
    line: LineTimings | None = None
    corpus_path: str | None = None  # where the text was; or, if it was in several files:
    corpus_paths: list[str] | None = None
    seconds: float | None = None


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
    run: RunRecord | None  # None: a model of a reader of the book, with words
    history: list[dict[str, Any]]  # EpochReport without what `timings` has of it
    timings: _Times
    numbers: _Numbers | None  # or {}, as it is written
    libraries: dict[str, str]
    sha256: dict[str, str]
    line: LogLine | None = None


# A new setting, which the files of older versions lack, has a default that leaves all as it was.
_MAY_LACK = (_Header, _Sizes, TextRecord, TrainConfig, CorpusConfig, RunRecord, _Times)


def pack(checkpoint: Checkpoint) -> dict[str, Any]:
    """What stands in the header, but for the hashes."""
    text, state = checkpoint.text, checkpoint.state
    assert text is not None, "a checkpoint without words is not written"
    return {
        "format": NAME,
        "version": VERSION,
        "model": {"vocab_size": checkpoint.vocab_size, **asdict(checkpoint.model)},
        "parameters": len(checkpoint.params),
        "arrays": list(state.arrays) if state else [],
        "text": asdict(text),
        "run": pack_run(checkpoint.run) if checkpoint.run else None,
        "history": pack_history(checkpoint.history),
        "timings": pack_timings(checkpoint),
        "numbers": plain(state.counters) | {"rng": state.generators} if state else {},
        "line": asdict(checkpoint.line) if checkpoint.line else None,
        "libraries": checkpoint.libraries,
    }


def pack_run(run: RunRecord | None) -> dict[str, Any]:
    """The run; without its tests before there are any."""
    if run is None:
        return {}
    perplexities = {protocol: finite(value) for protocol, value in run.test_perplexity.items()}
    figures = {protocol: plain(found) for protocol, found in run.tests.items()}
    tests = {"test_perplexity": perplexities, "tests": figures}
    packed = {key: value for key, value in asdict(run).items() if key not in tests}
    return packed | {name: found for name, found in tests.items() if found}


def pack_history(history: Sequence[EpochReport]) -> list[dict[str, Any]]:
    """What of each epoch is the same in equal runs; a share only of one that is unfinished."""
    rows = map(plain, history)
    return [{key: row[key] for key in row if key not in _left_out(row)} for row in rows]


def _left_out(row: dict[str, Any]) -> set[str]:
    return TIMED if row["share"] < 1 else TIMED | {"share"}


def pack_timings(checkpoint: Checkpoint) -> dict[str, Any]:
    """What no two runs share."""
    epochs = [{key: getattr(row, key) for key in sorted(TIMED)} for row in checkpoint.history]
    others = {
        "run": plain(checkpoint.state.timings) if checkpoint.state else None,
        "line": asdict(checkpoint.line_timings) if checkpoint.line_timings else None,
        "corpus_path": checkpoint.corpus_paths[0] if len(checkpoint.corpus_paths) == 1 else None,
        "corpus_paths": checkpoint.corpus_paths if len(checkpoint.corpus_paths) > 1 else None,
        "seconds": checkpoint.seconds,
    }
    return {"epochs": epochs} | {key: it for key, it in others.items() if it is not None}


Record = TypeVar("Record", Counters, Timings)


def plain(record: Counters | Timings | EpochReport | Figures) -> dict[str, Any]:
    """The fields of `record` as JSON can hold them."""
    return {key: finite(value) for key, value in asdict(record).items()}


def unpack(header: dict[str, Any], arrays: Sequence[Floats]) -> Checkpoint:
    """The reverse of `pack`; `arrays` are all of the file, or none where its header is enough.

    Raises CheckpointError, ConfigError or VocabularyError: what follows can trust types and ranges.
    """
    _check(header)
    count, names = header["parameters"], header["arrays"]
    model, timings = dict(header["model"]), header["timings"]
    vocab_size = model.pop("vocab_size")
    line, line_timings = header.get("line"), timings.get("line")
    checkpoint = Checkpoint(
        vocab_size=vocab_size,
        model=ModelConfig(**model),
        params=list(arrays[:count]),
        text=_unpack_text(header["text"], vocab_size),
        run=_unpack_run(header["run"]) if header["run"] else None,
        history=_unpack_history(header["history"], timings["epochs"]),
        seconds=timings.get("seconds"),
        libraries=header["libraries"],
        state=_unpack_state(header, dict(zip(names, arrays[count:], strict=False))),
        line=LogLine(**line) if line else None,
        line_timings=LineTimings(**line_timings) if line_timings else None,
        corpus_paths=_unpack_paths(timings),
    )
    _check_chosen(checkpoint)
    return checkpoint


def _check(header: dict[str, Any]) -> None:
    bare = header if header.get("numbers") != {} else header | {"numbers": None}
    check(_Header, bare, "the header", _MAY_LACK)
    _check_history(header["history"], header["timings"]["epochs"])


def _check_history(history: list[dict[str, Any]], timings: list[dict[str, float]]) -> None:
    """An epoch's row and its timing, which no two runs share, are together an EpochReport."""
    if len(history) != len(timings):
        raise CheckpointError(f"{len(history)} epochs of history, but timings of {len(timings)}")
    for index, (row, timing) in enumerate(zip(history, timings, strict=True)):
        if timing.keys() != TIMED or row.keys() & TIMED:
            raise CheckpointError(f"the timings of epoch {index + 1} are not those of an epoch")
        check(EpochReport, row | timing, f"the header.history[{index}]", (EpochReport,))


def _check_chosen(checkpoint: Checkpoint) -> None:
    """Raises CheckpointError where a setting is open that was chosen before there was a model.

    And where what was chosen does not go together.
    """
    model, run, text = checkpoint.model, checkpoint.run, checkpoint.text
    assert text is not None
    if model.head_size and model.head_size >= checkpoint.vocab_size:
        raise CheckpointError("the head of the softmax has all words, so nothing is left below it")
    if run is None:
        return
    if EOS not in text.words and run.init_from is None:
        raise CheckpointError(f"{len(text.words)} words of a new model, but none is {EOS}")
    if (run.train.epochs or run.train.steps or run.train.budget) is None:
        raise CheckpointError("a setting is null that a model cannot be trained without")


def _unpack_text(found: dict[str, Any], vocab_size: int) -> TextRecord:
    words = tuple(found["words"])
    if len(words) != vocab_size:
        raise CheckpointError(f"{len(words)} words for a vocabulary of {vocab_size}")
    Vocabulary(words)  # raises where two words are the same
    sizes = found.get("splits", {})  # in the order of their names
    splits = {split: _unpack_sizes(sizes[split]) for split in SPLITS if split in sizes}
    cut, config = found.get("cut"), CorpusConfig(**found["config"])
    records = {"config": config, "splits": splits, "cut": Cut(**cut) if cut else None}
    others = {"words": words, "files": tuple(found.get("files", ()))}
    return TextRecord(**found | others | records)


def _unpack_paths(timings: dict[str, Any]) -> tuple[str, ...]:
    one = timings.get("corpus_path")
    return tuple(timings.get("corpus_paths") or ()) if one is None else (one,)


def _unpack_run(found: dict[str, Any]) -> RunRecord:
    tests = found.get("test_perplexity", {})
    tests = {name: math.inf if value is None else value for name, value in tests.items()}
    figures = {name: _unpack_figures(test) for name, test in found.get("tests", {}).items()}
    train = TrainConfig(**found["train"])
    return RunRecord(**found | {"train": train, "test_perplexity": tests, "tests": figures})


def _unpack_figures(found: dict[str, Any]) -> Figures:
    """null stands for an infinite mean, and for all else that is not known."""
    _check_counts(found)
    not_known: dict[str, Any] = {name: math.nan for name, value in found.items() if value is None}
    not_known |= {"nats_per_token": math.inf, "characters": None}
    return Figures(**not_known | _known(found))


def _unpack_sizes(found: dict[str, int]) -> TextSizes:
    _check_counts(found)
    return TextSizes(**found)


def _check_counts(found: dict[str, Any]) -> None:
    """Raises CheckpointError for counts that no text has; without characters they are null."""
    tokens, unknown, characters = (found[name] for name in ("tokens", "unknown", "characters"))
    if not (0 <= unknown <= tokens and tokens > 0 and (characters is None or characters > 0)):
        raise CheckpointError(
            f"{tokens} tokens, {unknown} of them unknown, of {characters} characters: no text has "
            "such counts"
        )


def _unpack_history(
    history: list[dict[str, Any]], timings: list[dict[str, float]]
) -> list[EpochReport]:
    rows = [row | timing for row, timing in zip(history, timings, strict=True)]
    not_finite: dict[str, Any] = {"train_nats": math.nan, "valid_nats": math.nan}
    return [EpochReport(**not_finite | _known(row)) for row in rows]


def _unpack_state(header: dict[str, Any], arrays: dict[str, Floats]) -> TrainerState | None:
    numbers, timings = dict(header["numbers"] or {}), header["timings"].get("run")
    if not numbers or timings is None:
        return None
    generators = numbers.pop("rng")
    counters, measured = unplain(Counters, numbers), unplain(Timings, timings)
    return TrainerState(counters, measured, generators, arrays)


def unplain(kind: type[Record], values: dict[str, Any]) -> Record:
    """The reverse of `plain`: null stands for the default, which is then not finite."""
    return kind(**_known(values))


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
