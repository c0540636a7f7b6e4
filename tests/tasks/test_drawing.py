from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.tasks.drawing import Wanted, draw, draw_pieces
from rnnlm_cli.trained import Trained


def test_a_text_begins_with_its_start_and_goes_on_by_a_token(trained: Path) -> None:
    lm, start = Trained.load(trained), "the old cat sees a"
    config = SampleConfig(length=4, samples=2, seed=1, stop_at_eos=True)
    begun, *pieces = draw(lm._lm.model, lm.words, start, config, Wanted(skip=["cat"])).pieces()
    assert begun == [start] * 2
    assert [len(each) for each in pieces] == [2] * len(pieces)
    for text in map("".join, zip(*pieces, strict=True)):
        assert text.endswith("\n")
        assert "cat" not in text


@pytest.mark.parametrize("ends", [{"stop_at_eos": True}, {"record": "line"}])
def test_a_model_without_line_ends_cannot_end_a_text_with_one(
    trained: Path, ends: dict[str, Any]
) -> None:
    lm = Trained.load(trained)
    words = replace(lm.words, words=tuple(f"{word}x" for word in lm.words.words))
    with pytest.raises(ConfigError, match="is set, but the model knows no <eos>"):
        list(draw_pieces(lm._lm.model, words, "", SampleConfig(length=4, **ends)))
