"""The command that trains a model again."""

from __future__ import annotations

import shlex
from typing import Any

from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.settings.presets import DEFAULT, PRESETS, Recipe, recipe
from rnnlm_cli.settings.run import SETTINGS
from rnnlm_cli.settings.setting import declared


def train_command(checkpoint: Checkpoint) -> str:
    """`rnnlm train` with all that its preset does not say; "" for a model of another program."""
    text, run = checkpoint.text, checkpoint.run
    if text is None or run is None:
        return ""
    words = ["rnnlm", "train"]
    for name in text.place.names:
        words += ["--corpus", name]
    if text.encoding is not None:
        words += ["--encoding", text.encoding]
    if run.init_from is not None:
        words += ["--init-from", run.init_from]
    if run.vocab is not None:
        words += ["--vocab", run.vocab]
    preset = run.preset if run.preset in PRESETS else DEFAULT
    words += ["--preset", preset]
    # Another optimiser comes with settings of its own, from which the others differ.
    known = recipe(preset, {"optimizer": run.train.optimizer})
    usual = _settings_of(known)
    usual["optimizer"] = recipe(preset, {}).train.optimizer
    for config, kind in zip((text.config, checkpoint.model, run.train), SETTINGS, strict=True):
        for name, each in declared(kind).items():
            value = getattr(config, name)
            # What is open has no usual value: another run may choose another.
            is_usual = name not in known.open and value == usual.get(name, each.default)
            if each.setting.is_option and value not in (None, ()) and not is_usual:
                words += each.typed(value)
    return shlex.join(words)


def _settings_of(known: Recipe) -> dict[str, Any]:
    return {
        name: getattr(config, name)
        for config in (known.model, known.train)
        for name in declared(type(config))
        if name not in known.open
    }
