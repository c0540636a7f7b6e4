"""`rnnlm generate` with what steers it, and with what it tells."""

import json
import math
from pathlib import Path

import pytest

from tests.cli.test_commands import ok, run

LINE = ("--start", "the old", "--seed", 1, "--record", "line")


def rows(shown: str) -> list[dict[str, str]]:
    header, *lines = [line.split("\t") for line in shown.splitlines()]
    return [dict(zip(header, line, strict=True)) for line in lines]


def test_scores_are_rows_of_the_tokens_that_were_drawn(trained: Path) -> None:
    shown = rows(ok("generate", trained, *LINE, "--samples", 2, "--scores"))
    assert list(shown[0]) == ["sample", "token_id", "token", "log_probability"]
    assert {row["sample"] for row in shown} == {"1", "2"}
    texts = ok("generate", trained, *LINE, "--samples", 2).split("--- 2 ---\n")[1]
    drawn = [row["token"] for row in shown if row["sample"] == "2"]
    assert texts == f"the old {' '.join(drawn[:-1])}\n"
    assert all(float(row["log_probability"]) < 0 for row in shown)


def test_scores_and_copies_are_in_json_beside_the_samples(trained: Path) -> None:
    plain = json.loads(ok("generate", trained, *LINE, "--json"))
    told = json.loads(
        ok("generate", trained, *LINE, "--json", "--scores", "--novelty", "--copied-from", 3)
    )
    assert {name: told[name] for name in plain} == plain
    ((*_, last),) = told["scores"]
    assert last["token"] == "<eos>"
    (copied,) = told["novelty"]
    assert (copied["copied_from"], copied["tokens"]) == (3, len(told["scores"][0]))
    for found in copied["runs"]:
        assert found["end"] - found["begin"] >= 3
        assert found["text"] in told["samples"][0]


def test_copied_runs_are_marked_and_their_share_is_told(trained: Path) -> None:
    command = ("generate", trained, *LINE, "--novelty", "--copied-from", 3)
    text, share = ok(*command).splitlines()
    assert text.replace("⟦", "").replace("⟧", "") == ok("generate", trained, *LINE).rstrip("\n")
    assert "⟦" in text
    assert share.startswith("--- copied ")
    assert "runs of 3 tokens or more that stand in the training text; the longest has" in share
    both = rows(ok(*command, "--scores"))
    assert {row["is_copied"] for row in both} <= {"0", "1"}
    assert ok(*command, "--samples", 2).count("--- copied ") == 2


def test_a_beam_finds_a_likelier_line_than_greedy_words(trained: Path) -> None:
    def log_p(*options: object) -> float:
        command = ("generate", trained, "--start", "the", "--record", "line", "--scores")
        return math.fsum(float(row["log_probability"]) for row in rows(ok(*command, *options)))

    assert log_p("--beam", 8, "--length-penalty", 0) >= log_p("--temperature", 0)


def test_what_is_required_comes(trained: Path) -> None:
    command = ("generate", trained, "--record", "line", "--beam", 4)
    shown = ok(*command, "--require", "red bird", "--require", "likes", "--samples", 2)
    lines = shown.splitlines()[1::2]
    assert len(lines) == 2
    assert all("red bird" in line and "likes" in line for line in lines)


@pytest.mark.parametrize("given", ["the old", "the old\n"])
def test_the_beginning_may_be_in_a_file(trained: Path, given: str, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text(given)
    expected = ok("generate", trained, "--start", "the old", "--seed", 1)
    assert ok("generate", trained, "--file", tmp_path / "t.txt", "--seed", 1) == expected
    assert ok("generate", trained, "--file", "-", "--seed", 1, stdin=given) == expected


def test_a_beginning_that_ends_a_line_begins_the_next(trained: Path) -> None:
    shown = ok("generate", trained, "--file", "-", "--seed", 1, stdin="the old cat\n\n")
    assert shown.startswith("the old cat\n")


def test_a_seed_repeats_whatever_steers(trained: Path) -> None:
    steering = ("--min-p", 0.05, "--typical-p", 0.9, "--repetition-penalty", 1.2)
    command = ("generate", trained, *LINE, *steering, "--no-repeat-ngram", 3)
    assert ok(*command) == ok(*command)


def test_a_file_that_is_not_there_is_told(trained: Path) -> None:
    result = run("generate", trained, "--file", "none.txt")
    assert result.exit_code == 1
    assert "none.txt" in result.stderr
