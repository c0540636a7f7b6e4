"""What a checkpoint holds, as records: what its file says has been checked before they are made."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import get_args

from rnnlm_cli.arrays import Floats
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.machine import need
from rnnlm_cli.model.footprint import parameter_bytes
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.model.sizes import ModelSizes
from rnnlm_cli.schema import FloatOrInf
from rnnlm_cli.scoring.figures import Figures
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.train import Protocol, TrainConfig
from rnnlm_cli.training.reports import EpochReport
from rnnlm_cli.training.state import TrainerState


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """The run that a model comes from."""

    id: str
    preset: str
    train: TrainConfig
    init_from: str | None = None  # the file name of the checkpoint that the run began with
    init_sha256: str | None = None  # of its parameters
    vocab: str | None = None  # the file name of the words that were given to it
    test_perplexity: dict[Protocol, FloatOrInf] = field(default_factory=dict)  # once it is over
    tests: dict[Protocol, Figures] = field(default_factory=dict)  # empty in earlier versions

    def in_order(self) -> RunRecord:
        """The same with its tests in their order, which JSON with sorted keys does not keep."""
        found, tests, order = self.test_perplexity, self.tests, get_args(Protocol)
        return replace(
            self,
            test_perplexity={each: found[each] for each in order if each in found},
            tests={each: tests[each] for each in order if each in tests},
        )


@dataclass(slots=True)
class LogLine:
    """The steps since the last line of the log: what the next one will tell."""

    steps: int = 0
    nats: float = 0.0  # summed over them
    norms: float = 0.0  # the same
    step: int = 0  # the last of them
    epoch: int = 1
    lr: float = 0.0


@dataclass(slots=True)
class LineTimings:
    """What no two runs share of a LogLine."""

    seconds_per_word: float = 0.0  # summed over its steps
    seconds: float = 0.0  # since the run began


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """What a run needs to go on; files of earlier versions have no line."""

    state: TrainerState
    line: LogLine = field(default_factory=LogLine)  # of the log
    line_timings: LineTimings = field(default_factory=LineTimings)  # the same
    corpus_paths: tuple[str, ...] = ()  # where the text was: a model, which is passed on, has none


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a checkpoint file holds. `text` and all below it are empty in a book's file."""

    vocab_size: int
    model: ModelConfig
    params: list[Floats]  # in the book's order
    text: TextRecord | None = None
    run: RunRecord | None = None
    history: list[EpochReport] = field(default_factory=list)
    seconds: float | None = None  # of a finished run
    libraries: dict[str, str] = field(default_factory=dict)  # what computed it
    resume: Resume | None = None  # in a `.last.pkl`
    is_own: bool = field(default=False, compare=False)  # its file is of this program's own kind

    @property
    def sizes(self) -> ModelSizes:
        """Those of the model."""
        return ModelSizes(self.vocab_size, self.model)

    @property
    def best_nats(self) -> float | None:
        """The validation of its best epoch, if there is one."""
        best = [row.valid_nats for row in self.history if row.is_best]
        return best[-1] if best else None

    @property
    def array_bytes(self) -> int:
        """What its arrays take, those to go on from included."""
        state = self.resume.state.arrays.values() if self.resume else ()
        return sum(array.nbytes for array in (*self.params, *state))

    def without_arrays(self) -> Checkpoint:
        """What is known of the model, which takes no memory, and from which no run goes on."""
        return replace(self, params=[], resume=None)

    def is_complete(self, epochs: int) -> bool:
        """Whether it was tested, and that after so many epochs."""
        tested = self.run is not None and bool(self.run.test_perplexity)
        return tested and len(self.history) == epochs

    def build_model(self, threads: int | None = None) -> LanguageModel:
        """A model with these parameters, on so many threads (None: all cores).

        Raises CheckpointError if they do not fit together, ConfigError if memory cannot hold it.
        """
        parts = {"parameters": parameter_bytes(self.sizes)}
        need("the model", parts, "use one with fewer words or units")
        model = LanguageModel(self.vocab_size, self.model, drawn=False, threads=threads)
        model.assign(self.params)
        return model
