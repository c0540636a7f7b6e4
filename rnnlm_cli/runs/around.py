"""What is around a run beside its settings: who stops it, who is told, and with whom."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from rnnlm_cli.training.pace import Clock
from rnnlm_cli.training.ranks import ALONE, Ranks
from rnnlm_cli.watching import Bars, Stop, in_silence, never

Shield = Callable[[], AbstractContextManager[object]]  # in it, no signal interrupts


@dataclass(frozen=True, slots=True)
class Around:
    """None of it changes what a run computes.

    `stop` is asked after every step, and while a text is scored; when it says yes, the state is
    saved and RunStopped is the last event. `shield()` is entered around all that changes files.
    `stages` are told of downloads and encoding. Where the settings do not say how often there is a
    Sample, it is after `sample_every` epochs; 0: never. Of several `ranks` this one leads. What is
    written `is_kept`, or is gone when the run has ended.
    """

    stop: Stop = never
    shield: Shield = nullcontext
    clock: Clock = time.perf_counter
    stages: Bars = in_silence
    sample_every: int = 0
    ranks: Ranks = ALONE
    is_kept: bool = True


UNATTENDED = Around()
