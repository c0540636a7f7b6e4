import csv
import json
from io import StringIO
from pathlib import Path

import pytest

from rnnlm_cli.cli.showing.bars import LiveLine
from tests.cli.test_commands import ok, run

COLUMNS = (
    "sentence_id token_id token surprisal word is_unknown log_probability entropy rank"
).split()


def table(shown: str, delimiter: str = "\t") -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(shown), delimiter=delimiter))


def test_a_row_for_each_token_that_begins_as_lm_zoos_does(trained: Path) -> None:
    rows = table(shown := ok("score", trained, "--text", "the old cat"))
    assert shown.splitlines()[0].split("\t") == COLUMNS
    assert [row["token"] for row in rows] == ["the", "old", "cat", "<eos>"]
    evaluated = json.loads(ok("eval", trained, "--text", "the old cat", "--json"))
    bits = sum(float(row["surprisal"]) for row in rows)
    assert bits == pytest.approx(4 * evaluated["bits_per_token"])


def test_a_file_is_scored_line_by_line_and_a_note_says_so(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("the cat\n\na dog\n")
    result = run("score", trained, "--file", tmp_path / "t.txt")
    assert [row["sentence_id"] for row in table(result.stdout)] == list("1112333")
    assert "--context text" in result.stderr
    asked = run("score", trained, "--file", tmp_path / "t.txt", "--context", "line")
    assert asked.stdout == result.stdout
    assert not asked.stderr


@pytest.mark.parametrize("name", ["s.csv", "s.jsonl", "s.txt"])
def test_the_name_of_the_file_says_its_form(trained: Path, tmp_path: Path, name: str) -> None:
    words = "the old cat"
    assert ok("score", trained, "--text", words, "--guesses", 1, "-o", tmp_path / name) == ""
    written = (tmp_path / name).read_text()
    if name.endswith("jsonl"):
        rows = [json.loads(line) for line in written.splitlines()]
        assert rows[0]["is_unknown"] is False
    else:
        rows = table(written, "," if name.endswith("csv") else "\t")
    assert [row["token"] for row in rows] == ["the", "old", "cat", "<eos>"]
    assert rows[0]["guess1"]


def test_nothing_half_written_is_left_where_a_word_is_not_known(
    trained: Path, tmp_path: Path
) -> None:
    (tmp_path / "t.txt").write_text("the cat\nthe zebra\n")
    result = run("score", trained, "--file", tmp_path / "t.txt", "-o", tmp_path / "s.tsv")
    assert result.exit_code == 1
    assert "line 2: the word 'zebra'" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["t.txt"]


def test_words_and_lines_and_n_best_lists(trained: Path) -> None:
    words = table(ok("score", trained, "--text", "the old cat", "--by", "word"))
    assert [row["word"] for row in words] == ["the", "old", "cat", "<eos>"]
    (line,) = table(ok("score", trained, "--text", "the old cat", "--by", "line"))
    total = sum(float(row["log_probability"]) for row in words)
    assert float(line["log_probability"]) == pytest.approx(total)


def test_an_n_best_list_comes_back_and_what_is_wrong_in_it_is_told_with_its_place(
    trained: Path,
) -> None:
    command = "score", trained, "--file", "-", "--by", "line", "--format"
    nbest = run(*command, "kaldi", stdin="u the\n\nv a\n")
    assert [line[:2] for line in nbest.stdout.splitlines()] == ["u ", "", "v "]
    assert not nbest.stderr
    bad = run(*command, "srilm", stdin="-1 -2 1 the\nthe old\n")
    assert bad.stderr.startswith("error: standard input, line 2: 'the old', but `ascore")


def test_line_ends_are_drawn_unless_they_are_not_asked_for(trained: Path) -> None:
    drawn, without = (
        ok("score", trained, "--text", "the old cat", "--heat", "--bars", *no)
        for no in ([], ["--no-eos"])
    )
    assert "↵" in drawn
    assert "↵" not in without
    assert without.count("cat") == 2


def test_two_models_stand_side_by_side(trained: Path) -> None:
    rows = table(ok("score", trained, trained, "--text", "the old cat"))
    assert [row["difference"] for row in rows] == ["0.0"] * 4


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "nothing to score"),
        (["--text", "a", "--heat", "--guesses", 2], "--guesses"),
        (["--text", "a", "--word-column", "word"], "--word-column says nothing of --text"),
        (["--table", "t.csv", "--by", "line"], "--by says nothing of --table"),
        (["--table", "t.csv", "--no-eos"], "--no-eos says nothing of the words of --table: leave"),
        (["--table", "t.csv", "--format", "csv"], "--format says nothing of --table"),
        (["--table", "t.csv", "--text-column", "t", "--punctuation", "ignore"], "always counts"),
        (["--pairs", "p.tsv", "--guesses", 2], "--guesses says nothing of --pairs"),
        (["--suite", "s.json", "--table", "t.csv"], "more than one thing"),
        (["--text", "a", "--by", "word", "--log-base", "2"], "base"),
        (["--text", "a", "--file", "b"], "give one"),
        (["--text", "a", "--temper", "--context", "line"], "one stream"),
    ],
)
def test_what_cannot_be_scored_is_bad_usage(
    trained: Path, arguments: list[object], told: str
) -> None:
    result = run("score", trained, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


@pytest.mark.parametrize("kind", ["file", "folder", "model", "words", "table"])
def test_what_is_read_is_not_written_over(trained: Path, tmp_path: Path, kind: str) -> None:
    (folder := tmp_path / "texts").mkdir()
    (text := folder / "a.txt").write_text("the old cat\n")
    (model := tmp_path / "m.pkl").write_bytes(trained.read_bytes())
    (table := tmp_path / "t.csv").write_text("word\nthe\n")
    (link := tmp_path / "link.tsv").symlink_to(text)
    cases: dict[str, tuple[list[object], Path]] = {
        "file": (["--file", text], link),
        "folder": (["--file", folder], text),
        "model": (["--text", "the"], model),
        "words": (["--text", "the", "--vocab", text], text),
        "table": (["--table", table], table),
    }
    given, out = cases[kind]
    before = out.read_bytes()
    result = run("score", model, *given, "--out", out)
    assert result.exit_code == 2
    assert "is read too, and would be gone: choose another name" in result.stderr
    assert out.read_bytes() == before


@pytest.mark.parametrize("swapped", [False, True])
def test_a_text_among_the_models_is_told_how_to_be_scored(
    trained: Path, text_file: Path, swapped: bool
) -> None:
    given = [text_file, trained] if swapped else [trained, text_file]
    result = run("score", *given)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"is no model: it is a text, to be scored: rnnlm score {trained}" in result.stderr
    assert f"--file {text_file}" in result.stderr


def test_tricks_score_a_text_as_one_stream(trained: Path, text_file: Path) -> None:
    asked = ["--cache", "--cache-window", 50, "--cache-theta", 0.1, "--mixture", "0.8,0.2"]
    rows = table(ok("score", trained, "--file", text_file, *asked))
    evaluated = json.loads(ok("eval", trained, "--file", text_file, *asked, "--json"))
    bits = sum(float(row["surprisal"]) for row in rows) / len(rows)
    assert bits == pytest.approx(evaluated["adapted"][-1]["bits_per_token"])
    assert {(row["entropy"], row["rank"]) for row in rows} == {("", "")}
    assert {row["sentence_id"] for row in rows} == {"1"}


def test_heat_without_colours_tells_the_bits_and_bars_are_as_long(trained: Path) -> None:
    shown = ok("score", trained, "--text", "the old cat", "--heat", "--bars")
    text, *bars = shown.splitlines()
    assert text.startswith("the(")
    lengths = [bar.count("█") for bar in bars]
    bits = [float(row["surprisal"]) for row in table(ok("score", trained, "--text", "the old cat"))]
    assert sorted(range(4), key=bits.__getitem__) == sorted(range(4), key=lengths.__getitem__)


def test_a_table_comes_back_with_more_columns(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('story,word\n1,the\n1,"old"\n2,cat\n')
    asked = ["--table", tmp_path / "t.csv", "--group-by", "story"]
    shown = ok("score", trained, *asked)
    assert [line.split(",")[:2] for line in shown.splitlines()[1:]] == [
        ["1", "the"], ["1", '"old"'], ["2", "cat"]
    ]  # fmt: skip
    assert shown.splitlines()[0].startswith("story,word,surprisal,log_probability,entropy,rank")
    ok("score", trained, *asked, "-o", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == shown


@pytest.mark.parametrize("unit", ["words", "texts"])
def test_the_bar_of_a_table_counts_its_words_or_its_texts(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unit: str
) -> None:
    said = list[str]()
    monkeypatch.setattr(LiveLine, "show", lambda line, name, share, figures: said.append(figures))
    (tmp_path / "t.csv").write_text("column\nthe\n")
    ok("score", trained, "--table", tmp_path / "t.csv", f"--{unit[:-1]}-column", "column")
    assert f" {unit}/s" in said[-1]


def test_a_bad_table_leaves_nothing(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("word\nthe\nzebra\n")
    out = tmp_path / "out.csv"
    result = run("score", trained, "--table", tmp_path / "t.csv", "-o", out)
    assert (result.exit_code, out.exists()) == (1, False)
    assert "'zebra'" in result.stderr


def test_pairs_are_judged_by_paradigm(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_text("the old cat sees a dog\tcat the old a sees dog\n" * 3)
    asked = ["--pairs", tmp_path / "p.tsv"]
    report = json.loads(ok("score", trained, *asked, "--json"))
    assert report["paradigms"][0]["accuracy"] == 1
    assert "100.0%" in ok("score", trained, *asked)


def test_suites_are_judged_by_their_predictions(trained: Path, tmp_path: Path) -> None:
    def condition(name: str, word: str) -> dict[str, object]:
        regions = [
            {"region_number": 1, "content": "the old"},
            {"region_number": 2, "content": word},
        ]
        return {"condition_name": name, "regions": regions}

    suite = {
        "meta": {"name": "order"},
        "predictions": [{"type": "formula", "formula": "(2;%good%) < (2;%bad%)"}],
        "items": [
            {"item_number": 1, "conditions": [condition("good", "cat"), condition("bad", "the")]}
        ],
    }
    (tmp_path / "s.json").write_text(json.dumps(suite))
    asked = ["--suite", tmp_path / "s.json"]
    assert json.loads(ok("score", trained, *asked, "--json"))["suites"][0]["accuracy"] == 1
    assert "order" in ok("score", trained, *asked)
