"""What a training step costs as one thing at a time is halved and doubled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from benchmarks.measure import Contender, Figure, take_turns, timed
from benchmarks.sizes import Size
from benchmarks.works import training_steps
from rnnlm_cli.machine import usable_cores
from rnnlm_cli.threads import set_blas_threads

_STEPS = 3
_FACTORS = 0.5, 1, 2

Turn = Callable[[], object]


def _sizes(size: Size) -> Iterator[tuple[str, Size]]:
    model = size.model
    for factor in _FACTORS:
        V, H = int(size.vocab_size * factor), int(model.hidden_size * factor)
        N, T = int(size.batch_size * factor), int(size.time_size * factor)
        yield f"V = {V:,}", replace(size, vocab_size=V)
        wider = replace(model, wordvec_size=H, hidden_size=H)
        yield f"D = H = {H}", replace(size, model=wider)
        yield f"N = {N}", replace(size, batch_size=N)
        yield f"T = {T}", replace(size, time_size=T)


def scaling(size: Size, rounds: int) -> dict[str, Figure]:
    """Milliseconds of a training step, as V, H, N, T, the text and the threads change."""
    turns: dict[str, Turn] = {name: training_steps(s, _STEPS) for name, s in sorted(_sizes(size))}
    for tokens in (100_000, 1_000_000):
        turns[f"{tokens:,} tokens"] = training_steps(size, _STEPS, tokens=tokens)
    for threads in range(1, usable_cores() + 1):
        turns[f"threads = {threads}"] = _on_threads(size, threads)
    contenders = [Contender(name, timed(turn)) for name, turn in turns.items()]
    take_turns(contenders, rounds)
    return {c.name: Figure.of([1e3 * s / _STEPS for s in c.seconds]) for c in contenders}


def _on_threads(size: Size, threads: int) -> Turn:
    """The BLAS has one number of threads for all models in a process: set it around the turn."""
    steps = training_steps(size, _STEPS, threads=threads)
    set_blas_threads(usable_cores())

    def turn() -> None:
        set_blas_threads(threads)
        steps()
        set_blas_threads(usable_cores())

    return turn
