"""A figure never stands without its condition: the witnesses of figures that meant nothing."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.test_commands import SMALL, ok, run
from tests.small_runs import simple_text


def once(lines: int = 400) -> str:
    """Lines of seven words, each of which occurs once."""
    rng = np.random.default_rng(0)
    words = {"".join(rng.choice(list("abcdefghij"), 9)) for _ in range(8 * lines)}
    return "".join(" ".join(sorted(words)[7 * k : 7 * k + 7]) + "\n" for k in range(lines))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def report_of(*command: object) -> dict[str, Any]:
    report = json.loads(ok(*command, "--json"))
    assert isinstance(report, dict)
    return report


def test_words_that_each_occur_once_end_in_a_perplexity_of_1_that_says_of_what(
    folder: Path,
) -> None:
    (folder / "once.txt").write_text(once())
    result = run("train", "--corpus", "once.txt", *SMALL, "--out", "m.pkl")
    assert "tokens 87.5% / 87.5% / 87.5% unknown; " in result.stderr
    assert "of 2,521 types cut: 2,520 by --min-count" in result.stderr
    warning = next(line for line in result.stderr.splitlines() if line.startswith("warning"))
    assert "87.5% of the tokens of the training split are <unk>" in warning
    assert "train with --unit char to have fewer" in warning
    assert re.search(
        r"test perplexity \(stream\)  1\.\d\d ± \d\.\d\d, 87\.5% unknown", result.stdout
    )
    assert re.search(r"validation perplexity     .*, 87\.5% unknown", result.stdout)
    assert "  without unknown" in result.stdout
    assert re.search(r"bits a character +≥ 0\.\d+ \(unknown words hide characters\)", result.stdout)
    assert "87.5% unknown" in ok("inspect", "m.pkl")
    shown = run("eval", "m.pkl")
    assert re.search(r"unknown +140 \(87\.5%\)", shown.stdout)
    assert "87.5% of the tokens that m.pkl scored are <unk>" in shown.stderr


@pytest.mark.parametrize(
    ("text", "way"),
    [
        (once(40), ["--unit", "char"]),
        ("".join(f"Word{n} word{n} a b{n // 9}\n" for n in range(60)) + "one\n", ["--lower"]),
    ],
)
def test_each_way_out_that_is_named_leads_out(text: str, way: list[str], folder: Path) -> None:
    (folder / "t.txt").write_text(text)
    result = run("train", "--corpus", "t.txt", *SMALL, "--json", "--out", "m.pkl")
    assert " ".join(way) in result.stderr
    shares = [
        report["text"]["splits"]["train"]["unknown_share"]
        for report in (
            json.loads(result.stdout),
            report_of("train", "--corpus", "t.txt", *SMALL, *way, "--out", "n.pkl"),
        )
    ]
    assert shares[0] > 0.1 > shares[1]


def test_a_smaller_min_count_is_a_way_out_where_no_other_split_needs_it(folder: Path) -> None:
    for split, text in {"train": once(60), "valid": once(60)[:50], "test": once(60)[:50]}.items():
        (folder / f"{split}.txt").write_text(text[: text.rindex(" ")] + "\n")
    result = run("train", "--corpus", ".", *SMALL, "--out", "m.pkl")
    assert "--unit char or --min-count 1 to have fewer" in result.stderr
    report = report_of("train", "--corpus", ".", *SMALL, "--min-count", 1, "--out", "n.pkl")
    assert report["text"]["splits"]["train"]["unknown"] == 0
    assert report["text"]["types_cut"] == {"min_count": 0, "max_vocab": 0}


def test_a_text_full_of_unknown_words_itself_has_no_setting_that_helps(folder: Path) -> None:
    (folder / "t.txt").write_text("the <unk> cat sees\n" * 120)
    err = run("train", "--corpus", "t.txt", *SMALL, "--out", "m.pkl").stderr
    assert "20.0% of the tokens of the training split are <unk>" in err
    assert "train on a text that holds fewer of them itself to have fewer" in err


def test_a_run_that_keeps_the_words_of_a_model_is_told_to_leave_it(folder: Path) -> None:
    (folder / "e.txt").write_text(simple_text(200) + "a zebra\nthe wolf\n" * 10)
    ok("train", "--corpus", "e.txt", *SMALL, "--min-count", 12, "--out", "m.pkl")
    (folder / "once.txt").write_text(once(60))
    begin = (
        "train",
        "--corpus",
        "once.txt",
        "--init-from",
        "m.pkl",
        "--epochs",
        1,
        "--out",
        "n.pkl",
    )
    assert "train without --init-from to have fewer" in run(*begin).stderr


def test_a_model_of_another_language_is_warned_of(folder: Path) -> None:
    (folder / "english.txt").write_text(simple_text(200) + "a zebra\nthe wolf\n" * 10)
    ok("train", "--corpus", "english.txt", *SMALL, "--min-count", 12, "--out", "m.pkl")
    finnish = "talo oli vanha\nja metsä suuri\n" * 5
    result = run("eval", "m.pkl", "--text", finnish)
    assert re.search(r"unknown +30 \(75\.0%\)", result.stdout)
    assert "75.0% of the tokens that m.pkl scored are <unk>" in result.stderr
    assert "--unit char" in result.stderr
    report = report_of("eval", "m.pkl", "--text", finnish)
    assert report["unknown_share"] == 0.75


def test_a_tenth_is_where_the_warning_begins(folder: Path) -> None:
    (folder / "t.txt").write_text(simple_text(200) + "a zebra\nthe wolf\n" * 10)
    ok("train", "--corpus", "t.txt", *SMALL, "--min-count", 12, "--out", "m.pkl")
    at = "the old cat sees a dog a bird\n" + "zebra\n"  # 1 of 11 tokens
    assert "warning" not in run("eval", "m.pkl", "--text", at).stderr
    over = "the old cat sees a\n" + "zebra\n"  # 1 of 8
    assert "warning" in run("eval", "m.pkl", "--text", over).stderr
