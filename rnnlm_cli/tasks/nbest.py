"""Lists of hypotheses, a line each, as speech recognisers write them, and the scores they take.

    kaldi   `utt-1 words`: the id, and what it costs: -log p                 -> `utt-1 21.5`
    srilm   `ascore lscore nwords words`: the second becomes log p           -> the same line

An empty line stays one; an id without words is scored as the end of a line alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from rnnlm_cli.errors import CorpusError, quoted
from rnnlm_cli.settings.score import Form

_SRILM_FIELDS = 3  # before the words


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A line of an n-best list: its words, and the fields before them."""

    fields: tuple[str, ...]
    words: str
    line: str

    @classmethod
    def read(cls, line: str, form: Form, where: str) -> Hypothesis:
        """Raises CorpusError, which names `where`, if the line is not of that form."""
        count = _SRILM_FIELDS if form == "srilm" else 1
        pieces = line.split(None, count)
        fields, words = tuple(pieces[:count]), "".join(pieces[count:])
        if form == "srilm" and fields and not (len(fields) == count and _are_numbers(fields)):
            raise CorpusError(
                f"{where}: {quoted(line)}, but `ascore lscore nwords words` was needed: take an "
                "n-best list of SRILM"
            )
        return cls(fields, words, line)

    def scored(self, log_probability: float, form: Form) -> str:
        """The line with its score."""
        if not self.fields:
            return self.line
        if form == "kaldi":
            return f"{self.fields[0]} {0.0 - log_probability!r}"
        ascore, _, count = self.fields
        return " ".join([ascore, repr(log_probability), count, *self.words.split()])


def _are_numbers(fields: tuple[str, ...]) -> bool:
    try:
        for field in fields:
            float(field)
    except ValueError:
        return False
    return True
