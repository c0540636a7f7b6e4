"""What a sweep is asked for: a TOML file.

    trials = 20              # how many runs; left out: all combinations, where each is a list
    jobs = 2                 # so many at a time, each with one thread; left out: one a core
    seed = 0                 # of the search
    prune = true             # stop a run that is behind most others after as many epochs

    [fixed]                  # options of `rnnlm train` that every run has
    corpus = "ptb"
    budget = "1m"

    [space]                  # those that differ
    lr = { low = 0.002, high = 0.02, log = true }
    hidden-size = { low = 128, high = 512, step = 64 }
    dropout = [0.1, 0.2, 0.3]

Instead of a space, `seeds = 5` runs the same five times, with seeds from 0 on.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from rnnlm_cli.errors import CheckpointError, ConfigError, quoted
from rnnlm_cli.machine import usable_cores
from rnnlm_cli.runs.sweeps.axes import Axis, OneOf, read_axis
from rnnlm_cli.settings.run import OPTIONS, SETTINGS, RunRequest
from rnnlm_cli.settings.setting import check_given, is_one, refuse_setting, told, whole
from rnnlm_cli.settings.spelling import option_name

# The sweep's own: where a run's files go, how many threads it has.
_OURS = {"out", "log", "tensorboard", "threads"}
_NAMES = "trials", "jobs", "seed", "prune"
_SUFFIX = ".toml"
_MOST_RUNS = 1_000_000
_MOST_SEED = 2**32 - 1  # the largest seed of the search
_TRIALS = 20  # where a range leaves their number open


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPlan:
    """A sweep in which nothing is open. Settings are named as in Python, their values as given."""

    path: Path
    trials: int
    jobs: int
    seed: int
    prune: bool
    fixed: Mapping[str, Any]
    space: Mapping[str, Axis]

    @property
    def folder(self) -> Path:
        """Where the files of its runs are: beside the plan, named like it."""
        return self.path.with_suffix("")

    @property
    def differing(self) -> list[str]:
        """The settings of the space that have more than one value."""
        return [name for name, axis in self.space.items() if axis.count > 1]

    @property
    def identity(self) -> str:
        """What decides which runs it has, as JSON."""
        space = {name: axis.as_json for name, axis in self.space.items()}
        return json.dumps([dict(self.fixed), space, self.seed], sort_keys=True)

    @property
    def is_grid(self) -> bool:
        """Whether every combination is run."""
        return self.trials == _combinations(self.space)

    @property
    def is_countable(self) -> bool:
        """Whether every setting is a list."""
        return math.isfinite(_combinations(self.space))

    @property
    def is_of_seeds(self) -> bool:
        """Whether the runs differ in their seeds alone."""
        return set(self.space) == {"seed"}

    def combinations(self) -> Iterator[dict[str, Any]]:
        """All of a grid, in the order of the file: the last setting changes first."""
        values = product(*(axis.known for axis in self.space.values()))
        return (dict(zip(self.space, each, strict=True)) for each in values)

    def out(self, number: int) -> Path:
        """The model of a run."""
        return self.folder / f"{number}.pkl"

    def given(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The settings of a run with these of the space, as `RunRequest.of` takes them."""
        given = {**self.fixed, **params}
        return {name: OPTIONS[name].given(value) for name, value in given.items()}


def read_plan(path: Path) -> SweepPlan:
    """The sweep that a file asks for. Raises ConfigError."""
    if path.suffix != _SUFFIX:
        raise ConfigError(
            f"sweep is {quoted(path)}, but must be a file name ending in {_SUFFIX}: the rest of it "
            "names the folder of the runs"
        )
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{quoted(path)} cannot be read ({error.strerror or error})") from None
    # No TOML, no UTF-8, or a number of too many digits; tables in tables without an end
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{quoted(path)} is no TOML file: {error}") from None
    try:
        return _planned(path, table)
    except (ConfigError, CheckpointError) as error:
        raise ConfigError(f"{quoted(path)}: {error}") from None


def _planned(path: Path, table: dict[str, Any]) -> SweepPlan:
    if unknown := table.keys() - {"space", "fixed", "seeds", *_NAMES}:
        raise ConfigError(
            f"there is no {quoted(min(unknown))} in a sweep, but {', '.join(_NAMES)}, seeds, "
            "[fixed] and [space]: options of a run are in one of these two tables"
        )
    space = _space(_table(table, "space"), _number(table, "seeds", 1) if "seeds" in table else None)
    fixed = _by_name(_table(table, "fixed"))
    if twice := sorted(space.keys() & fixed.keys()):
        raise ConfigError(f"{option_name(twice[0])} is fixed and differs: leave one of these out")
    plan = SweepPlan(
        path=path,
        trials=_trials(table, _combinations(space)),
        jobs=_number(table, "jobs", usable_cores()),
        seed=_number(table, "seed", 0, least=0, most=_MOST_SEED),
        prune=_switch(table, "prune"),
        fixed=fixed,
        space=space,
    )
    _check(plan)
    return plan


def _table(table: dict[str, Any], name: str) -> dict[str, Any]:
    if not isinstance(found := table.get(name, {}), dict):
        raise ConfigError(f"{name} must be a table: begin it with a line [{name}]")
    return found


def _number(
    table: dict[str, Any], name: str, default: int, *, least: int = 1, most: int = _MOST_RUNS
) -> int:
    found: Any = table.get(name, default)
    allowed = whole(least, most)
    if not is_one(found, int) or not allowed.holds(found):
        refuse_setting(name, told(found), allowed.needed)
    return int(found)


def _trials(table: dict[str, Any], most: float) -> int:
    """How many runs of the `most` that differ."""
    if "trials" not in table and _MOST_RUNS < most < math.inf:
        raise ConfigError(
            f"[space] has {most:,} combinations, too many to run: give trials, how many of them "
            "are to be"
        )
    default = int(most) if most < math.inf else _TRIALS
    return int(min(_number(table, "trials", default), most))


def _switch(table: dict[str, Any], name: str) -> bool:
    if not isinstance(found := table.get(name, True), bool):
        refuse_setting(name, told(found), "true or false")
    return found


def _named(name: str) -> str:
    """An option as Python names it."""
    known = name.removeprefix("--").replace("-", "_")
    if known in _OURS:
        raise ConfigError(f"{option_name(known)} is chosen by the sweep for each run: leave it out")
    if known not in OPTIONS or not OPTIONS[known].setting.is_option:
        raise ConfigError(f"{quoted(name)} is no option of rnnlm train: see rnnlm train --help")
    return known


def _by_name(table: dict[str, Any]) -> dict[str, Any]:
    """The same, by the names of Python."""
    found = dict[str, Any]()
    for spelling, value in table.items():
        if (name := _named(spelling)) in found:
            raise ConfigError(f"{option_name(name)} is given twice in a table: give it once")
        found[name] = value
    return found


def _space(table: dict[str, Any], seeds: int | None) -> dict[str, Axis]:
    if seeds is not None:
        if table:
            raise ConfigError("seeds go without a [space]: leave one of these out")
        return {"seed": OneOf(tuple(range(seeds)))}
    if not table:
        raise ConfigError("there is no [space] of settings that differ, and no number of seeds")
    by_name = _by_name(table)
    return {n: read_axis(option_name(n), v, OPTIONS[n].kind) for n, v in by_name.items()}


def _combinations(space: Mapping[str, Axis]) -> float:
    return math.prod(axis.count for axis in space.values())


def _check(plan: SweepPlan) -> None:
    """Raises ConfigError for a value that no run may have, whatever it goes with."""
    for name, value in plan.fixed.items():
        _check_value(name, value)
    for name, axis in plan.space.items():
        for value in axis.known:
            _check_value(name, value)
        # As a run takes them: 1 and 1.0 are one rate, 1m and 60s one budget.
        if len({OPTIONS[name].given(value) for value in axis.known}) < len(axis.known):
            raise ConfigError(f"{option_name(name)} has a value twice: give each once")


def _check_value(name: str, value: Any) -> None:
    check_given({name: OPTIONS[name].given(value)}, RunRequest, *SETTINGS)
