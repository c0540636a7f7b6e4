"""How large the headers of files become, before there is anything to write.

For who asks whether the disk has room: rather too much than too little.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

_EPOCH, _MANY_EPOCHS = 600, 100  # bytes of an epoch in the history; where their number is open
_OTHER, _STATE = 3_900, 2_500  # of all else in a header, and what a state adds
_LAYER = 700  # for each LSTM: its generators, and names


def header_bytes(words: Sequence[str], merges: Sequence[object], epochs: int | None) -> int:
    """Of a model that knows these words, after so many epochs (None: nobody knows)."""
    known = json.dumps([words, merges], ensure_ascii=False).encode()
    return len(known) + _EPOCH * (epochs or _MANY_EPOCHS) + _OTHER


def resume_bytes(layers: int) -> int:
    """What a state has in its header beside that of its model."""
    return _STATE + _LAYER * layers
