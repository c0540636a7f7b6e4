"""What is held of the text of a model for its tricks."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlm_cli.corpus.loading import load_corpus
from rnnlm_cli.scoring import adapting
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.settings.tricks import TrickConfig
from rnnlm_cli.tasks.scorer import Scorer
from rnnlm_cli.tasks.with_tricks import WithTricks
from rnnlm_cli.watching import in_silence

ASKED = {
    "cache": (TrickConfig(temper=True, cache=True), False),
    "ngram": (TrickConfig(ngram=True), True),
    "dynamic": (TrickConfig(dynamic=True), True),
}


@pytest.mark.parametrize(("tricks", "held"), ASKED.values(), ids=ASKED)
def test_the_training_text_is_held_for_what_is_made_of_it(
    tricks: TrickConfig,
    held: bool,
    scorer: Scorer,
    text_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = list[int]()

    def check(model: object, tokens: int, train_tokens: int, *_: object) -> None:
        told.append(train_tokens)
        raise KeyboardInterrupt

    monkeypatch.setattr(adapting, "check_adapting", check)
    own = load_corpus(str(text_file), CorpusConfig())
    with pytest.raises(KeyboardInterrupt):
        WithTricks(scorer, own, tricks, say=print, stages=in_silence).score(own.text("test"))
    assert told == [len(own.ids("train")) if held else 0]
