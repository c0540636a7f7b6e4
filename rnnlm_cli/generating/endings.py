"""Which of the texts that are drawn side by side have ended."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from rnnlm_cli.arrays import Ids, Mask
from rnnlm_cli.generating.start import Start
from rnnlm_cli.settings.text import Record


class Endings:
    """Follows N texts word by word, from `start` on: each ends with its record (`records.py`).

    A line without a word ends none that has not begun. `blank_ids` are of words that are nothing
    but white space.
    """

    def __init__(
        self, record: Record, eos_id: int, blank_ids: Collection[int], start: Start, N: int
    ) -> None:
        self._record, self._eos_id, self._blank_ids = record, eos_id, list(blank_ids)
        self._begun = np.zeros(N, bool)  # whether there has been a word in the record
        self._in_line = np.zeros(N, bool)  # the same for the line
        for word in start.read:
            self.feed(np.full(N, word))

    @property
    def eos_id(self) -> int:
        """The word that a record ends with."""
        return self._eos_id

    @property
    def ready(self) -> Mask:
        """(N,): whether a record would end with an `<eos>`."""
        return self._begun & ~self._in_line if self._record == "paragraph" else self._begun

    def select(self, rows: Ids) -> None:
        """Let text n go on from where text `rows[n]` is, rows (N,)."""
        self._begun, self._in_line = self._begun[rows], self._in_line[rows]

    def feed(self, ids: Ids) -> Mask:
        """ids (N,) of the next words -> (N,): whether a record ends with them."""
        line_ends = ids == self._eos_id
        words = ~line_ends & ~np.isin(ids, self._blank_ids)
        ends: Mask = line_ends & self.ready
        self._begun = (self._begun | words) & ~ends
        self._in_line = (self._in_line | words) & ~line_ends
        return ends
