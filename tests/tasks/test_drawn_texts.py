"""Texts that were drawn, and what is told of their words."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.checkpoint import opened
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.errors import CorpusError, RnnlmError
from rnnlm_cli.generating.copies import Copies
from rnnlm_cli.generating.suffixes import SuffixArray
from rnnlm_cli.settings.sample import SampleConfig, ToldConfig
from rnnlm_cli.settings.setting import declared
from rnnlm_cli.settings.text import Unit
from rnnlm_cli.tasks.drawing import Wanted, draw, joined
from rnnlm_cli.tasks.drawn_texts import DrawnText, drawn_texts, least_run
from rnnlm_cli.tasks.scorer import Scorer
from rnnlm_cli.trained import Trained
from rnnlm_cli.watching import Progress

START = "the old"


@pytest.fixture(scope="module")
def lm(trained: Path) -> Trained:
    return Trained.load(trained)


@pytest.mark.parametrize("record", ["line", "paragraph", "none"])
def test_log_probabilities_are_those_of_the_text_whatever_drew_it(
    scorer: Scorer, record: str
) -> None:
    config = SampleConfig(length=9, samples=3, seed=1, temperature=0.3, top_k=3, record=record)  # type: ignore[arg-type]
    drawing = draw(scorer.model, scorer.words, START, config, Wanted(skip=["cat"]))
    for text in drawn_texts(drawing, scorer=scorer):
        found = text.log_probabilities
        assert found is not None
        ids = [scorer.words.vocabulary.ids[token] for token in text.tokens]
        eos = scorer.words.vocabulary.eos_id
        before = [eos, eos] if record == "paragraph" else [eos]
        with scorer.model.fresh_state():
            inputs = np.array([[*before, *ids[:-1]]])
            nats = scorer.model.nats(inputs, np.array([[*before[1:], *ids]]))[0]
        np.testing.assert_allclose(found, -nats[-len(found) :], rtol=1e-9)


def test_scores_of_a_line_are_those_of_its_score(lm: Trained) -> None:
    texts = lm.samples(START, samples=3, seed=2, stop_at_eos=True, scores=True)
    for text in texts:
        whole = [score.log_probability for score in lm.token_scores(text.text.removesuffix("\n"))]
        assert text.log_probabilities == pytest.approx(tuple(whole[2:]), rel=1e-5, abs=1e-6)


def test_the_texts_are_those_of_generate(lm: Trained) -> None:
    settings: dict[str, Any] = {"samples": 3, "seed": 3, "length": 30}
    texts = lm.samples(START, **settings, scores=True, novelty=True)
    assert [text.text for text in texts] == lm.generate(START, **settings)
    assert [text.drawn_from for text in texts] == [2, 2, 2]
    assert all("".join(text.pieces) == text.text for text in texts)


def test_a_beam_has_what_is_required(lm: Trained) -> None:
    texts = lm.samples(
        START, beam=4, samples=2, require=["red", "a dog"], record="line", scores=True
    )
    for text in texts:
        assert "red" in text.tokens
        assert " a dog" in text.text
        assert text.text.endswith("\n")
    assert lm.generate(START, beam=4, record="line")[0].startswith("the old ")


def test_copied_runs_are_marked_up_to_their_words(scorer: Scorer) -> None:
    ids = scorer.words.vocabulary.encode("the old cat sees . <eos> a dog hears".split(), "x")
    config = SampleConfig(length=20, samples=2, seed=4)
    drawing = draw(scorer.model, scorer.words, START, config)
    for text in drawn_texts(drawing, suffixes=SuffixArray(ids), least=2):
        copies = text.copies
        assert copies is not None
        marked = text.marked("<<", ">>")
        assert marked.replace("<<", "").replace(">>", "") == text.text
        assert marked.count("<<") == marked.count(">>") == len(copies.spans)
        assert " >>" not in marked
        assert "<< " not in marked


def test_a_run_is_marked_without_the_white_space_around_it() -> None:
    pieces = ("a", " b", " c", "\n", "d")
    text = DrawnText("a b c\nd", pieces, pieces, 0, None, Copies(2, ((1, 4),), 5, 3, 3))
    assert text.marked("[", "]") == "a [b c]\nd"
    assert [row["is_copied"] for row in text.rows()] == [False, True, True, True, False]


def test_from_which_length_a_run_counts_depends_on_the_unit() -> None:
    word, char = Tokenizer("word"), Tokenizer("char")
    found = least_run(word), least_run(Tokenizer("bpe")), least_run(char), least_run(char, 5)
    assert found == (8, 12, 40, 5)


def test_a_model_that_repeats_its_text_is_found_out(lm: Trained) -> None:
    (text,) = lm.samples("", length=60, seed=1, novelty=True, copied_from=2)
    assert text.copies is not None
    assert text.copies.share > 0.9
    (other,) = lm.samples("", length=60, seed=1, novelty=True, copied_from=30)
    assert other.copies is not None
    assert (other.copies.share, other.copies.longest) == (0.0, text.copies.longest)


def test_the_suffixes_of_the_training_text_are_a_stage_with_its_progress_once(
    lm: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lm._lm, "_suffixes", None)
    begun, done = list[tuple[str, int]](), list[int]()

    def stages(
        name: str, total: int, unit: str = "tokens", *, note: str = ""
    ) -> AbstractContextManager[Progress]:
        begun.append((name, total))
        return nullcontext(done.append)

    for _ in range(2):
        drawing = lm._lm.draw(START, SampleConfig(length=3, seed=1), Wanted())
        lm._lm.draw_whole(drawing, ToldConfig(novelty=True), stages)
    assert begun == [("suffixes", len(lm.corpus.ids("train")))]
    assert sum(done) == begun[0][1]


def test_memory_is_asked_for_to_score_only_if_scores_are_told(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[str]()
    monkeypatch.setattr(opened, "need", lambda what, parts, advice: asked.append(what))
    lm = Trained.load(trained)
    lm.samples(START, length=3, novelty=True)
    assert asked == ["drawing"]
    lm.samples(START, length=3, scores=True)
    assert asked == ["drawing", "drawing", "scoring"]


def test_copies_need_the_text(lm: Trained, tmp_path: Path) -> None:
    lm.save(tmp_path / "m.pkl")
    with pytest.raises(CorpusError, match="copies are looked for in that text"):
        Trained.load(tmp_path / "m.pkl").samples(novelty=True)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"require": "dog"}, r"require needs a beam search.*give beam"),
        ({"require": "zebra", "beam": 2}, r"require: the word 'zebra' is not in the vocabulary"),
        ({"require": " ", "beam": 2}, r"require: there is no word in ' '"),
        ({"require": "dog", "skip": "dog", "beam": 2}, r"'dog' is required, but may not be drawn"),
        ({"require": "a red dog", "beam": 2, "length": 2}, r"3 tokens are required, but length is"),
        ({"length_penalty": 1.0, "beam": 2}, r"length_penalty compares texts that end"),
    ],
)
def test_what_cannot_be_is_refused(lm: Trained, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(RnnlmError, match=message):
        lm.generate(START, **settings)


def test_pieces_are_drawn_as_they_are_taken(lm: Trained) -> None:
    pieces = lm._lm.draw(START, SampleConfig(length=10**6, seed=1), Wanted()).pieces()
    begun = [next(pieces) for _ in range(6)]
    assert begun[0] == [START]
    assert joined(begun) == lm.generate(START, length=5, seed=1)


def test_the_help_says_from_how_many_tokens_a_run_is_copied() -> None:
    told = declared(ToldConfig)["copied_from"].setting.help
    units: tuple[Unit, ...] = ("word", "bpe", "char")
    eight, pieces, characters = (least_run(Tokenizer(unit)) for unit in units)
    assert f"Default: {eight}; {pieces} pieces; {characters} characters." in told
