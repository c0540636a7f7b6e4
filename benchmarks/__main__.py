"""Times one training step of the book's two models, phase by phase.

    python -m benchmarks [STEPS]

Medians over STEPS steps (20) after a warm-up, batch 20 x time 35, the vocabulary of the Penn
Treebank, random words.
"""

from __future__ import annotations

import sys
from time import perf_counter

import numpy as np
from rich.table import Table
from threadpoolctl import threadpool_info

from rnnlm_cli.cli.render import add_row, console, table
from rnnlm_cli.model import BetterRnnlm, LanguageModel, Rnnlm
from rnnlm_cli.optim import SGD, clip_scale, gradient_norm

N, T, V = 20, 35, 10_000
PHASES = ("forward", "backward", "clip", "update")


def time_steps(model: LanguageModel, steps: int) -> dict[str, float]:
    """Median milliseconds of each phase of a training step."""
    rng = np.random.default_rng(0)
    xs, ts = rng.integers(0, V, (2, N, T)).astype(np.int32)
    optimizer = SGD(model.flat_params, model.cores)
    seconds = []
    for _ in range(3 + steps):
        marks = [perf_counter()]
        model.forward(xs, ts)
        marks.append(perf_counter())
        model.backward()
        marks.append(perf_counter())
        scale = clip_scale(gradient_norm(model.flat_grads, model.cores), 0.25)
        marks.append(perf_counter())
        optimizer.update(model.flat_params, model.flat_grads, 1.0, 1, scale)
        marks.append(perf_counter())
        seconds.append(np.diff(marks))
    medians = 1e3 * np.median(seconds[3:], axis=0)
    return dict(zip(PHASES, medians.tolist(), strict=True))


def report(steps: int) -> Table:
    """A row a model: milliseconds a phase, and words per second."""
    shown = table("model", *(f"{phase} ms" for phase in PHASES), "words/s")
    for kind in (Rnnlm, BetterRnnlm):
        times = time_steps(kind(V), steps)
        speed = N * T / sum(times.values()) * 1e3
        add_row(shown, kind.__name__, *(f"{ms:.1f}" for ms in times.values()), f"{speed:,.0f}")
    return shown


def main() -> None:
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    for library in threadpool_info():
        names = ("internal_api", "version", "architecture", "num_threads")
        console().print(" ".join(f"{name} {library.get(name)}" for name in names))
    console().print(report(steps))


if __name__ == "__main__":
    main()
