"""How words are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.setting import (
    LARGEST,
    LARGEST_SEED,
    NOT_NEGATIVE,
    SHARE_OR_ALL,
    Checked,
    Range,
    Setting,
    between,
    whole,
)
from rnnlm_cli.settings.spelling import option_name
from rnnlm_cli.settings.text import Record

_MASS = Range(needed="in (0, 1]", above=0, most=1)
_AT_LEAST_1 = Range(needed=f"a number from 1 to {LARGEST:g}", least=1, most=LARGEST)
LENGTH_PENALTY = 0.6  # of Wu et al., where none is given
BEAM = "Beam search"
_TOLD = "What is told of a sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleConfig(Checked):
    """How words are drawn from a model's distribution."""

    length: Annotated[int, Setting("Tokens to add.", whole(1), shows_default=True)] = 100
    temperature: Annotated[
        float,
        Setting(
            "Below 1 safer, above 1 wilder, 0 always the likeliest.",
            NOT_NEGATIVE,
            shows_default=True,
            steers=True,
        ),
    ] = 1.0
    top_k: Annotated[
        int | None, Setting("Draw from the K likeliest words only.", whole(1), steers=True)
    ] = None
    top_p: Annotated[
        float | None,
        Setting("Draw from the likeliest words that hold this mass.", _MASS, steers=True),
    ] = None
    min_p: Annotated[
        float | None,
        Setting(
            "Draw from words with this share of the likeliest's probability.",
            SHARE_OR_ALL,
            steers=True,
        ),
    ] = None
    typical_p: Annotated[
        float | None,
        Setting(
            "Draw from the words, holding this mass, whose surprisal is as expected.",
            _MASS,
            steers=True,
        ),
    ] = None
    repetition_penalty: Annotated[
        float,
        Setting(
            "Divide scores of words that the text has by this. 1: do not.", _AT_LEAST_1, steers=True
        ),
    ] = 1.0
    no_repeat_ngram: Annotated[
        int | None, Setting("No run of N tokens comes twice in a text.", whole(1), steers=True)
    ] = None
    samples: Annotated[int, Setting("How many texts.", whole(1), shows_default=True)] = 1
    seed: Annotated[
        int | None,
        Setting("Same seed and options, same text. Default: another.", whole(0, LARGEST_SEED)),
    ] = None
    record: Annotated[
        Literal["line", "paragraph", "none"] | None,
        Setting(
            "What a text ends with: a line that has a word, or the lines up to a blank one; none: "
            "with --length alone. Default: what the model was trained on with --record, else none."
        ),
    ] = None
    stop_at_eos: Annotated[
        bool, Setting("End a text with a line: as --record line.", flags="--stop-at-eos")
    ] = False

    beam: Annotated[
        int | None,
        Setting("Search for the likeliest text, with so many side by side.", whole(1), BEAM),
    ] = None
    length_penalty: Annotated[
        float | None,
        Setting(
            f"How much a longer text may be less likely. Default: {LENGTH_PENALTY}.",
            between(0, 10),
            BEAM,
        ),
    ] = None

    @property
    def cuts(self) -> dict[str, float | None]:
        """What leaves words out that could be drawn, by the names of the options."""
        named = ("top_k", "top_p", "min_p", "typical_p")
        return {option_name(name): getattr(self, name) for name in named}

    def _check_across(self) -> None:
        """What would be of no use is not given."""
        self._check_beam()
        if self.stop_at_eos and self.record not in (None, "line"):
            raise ConfigError(
                f"record is {self.record}, but --stop-at-eos ends a text with a line: leave one out"
            )
        if self.temperature or self.beam is not None:
            return
        for name, value in self.cuts.items():
            if value is not None:
                raise ConfigError(
                    f"temperature is 0, which takes the likeliest word, so --{name} has nothing to "
                    "cut: leave one of them out"
                )
        if self.samples > 1:
            raise ConfigError(
                f"temperature is 0, which writes one text {self.samples} times: leave --samples "
                "out, or use a temperature above 0"
            )

    def _check_beam(self) -> None:
        """A search draws nothing, and without one there is no beam to set up."""
        if self.beam is None:
            if self.length_penalty is not None:
                raise ConfigError("length-penalty is of a beam search: give --beam too")
            return
        given = [name for name, value in self.cuts.items() if value is not None]
        if self.temperature != 1:
            given.append("temperature")
        if self.seed is not None:
            given.append("seed")
        if given:
            raise ConfigError(
                f"a beam search draws no words, so --{given[0]} has nothing to act on: leave "
                "it or --beam out"
            )
        if self.samples > self.beam:
            raise ConfigError(
                f"a beam of {self.beam} finds at most {self.beam} texts, but samples is "
                f"{self.samples}: use a larger --beam or fewer --samples"
            )

    def rows(self, required: int = 0) -> int:
        """How many texts go on side by side.

        A search has a beam for each number of words, of those `required`, that a text may have.
        """
        return self.samples if self.beam is None else self.beam * (1 + required)

    def ends_with(self, trained_on: Record | None = None) -> Record | None:
        """The record that ends a text of a model that was `trained_on` such; None: its length."""
        if self.stop_at_eos:
            return "line"
        return None if self.record == "none" else self.record or trained_on


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldConfig(Checked):
    """What is told of the texts that were drawn."""

    scores: Annotated[
        bool, Setting("Write log p of each token, in nats, as TSV.", None, _TOLD, flags="--scores")
    ] = False
    novelty: Annotated[
        bool,
        Setting("Mark what is copied from the training text.", None, _TOLD, flags="--novelty"),
    ] = False
    copied_from: Annotated[
        int | None,
        Setting(
            "Tokens from which a run counts as copied. Default: 8; 12 pieces; 40 characters.",
            whole(2),
            _TOLD,
        ),
    ] = None

    @property
    def tells(self) -> bool:
        """Whether more than the texts is asked for."""
        return self.scores or self.novelty

    def _check_across(self) -> None:
        """What is not looked for has no length."""
        if self.copied_from is not None and not self.novelty:
            raise ConfigError("copied-from is of runs that --novelty looks for: give that too")
