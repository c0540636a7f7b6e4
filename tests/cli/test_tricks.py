"""`rnnlm eval` with tricks, as a user types it."""

import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.cli.showing.evaluations import trick_options
from rnnlm_cli.scoring.adapting import adapted, tuning
from tests.cli.test_commands import ok, run

TRICKS = ["temper", "cache", "ngram", "dynamic"]


def test_all_tricks_stand_beside_the_static_figures(trained: Path) -> None:
    static = json.loads(ok("eval", trained, "--json"))
    report = json.loads(ok("eval", trained, "--all-tricks", "--json"))
    adapted = report.pop("adapted")
    assert report.keys() == static.keys()
    assert report["nats_per_token"] == static["nats_per_token"]
    assert [row["tricks"] for row in adapted] == [*([trick] for trick in TRICKS), TRICKS]
    for row in adapted:
        assert row["perplexity"] == pytest.approx(np.exp(row["nats_per_token"]))
        assert row["perplexity"] < 1.03 * static["perplexity"]
        assert row["seconds"] > 0
    assert adapted[-1]["settings"].keys() == {
        "temperature", "cache_window", "cache_theta", "dynamic_lr", "dynamic_decay", "mixture",
    }  # fmt: skip


def test_the_table_has_a_column_a_trick_and_what_repeats_it(trained: Path) -> None:
    shown = ok("eval", trained, "--cache", "--temper")
    for part in ("m.pkl", "+ temper", "+ cache", "+ temper + cache", "seconds", "--mixture "):
        assert part in shown
    assert "tokens/s" not in shown
    assert "tokens/s" in ok("eval", trained)


def test_the_options_that_are_printed_repeat_the_figure_without_tuning(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    *_, tuned = json.loads(ok("eval", trained, "--all-tricks", "--json"))["adapted"]
    tuned["settings"]["mixture"] = tuple(tuned["settings"]["mixture"])
    monkeypatch.setattr(tuning, "fit_weights", None)
    options = shlex.split(trick_options(tuned))
    (again,) = json.loads(ok("eval", trained, *options, "--json"))["adapted"]
    assert again["tricks"] == TRICKS
    assert again["nats_per_token"] == tuned["nats_per_token"]


def test_line_ends_are_left_out_of_the_figures_of_every_column(trained: Path) -> None:
    command = ("eval", trained, "--temperature", 1.1, "--json")
    whole, words = (json.loads(ok(*command, eos)) for eos in ("--eos", "--no-eos"))
    for row, left in ((whole, words), (whole["adapted"][0], words["adapted"][0])):
        assert (row["tokens"], left["tokens"]) == (210, 180)
        assert left["perplexity"] == row["perplexity_without_eos"]
        assert row["bits_per_character"] == pytest.approx(
            row["bits_per_token"] * row["tokens"] / row["characters"]
        )
        assert left["bits_per_character"] is None


def test_words_are_scored_with_what_was_tuned_on_the_corpus(trained: Path) -> None:
    command = ("eval", trained, "--cache", "--json")
    words = json.loads(ok(*command, "--text", "the old cat sees the old cat"))
    split = json.loads(ok(*command))
    assert words["tokens"] == 8
    assert words["adapted"][0]["settings"] == split["adapted"][0]["settings"]


TUNED = " of the text that is scored stands in the validation split, on which tricks are tuned"
COUNTED = (
    " of the text that is scored stands in the training split, in which the n-grams are counted"
)


def notes(*arguments: object, stdin: str | None = None) -> list[str]:
    """What stderr says of a text that is scored, line by line."""
    result = run("eval", *arguments, "--json", stdin=stdin)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["adapted"]
    return [line.removeprefix("note   ") for line in result.stderr.splitlines()]


def test_a_text_that_was_counted_in_or_tuned_on_is_scored_with_a_note(trained: Path) -> None:
    optimistic = ": the figures are optimistic"
    assert notes(trained, "--temper", "--split", "valid") == [f"100%{TUNED}{optimistic}"]
    assert notes(trained, "--ngram", "--split", "train") == [f"100%{COUNTED}{optimistic}"]
    given = ("--ngram", "--mixture", "0.5,0.5")
    assert notes(trained, *given, "--split", "train") == [f"100%{COUNTED}{optimistic}"]


def test_a_text_that_was_not_is_scored_without(trained: Path) -> None:
    assert not notes(trained, "--all-tricks")
    assert not notes(trained, "--cache", "--temper", "--dynamic", "--split", "train")
    assert not notes(trained, "--temperature", 1.1, "--split", "valid")
    assert not notes(trained, "--ngram", "--mixture", "0.5,0.5", "--split", "valid")


def test_the_same_text_under_another_name_is_known(trained: Path, tmp_path: Path) -> None:
    corpus = trained.parent / "simple.txt"
    (copy := tmp_path / "copy.txt").write_bytes(corpus.read_bytes())
    (counted,) = notes(trained, "--ngram", "--corpus", copy, "--split", "train")
    assert counted.startswith(f"100%{COUNTED}")
    (tuned,) = notes(trained, "--temper", "--corpus", copy, "--split", "valid")
    assert tuned.startswith(f"100%{TUNED}")
    other = tmp_path / "other.txt"
    other.write_text("the red cat sees a small dog\n" * 200)
    assert not notes(trained, "--temper", "--corpus", other, "--split", "valid")


def test_a_file_with_a_part_of_the_training_text_is_known(trained: Path) -> None:
    lines = (trained.parent / "simple.txt").read_text().splitlines()
    own = "the child likes the child likes the dog\n" * 40
    for text, share in (
        ("\n".join(lines[:30]), "100%"),
        ("\n".join(lines[:40]) + "\n" + own, "44%"),
    ):
        (note,) = notes(trained, "--ngram", "--file", "-", stdin=text)
        assert note.startswith(share + COUNTED)
    assert not notes(trained, "--ngram", "--file", "-", stdin=own)


def test_a_corpus_that_is_gone_is_one_sentence(trained: Path, tmp_path: Path) -> None:
    text, model = tmp_path / "t.txt", tmp_path / "m.pkl"
    text.write_bytes((trained.parent / "simple.txt").read_bytes())
    ok("train", "--corpus", text, "--steps", 1, "--batch-size", 2, "--out", model)
    text.unlink()
    result = run("eval", model, "--text", "the old cat", "--cache")
    assert result.exit_code == 1
    assert not result.stdout
    assert "'t.txt', which is not here or beside the model, nor still at '" in result.stderr
    assert "tricks are tuned on that text: put it beside the model" in result.stderr
    assert result.stderr.count("\n") == 1
    model.with_name("t.txt").write_bytes((trained.parent / "simple.txt").read_bytes())
    ok("eval", model, "--text", "the old cat", "--cache")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--cache", "--protocol", "book"], "--protocol is book, but tricks"),
        (["--temperature", "1.1", "--protocol", "parallel"], "--protocol is parallel"),
        (["--temperature", "0.001"], "temperature is 0.001, but must be a number from 0.01"),
        (["--temperature", "101"], "temperature is 101"),
        (["--cache-window", "100001"], "cache-window is 100001"),
        (["--cache", "--mixture", "0.5,x"], "mixture is '0.5,x', but must be numbers"),
        (["--cache", "--mixture", "0.5,0.4"], "2 shares that add up to 1, of model, cache"),
        (["--cache", "--mixture", "1.5,-0.5"], "2 shares that add up to 1"),
        (["--all-tricks", "--mixture", "0.5,0.5"], "3 shares that add up to 1"),
        (["--cache", "--mixture", "nan,1"], "2 shares that add up to 1"),
        (["--temper", "--mixture", "1"], "nothing to mix: use --cache or --ngram"),
        (["--mixture", "0.5,0.5"], "nothing to mix"),
    ],
)
def test_what_cannot_be_is_bad_usage_in_one_sentence(
    options: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("eval", *options)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_several_models_have_columns_of_their_own(trained: Path) -> None:
    reports = json.loads(ok("eval", trained, trained, "--ngram", "--json"))
    assert [len(report["adapted"]) for report in reports] == [1, 1]
    assert ok("eval", trained, trained, "--ngram").count("+ ngram") == 3  # two heads, one repeat


@pytest.mark.parametrize("verb", ["eval", "score"])
def test_tricks_are_tuned_once_for_all_files(
    verb: str, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuned, original = list[object](), adapted._tuned

    def spy(*arguments: Any) -> Any:
        tuned.append(arguments)
        return original(*arguments)

    monkeypatch.setattr(adapted, "_tuned", spy)
    files = [tmp_path / name for name in ("a.txt", "b.txt")]
    for number, file in enumerate(files, 1):
        file.write_text("the old cat sees a dog\n" * 9 * number)
    ok(verb, trained, "--file", files[0], "--file", files[1], "--temper")
    assert len(tuned) == 1
