"""The plan of a run for its text: what the request leaves open, chosen, and the forecast."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from rnnlm_cli.corpus.loading import Corpus
from rnnlm_cli.runs.around import Around
from rnnlm_cli.runs.setup import new_trainer, with_ids_for
from rnnlm_cli.settings.run import RunPlan, RunRequest
from rnnlm_cli.training.peak import told_memory
from rnnlm_cli.training.planning import TextFacts, fitted, foretold, planned, told
from rnnlm_cli.training.ranks import ALONE, Ranks
from rnnlm_cli.training.speed import measured_flops, speed_of_all, tried_speed

# Seconds of a trial, the more the longer the run, for other work may take the machine in a moment:
# a share of its budget, which is not to cost a short one more than another share.
_LEAST, _MOST = 0.5, 5.0
_SHARE, _MOST_SHARE = 0.005, 0.02
_ENDLESS, _NO_RATE = 10**9, 1e-12


def chosen(
    asked: RunRequest, corpus: Corpus, out: Path, spent: float, ranks: Ranks = ALONE
) -> tuple[RunPlan, list[str]]:
    """The run with what was left open chosen for `corpus`, and notes that say what and why."""
    text = TextFacts(
        len(corpus.ids("train")),
        len(corpus.vocabulary),
        corpus.tokenizer.unit,
        len(corpus.ids("valid")),
        corpus.counts,
    )
    speed = partial(_tried, corpus, ranks)
    if "budget" in asked.settings:
        run, note = planned(asked, text, ranks.size * measured_flops(asked.threads), speed, spent)
        notes = [note]
    else:
        run = fitted(asked, text)
        notes = foretold(run, text, speed)
    if notes:  # of how long it takes
        notes[-1] += f"; {told_memory(text.vocab_size, corpus.tokens, run, ranks)}"
    return replace(run, out=out), [*corpus.notes, *told(asked, run, text), *notes]


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
    trainer = new_trainer(tried, with_ids_for(config, corpus), Around())
    found = tried_speed(trainer.run(), seconds)
    return found if ranks.size == 1 else speed_of_all(found, config.train, ranks, trainer.model)
