"""The header of a checkpoint: its records as JSON can hold them, and back with a check.

A file may hold anything. `parse` makes of it the dataclasses that the program works with, so that
a new field of theirs is saved, read and checked without a word here. In the header an epoch is two
rows: what equal runs share stands in `history`, seconds in `timings`. null stands for a number that
is not finite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from rnnlm_cli.arrays import Floats
from rnnlm_cli.checkpoint.contents import Checkpoint, LineTimings, LogLine, Resume, RunRecord
from rnnlm_cli.checkpoint.envelope import NAME, VERSION
from rnnlm_cli.corpus.encoded_text import TextSizes
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.corpus.vocabulary import EOS
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.model.sizes import ModelSizes
from rnnlm_cli.schema import finite, read
from rnnlm_cli.scoring.figures import Figures
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.settings.train import TrainConfig
from rnnlm_cli.training.reports import TIMED, EpochReport
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
class Header:
    """What the header says: `read` makes one of the JSON, field by field."""

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

    @property
    def is_of_state(self) -> bool:
        """Whether a run can go on from its file."""
        return self.numbers is not None and self.timings.run is not None

    @property
    def corpus_paths(self) -> tuple[str, ...]:
        """Where the text was: see `Resume`."""
        times = self.timings
        return tuple(
            times.corpus_paths or () if times.corpus_path is None else (times.corpus_path,)
        )


# A new setting, which the files of older versions lack, has a default that leaves all as it was.
_MAY_LACK = (Header, _Sizes, TextRecord, TrainConfig, CorpusConfig, RunRecord, _Times)


def pack(checkpoint: Checkpoint) -> dict[str, Any]:
    """What stands in the header, but for the hashes."""
    text, resume = checkpoint.text, checkpoint.resume
    assert text is not None, "a checkpoint without words is not written"
    return {
        "format": NAME,
        "version": VERSION,
        "model": {"vocab_size": checkpoint.vocab_size, **asdict(checkpoint.model)},
        "parameters": len(checkpoint.params),
        "arrays": list(resume.state.arrays) if resume else [],
        "text": asdict(text),
        "run": pack_run(checkpoint.run) if checkpoint.run else None,
        "history": pack_history(checkpoint.history),
        "timings": pack_timings(checkpoint),
        "numbers": _numbers(resume.state) if resume else {},
        "line": asdict(resume.line) if resume else None,
        "libraries": checkpoint.libraries,
    }


def pack_run(run: RunRecord | None) -> dict[str, Any]:
    """The run; without its tests before there are any, and without words that were not given."""
    if run is None:
        return {}
    perplexities = {protocol: finite(value) for protocol, value in run.test_perplexity.items()}
    figures = {protocol: plain(found) for protocol, found in run.tests.items()}
    not_always = {"vocab": run.vocab, "test_perplexity": perplexities, "tests": figures}
    packed = {key: value for key, value in asdict(run).items() if key not in not_always}
    return packed | {name: found for name, found in not_always.items() if found}


def pack_history(history: Sequence[EpochReport]) -> list[dict[str, Any]]:
    """What of each epoch is the same in equal runs; a share only of one that is unfinished."""
    return [
        {key: value for key, value in plain(row).items() if key not in _left_out(row)}
        for row in history
    ]


def _left_out(row: EpochReport) -> set[str]:
    return TIMED | {"share"} if row.part is None else TIMED


def pack_timings(checkpoint: Checkpoint) -> dict[str, Any]:
    """What no two runs share."""
    epochs = [{key: getattr(row, key) for key in sorted(TIMED)} for row in checkpoint.history]
    of_state = _timings(checkpoint.resume) if checkpoint.resume else {}
    seconds = {} if checkpoint.seconds is None else {"seconds": checkpoint.seconds}
    return {"epochs": epochs} | of_state | seconds


def _timings(resume: Resume) -> dict[str, Any]:
    paths = resume.corpus_paths
    timings = {"run": plain(resume.state.timings), "line": asdict(resume.line_timings)}
    if not paths:
        return timings
    return timings | ({"corpus_paths": paths} if len(paths) > 1 else {"corpus_path": paths[0]})


def _numbers(state: TrainerState) -> dict[str, Any]:
    return plain(state.counters) | {"rng": state.generators}


def plain(record: Counters | Timings | EpochReport | Figures) -> dict[str, Any]:
    """The fields of `record` as JSON can hold them."""
    return {key: finite(value) for key, value in asdict(record).items()}


def parse(header: dict[str, Any]) -> Header:
    """The records in a header.

    Raises CheckpointError, ConfigError or VocabularyError: what follows can trust types and ranges.
    """
    bare = header if header.get("numbers") != {} else header | {"numbers": None}
    found: Header = read(Header, bare, "the header", _MAY_LACK)
    _check_text(found)
    _check_chosen(found)
    return found


def unpack(found: Header, arrays: Sequence[Floats]) -> Checkpoint:
    """What a file with this header and these `arrays` holds: the reverse of `pack`.

    Raises CheckpointError where the history and its timings do not go together.
    """
    count, times = found.parameters, found.timings
    return Checkpoint(
        vocab_size=found.model.vocab_size,
        model=_part(ModelConfig, found.model),
        params=list(arrays[:count]),
        text=found.text.in_order(),
        run=found.run and found.run.in_order(),
        history=_read_history(found.history, times.epochs),
        seconds=times.seconds,
        libraries=found.libraries,
        resume=_resume_of(found, dict(zip(found.arrays, arrays[count:], strict=False))),
        is_own=True,
    )


Part = TypeVar("Part")


def _part(kind: type[Part], whole: Part) -> Part:
    """What `whole`, of a class that adds fields to `kind`, has of the fields of `kind`."""
    named: Any = kind  # mypy cannot know that it is a dataclass
    return kind(**{each.name: getattr(whole, each.name) for each in fields(named)})


def _resume_of(found: Header, arrays: dict[str, Floats]) -> Resume | None:
    numbers, timings = found.numbers, found.timings.run
    if numbers is None or timings is None:
        return None
    return Resume(
        state=TrainerState(_part(Counters, numbers), timings, numbers.rng, arrays),
        line=found.line or LogLine(),
        line_timings=found.timings.line or LineTimings(),
        corpus_paths=found.corpus_paths,
    )


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


def _check_text(found: Header) -> None:
    """Raises CheckpointError or VocabularyError for words and counts that no text has."""
    text, run, V = found.text, found.run, found.model.vocab_size
    if len(text.vocabulary) != V:  # which has no word twice
        raise CheckpointError(f"{len(text.words)} words for a vocabulary of {V}")
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


def _check_chosen(found: Header) -> None:
    """Raises CheckpointError where a setting is open that was chosen before there was a model.

    And where what was chosen does not go together.
    """
    model, run, text = found.model, found.run, found.text
    if not ModelSizes(model.vocab_size, model).leaves_words:
        raise CheckpointError(
            "the clusters of the softmax have all words, so nothing is left for the last"
            if model.cluster_edges
            else "the head of the softmax has all words, so nothing is left below it"
        )
    if run is None:
        return
    if text.vocabulary.eos_id is None and run.init_from is None:
        raise CheckpointError(f"{len(text.words)} words of a new model, but none is {EOS}")
    if (run.train.epochs or run.train.steps or run.train.budget) is None:
        raise CheckpointError("a setting is null that a model cannot be trained without")
