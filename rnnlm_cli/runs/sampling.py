"""Short texts that a model writes while it learns."""

from __future__ import annotations

from rnnlm_cli.errors import RnnlmError
from rnnlm_cli.runs.events import Sample
from rnnlm_cli.runs.setup import Setup
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.settings.setting import LARGEST_SEED
from rnnlm_cli.tasks.drawing import draw_pieces, joined
from rnnlm_cli.training.reports import EpochReport, StepReport

_WORDS = 20  # of a text


class Samples:
    """Texts after every `every` epochs of a run, unless its settings say otherwise; 0: none.

    They are of the model as it was validated and is kept: with the average of its weights, if any.

    A run is the same with them and without: they have random numbers of their own, which depend on
    the seed of the run and the step, so that a run which was resumed writes the same ones.
    """

    def __init__(self, setup: Setup, every: int) -> None:
        asked = setup.config.sample_every
        self._setup, self._every = setup, every if asked is None else asked

    def after(self, report: StepReport | EpochReport) -> Sample | None:
        """The text that is due after `report`, if one is."""
        due = isinstance(report, EpochReport) and self._every and report.epoch % self._every == 0
        if not due:
            return None
        text = self._drawn(report.step)
        return None if text is None else Sample(report.step, report.epoch, text)

    def _drawn(self, step: int) -> str | None:
        setup, words = self._setup, self._setup.text
        length = words.tokenizer.tokens_in(_WORDS)
        config = SampleConfig(length=length, seed=(setup.config.train.seed + step) % LARGEST_SEED)
        try:
            with setup.trainer.kept_weights():
                return joined(draw_pieces(setup.model, words, "", config))[0]
        except RnnlmError:  # a model that can write nothing may still learn
            return None
