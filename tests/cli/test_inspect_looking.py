"""`rnnlm inspect` of a model that reads, and its pictures."""

import errno
import json
import re
from contextlib import nullcontext
from pathlib import Path
from shutil import copy
from typing import Any

import numpy as np
import pytest

from tests.cli.test_commands import ok, run
from tests.models import rnnlm, write_book_file

TEXT = ("--text", "the old cat sees a dog")


def test_strips_stand_under_the_words_and_are_as_wide(trained: Path) -> None:
    lines = ok("inspect", trained, *TEXT, "--unit", 3, "--unit", 11).splitlines()
    assert lines[0].split() == "the old cat sees a dog ↵".split()
    names = [line.split()[:2] for line in lines[1:9]]
    assert names == [[unit, gate] for unit in ("3", "11") for gate in "fioc"]
    for line in lines[1:9]:
        strips = line.split()[2:]
        assert [len(strip) for strip in strips] == [3, 3, 3, 4, 1, 3, 1]
        assert all(len(set(strip)) == 1 for strip in strips)
    assert any(line.split()[:1] == ["1"] for line in lines[9:])  # the LSTM's time constants


def test_a_narrow_terminal_breaks_the_words_between(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rnnlm_cli.cli.showing import render

    monkeypatch.setattr(render, "_PIPE_WIDTH", 24)
    lines = ok("inspect", trained, *TEXT, "--unit", 3).splitlines()
    strips = [line for line in lines if line.split()[:2] == ["3", "c"]]
    assert len(strips) == 2
    assert max(map(len, strips)) <= 24


def test_json_has_the_numbers_of_the_strips(trained: Path) -> None:
    told = json.loads(ok("inspect", trained, *TEXT, "--unit", 3, "--json"))
    assert told["tokens"][-1] == "<eos>"
    (unit,) = told["units"]
    assert unit["unit"] == 3
    assert {len(unit[gate]) for gate in "fioch"} == {len(told["tokens"])}
    assert len(told["time_constants"]) == 1


def test_units_react_to_something_in_the_validation_split(trained: Path) -> None:
    shown = ok("inspect", trained, "--units")
    document = json.loads(ok("inspect", trained, "--units", "--json"))
    assert [len(each) for each in document["time_constants"]] == [16]
    told = document["reactions"]
    assert {each["feature"] for each in told} >= {"place in the line", "end of the line"}
    for each in told:
        assert f"{each['feature']}: unit {each['unit']} of LSTM 1" in shown
        assert len(each["passages"]) == 5


def test_an_analogy_leaves_its_words_out(trained: Path) -> None:
    told = json.loads(ok("inspect", trained, "--analogy", "cat dog old", "--count", 3, "--json"))
    ((head, found),) = told["nearest"].items()
    assert head == "cat : dog = old : ?"
    assert len(found) == 3
    assert not {"cat", "dog", "old"} & {word for word, _ in found}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--unit", "3"], "--unit goes with --plot or --text: give one"),
        (["--lstm", "1"], "--lstm goes with --plot or --text: give one"),
        (["--beside", "m.pkl"], "--beside goes with --html: give one"),
        (["--plot", "p.png", "--unit", "3"], "--unit says nothing of --plot without --text"),
        (["--units", *TEXT], "--units says nothing of --text"),
        (["--units", "--html", "r.html"], "--units says nothing of --html"),
        (["--units", "--nearest", "cat"], "--nearest says nothing of --units"),
        (["--html", "r.html", "--json"], "--json says nothing of --html"),
        (["--html", "r.html", *TEXT, "--unit", "3"], "--unit says nothing of --html: leave it"),
        ([*TEXT, "--nearest", "cat"], "--nearest says nothing of --text"),
        ([*TEXT, "--analogy", "cat dog old"], "--analogy says nothing of --text"),
        (["--plot", "p.png", "--json"], "--json says nothing of --plot"),
        (["--plot", "p.gif"], "but must be a file name ending in .png, .svg, .pdf"),
        (["--analogy", "cat dog"], "but must be three words"),
    ],
)
def test_what_does_not_go_together_is_bad_usage(
    options: list[str], told: str, trained: Path
) -> None:
    result = run("inspect", trained, *options)
    assert (result.exit_code, told in result.stderr) == (2, True), result.stderr


def test_a_page_or_picture_takes_the_place_of_nothing_that_is_read(
    trained: Path, tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib")
    ok("export", trained, book := tmp_path / "book.pkl")
    ok("export", trained, tmp_path / "words.txt")
    words = (tmp_path / "words.txt").rename(tmp_path / "words.html")
    kept = words.read_bytes()
    (picture := tmp_path / "p.png").symlink_to(book)
    for options in [
        ("--vocab", words, "--html", words),
        ("--corpus", words, "--html", words),
        ("--vocab", words, "--plot", picture),
    ]:
        result = run("inspect", book, *options)
        assert (result.exit_code, "is read too" in result.stderr) == (2, True), result.stderr
    assert words.read_bytes() == kept


def test_nor_of_the_text_that_the_model_was_trained_on(trained: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    model, text = (copy(trained.with_name(name), tmp_path) for name in ("m.pkl", "simple.txt"))
    kept = Path(text).read_bytes()
    for name, *command in [
        ("page.html", "inspect", model, "--html"),
        ("p.png", "inspect", model, "--plot"),
        ("rows.tsv", "score", model, "--text", "the old cat", "--temper", "--out"),
    ]:
        (out := tmp_path / name).symlink_to(text)
        result = run(*command, out)
        assert (result.exit_code, "is read too" in result.stderr) == (1, True), result.stderr
        assert Path(text).read_bytes() == kept


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([*TEXT, "--unit", "99"], "unit is 99, but that LSTM has units 1 to 16"),
        ([*TEXT, "--lstm", "2"], "lstm is 2, but the model has 1"),
        (["--analogy", "cat dog zebra"], "analogy: the word 'zebra' is not in the vocabulary"),
        (["--analogy", "cat dog ze\u00a0bra"], "analogy: the word 'ze"),
        (["--text", "zebra"], "'zebra' is not in the vocabulary"),
    ],
)
def test_what_the_model_does_not_have_is_one_sentence(
    options: list[str], told: str, trained: Path
) -> None:
    result = run("inspect", trained, *options)
    assert (result.exit_code, told in result.stderr) == (1, True), result.stderr


@pytest.mark.parametrize(
    ("suffix", "head"),
    [("png", b"\x89PNG"), ("svg", b"<?xml"), ("SVG", b"<?xml"), ("pdf", b"%PDF")],
)
@pytest.mark.parametrize("options", [(), TEXT])
def test_a_picture_is_of_the_form_that_its_name_tells(
    suffix: str, head: bytes, options: tuple[str, ...], trained: Path, tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / f"p.{suffix}"
    ok("inspect", trained, "--plot", path, *options)
    made = path.read_bytes()
    assert made.startswith(head)
    if suffix.lower() == "svg":
        ok("inspect", trained, "--plot", path, *options)
        assert path.read_bytes() == made  # the same again


@pytest.mark.parametrize("name", ["p.SVG", "p.pdf"])
def test_a_picture_has_no_date_in_it(name: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from rnnlm_cli.cli.pictures import Picture

    Picture(path := tmp_path / name).model([], ["a", "b"], np.eye(2, dtype=np.float32), "")
    assert not re.search(rb"(?i)date", path.read_bytes())


def test_a_picture_that_fails_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = pytest.importorskip("matplotlib.figure")
    from rnnlm_cli.cli.pictures import Picture

    def half(self: Any, file: Any, **given: Any) -> None:
        with open(file, "wb") if isinstance(file, Path) else nullcontext(file) as target:
            target.write(b"half")
        raise OSError(errno.ENOSPC, "full")

    (path := tmp_path / "p.png").write_bytes(b"before")
    picture = Picture(path)
    monkeypatch.setattr(figure.Figure, "savefig", half)
    with pytest.raises(OSError, match="full"):
        picture.model([], ["a", "b"], np.eye(2, dtype=np.float32), "")
    assert path.read_bytes() == b"before"


def test_a_picture_notes_signs_that_no_font_has(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from rnnlm_cli.cli.pictures import _FONTS, Picture

    picture = Picture(tmp_path / "p.png")
    picture._see(["猫"])
    has = any(picture._has(font) for font in _FONTS[1:])
    assert bool(picture.notes) is not has
    picture.notes.clear()
    picture._see(["cat", "é", "Ж"])
    assert not picture.notes


def test_an_empty_text_is_no_picture_of_the_model(trained: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    result = run("inspect", trained, "--text", "", "--plot", tmp_path / "p.png")
    assert (result.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert "the text: no words" in result.stderr


def test_a_picture_of_one_word_that_is_not_scored_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    write_book_file(rnnlm(5, 4, 5), book := tmp_path / "book.pkl")
    (words := tmp_path / "words.txt").write_text("you\nsay\ngoodbye\nhello\n.\n")
    (picture := tmp_path / "p.png").touch()
    result = run("inspect", book, "--vocab", words, "--text", "hello", "--plot", picture)
    assert result.exit_code == 1
    assert "scores no first word, and the text has no other: give a second" in result.stderr
    assert picture.read_bytes() == b""


def test_a_picture_of_a_model_without_eos_has_the_gates_of_the_whole_text(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    from rnnlm_cli.cli.pictures import Picture

    ok("export", trained, book := tmp_path / "book.pkl")
    ok("export", trained, words := tmp_path / "words.txt")
    words.write_text(words.read_text().replace("<eos>", "end"))
    asked = ("inspect", book, "--vocab", words, *TEXT, "--unit", 3)
    told = json.loads(ok(*asked, "--json"))
    drawn = list[Any]()
    monkeypatch.setattr(Picture, "text", lambda self, *given: drawn.append(given))
    ok(*asked, "--plot", tmp_path / "p.png")
    ((tokens, bits, trace, units),) = drawn
    assert (list(tokens), len(bits)) == (told["tokens"][1:], 5)  # the first one is not scored
    assert trace.f[:, units[0]].tolist() == told["units"][0]["f"][1:]
