"""Lists of hypotheses, a line each, as speech recognisers write them, and the scores they take.

    kaldi   `utt-1 words`: the id, and what it costs: -log p                 -> `utt-1 21.5`
    srilm   `ascore lscore nwords words`: the second becomes log p           -> the same line

An empty line stays one; an id without words is scored as the end of a line alone. Fields end at
blanks of ASCII: a no-break space is a letter of an id, or of a word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from rnnlm_cli.corpus.cutting.rules import WHITE
from rnnlm_cli.errors import CorpusError, quoted
from rnnlm_cli.settings.score import Form

_SRILM_FIELDS = 3  # before the words
_FIELD = re.compile(f"[^{WHITE}]+")


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A line of an n-best list: its words, and the fields before them."""

    fields: Sequence[re.Match[str]]
    words: str
    line: str

    @classmethod
    def read(cls, line: str, form: Form, where: str) -> Hypothesis:
        """Raises CorpusError, which names `where`, if the line is not of that form."""
        count = _SRILM_FIELDS if form == "srilm" else 1
        fields = list(islice(_FIELD.finditer(line), count))
        if form == "srilm" and fields and not (len(fields) == count and _are_numbers(fields)):
            raise CorpusError(
                f"{where}: {quoted(line)}, but `ascore lscore nwords words` was needed: take an "
                "n-best list of SRILM"
            )
        return cls(fields, line[fields[-1].end() :].lstrip(WHITE) if fields else "", line)

    def scored(self, log_probability: float, form: Form) -> str:
        """The line with its score."""
        if not self.fields:
            return self.line
        if form == "kaldi":
            return f"{self.fields[0].group()} {0.0 - log_probability!r}"
        start, end = self.fields[1].span()
        return f"{self.line[:start]}{log_probability!r}{self.line[end:]}"


def _are_numbers(fields: Sequence[re.Match[str]]) -> bool:
    try:
        for field in fields:
            float(field.group())
    except ValueError:
        return False
    return True
