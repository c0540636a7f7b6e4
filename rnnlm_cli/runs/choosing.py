"""The plan of a run for its text: what the request leaves open, chosen, and the forecast."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from rnnlm_cli.corpus.loading import Corpus
from rnnlm_cli.runs.around import UNATTENDED
from rnnlm_cli.runs.choice_notes import chosen_settings, passes_of_budget, time_of_run
from rnnlm_cli.runs.setup import new_trainer, with_ids_for
from rnnlm_cli.settings.run import RunPlan, RunRequest
from rnnlm_cli.training.peak import fits, told_memory
from rnnlm_cli.training.planning import TextFacts, fitted, foretold, planned
from rnnlm_cli.training.ranks import ALONE, Ranks
from rnnlm_cli.training.speed import measured_flops, speed_of_all, tried_speed

# Seconds of a trial, the more the longer the run, for other work may take the machine in a moment:
# a share of its budget, which is not to cost a short one more than another share.
_LEAST, _MOST = 0.5, 5.0
_SHARE, _MOST_SHARE = 0.005, 0.02
_ENDLESS, _NO_RATE = 10**9, 1e-12


def chosen(
    asked: RunRequest, corpus: Corpus, spent: float, ranks: Ranks = ALONE
) -> tuple[RunPlan, list[str]]:
    """The run with what was left open chosen for `corpus`, and notes that say what and why.

    Of a budget, `spent` seconds are gone.
    """
    text = TextFacts(
        len(corpus.ids("train")),
        len(corpus.vocabulary),
        corpus.tokenizer.unit,
        len(corpus.ids("valid")),
        corpus.counts,
    )
    trial = partial(_tried, corpus, ranks)
    pace = ""
    if "budget" in asked.settings:
        flops = ranks.size * measured_flops(asked.threads)
        found = planned(asked, text, flops, trial, partial(_fits, corpus, ranks), spent)
        run, pace = found.run, passes_of_budget(asked, found, flops)
    else:
        run = fitted(asked, text)
        if forecast := foretold(run, text, trial):
            pace = time_of_run(forecast, text)
    notes = [*corpus.notes, *chosen_settings(asked, run, text)]
    if pace:
        notes.append(f"{pace}; {told_memory(text.vocab_size, corpus.tokens, run, ranks)}")
    return run, notes


def _fits(corpus: Corpus, ranks: Ranks, run: RunPlan) -> bool:
    return fits(len(corpus.vocabulary), corpus.tokens, run, ranks)


def _seconds(budget: float | None) -> float:
    """How long to try a run that has that budget, or none."""
    if budget is None:
        return _LEAST
    return min(_MOST, _MOST_SHARE * budget, max(_LEAST, _SHARE * budget))


def _tried(corpus: Corpus, ranks: Ranks, config: RunPlan) -> float:
    """Words a second of a few steps of that run, in a model of its own that is then forgotten.

    Of several ranks this one tries its streams, and all of them how long a sum over them takes.
    """
    seconds = _seconds(config.train.budget)
    # At a rate that changes nothing: no weight can run away before the run has begun.
    mine = ranks.share(config.train.batch_size)
    endless = replace(
        config.train,
        epochs=None,
        budget=None,
        patience=None,
        steps=_ENDLESS,
        lr=_NO_RATE,
        batch_size=max(1, mine.stop - mine.start),
    )
    tried = replace(config, train=endless)
    trainer = new_trainer(tried, with_ids_for(config, corpus), UNATTENDED)
    found = tried_speed(trainer.run(), seconds)
    return found if ranks.size == 1 else speed_of_all(found, config.train, ranks, trainer.model)
