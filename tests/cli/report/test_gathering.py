import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.cli.report.gathering import gather
from rnnlm_cli.trained import Trained, load
from rnnlm_cli.watching import Progress, in_silence
from tests.cli.report.conftest import TEXTS
from tests.models import rnnlm, write_book_file


def test_a_reading_has_the_figures_of_token_scores(lm: Trained) -> None:
    report = gather(lm._lm, TEXTS)
    ((first, second),) = [reading.lines for reading in report.readings]
    for line, text in [(first, TEXTS[0]), (second, TEXTS[1])]:
        scores = lm.token_scores(text, guesses=5)
        assert line.bits == pytest.approx([each.surprisal for each in scores], abs=1e-4)
        assert line.ranks == [each.rank for each in scores]
        assert line.guesses == [list(each.guesses) for each in scores]
        spelt = "".join(b + w for b, w in zip(line.blanks, line.words, strict=True))
        assert spelt.removesuffix("<eos>") == text
        likeliest = [
            ratio for ratio, rank in zip(line.ratios, line.ranks, strict=True) if rank == 1
        ]
        assert likeliest == pytest.approx([1.0] * len(likeliest))


def test_without_texts_it_reads_its_validation_split(lm: Trained) -> None:
    report = gather(lm._lm)
    assert report.text == "the first lines of its validation split"
    assert len(report.readings[0].lines) == 12
    ids = lm.corpus.ids("valid")[:6]
    assert report.readings[0].lines[0].tokens[:6] == lm.words.vocabulary.decode(ids)
    assert report.card.notes == ()


def test_without_its_text_it_reads_what_it_writes(trained: Path, tmp_path: Path) -> None:
    shutil.copy(trained, tmp_path / "m.pkl")
    report = gather(load(tmp_path / "m.pkl")._lm)
    assert report.text == "what it wrote itself"
    assert "was not at hand" in report.card.notes[0]
    assert {sample.copied for sample in report.samples} == {None}


def test_a_second_model_reads_the_same(lm: Trained, trained: Path, tmp_path: Path) -> None:
    shutil.copy(trained, tmp_path / trained.name)
    one, other = gather(lm._lm, TEXTS, load(tmp_path / trained.name)._lm).readings
    assert one.lines == other.lines
    assert one.model != other.model


def test_samples_are_those_of_generate_with_their_copies(lm: Trained) -> None:
    drawn = lm.samples(length=80, samples=2, temperature=0.8, seed=1, novelty=True)
    found = [sample for sample in gather(lm._lm, TEXTS).samples if sample.temperature == 0.8]
    assert ["".join(sample.pieces) for sample in found] == [text.text for text in drawn]
    for sample, text in zip(found, drawn, strict=True):
        assert text.copies is not None
        assert sample.copied == text.copies.spans
        assert sample.longest == text.copies.longest


def test_the_text_that_copies_are_looked_for_in_is_sorted_once(trained: Path) -> None:
    told = list[str]()

    def stages(name: str, total: int, *_: Any, **__: Any) -> AbstractContextManager[Progress]:
        told.append(name)
        return in_silence(name, total)

    gather(load(trained)._lm, TEXTS, stages=stages)
    assert told == ["suffixes"]


@pytest.mark.parametrize(("texts", "first"), [([], "you"), (["say hello", "."], "say")])
def test_without_eos_samples_begin_with_the_first_word_that_is_read(
    texts: list[str], first: str, tmp_path: Path
) -> None:
    write_book_file(rnnlm(5, 4, 5), tmp_path / "book.pkl")
    (tmp_path / "words.txt").write_text("you\nsay\ngoodbye\nhello\n.\n")
    report = gather(load(tmp_path / "book.pkl", vocab=tmp_path / "words.txt")._lm, texts)
    assert {sample.pieces[0] for sample in report.samples} == {first}
