"""How fast this machine multiplies matrices and trains: what a plan for a budget goes by."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

import numpy as np

from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.train import TrainConfig
from rnnlm_cli.threads import Cores
from rnnlm_cli.training.ranks import Order, Ranks
from rnnlm_cli.training.reports import EpochReport, StepReport

_WARM_UP = 2  # steps in which memory is taken and threads begin
_STEPS = 3  # of a trial, at least


def measured_flops(threads: int | None = None) -> float:
    """Floating-point operations a second of products about as large as those of training."""
    shapes = (1500, 256), (256, 700), (1500, 700)
    a, b, product = (np.ones(shape, np.float32) for shape in shapes)
    seconds = []
    with Cores(threads).held():
        for _ in range(15):
            began = time.perf_counter()
            np.matmul(a, b, out=product)  # fresh memory each time would take as long again
            seconds.append(time.perf_counter() - began)
    return 2 * 1500 * 256 * 700 / median(seconds)


def tried_speed(events: Iterator[StepReport | EpochReport], seconds: float) -> float:
    """Words a second of the first `seconds` of a run, whose reports are `events`."""
    began, found = time.perf_counter(), list[float]()
    for event in events:
        if isinstance(event, StepReport):
            found.append(event.words_per_second)
        if len(found) >= _WARM_UP + _STEPS and time.perf_counter() - began > seconds:
            break
    return median(found[_WARM_UP:] or found)


def speed_of_all(one: float, train: TrainConfig, ranks: Ranks, model: LanguageModel) -> float:
    """Words a second of all `ranks`, of which this one does `one` with its streams alone.

    A step is over when the gradients are summed over all, which is tried here.
    """
    share = ranks.share(train.batch_size)
    alone = (share.stop - share.start) * train.time_size / one
    step = alone + median(_exchange_seconds(ranks, model.flat_params.size) for _ in range(_STEPS))
    return float(train.batch_size * train.time_size / step)


def _exchange_seconds(ranks: Ranks, numbers: int) -> float:
    zeros = np.zeros(numbers, np.float32)
    ranks.order(Order.EXCHANGE, numbers)
    began = time.perf_counter()
    ranks.allreduce(zeros)
    return time.perf_counter() - began
