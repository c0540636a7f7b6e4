"""Where the time of a training step goes."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from benchmarks.measure import Figure, timed
from benchmarks.roofline import bare_gemms, part_shapes
from benchmarks.sizes import Size
from benchmarks.works import make_trainer
from rnnlm_cli.model.layers.split import FusedSplitOutput
from rnnlm_cli.training import learner as learning
from rnnlm_cli.training.trainer import Trainer

_WARM_UP = 2
_STEPS = 5  # a round


class Watch:
    """The seconds of each part of a step, in the methods that do it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._undo = ExitStack()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    def on(self, owner: Any, method: str, part: str) -> None:
        """From now on `owner.method` counts into the seconds of `part`."""
        function = getattr(owner, method)

        def timed(*arguments: Any, **options: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                self.seconds[part] += time.perf_counter() - began

        setattr(owner, method, timed)
        self._undo.callback(setattr, owner, method, function)


def step_parts(size: Size, rounds: int) -> dict[str, Figure]:
    """Milliseconds of a training step by its parts, and of all of it; of what has GEMMs, those of
    its bare GEMMs too.
    """
    trainer = make_trainer(size)
    events = trainer.run()
    gemms = {
        f"{part}, bare GEMMs": timed(bare_gemms(shapes, trials=5))
        for part, shapes in part_shapes(size).items()
    }
    found = []
    with Watch() as watch:
        _watch(trainer, watch)
        for _ in range(_WARM_UP + rounds):
            steps = _round(watch, lambda: next(events))
            found.append(steps | {name: _bare(turn) for name, turn in gemms.items()})
    parts = [name for name in steps if name not in ("the rest", "all")]
    names = [
        name
        for part in (*parts, "the rest", "all")
        for name in (part, f"{part}, bare GEMMs")
        if name in found[-1]
    ]
    return {name: Figure.of([each[name] for each in found[_WARM_UP:]]) for name in names}


def _bare(turn: Callable[[], float]) -> float:
    """Milliseconds of the GEMMs of a part in one step."""
    turn()  # what the step has put out of the caches
    return 1e3 * sum(turn() for _ in range(_STEPS)) / _STEPS


def _watch(trainer: Trainer, watch: Watch) -> None:
    model, output = trainer.model, trainer.model.loss_layer
    for lstm in model.lstms:
        watch.on(lstm, "forward", "LSTMs forward")
        watch.on(lstm, "backward", "LSTMs backward")
    if isinstance(output, FusedSplitOutput):
        watch.on(output._head, "train", "output: head")
        for cluster in output._clusters:
            watch.on(cluster, "train", "output: tail")
    else:
        watch.on(output, "forward", "output")
    watch.on(learning, "gradient_norm", "norm and update")
    watch.on(trainer.learner.optimizer, "update", "norm and update")


def _round(watch: Watch, step: Callable[[], object]) -> dict[str, float]:
    """Milliseconds a step of each part, and of `all`, with `the rest`."""
    watch.seconds.clear()
    began = time.perf_counter()
    for _ in range(_STEPS):
        step()
    total = time.perf_counter() - began
    parts = watch.seconds | {"the rest": total - sum(watch.seconds.values()), "all": total}
    return {name: 1e3 * seconds / _STEPS for name, seconds in parts.items()}
