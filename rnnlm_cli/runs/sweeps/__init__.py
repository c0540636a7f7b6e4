"""Many runs of one text that differ in a few settings: which of these make the best model."""

from rnnlm_cli.runs.sweeps.plan import SweepPlan, read_plan
from rnnlm_cli.runs.sweeps.sweep import sweep
from rnnlm_cli.runs.sweeps.trial import State, Trial, best_of

__all__ = ["State", "SweepPlan", "Trial", "best_of", "read_plan", "sweep"]
