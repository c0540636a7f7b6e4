"""A text that a small model learns in a second, and a run over it."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np

from rnnlm_cli.runs import Event, begin, requested
from rnnlm_cli.runs.around import UNATTENDED, Around
from rnnlm_cli.settings.run import FRAME, RunRequest


def simple_text(lines: int = 120) -> str:
    """Lines of a grammar with 13 words: "the old cat sees a dog"."""
    rng = np.random.default_rng(0)
    nouns, verbs = ["cat", "dog", "bird", "child"], ["sees", "hears", "likes"]
    articles, adjectives = ["the", "a"], ["old", "small", "red"]
    orders = (articles, adjectives, nouns, verbs, articles, nouns)
    return "".join(" ".join(rng.choice(words) for words in orders) + "\n" for _ in range(lines))


def small_run(text: Path, out: Path, **settings: Any) -> RunRequest:
    """A run over `text` that takes a fraction of a second."""
    small: dict[str, Any] = {
        "wordvec_size": 8,
        "hidden_size": 8,
        "projection": False,
        "batch_size": 2,
        "time_size": 7,
        "epochs": 2,
        "dropout": 0.0,
        "optimizer": "sgd",
        "lr": 20.0,
        "max_grad": 0.25,
    }
    return RunRequest.of(corpus=str(text), out=out, **(small | settings))


def train(
    asked: RunRequest, around: Around = UNATTENDED, *, spent: float = 0.0
) -> Generator[Event]:
    """The new run that is `asked` for: see `begin`."""
    frame = {name: getattr(asked, name) for name in FRAME}
    given = {"preset": asked.preset, **frame, **asked.settings}
    yield from begin(requested(given), around, spent=spent)
