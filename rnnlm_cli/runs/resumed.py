"""The settings with which a saved run goes on, and which changes of them it allows."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint, RunRecord
from rnnlm_cli.checkpoint.rnnlm_files import array_hash
from rnnlm_cli.corpus.given_words import read_words
from rnnlm_cli.corpus.places import Place
from rnnlm_cli.errors import CheckpointError, ConfigError, quoted
from rnnlm_cli.settings.run import SETTINGS, RunPlan, RunRequest
from rnnlm_cli.settings.setting import check_given
from rnnlm_cli.training.pace import LIMITS


def resumed_config(saved: Checkpoint, out: Path, given: dict[str, Any], path: Path) -> RunPlan:
    """The saved settings, lengthened as `given` says. Raises ConfigError on other differences."""
    check_given(given, RunRequest, *SETTINGS)
    given = dict(given)  # of which what is allowed is taken away
    if saved.text is None or saved.run is None or saved.state is None:
        raise CheckpointError(f"{quoted(path)} holds no state to resume from")
    count = saved.state.counters
    if len(saved.history) != count.epoch - (not count.finished):
        raise CheckpointError(f"{quoted(path)}: its history is not that of its epochs")
    free = {key: given.pop(key) for key in ("save_every", "log", "threads") if key in given}
    init_from = Path(saved.run.init_from) if saved.run.init_from else None
    if "init_from" in given and _is_start(saved.run, given["init_from"]):
        del given["init_from"]
    if "vocab" in given and init_from and _are_words(given["vocab"], saved.text.words):
        del given["vocab"]
    before = saved.text.place
    place = Place.of(given.pop("corpus", before.names), given.pop("encoding", before.encoding))
    if place.is_registered and place.names != before.names:
        given["corpus"] = place  # any path may be the same text
    old = saved.run.train
    known = {
        "corpus": saved.text.corpus,
        "preset": saved.run.preset,
        "init_from": init_from,
        "vocab": None,
        **asdict(saved.text.config),
        **asdict(saved.model),
        **asdict(old),
    }
    longer = {key: given.pop(key) for key in LIMITS if key in given}
    for key, value in longer.items():
        if known[key] is None or value < known[key]:
            given[key] = value
    if differences := [
        f"{key.replace('_', '-')} was {_shown(known[key])}, now {_shown(value)}"
        for key, value in given.items()
        if known[key] != value
    ]:
        ends = " or ".join(f"--{key}" for key in LIMITS if known[key] is not None)
        longer_than = f"what ends this run is {ends}, of which a larger one goes on with it"
        otherwise = "leave them out, or start a new run without --resume"
        raise ConfigError(
            f"{quoted(path)} cannot go on with other settings ({'; '.join(differences)}): "
            f"{longer_than if given.keys() <= set(LIMITS) else otherwise}"
        )
    return RunPlan(
        corpus=place.names,
        encoding=place.encoding,
        preset=saved.run.preset,
        init_from=init_from,
        text=saved.text.config,
        model=saved.model,
        train=replace(old, **longer),
        out=out,
        **free,
    )


def _shown(value: object) -> str:
    return "not given" if value is None else str(value)


def _are_words(vocab: Path, words: tuple[str, ...]) -> bool:
    """Whether the file `vocab` has those words. Raises CorpusError where it has none, or others."""
    return read_words(vocab, len(words)) == words


def _is_start(run: RunRecord, path: Path) -> bool:
    """Whether the run began with the model at `path`, wherever that lies now."""
    if run.init_sha256 is None:  # a state of an earlier version, or a run that began with none
        return str(path) == run.init_from
    return array_hash(load_checkpoint(path).params) == run.init_sha256
