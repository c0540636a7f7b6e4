"""How words are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from rnnlm_cli.settings.setting import LARGEST_SEED, Checked, Range, Setting, whole

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
    stop_at_eos: Annotated[
        bool, Setting("End a text with its first line.", flags="--stop-at-eos")
    ] = False
