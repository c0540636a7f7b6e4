"""The settings with which a saved run goes on, and which changes of them it allows."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rnnlm_cli.checkpoint import Checkpoint
from rnnlm_cli.config import TrainConfig
from rnnlm_cli.errors import CheckpointError, ConfigError, quoted
from rnnlm_cli.run_config import RunConfig


def resumed_config(saved: Checkpoint, out: Path, given: dict[str, Any], path: Path) -> RunConfig:
    """The saved settings, lengthened as `given` says. Raises ConfigError on other differences."""
    if saved.text is None or not saved.numbers or not saved.timings.get("run"):
        raise CheckpointError(f"{quoted(path)} holds no state to resume from")
    if len(saved.history) != saved.numbers["epoch"] - (not saved.numbers["finished"]):
        raise CheckpointError(f"{quoted(path)}: its history is not that of its epochs")
    free = {key: given.pop(key) for key in ("save_every", "log", "threads") if key in given}
    begun = saved.run.get("init_from")
    init_from = Path(begun) if begun else None
    old = TrainConfig(**saved.run["train"])
    known = {
        "corpus": saved.text.corpus,
        "preset": saved.run["preset"],
        "init_from": init_from,
        **asdict(saved.text.config),
        **asdict(saved.model),
        **asdict(old),
    }
    longer = {key: given.pop(key) for key in ("epochs", "steps", "budget") if key in given}
    for key, value in longer.items():
        if known[key] is None or value < known[key]:
            given[key] = value
    if differences := [
        f"{key.replace('_', '-')} was {known[key]}, now {value}"
        for key, value in given.items()
        if known[key] != value
    ]:
        raise ConfigError(
            f"{quoted(path)} cannot go on with other settings ({'; '.join(differences)}): "
            "leave them out, or start a new run without --resume"
        )
    return RunConfig(
        corpus=saved.text.corpus,
        preset=saved.run["preset"],
        init_from=init_from,
        text=saved.text.config,
        model=saved.model,
        train=replace(old, **longer),
        out=out,
        **free,
    )
