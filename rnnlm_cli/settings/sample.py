"""How words are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.setting import LARGEST_SEED, Checked, Range, Setting, whole
from rnnlm_cli.settings.text import Record

_NOT_NEGATIVE = Range(needed="a number of at least 0", least=0)
_MASS = Range(needed="in (0, 1]", above=0, most=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleConfig(Checked):
    """How words are drawn from a model's distribution."""

    length: Annotated[int, Setting("Tokens to add.", whole(1), shows_default=True)] = 100
    temperature: Annotated[
        float,
        Setting(
            "Below 1 safer, above 1 wilder, 0 always the likeliest.",
            _NOT_NEGATIVE,
            shows_default=True,
        ),
    ] = 1.0
    top_k: Annotated[int | None, Setting("Draw from the K likeliest words only.", whole(1))] = None
    top_p: Annotated[
        float | None, Setting("Draw from the likeliest words that hold this mass.", _MASS)
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

    def _check_across(self) -> None:
        """What would be of no use is not given."""
        if self.stop_at_eos and self.record not in (None, "line"):
            raise ConfigError(
                f"record is {self.record}, but --stop-at-eos ends a text with a line: leave one out"
            )
        if self.temperature:
            return
        cuts = {"top-k": self.top_k, "top-p": self.top_p}
        for name, value in cuts.items():
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

    def ends_with(self, trained_on: Record | None = None) -> Record | None:
        """The record that ends a text of a model that was `trained_on` such; None: its length."""
        if self.stop_at_eos:
            return "line"
        return None if self.record == "none" else self.record or trained_on
