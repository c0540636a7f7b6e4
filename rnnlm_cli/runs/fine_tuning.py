"""A run that begins with the weights of a model, whose words and sizes it keeps."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.corpus.loading import Corpus
from rnnlm_cli.corpus.record import TextRecord
from rnnlm_cli.errors import CheckpointError, ConfigError, quoted
from rnnlm_cli.settings.presets import DEFAULT
from rnnlm_cli.settings.run import RunRequest

_SIZES = "wordvec_size", "hidden_size", "layers", "tied", "projection", "skip", "head_size"


def fine_tuned(init_from: Path, **given: Any) -> RunRequest:
    """A run of the model at `init_from` on another text, with what is `given` as in a new run.

    The model keeps its sizes, its words and how a text is cut into them; its dropout too, unless
    another is given. Raises CheckpointError, and ConfigError where what is given would change it.
    """
    start, text = load_start(init_from)
    kept = {name: getattr(start.model, name) for name in _SIZES} | asdict(text.config)
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


def load_start(path: Path) -> tuple[Checkpoint, TextRecord]:
    """The model at `path` and its words. Raises CheckpointError if it has none."""
    start = load_checkpoint(path)
    if start.text is None:
        raise CheckpointError(
            f"{quoted(path)} holds no words (a file of the book): begin with a model of rnnlm"
        )
    return start, start.text


def unknown_note(corpus: Corpus, init_from: Path) -> str:
    """How much of the training split the words of the model do not cover."""
    ids, unk_id = corpus.ids("train"), corpus.vocabulary.unk_id
    unknown = 0.0 if unk_id is None else float(np.mean(ids == unk_id))
    return f"begins with {init_from}, to which {unknown:.1%} of the training tokens are unknown"
