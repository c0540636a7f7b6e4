"""The settings with which a saved run goes on, and which changes of them it allows."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any, NoReturn

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.contents import RunRecord
from rnnlm_cli.checkpoint.rnnlm_files import array_hash
from rnnlm_cli.corpus.reading.places import Place
from rnnlm_cli.corpus.vocab_file import read_words
from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.runs.saved_state import SavedState
from rnnlm_cli.settings.run import FREE, SETTINGS, RunPlan, RunRequest, as_listed
from rnnlm_cli.settings.setting import check_given
from rnnlm_cli.settings.spelling import option_name, shown
from rnnlm_cli.training.pace import LIMITS


def resumed_config(saved: SavedState, out: Path, given: dict[str, Any]) -> RunPlan:
    """The saved settings, changed by those that are `given`, where a run may go on with them.

    Raises ConfigError for the settings with which that run does not go on.
    """
    given = as_listed(given)
    check_given(given, RunRequest, *SETTINGS)
    before = _plan(saved, out)
    # Of the words a name: whose they are, the file says.
    known = _by_name(before) | {"vocab": saved.run.vocab}
    changed = {name: value for name, value in given.items() if value != known[name]}
    refused = {
        name: value
        for name, value in changed.items()
        if not _goes_on(name, value, known[name], saved)
    }
    if refused:
        _refuse(refused, known, saved.path)
    longer = {name: changed[name] for name in LIMITS if name in changed}
    return replace(
        before,
        **{name: given[name] for name in FREE if name in given},
        corpus=Place.of(given.get("corpus", before.corpus)).names,
        train=replace(before.train, **longer),
    )


def _plan(saved: SavedState, out: Path) -> RunPlan:
    """The run as it was saved; what is free has its default."""
    run, text = saved.run, saved.text
    return RunPlan(
        corpus=text.place.names,
        encoding=text.place.encoding,
        preset=run.preset,
        init_from=Path(run.init_from) if run.init_from else None,
        text=text.config,
        model=saved.checkpoint.model,
        train=run.train,
        out=out,
    )


def _by_name(plan: RunPlan) -> dict[str, Any]:
    """Every setting of a run."""
    parts = plan, plan.text, plan.model, plan.train
    return {each.name: getattr(part, each.name) for part in parts for each in fields(part)}


def _goes_on(name: str, value: Any, known: Any, saved: SavedState) -> bool:
    """Whether a run goes on with another value of a setting than the one that is `known`.

    Raises CheckpointError or CorpusError for a file that cannot be read.
    """
    if name in LIMITS:
        return known is not None and bool(value > known)
    if name == "corpus":  # any path may be the same text
        return not Place.of(value).is_registered
    if name == "init_from":
        return _is_start(saved.run, value)
    if name == "vocab":
        return saved.run.init_from is not None and _are_words(value, saved.text.words)
    return name in FREE


def _refuse(refused: dict[str, Any], known: dict[str, Any], path: Path) -> NoReturn:
    differences = [
        f"{option_name(name)} was {_shown(name, known[name])}, now {_shown(name, value)}"
        for name, value in refused.items()
    ]
    ends = " or ".join(f"--{limit}" for limit in LIMITS if known[limit] is not None)
    longer_than = f"what ends this run is {ends}, of which a larger one goes on with it"
    otherwise = "leave them out, or start a new run without --resume"
    raise ConfigError(
        f"{quoted(path)} cannot go on with other settings ({'; '.join(differences)}): "
        f"{longer_than if refused.keys() <= set(LIMITS) else otherwise}"
    )


def _shown(name: str, value: Any) -> str:
    return str(Place.of(value)) if name == "corpus" else shown(value)


def _are_words(vocab: Path, words: tuple[str, ...]) -> bool:
    """Whether the file `vocab` has those words. Raises CorpusError where it has none, or others."""
    return read_words(vocab, len(words)) == words


def _is_start(run: RunRecord, path: Path) -> bool:
    """Whether the run began with the model at `path`, wherever that lies now."""
    if run.init_sha256 is None:  # a state of an earlier version, or a run that began with none
        return str(path) == run.init_from
    return array_hash(load_checkpoint(path).params) == run.init_sha256
