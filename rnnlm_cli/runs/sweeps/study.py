"""The search: Optuna chooses settings and says which runs are to be given up.

All that it knows is in a journal in the folder of the sweep, written line by line: a sweep that
was killed goes on from there.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnlm_cli.errors import ConfigError, library, quoted
from rnnlm_cli.runs.sweeps.plan import SweepPlan
from rnnlm_cli.runs.sweeps.trial import State, Trial
from rnnlm_cli.settings.run import OPTIONS

_JOURNAL, _NAME, _PLAN = "journal.log", "sweep", "plan"
_AGAIN = "again"  # of a run: the number of the failed one whose settings it has
_DRAWS = 100  # of settings that were run before, until one is taken that was not
_STARTUP = 4  # runs that must have ended before one is given up
_FIELDS = "test", "seconds", "message"
_BEGUN = "RUNNING", "COMPLETE", "PRUNED", "FAIL"


class Study:
    """The runs of a sweep, those of earlier sessions too."""

    def __init__(self, plan: SweepPlan) -> None:
        """What failed in an earlier session is asked for again.

        Raises MissingExtra, and ConfigError if the sweep that lies there was another one.
        """
        self._optuna = library("optuna", what="sweeps", extra="sweep")
        self._optuna.logging.set_verbosity(self._optuna.logging.WARNING)
        journal = self._optuna.storages.journal.JournalFileBackend(str(plan.folder / _JOURNAL))
        kinds = self._optuna.distributions
        self._space = {
            name: axis.distribution(kinds, OPTIONS[name].kind) for name, axis in plan.space.items()
        }
        self._wanted, self._seed = plan.trials, plan.seed
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is experimental in it
            self._study = self._optuna.create_study(
                storage=self._optuna.storages.JournalStorage(journal),
                study_name=_NAME,
                load_if_exists=True,
                direction="minimize",
                pruner=self._pruner(plan),
            )
        self._check_same(plan)
        self._is_grid, self._is_countable = plan.is_grid, plan.is_countable
        self._combinations = plan.combinations
        if plan.is_grid:  # what is missing of it: it may have been no grid before, or half enqueued
            for params in plan.combinations():
                self._study.enqueue_trial(params, skip_if_exists=True)
        for failed in self._runs("FAIL"):  # what it failed by may be mended
            self._study.enqueue_trial(failed.params, {_AGAIN: failed.number})
        self._left = [each.number for each in self._runs("RUNNING")]

    def next(self) -> Trial | None:
        """The next run: one that was cut short, or a new one; None if there are enough."""
        if self._left:
            return self.trial(self._left.pop(0))
        waiting, begun = len(self._runs("WAITING")), len(self._runs(*_BEGUN))
        if begun >= self._wanted and not (self._is_grid and waiting):
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if not waiting and self._is_countable:
                self._study.enqueue_trial(self._untried())
            self._study.sampler = self._sampler(len(self._study.trials))
            return self.trial(self._study.ask(self._space).number)

    def _untried(self) -> dict[str, Any]:
        """What the search would run next, of the combinations that were not run yet.

        It draws with return, but a run that is made again with the same seed tells nothing.
        """
        known = self._runs(*_BEGUN)
        sketch = self._optuna.create_study(sampler=self._sampler(len(self._study.trials)))
        sketch.add_trials(known)
        for _ in range(_DRAWS):
            params: dict[str, Any] = sketch.ask(self._space).params
            if all(params != each.params for each in known):
                return params
        left = (each for each in self._combinations() if all(each != k.params for k in known))
        return next(left, params)

    def trial(self, number: int) -> Trial:
        """A run, as the journal has it."""
        return self._told(self._study.trials[number])

    def trials(self) -> list[Trial]:
        """All that have begun."""
        return [self._told(each) for each in self._runs(*_BEGUN)]

    def note(self, number: int, epoch: int, valid: float) -> bool:
        """Note the validation perplexity of an epoch: whether the run is to be given up."""
        known = self._study.trials[number]
        if epoch in known.intermediate_values:  # made again after a resume
            return False
        trial = self._open(known)
        trial.report(valid if math.isfinite(valid) else math.inf, epoch)
        return bool(trial.should_prune())

    def end(self, ended: Trial) -> None:
        """A run is over."""
        trial = self._open(self._study.trials[ended.number])
        for name in _FIELDS:
            trial.set_user_attr(name, getattr(ended, name))
        states = self._optuna.trial.TrialState
        if ended.state == "done":
            self._study.tell(ended.number, ended.valid)
        else:
            state = states.PRUNED if ended.state == "pruned" else states.FAIL
            self._study.tell(ended.number, state=state)

    def _open(self, known: Any) -> Any:
        # The number alone is public; this is what Optuna itself makes of a run that goes on.
        return self._optuna.trial.Trial(self._study, known._trial_id)

    def _runs(self, *states: str) -> list[Any]:
        """Those of the journal that are in one of the `states`, but none that is made again."""
        known = self._study.trials
        again = {each.user_attrs.get(_AGAIN) for each in known}
        return [each for each in known if each.state.name in states and each.number not in again]

    def _told(self, trial: Any) -> Trial:
        states: Mapping[str, State] = {"COMPLETE": "done", "PRUNED": "pruned", "FAIL": "failed"}
        state, by_epoch = states.get(trial.state.name, "waiting"), trial.intermediate_values
        least = min(by_epoch.values(), default=math.nan)
        known = {name: trial.user_attrs[name] for name in _FIELDS if name in trial.user_attrs}
        return Trial(
            trial.number,
            trial.params,
            state,
            max(by_epoch, default=0),
            trial.value if state == "done" else least,
            **known,
        )

    def _sampler(self, number: int) -> Any:
        # One for each run: a sweep that goes on must not draw again what it drew when it began.
        (seed,) = np.random.SeedSequence([self._seed, number]).generate_state(1)
        # Runs that are not over count as bad ones: those side by side are not alike.
        return self._optuna.samplers.TPESampler(seed=int(seed), constant_liar=True)

    def _pruner(self, plan: SweepPlan) -> Any:
        if plan.is_of_seeds or not plan.prune:
            return self._optuna.pruners.NopPruner()
        return self._optuna.pruners.MedianPruner(n_startup_trials=_STARTUP)

    def _check_same(self, plan: SweepPlan) -> None:
        if self._study.user_attrs.get(_PLAN, plan.identity) != plan.identity:
            raise ConfigError(
                f"{quoted(plan.path)} asks for other runs than those in {quoted(plan.folder)}: "
                "take that back (trials, jobs and prune may change), or move the folder away"
            )
        if not self._study.trials:
            self._study.set_user_attr(_PLAN, plan.identity)
