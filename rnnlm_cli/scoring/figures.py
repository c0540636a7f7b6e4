"""The figures of a text under a model: what is counted, and what follows from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from rnnlm_cli.arrays import BIT
from rnnlm_cli.schema import FloatOrInf, FloatOrNan


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How well a model predicts a text.

        tokens        those that were counted: all that were scored, or all but `<eos>`
        bits          the sum of their surprisals, -log2 p(token | all before it)
        characters    of the text that was scored, as it was given: Unicode characters after its
                      normalisation, composed (NFC), before capitals are made small, blanks and
                      line ends among them (one a line, the last line's too), but not what is left
                      out between records; a word that became `<unk>` with all its letters, an
                      `<unk>` that stands in the text with the five it has there. None where not
                      every token of the text was counted
        bits_per_character = bits / characters

    Perplexities of two models can be compared only if both cut the text into the same tokens with
    the same words; bits a character can always, if it is the same text. They are a lower bound
    where tokens tell less than the characters do: an unknown word costs what it takes to be
    unknown, not what its letters would; a capital that was made small costs nothing. Blanks that a
    unit does not keep are counted as characters, and cost nothing either.
    """

    tokens: int
    unknown: int  # of the tokens: those that are `<unk>`
    characters: int | None
    eos: bool  # whether `<eos>` was counted
    lower: bool  # whether capitals were made small
    nats_per_token: FloatOrInf
    standard_error: FloatOrNan  # of the perplexity, by the delta method; nan where not known
    perplexity_known: FloatOrNan  # over the tokens that are not `<unk>`; nan where there are none
    # Over the tokens that are not `<eos>`; nan where there are none, or none were counted.
    perplexity_without_eos: FloatOrNan

    @property
    def unknown_share(self) -> float:
        """The share of the tokens that are `<unk>`."""
        return self.unknown / self.tokens

    @property
    def bits_per_token(self) -> float:
        """Mean surprisal in bits."""
        return self.nats_per_token / BIT

    @property
    def perplexity(self) -> float:
        """exp(nats_per_token)."""
        return perplexity(self.nats_per_token)

    @property
    def bits_per_character(self) -> float | None:
        """See above; None where the characters are not known."""
        return self.bits_per_token * self.tokens / self.characters if self.characters else None

    @property
    def is_lower_bound(self) -> bool:
        """Whether bits_per_character is one."""
        return self.unknown > 0 or self.lower

    @property
    def characters_per_token(self) -> float | None:
        """How many characters a token stands for, in the mean; None where they are not known."""
        return self.characters / self.tokens if self.characters else None

    def named(self) -> dict[str, Any]:
        """All figures by the names that they have in JSON."""
        names = (
            "eos tokens unknown unknown_share characters characters_per_token nats_per_token "
            "bits_per_token bits_per_character perplexity standard_error perplexity_known "
            "perplexity_without_eos"
        )
        named = {name: getattr(self, name) for name in names.split()}
        return named | {"bits_per_character_is_lower_bound": self.is_lower_bound}


def perplexity(nats_per_token: float) -> float:
    """exp(nats_per_token), infinite where that overflows."""
    return math.exp(nats_per_token) if nats_per_token < 700 else math.inf
