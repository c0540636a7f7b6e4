"""What a model writes at three temperatures, with what it copied of the text that it learnt."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlm_cli.checkpoint.opened import Opened
from rnnlm_cli.cli.report.record import Sample
from rnnlm_cli.settings.sample import SampleConfig, ToldConfig
from rnnlm_cli.tasks.drawing import Wanted
from rnnlm_cli.tasks.drawn_texts import DrawnText
from rnnlm_cli.watching import Bars

_TEMPERATURES = 0.5, 0.8, 1.0
_EACH = 2
_WORDS = 80  # of one


def samples_of(lm: Opened, first: str, stages: Bars, *, novelty: bool) -> Iterator[Sample]:
    """As `rnnlm generate --seed 1` draws them; with `novelty` copies are looked for.

    Without an `<eos>` to begin behind they begin with the word `first`.
    """
    words = lm.words
    start = first if words.vocabulary.eos_id is None else ""
    for temperature in _TEMPERATURES:
        how = SampleConfig(
            length=words.tokenizer.tokens_in(_WORDS), samples=_EACH, temperature=temperature, seed=1
        )
        drawing = lm.draw(start, how, Wanted())
        for each in lm.draw_whole(drawing, ToldConfig(novelty=novelty), stages):
            yield _told(each, temperature)


def _told(drawn: DrawnText, temperature: float) -> Sample:
    copies = drawn.copies
    return Sample(
        temperature=temperature,
        pieces=list(drawn.pieces),
        copied=None if copies is None else copies.spans,
        longest=0 if copies is None else copies.longest,
    )
