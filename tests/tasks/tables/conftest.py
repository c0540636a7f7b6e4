"""Scorers of a small model that reads text in one unit or another, and the scores of its tokens."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.settings.text import CorpusConfig, Unit
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.scorer import Scorer, TokenScore
from tests.models import untrained_model

WORDS: dict[Unit, tuple[str, ...]] = {
    "word": ("<eos>", "<unk>", *"the old cat sees it's new york , . \" (".split()),
    "whitespace": ("<eos>", "<unk>", *"the old cat sees it's new york".split()),
    "char": ("<eos>", "<unk>", *"theoldcase, .\"'nwyrk"),
}

Tokens = Callable[[Scorer, str], list[TokenScore]]


def scorer_of(unit: Unit, *, unk: bool = True, lower: bool = False) -> Scorer:
    words = tuple(dict.fromkeys(word for word in WORDS[unit] if unk or word != "<unk>"))
    text = CorpusConfig(unit=unit, lower=lower)
    return Scorer(
        untrained_model(len(words)), TextRecord(corpus="x", sha256="", config=text, words=words)
    )


@pytest.fixture(name="scorer")
def word_scorer() -> Scorer:
    return scorer_of("word")


def tokens_of(scorer: Scorer, text: str) -> list[TokenScore]:
    """The scores of the tokens of a text, one passage."""
    (scored,) = scorer.score([Passage.of(scorer.words, text, "x")], guesses=0)
    return list(scorer.token_scores(scored))
