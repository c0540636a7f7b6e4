from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.corpus.cutting.pieces import bytes_of
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.tasks.beginning import start_of
from rnnlm_cli.tasks.drawing import Wanted, draw, draw_pieces, joined
from rnnlm_cli.tasks.drawn_texts import drawn_texts
from rnnlm_cli.tasks.scorer import Scorer
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


def text_of(tokens: Iterable[str]) -> str:
    return b"".join(map(bytes_of, tokens)).decode("utf-8", "replace")


@pytest.mark.parametrize("start", ["", "the ", "猫"])
def test_bytes_that_are_drawn_are_text_whatever_they_are(start: str, in_pieces: Scorer) -> None:
    config = SampleConfig(length=40, samples=9, seed=3, record="none")
    drawing = draw(in_pieces.model, in_pieces.words, start, config)
    texts = joined(drawing.pieces())
    drawing = draw(in_pieces.model, in_pieces.words, start, config)
    told = drawn_texts(drawing)
    begun = [in_pieces.words.words[i] for i in drawing.start.words]
    for text, each in zip(texts, told, strict=True):
        assert each.text == text == text_of(each.tokens)
        assert "".join(each.pieces) == text
        assert list(each.tokens[: len(begun)]) == begun
    assert any(text.endswith("�") for text in texts)  # the last character was not whole


def test_a_text_that_has_ended_has_all_its_characters(in_pieces: Scorer) -> None:
    config = SampleConfig(length=400, samples=9, seed=3, record="line")
    in_pieces.model.network.affine.params["b"][10] += 3  # line ends come often
    drawing = draw(in_pieces.model, in_pieces.words, "", config)
    for text in joined(drawing.pieces()):
        assert text.endswith("\n")
        assert text.strip()


def read(scorer: Scorer, start: str) -> list[int]:
    return list(start_of(scorer.words, start, SampleConfig(record="none")).read)


def test_a_blank_at_the_end_of_a_start_is_left_to_the_next_piece(in_pieces: Scorer) -> None:
    assert read(in_pieces, "the ") == read(in_pieces, "the") == [10, 257]
    assert read(in_pieces, "the  cat") == [10, 257, 32, 261]


def test_what_is_required_stands_behind_a_blank(in_pieces: Scorer) -> None:
    config = SampleConfig(length=12, beam=2, record="none")
    wanted = Wanted(require=["the cat"])
    (text,) = joined(draw(in_pieces.model, in_pieces.words, "a", config, wanted).pieces())
    assert " the cat" in text
