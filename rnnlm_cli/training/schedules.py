"""The learning rate over a run."""

from __future__ import annotations

import math

from rnnlm_cli.settings.train import TrainConfig

_RISE = 0.3  # of a run: the way up of the one-cycle schedule


def learning_rate(config: TrainConfig, progress: float, reductions: int) -> float:
    """The rate after the share `progress` (0 to 1) of the run.

    It rises from zero over the first `config.warmup` of the run (1706.02677); then
    constant: always lr; plateau: lr / 4 for each of the `reductions` times that validation got
    worse (book section 6.5); linear: to zero exactly at the end (1905.04753); cosine: the same on a
    half wave (1608.03983); one-cycle: up for 30% of the run, down for the rest, both on half waves
    (1708.07120).
    """
    left = 1.0 - min(1.0, progress)
    factor = {
        "constant": 1.0,
        "plateau": 4.0**-reductions,  # so many powers of 4 overflow, their inverse does not
        "linear": left,
        "cosine": _half_wave(left),
        "one-cycle": _half_wave(min((1.0 - left) / _RISE, left / (1.0 - _RISE))),
    }[config.schedule]
    warm = min(1.0, progress / config.warmup) if config.warmup else 1.0
    return float(config.lr * factor * warm)


def _half_wave(share: float) -> float:
    """From 0 to 1 as `share` does, slow at both ends."""
    return (1.0 - math.cos(math.pi * share)) / 2
