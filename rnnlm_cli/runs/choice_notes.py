"""What is said of a plan before its run begins: what was chosen, why, and how long it takes."""

from __future__ import annotations

from dataclasses import fields

from rnnlm_cli.settings.presets import DEFAULT
from rnnlm_cli.settings.run import RunPlan, RunRequest
from rnnlm_cli.settings.spelling import spelt
from rnnlm_cli.training.planning import Forecast, TextFacts


def chosen_settings(asked: RunRequest, run: RunPlan, text: TextFacts) -> list[str]:
    """A note of what was chosen for the text, if anything was."""
    usual = asked.recipes.get(asked.preset or DEFAULT)
    known = usual or asked.recipes[run.preset]
    chosen = [] if usual else [f"preset {run.preset}"]
    chosen += [
        f"{name.replace('_', ' ')} {spelt(value)}"
        for config, before in ((run.model, known.model), (run.train, known.train))
        for name in (f.name for f in fields(config))
        if (value := getattr(config, name))
        and (name in known.open or value != getattr(before, name))
    ]
    if not chosen:
        return []
    return [f"chosen for {text.train_tokens:,} training tokens: {', '.join(chosen)}"]


def passes_of_budget(asked: RunRequest, found: Forecast, flops: float) -> str:
    """How often a run is likely to see the text in its time, and why it has this preset."""
    reason = f"preset {found.run.preset}"
    if asked.preset is None:
        reason += ", the largest that pays for this text in this time"
    return (
        f"{reason}: about {found.passes:.1f} epochs at {_pace(found)} ({flops / 1e9:,.0f} GFLOP/s)"
    )


def time_of_run(found: Forecast, text: TextFacts) -> str:
    """How long a run without a budget takes."""
    seconds = found.seconds(text)
    minutes = seconds / 60
    if seconds < 120:
        told = f"{seconds:.0f} seconds"
    else:
        told = f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:.0f} hours"
    return f"this takes about {told}, at {_pace(found)}"


def _pace(found: Forecast) -> str:
    return f"{found.speed:,.0f} words/s, as a few steps took here"
