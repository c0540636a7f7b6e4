"""The header of a checkpoint: its records as JSON can hold them, and back with a check.

A file may hold anything. `unpack` makes of it the dataclasses that the program works with, so that
a new field of theirs is saved, read and checked without a word here. In the header an epoch is two
rows: what equal runs share stands in `history`, seconds in `timings`. null stands for a number that
is not finite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from rnnlm_cli.arrays import Floats
from rnnlm_cli.checkpoint.contents import Checkpoint, RunRecord
from rnnlm_cli.checkpoint.envelope import NAME, VERSION
from rnnlm_cli.corpus.encoded_text import TextSizes
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.corpus.vocabulary import EOS, Vocabulary
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.schema import finite, read
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
    """What the header holds: `read` makes one of the JSON, field by field."""

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


def plain(record: Counters | Timings | EpochReport | Figures) -> dict[str, Any]:
    """The fields of `record` as JSON can hold them."""
    return {key: finite(value) for key, value in asdict(record).items()}


def unpack(header: dict[str, Any], arrays: Sequence[Floats]) -> Checkpoint:
    """The reverse of `pack`; `arrays` are all of the file, or none where its header is enough.

    Raises CheckpointError, ConfigError or VocabularyError: what follows can trust types and ranges.
    """
    bare = header if header.get("numbers") != {} else header | {"numbers": None}
    found: _Header = read(_Header, bare, "the header", _MAY_LACK)
    count, times = found.parameters, found.timings
    checkpoint = Checkpoint(
        vocab_size=found.model.vocab_size,
        model=_part(ModelConfig, found.model),
        params=list(arrays[:count]),
        text=found.text.in_order(),
        run=found.run,
        history=_read_history(found.history, times.epochs),
        seconds=times.seconds,
        libraries=found.libraries,
        state=_state_of(found, dict(zip(found.arrays, arrays[count:], strict=False))),
        line=found.line,
        line_timings=times.line,
        corpus_paths=tuple(
            times.corpus_paths or () if times.corpus_path is None else (times.corpus_path,)
        ),
    )
    _check_text(checkpoint)
    _check_chosen(checkpoint)
    return checkpoint


Part = TypeVar("Part")


def _part(kind: type[Part], whole: Part) -> Part:
    """What `whole`, of a class that adds fields to `kind`, has of the fields of `kind`."""
    named: Any = kind  # mypy cannot know that it is a dataclass
    return kind(**{each.name: getattr(whole, each.name) for each in fields(named)})


def _state_of(found: _Header, arrays: dict[str, Floats]) -> TrainerState | None:
    numbers, timings = found.numbers, found.timings.run
    if numbers is None or timings is None:
        return None
    return TrainerState(_part(Counters, numbers), timings, numbers.rng, arrays)


def _read_history(
    history: list[dict[str, Any]], timings: list[dict[str, float]]
) -> list[EpochReport]:
    """An epoch's row and its timing, which no two runs share, are together an EpochReport."""
    if len(history) != len(timings):
        raise CheckpointError(f"{len(history)} epochs of history, but timings of {len(timings)}")
    reports = list[EpochReport]()
    for index, (row, timing) in enumerate(zip(history, timings, strict=True)):
        if timing.keys() != TIMED or row.keys() & TIMED:
            raise CheckpointError(f"the timings of epoch {index + 1} are not those of an epoch")
        where = f"the header.history[{index}]"
        reports.append(read(EpochReport, row | timing, where, (EpochReport,)))
    return reports


def _check_text(checkpoint: Checkpoint) -> None:
    """Raises CheckpointError or VocabularyError for words and counts that no text has."""
    text, run = checkpoint.text, checkpoint.run
    assert text is not None
    if len(text.words) != checkpoint.vocab_size:
        raise CheckpointError(
            f"{len(text.words)} words for a vocabulary of {checkpoint.vocab_size}"
        )
    Vocabulary(text.words)  # raises where two words are the same
    for sizes in [*text.splits.values(), *(run.tests.values() if run else ())]:
        _check_counts(sizes)


def _check_counts(found: TextSizes | Figures) -> None:
    """Without characters they are None."""
    tokens, unknown, characters = found.tokens, found.unknown, found.characters
    if not (0 <= unknown <= tokens and tokens > 0 and (characters is None or characters > 0)):
        raise CheckpointError(
            f"{tokens} tokens, {unknown} of them unknown, of {characters} characters: no text has "
            "such counts"
        )


def _check_chosen(checkpoint: Checkpoint) -> None:
    """Raises CheckpointError where a setting is open that was chosen before there was a model.

    And where what was chosen does not go together.
    """
    model, run, text = checkpoint.model, checkpoint.run, checkpoint.text
    assert text is not None
    if model.edges and model.edges[-1] >= checkpoint.vocab_size:
        raise CheckpointError(
            "the clusters of the softmax have all words, so nothing is left for the last"
            if model.cluster_edges
            else "the head of the softmax has all words, so nothing is left below it"
        )
    if run is None:
        return
    if EOS not in text.words and run.init_from is None:
        raise CheckpointError(f"{len(text.words)} words of a new model, but none is {EOS}")
    if (run.train.epochs or run.train.steps or run.train.budget) is None:
        raise CheckpointError("a setting is null that a model cannot be trained without")
