"""What the gates and cells of a model do over a text."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from rnnlm_cli.arrays import Doubles, Floats, Ids, quietly
from rnnlm_cli.machine import need
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.model import lstm_sizes

GATES = "f", "i", "o", "c"  # those that are shown, by their names in the LSTM's file


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """An LSTM over a text, each array (T, H): row t is of the step that reads token t.

    The gates, c and h as the LSTM's own forward pass makes them: see model/layers/lstm.py.
    """

    f: Floats
    g: Floats
    i: Floats
    o: Floats
    c: Floats
    h: Floats

    def last(self, steps: int) -> Trace:
        """The same of so many steps at the end."""
        return Trace(**{name: getattr(self, name)[len(self.h) - steps :] for name in _NAMES})

    def most_moving(self, count: int) -> list[int]:
        """The units whose cells vary most over the text, in their order."""
        found = np.argsort(-self.c.std(axis=0), kind="stable")[:count]
        return sorted(found.tolist())

    def time_constants(self) -> Doubles:
        """(H,): tokens after which a cell has kept 1/e of what it held, -1 / mean of log f."""
        with quietly():
            logs = np.log(np.maximum(self.f.astype(np.float64), 1e-30)).mean(axis=0)
            taus: Doubles = -1 / np.minimum(logs, -1e-12)
        return taus


_PER_UNIT = 23  # numbers of a unit at a step: those that the layer keeps, its input, and a Trace
_NAMES = [field.name for field in fields(Trace)]


def traces(model: LanguageModel, ids: Ids, eos_id: int | None) -> list[Trace]:
    """ids (T,) as one text -> a Trace of each LSTM, lowest first.

    It begins from a zero state, after `<eos>` if there is one. Raises ConfigError for a text that
    is too long for memory.
    """
    begun = np.array([] if eos_id is None else [eos_id], np.int32)
    units = sum(H for _, H in lstm_sizes(model.config))
    need("tracing the text", {"gates": 4 * _PER_UNIT * units * len(ids)}, "use a shorter text")
    with model.fresh_state(), model.cores.held(), quietly():
        model.hidden(np.concatenate([begun, ids])[None])
        made = [lstm.traced() for lstm in model.lstms]
    return [Trace(**{name: each[0, len(begun) :] for name, each in one.items()}) for one in made]
