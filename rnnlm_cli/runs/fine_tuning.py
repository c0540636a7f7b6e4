"""A run that begins with the weights of a model, whose words and sizes it keeps."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.corpus.loading import Corpus
from rnnlm_cli.errors import CheckpointError, ConfigError, quoted
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.presets import DEFAULT
from rnnlm_cli.settings.run import RunRequest
from rnnlm_cli.settings.setting import declared

SIZES = tuple(name for name, each in declared(ModelConfig).items() if each.setting.shapes)


def requested(settings: dict[str, Any]) -> tuple[RunRequest, Checkpoint | None]:
    """The new run that `settings` ask for, and the model that it begins with, if they name one.

    Raises RnnlmError.
    """
    if settings.get("init_from") is None:
        return RunRequest.of(**settings), None
    start = load_start(settings["init_from"])
    return fine_tuned(start, **settings), start


def fine_tuned(start: Checkpoint, init_from: Path, **given: Any) -> RunRequest:
    """A run of the model `start`, which lies at `init_from`, on another text.

    What is `given` is as in a new run. The model keeps its sizes, its words and how a text is cut
    into them; its dropout too, unless another is given.

    Raises ConfigError where what is given would change that.
    """
    assert start.text is not None, "a model to begin with has words: load_start"
    text = start.text
    kept = {name: getattr(start.model, name) for name in SIZES} | asdict(text.config)
    if differences := [
        f"{key.replace('_', '-')} is {value}, not {given[key]}"
        for key, value in kept.items()
        if key in given and given[key] != value
    ]:
        raise ConfigError(
            f"{quoted(init_from)} keeps its sizes and its words ({'; '.join(differences)}): "
            "leave that out, or train a new model without --init-from"
        )
    return RunRequest.of(
        **{"preset": DEFAULT} | asdict(start.model) | asdict(text.config) | given,
        init_from=init_from,
    )


def load_start(path: Path) -> Checkpoint:
    """The model at `path`. Raises CheckpointError if it has no words."""
    start = load_checkpoint(path)
    if start.text is None:
        raise CheckpointError(
            f"{quoted(path)} holds no words (a file of the book): begin with a model of rnnlm"
        )
    return start


def start_of(init_from: Path | None, read: Checkpoint | None) -> Checkpoint | None:
    """The model that lies at `init_from`, should there be one; not read again if it is `read`.

    Raises CheckpointError, and ConfigError for a model without its place.
    """
    if init_from is None and read is not None:
        raise ConfigError("a model to begin with is given, but not where it lies: give init_from")
    return load_start(init_from) if init_from is not None and read is None else read


def unknown_note(corpus: Corpus, init_from: Path) -> str:
    """How much of the training split the words of the model do not cover."""
    ids, unk_id = corpus.ids("train"), corpus.vocabulary.unk_id
    unknown = 0.0 if unk_id is None else float(np.mean(ids == unk_id))
    return f"begins with {init_from}, to which {unknown:.1%} of the training tokens are unknown"
