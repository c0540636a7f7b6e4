from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.errors import ConfigError, VocabularyError
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.tasks.drawing import draw_pieces
from rnnlm_cli.tasks.scorer import Scorer
from rnnlm_cli.tasks.steered import SteeredText
from rnnlm_cli.trained import Trained

START = "the old"


def text_of(path: Path, start: str = START, **given: Any) -> SteeredText:
    lm = Trained.load(path)
    return SteeredText(lm._lm.model, lm.words, start, SampleConfig(seed=1), **given)


def test_the_candidates_are_what_the_model_expects_next(trained: Path) -> None:
    text, state = text_of(trained), Trained.load(trained).state().after(START)
    found = text.candidates(5)
    shares = dict(state.next_words(50))
    total = 1 - shares.get("<unk>", 0.0)
    for each in found:
        assert each.share == pytest.approx(shares[each.piece.strip() or "<eos>"] / total, rel=1e-4)
    assert [each.share for each in found] == sorted((e.share for e in found), reverse=True)
    assert len(found) == 5


def test_a_word_that_is_taken_or_typed_is_added(trained: Path) -> None:
    text = text_of(trained)
    second = text.candidates(3)[1]
    assert text.add(second.id) == second.piece
    assert text.type("cat sees") == " cat sees"
    assert text.text == f"{START}{second.piece} cat sees"
    assert len(text) == 3
    assert text.end_line() == "\n"


@pytest.mark.parametrize("steps", [1, 3, 4, 99])
def test_what_is_taken_back_leaves_no_trace(steps: int, trained: Path) -> None:
    text = text_of(trained)
    seen = [(text.text, text.candidates(9))]
    for _ in range(4):
        text.draw()
        seen.append((text.text, text.candidates(9)))
    assert text.undo(steps) == min(steps, 4)
    assert (text.text, text.candidates(9)) == seen[max(0, 4 - steps)]  # to the bit
    text.type("cat")
    text.undo()
    assert (text.text, text.candidates(9)) == seen[max(0, 4 - steps)]


def test_a_line_end_that_is_taken_back_leaves_no_line_begun(trained: Path) -> None:
    text = text_of(trained)
    text.end_line()
    text.undo()
    assert text.type("cat") == " cat"


def test_nothing_is_taken_back_of_the_start(trained: Path) -> None:
    assert text_of(trained).undo(3) == 0


@pytest.mark.parametrize("record", ["none", "line", "paragraph"])
def test_drawing_is_what_generate_draws(record: Any, trained: Path) -> None:
    lm, config = Trained.load(trained), SampleConfig(length=12, seed=1, record=record)
    pieces = [piece for (piece,) in draw_pieces(lm._lm.model, lm.words, START, config)]
    text = SteeredText(lm._lm.model, lm.words, START, config)
    text._rng = np.random.default_rng(1).spawn(1)[0]  # of the first sample
    assert [text.text, *(text.draw() for _ in pieces[1:])] == pieces


def test_settings_may_change_on_the_way(trained: Path) -> None:
    text = text_of(trained)
    before = text.candidates(9)
    text.config = replace(text.config, temperature=0)
    (only,) = text.candidates(9)
    assert (only.id, only.share) == (before[0].id, 1.0)
    text.config = replace(text.config, temperature=1, top_k=2)
    assert [each.id for each in text.candidates(9)] == [each.id for each in before[:2]]
    text.config = replace(text.config, top_k=None, no_repeat_ngram=1)
    text.add(before[0].id)
    assert before[0].id not in {each.id for each in text.candidates(50)}


def test_a_word_that_is_not_known_changes_nothing(trained: Path) -> None:
    text = text_of(trained)
    before = text.text, text.candidates(9)
    with pytest.raises(VocabularyError, match="typed: the word 'zebra' is not in the vocabulary"):
        text.type("cat zebra")
    assert (text.text, text.candidates(9)) == before


def test_words_to_skip_are_no_candidates(trained: Path) -> None:
    skipped = text_of(trained).candidates(1)[0].piece.strip()
    text = text_of(trained, skip=[skipped])
    assert skipped not in {each.piece.strip() for each in text.candidates(50)}


def test_a_model_without_line_ends_ends_no_line(trained: Path) -> None:
    lm = Trained.load(trained)
    words = replace(lm.words, words=tuple(f"{word}x" for word in lm.words.words))
    text = SteeredText(lm._lm.model, words, "thex", SampleConfig(seed=1))
    with pytest.raises(ConfigError, match="knows no <eos>"):
        text.end_line()


def test_a_character_of_several_pieces_comes_out_right_and_can_be_taken_back(
    in_pieces: Scorer,
) -> None:
    text = SteeredText(in_pieces.model, in_pieces.words, "the ", SampleConfig(seed=1))
    listed = {each.id: each.piece for each in text.candidates(400)}
    assert (listed[0xE3], listed[258], listed[ord("\n")]) == ("\\xe3", " the", "\n")
    assert [text.add(word) for word in (262, 0x93)] == ["", "こ"]
    text.undo()
    assert text.text == "the�"  # as far as it goes
    assert text.add(0x93) == "こ"
    assert text.text == "theこ"


@pytest.mark.parametrize(
    ("start", "typed", "text"),
    [
        ("the ", "cat", "the cat"),
        ("the,", " cat", "the, cat"),
        ("the", ", cat", "the, cat"),
        ("(", "cat", "(cat"),
        ("a\n", "cat", "a\ncat"),
        ("", "cat", "cat"),
        ("猫", "cat", "猫cat"),
        ("the", "猫", "the猫"),
    ],
)
def test_a_word_that_is_typed_behind_a_piece_has_a_blank_before_it(
    start: str, typed: str, text: str, in_pieces: Scorer
) -> None:
    steered = SteeredText(in_pieces.model, in_pieces.words, start, SampleConfig(seed=1))
    steered.type(typed)
    assert steered.text == text


@pytest.mark.parametrize("step", range(4))
def test_an_interrupt_leaves_text_and_scores_of_one_place(
    step: int, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in the LSTM, before or behind it, while a word is drawn: then all goes on."""
    text, undisturbed = text_of(trained), text_of(trained)
    for each in (text, undisturbed):
        each.draw()
    left = [step]
    parts = [(text._stepper._words, "step"), (text._stepper._steps[0], "step")]
    parts += [(text._stepper._affine, "scores"), (text._begun, "feed")]
    part, name = parts[step]
    whole = getattr(type(part), name)

    def interrupted(self: Any, *args: Any, **given: Any) -> Any:
        result = whole(self, *args, **given)
        if left:
            left.clear()
            raise KeyboardInterrupt
        return result

    monkeypatch.setattr(type(part), name, interrupted)
    with pytest.raises(KeyboardInterrupt):
        [text.draw() for _ in range(3)]
    undisturbed.undo(len(undisturbed))
    for word in text._added:
        undisturbed.add(word.id)
    assert text.text == undisturbed.text
    assert text.candidates(9) == undisturbed.candidates(9)


def test_without_a_rule_nobody_goes_over_the_words_so_far(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = text_of(trained)
    text.type("cat sees")
    monkeypatch.setattr(SteeredText, "_ids", property(lambda _: pytest.fail("not needed")))
    text.draw()
