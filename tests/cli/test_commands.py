"""The commands as a user types them, in one process."""

import json
from functools import cache
from pathlib import Path

import pytest
from typer import testing
from typer.main import get_command
from typer.testing import CliRunner, Result

from rnnlm_cli.cli.app import app
from rnnlm_cli.runs import RunFinished
from tests.small_runs import small_run, train

# Made of the same app anew for every command, it took most of the time of most tests.
vars(testing)["_get_command"] = cache(get_command)

SMALL = "--wordvec-size 8 --hidden-size 8 --batch-size 2 --time-size 7 --epochs 2".split()


def run(*arguments: object, stdin: str | None = None) -> Result:
    result = CliRunner().invoke(app, [str(a) for a in arguments], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def once(*arguments: object) -> list[object]:
    """The arguments; an option that is given again takes the place of its first value."""
    kept: list[object] = []
    left = list(arguments)
    while left:
        word = left.pop(0)
        if str(word).startswith("--") and word in kept:
            kept[kept.index(word) + 1] = left.pop(0)
        else:
            kept.append(word)
    return kept


def ok(*arguments: object, stdin: str | None = None) -> str:
    result = run(*arguments, stdin=stdin)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_train_eval_generate_inspect_without_a_path(
    text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("train", "--corpus", text_file, *SMALL)
    assert result.exit_code == 0
    assert "test perplexity (stream)" in result.stdout
    assert "checkpoints/Rnnlm.pkl" in result.stdout
    assert "|gradient|" in result.stderr
    assert "|gradient|" not in result.stdout
    assert "note   unit word (blanks between its words): --unit chooses another\n" in result.stderr
    assert "perplexity" in ok("eval", "checkpoints/Rnnlm.pkl")
    assert ok("generate", "--start", "the old").startswith("the old")
    assert "V 13, D 8, H 8" in ok("inspect")


def test_a_text_of_any_form_comes_back_in_it(tmp_path: Path) -> None:
    text, out = tmp_path / "t.txt", tmp_path / "m.pkl"
    block = "def f(x):\n    return x ** 2  # see https://a.org/b\n\n\n"
    text.write_text((block + "@bob “ok” :) 🇩🇪\n") * 40, encoding="utf-8")
    given = run("train", "--corpus", text, *SMALL, "--out", out, "--unit", "word")
    assert "note   unit" not in given.stderr
    start = block + "@bob “ok” :)"
    assert ok("generate", out, "--start", start, "--length", 1).startswith(start)


def test_what_generate_writes_is_scored_as_it_was_drawn(tmp_path: Path) -> None:
    text, out = tmp_path / "t.txt", tmp_path / "m.pkl"
    text.write_text("".join(f"only{i} once, and more\n" for i in range(60)))
    ok("train", "--corpus", text, *SMALL, "--out", out)
    score = json.loads(ok("eval", out, "--text", "<unk> once, and <unk>", "--json"))
    assert (score["tokens"], score["unknown"]) == (6, 2)
    assert ok("generate", out, "--start", "<unk> once", "--unk").startswith("<unk> once")


def test_train_prints_json(text_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.pkl"
    report = json.loads(ok("train", "--corpus", text_file, *SMALL, "--out", out, "--json"))
    assert report["test_perplexity"].keys() == {"stream"}
    assert len(report["history"]) == 2
    shown = json.loads(ok("inspect", out, "--json"))
    assert report["tests"] == shown["tests"]
    assert shown["text"].items() >= report["text"].items()
    assert report["tests"]["stream"]["perplexity"] == report["test_perplexity"]["stream"]
    again = json.loads(ok("train", "--resume", "--out", out, "--json"))
    assert (again["tests"], again["text"]) == (report["tests"], report["text"])


def test_a_standard_error_is_told_of_thirty_tokens_and_no_fewer(trained: Path) -> None:
    for words, known in (("the old cat sees\n" * 6, True), ("the old cat sees a\n" * 4, False)):
        report = json.loads(ok("eval", trained, "--text", words, "--json"))
        assert (report["standard_error"] is not None) is known
        assert (report["tokens"] >= 30) is known


def test_train_resumes(text_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.pkl"
    ok("train", "--corpus", text_file, *SMALL, "--out", out)
    assert "finished already" in run("train", "--resume", "--out", out).stderr
    ok("train", "--resume", "--out", out, "--epochs", 3)
    assert len(json.loads(ok("inspect", out, "--json"))["history"]) == 3
    refused = run("train", "--resume", "--out", out, "--lr", 3)
    assert refused.exit_code == 1
    assert "lr was 0.014, now 3.0" in refused.stderr


def test_a_resume_takes_settings_that_go_only_with_others(text_file: Path, tmp_path: Path) -> None:
    out, settings = tmp_path / "m.pkl", ["--projection", "--tied", "--wordvec-size", 6]
    ok("train", "--corpus", text_file, *once(*SMALL, "--out", out, *settings))
    result = run("train", "--resume", "--out", out, *settings, "--hidden-size", 8)
    assert result.exit_code == 0, result.output
    assert "finished already" in result.stderr


def test_list_corpora_says_what_is_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RNNLM_CORPORA", raising=False)
    shown = ok("train", "--list-corpora")
    for name in ("pydoc", "ptb", "shakespeare", "neko", "always", "downloaded"):
        assert name in shown


def test_eval_json_has_every_figure(trained: Path) -> None:
    report = json.loads(ok("eval", trained, "--json"))
    assert {
        "protocol", "corpus", "split", "tokens", "unknown", "nats_per_token", "bits_per_token",
        "perplexity", "standard_error", "perplexity_known", "seconds", "words_per_second",
        "unknown_share", "characters", "characters_per_token", "bits_per_character",
        "bits_per_character_is_lower_bound", "perplexity_without_eos", "eos", "vocabulary",
    } <= report.keys()  # fmt: skip
    assert (report["protocol"], report["split"], report["tokens"]) == ("stream", "test", 210)


def test_eval_shows_several_checkpoints_side_by_side(trained: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.pkl"
    copy.write_bytes(trained.read_bytes())
    assert "which is not here" in run("eval", trained, copy).stderr  # it tells nobody's folders
    (tmp_path / "simple.txt").write_bytes((trained.parent / "simple.txt").read_bytes())
    assert "copy.pkl" in ok("eval", trained, copy)
    first, second = json.loads(ok("eval", trained, copy, "--json"))
    assert "difference" not in first
    assert second["difference"]["nats_per_line"] == 0
    assert (second["difference"]["to"], second["difference"]["p"]) == (str(trained), 1)


def test_eval_compares_models_of_other_units_line_by_line(trained: Path, tmp_path: Path) -> None:
    text, other = trained.parent / "simple.txt", tmp_path / "other.pkl"
    assert isinstance(list(train(small_run(text, other, unit="char")))[-1], RunFinished)
    for protocol in ("stream", "parallel"):
        options = "--corpus", text, "--protocol", protocol, "--json"
        first, second = json.loads(ok("eval", trained, other, *options))
        found = second["difference"]
        assert found["lines"] == 30
        totals = [row["nats_per_token"] * row["tokens"] for row in (first, second)]
        assert found["nats_per_line"] == pytest.approx((totals[1] - totals[0]) / 30)
        assert found["interval"][0] > 0  # characters after two epochs
    assert "nats a line, less those of" in ok("eval", trained, other, "--corpus", text)


def test_eval_says_why_it_compares_no_models_where_it_cannot(trained: Path) -> None:
    found = run("eval", trained, trained, "--text", "the old cat sees a dog", "--json")
    assert json.loads(found.stdout)[1]["difference"] is None
    assert "line by line: the text has too few lines (1), of which 30" in found.stderr
    options = "--protocol", "book", "--corpus", trained.parent / "simple.txt", "--split", "train"
    assert "not every line was scored" in run("eval", trained, trained, *options).stderr


@pytest.mark.parametrize("split", ["train", "valid", "test"])
@pytest.mark.parametrize("protocol", ["stream", "parallel"])
def test_eval_scores_any_split_by_any_protocol(trained: Path, split: str, protocol: str) -> None:
    report = json.loads(ok("eval", trained, "--split", split, "--protocol", protocol, "--json"))
    assert report["split"] == split
    assert 2.3 < report["perplexity"] < 3  # the grammar's own is 576 ** (1 / 7) = 2.48


def test_eval_scores_words_files_and_standard_input_alike(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("the old cat\n")
    texts = [("--text", "the old cat"), ("--file", tmp_path / "t.txt"), ("--file", "-")]
    reports = [
        json.loads(ok("eval", trained, *text, "--json", stdin="the old cat\n")) for text in texts
    ]
    assert {r["tokens"] for r in reports} == {4}
    assert len({r["nats_per_token"] for r in reports}) == 1


def test_generate_is_repeatable_and_stops_at_the_end_of_a_line(trained: Path) -> None:
    command = ("generate", trained, "--start", "the old", "--seed", 5)
    assert ok(*command) == ok(*command)
    line = ok(*command, "--stop-at-eos")
    assert line.startswith("the old ")
    assert line.count("\n") == 1


def test_generate_draws_several_samples(trained: Path) -> None:
    report = json.loads(ok("generate", trained, "--samples", 3, "--length", 5, "--json"))
    assert len(report["samples"]) == 3
    shown = ok("generate", trained, "--samples", 2, "--seed", 1)
    assert shown.count("--- ") == 2


def test_generate_skips_words(trained: Path) -> None:
    words = ok("generate", trained, "--skip", "cat", "--skip", "dog", "--length", 500).split()
    assert not {"cat", "dog"} & set(words)
    assert "bird" in words


def test_a_learnt_grammar_is_what_comes_out(trained: Path) -> None:
    text = ok("generate", trained, "--temperature", 0.5, "--length", 200, "--seed", 1)
    lines = text.splitlines()[:-1]
    good = [line for line in lines if line.split()[0] in ("the", "a") and len(line.split()) == 6]
    assert len(good) > 0.8 * len(lines)


def test_inspect_shows_sizes_history_and_neighbours(trained: Path) -> None:
    shown = ok("inspect", trained)
    for part in ("V 13, D 16, H 16", "embedding.W", "shared", "epoch", "simple.txt", "█"):
        assert part in shown
    assert "cosine" in ok("inspect", trained, "--nearest", "cat")
    report = json.loads(ok("inspect", trained, "--nearest", "cat", "--count", 3, "--json"))
    assert len(report["nearest"]["cat"]) == 3
    assert report["model"]["vocab_size"] == 13


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train", "--corpus", "no/such/file"), "no/such/file"),
        (("eval", "missing.pkl"), "missing.pkl"),
        (("generate", "TRAINED", "--start", "caat"), "'cat'"),
        (("inspect", "TRAINED", "--nearest", "caat"), "'cat'"),
        (("eval", "TRAINED", "--protocol", "book"), "need 351"),
        (("eval", "TRAINED", "--text", ""), "no words"),
        (("train", "--preset", "huge"), "small, medium, book, book-better"),
    ],
)
def test_what_a_user_got_wrong_is_one_line(
    trained: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*(trained if a == "TRAINED" else a for a in arguments))
    assert result.exit_code in (1, 2)
    assert message in result.stderr
    assert not result.stdout
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "--lr", "nan"),
        ("train", "--lr", "0"),
        ("train", "--epochs", "0"),
        ("train", "--epochs", "-1"),
        ("train", "--batch-size", "0"),
        ("train", "--max-grad", "1e309"),
        ("train", "--budget", "10"),
        ("train", "--budget", "0s"),
        ("train", "--dropout", "1"),
        ("train", "--optimizer", "newton"),
        ("train", "--out", "model.bin"),
        ("train", "--hidden-size", "7", "--no-projection"),
        ("train", "--nonsense"),
        ("generate", "--temperature", "-1"),
        ("generate", "--top-p", "0"),
        ("generate", "--length", "0"),
        ("eval", "--split", "dev"),
        ("explode",),
    ],
)
def test_bad_usage_exits_2_before_touching_the_disk(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*arguments).exit_code == 2
    assert not list(tmp_path.iterdir())


def test_one_standard_input_is_scored_by_several_models(trained: Path) -> None:
    shown = ok("eval", trained, trained, "--file", "-", "--json", stdin="the old cat")
    assert [row["tokens"] for row in json.loads(shown)] == [4, 4]


def test_the_list_of_corpora_as_json() -> None:
    names = [row["name"] for row in json.loads(ok("train", "--list-corpora", "--json"))]
    assert set(names) == {"pydoc", "ptb", "shakespeare", "neko"}


def test_a_resume_is_judged_by_the_settings_of_its_own_run(trained: Path) -> None:
    result = run("train", "--resume", "--out", trained, "--wordvec-size", 4)
    assert result.exit_code == 1
    assert "wordvec-size was 16, now 4" in result.output


def test_too_little_memory_is_one_sentence(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("rnnlm_cli.cli.opening.load_checkpoint", fail)
    result = run("inspect", trained)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "not enough memory: use smaller sizes" in result.stderr
