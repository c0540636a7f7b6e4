"""Every advice that the program gives is followed: then it works."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.test_commands import SMALL, ok, once, run
from tests.models import rnnlm, write_book_file
from tests.small_runs import simple_text

MODEL = [*SMALL[:-2], "--steps", "2"]
TRAIN = ["train", "--corpus", "t.txt", *MODEL]
NARROW = [*TRAIN, "--skip", "--hidden-size", 9]
MIXED = ["eval", "m.pkl", "--temper", "--temperature", "1.1"]


@pytest.fixture
def folder(tmp_path: Path, trained: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which a user is, with a text, a model of it, and what else there may be."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.txt").write_text(simple_text())
    (tmp_path / "simple.txt").write_bytes((trained.parent / "simple.txt").read_bytes())
    (tmp_path / "m.pkl").write_bytes(trained.read_bytes())
    (tmp_path / "short.txt").write_text("a b a b\n" * 30)
    (tmp_path / "words.txt").write_text(" ".join(f"w{n} w{n}\n" for n in range(60)))
    (tmp_path / "novel.txt").write_text("the zebra\n" * 40)
    (tmp_path / "cafe.txt").write_text("Le café est à côté\n" * 40, encoding="cp1252")
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "Rnnlm.pkl").write_bytes(trained.read_bytes())
    write_book_file(rnnlm(13, 8, 8), tmp_path / "book.pkl")
    return tmp_path


CASES: list[tuple[Sequence[object], str, list[Sequence[object]]]] = [
    (
        [*TRAIN, "--projection", "--untied"],
        "use --tied with --projection",
        [[*TRAIN, "--projection", "--tied"]],
    ),
    (
        [*TRAIN, "--tied", "--no-projection", "--wordvec-size", 6],
        "make them equal, or use --projection, --untied or two --layers",
        [
            [*TRAIN, "--tied", "--no-projection"],
            [*TRAIN, "--tied", "--wordvec-size", 6, "--projection"],
            [*TRAIN, "--untied", "--wordvec-size", 6],
            [*TRAIN, "--tied", "--no-projection", "--wordvec-size", 6, "--layers", 2],
        ],
    ),
    (
        ["train", "--corpus", "words.txt", "--min-count", 1, *MODEL],
        "use --min-count 3, which makes <unk> of the rarest words",
        [["train", "--corpus", "words.txt", "--min-count", 3, *MODEL]],
    ),
    (
        ["train", "--corpus", "short.txt", "--batch-size", 20, "--steps", 1],
        "use a longer text, a smaller --batch-size or a smaller --time-size",
        [
            ["train", "--corpus", "short.txt", "--batch-size", 2, "--steps", 1],
            ["train", "--corpus", "short.txt", "--batch-size", 20, "--time-size", 2, "--steps", 1],
        ],
    ),
    (
        ["train", "--corpus", "t.txt", "--preset", "book", *MODEL],
        "the validation split has .*: use a longer text or another --preset",
        [["train", "--corpus", "t.txt", "--preset", "tiny", *MODEL]],
    ),
    (
        [*TRAIN, "--optimizer", "sgd", "--lr", "1e39", "--max-grad", "1e300"],
        "start again with a smaller --lr or --max-grad",
        [
            [*TRAIN, "--optimizer", "sgd", "--lr", "0.1", "--max-grad", "1e300"],
            [*TRAIN, "--optimizer", "sgd", "--lr", "1e39", "--max-grad", "1e-39"],
        ],
    ),
    (
        [*TRAIN, "--hidden-size", 10**6],
        "use a smaller --preset, --hidden-size",
        [TRAIN],
    ),
    (
        ["train", "--resume", "--out", "new.pkl"],
        "no run to resume, leave --resume out",
        [["train", "--out", "new.pkl", "--corpus", "t.txt", *MODEL]],
    ),
    (
        ["train", "--init-from", "m.pkl", "--corpus", "t.txt", "--hidden-size", 9, "--steps", 1],
        "leave that out, or train a new model without --init-from",
        [
            ["train", "--init-from", "m.pkl", "--corpus", "t.txt", "--steps", 1],
            ["train", "--corpus", "t.txt", "--hidden-size", 9, "--steps", 1],
        ],
    ),
    (
        [*MIXED, "--mixture", "0.9,0.1"],
        "nothing to mix: use --cache or --ngram",
        [[*MIXED, "--mixture", "0.9,0.1", each] for each in ("--cache", "--ngram")],
    ),
    (
        ["eval", "m.pkl", "--cache", "--protocol", "book"],
        "tricks score a text as one stream: leave it out",
        [["eval", "m.pkl", "--cache"]],
    ),
    (
        ["eval", "m.pkl", "--text", "the cat", "--protocol", "book"],
        "score a longer text, or use the protocol stream",
        [["eval", "m.pkl", "--text", "the cat", "--protocol", "stream"]],
    ),
    (
        ["eval", "m.pkl", "--text", "the cat", "--split", "valid"],
        "a split is given beside a text or a file, which has none: leave it out",
        [["eval", "m.pkl", "--text", "the cat"]],
    ),
    (
        ["eval", "m.pkl", "--text", "the cat", "--corpus", "t.txt"],
        "--corpus gives words to a file of the book, but 'm.pkl' has its own: leave it out",
        [["eval", "m.pkl", "--text", "the cat"]],
    ),
    (
        ["eval", "book.pkl", "--text", "the cat"],
        "holds no words: name a file of them .vocab., or the corpus it was trained on",
        [["eval", "book.pkl", "--text", "the cat", "--corpus", "t.txt"]],
    ),
    (
        ["generate", "m.pkl", "--start", "the chidl"],
        "spelt alike are 'child'",
        [["generate", "m.pkl", "--start", "the child"]],
    ),
    (
        ["eval", "m.pkl", "--corpus", "novel.txt"],
        "'novel.txt' is not the text that 'm.pkl' was trained on: .* 'zebra' .*: take a text that "
        "has no other words than the training text",
        [["eval", "m.pkl", "--corpus", "t.txt"]],
    ),
    (
        ["eval", "m.pkl", "--cache", "--file", "novel.txt"],
        "'novel.txt' is not the text that 'm.pkl' was trained on: .* 'zebra'",
        [["eval", "m.pkl", "--cache", "--file", "t.txt"]],
    ),
    (
        ["train", "--init-from", "m.pkl", "--corpus", "novel.txt", "--steps", 1],
        "'novel.txt' is not the text that 'm.pkl' was trained on: .* 'zebra'",
        [["train", "--init-from", "m.pkl", "--corpus", "t.txt", "--steps", 1]],
    ),
    (
        ["train", "--corpus", "cafe.txt", *MODEL],
        "column 7: .* it seems to be cp1252, which --encoding cp1252 reads",
        [["train", "--corpus", "cafe.txt", *MODEL, "--encoding", "cp1252"]],
    ),
    (
        ["generate", "m.pkl", "--corpus", "t.txt"],
        "but 'm.pkl' has its own: leave it out",
        [["generate", "m.pkl"]],
    ),
    (
        ["generate", "m.pkl", "--temperature", 0, "--samples", 3],
        "leave --samples out, or use a temperature above 0",
        [
            ["generate", "m.pkl", "--temperature", 0],
            ["generate", "m.pkl", "--temperature", 0.1, "--samples", 3],
        ],
    ),
    (
        [*TRAIN, "--dropout-between", 0.1],
        "leave it out, or use two --layers",
        [TRAIN, [*TRAIN, "--dropout-between", 0.1, "--layers", 2]],
    ),
    (
        [*TRAIN, "--skip", "--hidden-size", 9, "--untied"],
        "there is one LSTM alone: leave it out, or use two --layers",
        [TRAIN, [*TRAIN, "--skip", "--hidden-size", 9, "--untied", "--layers", 2]],
    ),
    (
        [*NARROW, "--layers", 2, "--tied", "--no-projection"],
        "leave it out, or use more --layers, --projection or --untied",
        [
            [*NARROW, "--layers", 3, "--tied", "--no-projection"],
            [*NARROW, "--layers", 2, "--tied", "--projection"],
            [*NARROW, "--layers", 2, "--untied"],
        ],
    ),
    (
        ["inspect", "m.pkl", "--count", 3],
        "--count goes with --nearest or --analogy: give one, or leave it out",
        [["inspect", "m.pkl", "--count", 3, "--nearest", "cat"], ["inspect", "m.pkl"]],
    ),
]


@pytest.mark.parametrize(("mistake", "advice", "followed"), CASES, ids=[c[1] for c in CASES])
def test_an_advice_that_is_followed_helps(
    mistake: Sequence[object], advice: str, followed: list[Sequence[object]], folder: Path
) -> None:
    result = run(*once(*mistake))
    assert result.exit_code in (1, 2)
    assert re.search(advice, result.stderr), result.stderr
    for command in followed:
        ok(*once(*command))


@pytest.mark.parametrize(
    "mistake",
    [
        "train t.txt",
        "train t.txt simple.txt",
        "train --corpus t.txt simple.txt novel.txt",
        "train m.pkl --corpus t.txt",
        "t.txt",
        "resume --out n.pkl",
        "eval t.txt",
        "eval m.pkl t.txt",
        "eval pydoc.txt",
        "eval 'the old cat'",
        "generate 'the old cat'",
        "generate m.pkl 'the old'",
        "generate the old cat",
        "generate t.txt",
        "inspect cat",
        "inspect m.pkl cat",
        "m.pkl",
        "perplexity",
        "sample",
        "list",
        "help",
        "train --perplexity",
    ],
)
def test_the_command_that_was_meant_can_be_typed(mistake: str, folder: Path) -> None:
    (folder / "pydoc.txt").write_text("the old cat\n")
    ok(*once("train", "--corpus", "t.txt", *MODEL, "--out", "n.pkl"))
    result = run(*shlex.split(mistake))
    assert result.exit_code in (1, 2)
    proposed = re.search(".*rnnlm ([^,]*)$", result.stderr.strip())
    assert proposed, result.stderr
    command = shlex.split(proposed[1])
    if "--corpus" in command:  # else it trains for longer than a test may take
        command += ["--steps", "1"] if command[0] == "train" else []
    if command != ["train"]:
        ok(*command)


MORE = {"--epochs": "3", "--steps": "99", "--budget": "99h", "--patience": "9"}


@pytest.mark.parametrize(
    "limits",
    [
        ["--epochs", "1"],
        ["--steps", "3"],
        ["--epochs", "3", "--budget", "0.01s"],
        ["--epochs", "9", "--patience", "1", "--lr", "1e-30", "--schedule", "constant"],
        ["--epochs", "1", "--steps", "53"],
    ],
    ids=" ".join,
)
def test_what_a_finished_run_asks_for_lets_it_go_on(limits: list[str], folder: Path) -> None:
    ok("train", "--corpus", "t.txt", *SMALL[:-2], *limits, "--out", "n.pkl")
    said = run("train", "--resume", "--out", "n.pkl").stderr.splitlines()[-1]
    larger = re.search("finished already: a larger (--.*) goes on with it", said)
    assert larger
    more = [word for limit in larger[1].split(" and ") for word in (limit, MORE[limit])]
    resumed = run("train", "--resume", "--out", "n.pkl", *more)
    assert resumed.exit_code == 0, resumed.output
    assert "finished already" not in resumed.stderr


def test_a_text_that_seems_made_of_records_is_told_once_how_to_say_so(folder: Path) -> None:
    (folder / "tunes.txt").write_text("X:1\nK:D\n|:dff cee|def gfe|\n\n" * 99)
    command = ["train", "--corpus", "tunes.txt", *MODEL, "--out", "n.pkl"]
    advice = "if each is a text of its own, --record paragraph keeps it whole"
    assert run(*command).stderr.count(advice) == 1
    assert "a text of its own" not in run(*command, "--record", "paragraph").stderr
    assert ok("generate", "n.pkl", "--seed", 1).strip()


def test_a_run_that_a_budget_has_ended_asks_for_a_larger_one_alone(folder: Path) -> None:
    ok("train", "--corpus", "t.txt", *SMALL[:-2], "--budget", "0.01s", "--out", "n.pkl")
    assert "a larger --budget goes on" in run("train", "--resume", "--out", "n.pkl").stderr
    refused = run("train", "--resume", "--out", "n.pkl", "--epochs", 9).stderr
    assert "(epochs was not given, now 9): what ends this run is --budget, of which a" in refused


def test_what_a_stopped_and_a_finished_run_propose_can_be_typed(folder: Path) -> None:
    out = folder / "a model's name.pkl"
    shown = ok(*TRAIN, "--out", out)
    proposed = [line.removeprefix("try").strip() for line in shown.splitlines()]
    commands = [shlex.split(line)[1:] for line in proposed if line.startswith("rnnlm ")]
    assert [command[0] for command in commands] == ["generate", "eval"]
    for command in commands:
        ok(*command)


def test_a_model_that_is_gone_or_damaged_is_helped_as_it_is_said(folder: Path) -> None:
    train = ["train", "--corpus", "t.txt", *SMALL, "--out", "n.pkl", "--lr", "1e-30"]
    ok(*train, "--optimizer", "sgd", "--schedule", "constant")
    model = folder / "n.pkl"
    model.write_bytes(b"damaged")
    assert "move it away, and --resume goes on" in run("train", "--resume", "--out", model).stderr
    model.rename(folder / "away.pkl")
    result = run("train", "--resume", "--out", model)
    if result.exit_code:  # the state is past the epoch of the best model
        assert "resume with a larger --epochs" in result.stderr
        ok("train", "--resume", "--out", model, "--epochs", 3)
    ok("eval", model)


@pytest.mark.parametrize("verb", ["generate", "inspect", "score"])
def test_a_corpus_that_gives_no_words_is_bad_usage_of_every_verb(verb: str, folder: Path) -> None:
    what = ["--text", "the"] if verb == "score" else []
    assert run(verb, "m.pkl", "--corpus", "t.txt", *what).exit_code == 2
