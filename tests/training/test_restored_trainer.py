"""A restored trainer is the one it was captured from, attribute by attribute.

What is added to the training state later, and forgotten in `capture`, shows here: everything that a
trainer can reach is compared, but for what is named below.
"""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, get_args

import numpy as np
import pytest

from rnnlm_cli.checkpoint.header import plain
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.schema import read
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.train import OptimizerName, TrainConfig
from rnnlm_cli.training.state import Counters, Timings, TrainerState
from rnnlm_cli.training.trainer import Trainer

OVERWRITTEN = {  # by the next step, before it is read
    *(
        "_work",
        "_cache",
        "_dhs",
        "_learnable",
        "_tail",
        "dstate",
        "hs",
        "ids",
        "mask",
        "_mask",
        "_weight_mask",
    ),
    *("grads", "flat_grads", "dW", "db"),
}
MODEL = "trainer.learner.model"
# Seconds since a start, idle threads, and whose turn it is.
MEASURED = {"_clock", "_began", "elapsed", "_pool", "_turns"}


def differences(a: Any, b: Any, path: str, seen: set[int]) -> Iterator[str]:
    """The paths at which two objects differ."""
    if isinstance(a, np.ndarray):
        same = a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()
    elif isinstance(a, np.random.Generator):
        same = a.bit_generator.state == b.bit_generator.state
    elif isinstance(a, dict):
        same = a.keys() == b.keys()
        for key in sorted(a.keys() & b.keys() - OVERWRITTEN - MEASURED, key=str):
            yield from differences(a[key], b[key], f"{path}.{key}", seen)
    elif isinstance(a, list | tuple):
        same = len(a) == len(b)
        for k, (x, y) in enumerate(zip(a, b, strict=False)):
            yield from differences(x, y, f"{path}[{k}]", seen)
    elif type(a).__module__.startswith("rnnlm_cli"):
        same = type(a) is type(b)
        if id(a) not in seen:
            seen.add(id(a))
            yield from differences(attributes(a), attributes(b), path, seen)
    else:
        same = callable(a) or a == b or (a != a and b != b)
    if not same:
        yield path


def attributes(value: Any) -> dict[str, Any]:
    names = {n for kind in type(value).__mro__ for n in getattr(kind, "__slots__", ())}
    return {n: getattr(value, n) for n in (*names, *getattr(value, "__dict__", ()))}


def make(optimizer: OptimizerName, head_size: int) -> Trainer:
    model = ModelConfig(
        wordvec_size=5,
        hidden_size=5,
        layers=2,
        dropout=0.3,
        dropout_hidden=0.2,
        word_dropout=0.1,
        weight_drop=0.2,
        tied=True,
        head_size=head_size,
    )
    config = TrainConfig(
        batch_size=2,
        time_size=3,
        epochs=4,
        optimizer=optimizer,
        lr=0.1,
        reset_probability=0.3,
        average=0.9,
    )
    rng = np.random.default_rng(0)
    train, valid = rng.integers(0, 7, 61), rng.integers(0, 7, 50)
    made = LanguageModel(7, model, rng=np.random.default_rng(1))
    assert made.loss_layer  # made when it is first asked for
    return Trainer(made, train, EncodedText(valid, 0), config, rng=np.random.default_rng(2))


def capture_and_restore(trainer: Trainer, optimizer: OptimizerName, head_size: int) -> Trainer:
    state = trainer.capture()
    parts = plain(state.counters), plain(state.timings), state.generators
    numbers, timings, generators = (json.loads(json.dumps(part)) for part in parts)
    again = make(optimizer, head_size)
    again.model.flat_params[...] = trainer.model.flat_params
    arrays = {name: array.copy() for name, array in state.arrays.items()}
    counters, measured = read(Counters, numbers, "it"), read(Timings, timings, "it")
    again.restore(TrainerState(counters, measured, generators, arrays))
    return again


@pytest.mark.parametrize("optimizer", get_args(OptimizerName))
@pytest.mark.parametrize("head_size", [0, 3])
@pytest.mark.parametrize("reports", [1, 10, 11, 15])  # the first epoch ends with the 11th
def test_a_restored_trainer_is_the_same_trainer(
    optimizer: OptimizerName, head_size: int, reports: int
) -> None:
    trainer = make(optimizer, head_size)
    list(islice(trainer.run(), reports))
    again = capture_and_restore(trainer, optimizer, head_size)
    assert list(differences(trainer, again, "trainer", set())) == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (
            lambda t: setattr(t.model, "temperature", 2.0),
            "trainer.learner.model",
        ),  # a new attribute
        (lambda t: t.learner.optimizer.slots["m"].fill(1), "trainer.learner.optimizer.slots.m"),
        (lambda t: setattr(t.counters, "norm_sum", -1.0), "trainer.learner.counters.norm_sum"),
        (lambda t: t.learner.rng.random(), "trainer.learner.rng"),
        (lambda t: t.model.noisy[1].rng.random(), f"{MODEL}.network.between[2].rng"),
        (
            lambda t: t.model.lstms[0].state.c.fill(1),
            f"{MODEL}.network.between[1].state[1]",
        ),
    ],
)
def test_a_difference_in_anything_is_found(change: Any, path: str) -> None:
    trainer = make("adam", 0)
    list(islice(trainer.run(), 5))
    again = capture_and_restore(trainer, "adam", 0)
    change(trainer)
    assert path in set(differences(trainer, again, "trainer", set()))
