"""What the units of a model say over a text: as the page draws it."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.arrays import Ids
from rnnlm_cli.checkpoint.opened import Opened
from rnnlm_cli.cli.report.record import Units
from rnnlm_cli.corpus.batches import first_input
from rnnlm_cli.scoring.streaming import shifted
from rnnlm_cli.scoring.traces import traces
from rnnlm_cli.settings.model import lstm_sizes

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-"  # 0 is V
_NUMBERS = 800_000  # of units that a page holds: a character each
_MOST_UNITS = 1024
_MOST_TOKENS = 2000
_INSIDE = 0.9995  # of the values


def units_of(lm: Opened, ids: Ids) -> Units:
    """What the units of the top LSTM say over the first of `ids` (tokens,), one stream."""
    _, H = lstm_sizes(lm.model.config)[-1]
    shown = min(H, _MOST_UNITS)
    before, ids = first_input(ids[: min(_MOST_TOKENS, _NUMBERS // shown)], lm.scorer.eos_id)
    hs = traces(lm.model, shifted(ids, before), None)[-1].h
    most_telling = np.sort(np.argsort(-hs.std(axis=0), kind="stable")[:shown])
    scale = float(np.quantile(np.abs(hs), _INSIDE)) or 1.0
    shares = (hs[:, most_telling].T / scale).clip(-1, 1)
    levels = np.rint((shares + 1) * ((len(_DIGITS) - 1) / 2)).astype(np.int64)
    letters = np.array(list(_DIGITS))
    joiner, words = lm.words.tokenizer.detokenizer(), lm.words.words
    return Units(
        words=[joiner.feed(words[i]) for i in ids],
        numbers=[int(unit) + 1 for unit in most_telling],
        rows=["".join(row) for row in letters[levels]],
        digits=_DIGITS,
        scale=scale,
        of=hs.shape[1],
    )
