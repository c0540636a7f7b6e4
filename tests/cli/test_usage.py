"""A command line that is wrong: one sentence of ours, and what was meant."""

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.cli.test_commands import SMALL, once, run
from tests.models import rnnlm, write_book_file

NEEDS = "needs a value, but"
CASES = [
    ("train --epochs x", "--epochs is 'x', but must be a whole number"),
    ("train --seed 1.5", "--seed is '1.5', but must be a whole number"),
    ("train --lr 1,5", "--lr is '1,5', but must be a number: maybe 1.5"),
    ("train --hidden-size 1,000", "must be a whole number: maybe 1000"),
    ("train --lr a,b", "--lr is 'a,b', but must be a number\n"),
    (
        "train --corpus m.pkl",
        "'m.pkl' is a model, but a text was needed: to begin with a model: "
        "rnnlm train --init-from m.pkl",
    ),
    ("export a.pkl b.onnx c", "takes no 'c': rnnlm export MODEL OUT"),
    ("export a.pkl", "rnnlm export needs OUT: rnnlm export MODEL OUT"),
    ("import", "rnnlm import needs FILE: rnnlm import FILE OUT.pkl"),
    ("completion tcsh", "shell must be one of bash, zsh, fish: rnnlm completion bash|zsh|fish"),
    ("completion", "shell must be one of bash, zsh, fish: rnnlm completion bash|zsh|fish"),
    ("train --unit x", "--unit is 'x', but must be one of whitespace, word, char"),
    ("inspect --unit x", "--unit is 'x', but must be a whole number from 1 to 1,000,000,000"),
    ("inspect --unit", f"--unit {NEEDS} nothing follows: give a whole number from 1 to 1,000,"),
    ("score --text a -o=x.tsv", "-o takes no =: write -o x.tsv"),
    ("score --text a -o=", "-o is empty: give a path"),
    ("train --threads 0", "--threads is '0', but must be a whole number from 1 to 1,024"),
    *(
        (f"{verb} --encoding utf8x --corpus a", "encoding is 'utf8x', but must be the name of an")
        for verb in ("train", "eval", "generate", "inspect")
    ),
    ("eval --text a --file b", "give one"),
    ("train --corpus", f"--corpus {NEEDS} nothing follows: give NAME|PATH"),
    ("train --corpus --epochs 3", f"--corpus {NEEDS} --epochs follows: give NAME|PATH"),
    ("train --tied=3", "--tied is a switch: leave the '3' out"),
    ("train --seed 1 --seed 1 --corpus none", "--seed is given twice: give it once"),
    ("train --seed=1 --seed=2 --corpus none", "--seed is given twice: give it once"),
    ("train --json --json --corpus none", "--json is given twice: give it once"),
    ("train --tied --untied --corpus none", "--tied and --untied are given: give one of them"),
    ("generate --top-k 3 --top-k 4", "--top-k is given twice: give it once"),
    ("eval --protocol book --protocol stream", "--protocol is given twice: give it once"),
    ("inspect --count 3 --count 4", "--count is given twice: give it once"),
    ("--version --version", "--version is given twice: give it once"),
    ("train --corpus a --corpus a", "corpus 'a' is given twice: give it once"),
    ("train --list-corpora --seed 1", "--list-corpora is a command of its own: leave --seed out"),
    ("train --encoding cp1252", "--encoding goes with --corpus or --resume: give one"),
    ("eval --encoding cp1252", "--encoding goes with --corpus or --file: give one"),
    ("generate --encoding cp1252", "--encoding goes with --corpus or --file: give one"),
    ("generate --start a --file b", "both a text and a file are given: give one"),
    ("inspect --count 4", "--count goes with --nearest or --analogy: give one, or leave it"),
    ("train --dropout-between .2", "dropout-between is 0.2, but there is one LSTM alone: leave it"),
    ("train --skip --hidden-size 9 --wordvec-size 8", "but there is one LSTM alone: leave it out"),
    ("generate --temperature 0 --top-k 3", "so --top-k has nothing to cut: leave one of them out"),
    ("generate --temperature 0 --top-p .3", "so --top-p has nothing to cut"),
    ("generate --temperature 0 --samples 3", "leave --samples out, or use a temperature above 0"),
    ("generate --temperature 0 --min-p .1", "so --min-p has nothing to cut"),
    ("generate --temperature 0 --typical-p .1", "so --typical-p has nothing to cut"),
    *(
        (f"generate --beam 4 {option} .5", f"so {option} has nothing to act on: leave it or --beam")
        for option in ("--temperature", "--top-p", "--min-p", "--typical-p")
    ),
    *(
        (f"{option}=", f"{option.split()[1]} is empty: give a")
        for option in ("train --tensorboard", "train --out", "eval --vocab", "inspect --html")
    ),
    ("generate --beam 4 --seed 3", "a beam search draws no words, so --seed has nothing to act"),
    ("generate --beam 4 --top-k 3", "a beam search draws no words, so --top-k has nothing to act"),
    ("generate --beam 4 --samples 5", "a beam of 4 finds at most 4 texts, but samples is 5"),
    ("generate --length-penalty 1", "length-penalty is of a beam search: give --beam too"),
    ("generate --require dog", "require needs a beam search"),
    ("generate --copied-from 4", "copied-from is of runs that --novelty looks for: give that too"),
    ("generate --no-repeat-ngram 0", "no-repeat-ngram is 0, but must be a whole number from 1"),
    ("generate --repetition-penalty .9", "repetition-penalty is 0.9, but must be a number from 1"),
    ("generate --stop-at-eos --record paragraph", "--stop-at-eos ends a text with a line"),
    ("train --temperature 1", "it is an option of rnnlm eval and rnnlm generate"),
    ("generate --epochs 3", "rnnlm generate has no --epochs: it is an option of rnnlm train"),
    ("--corpus x", "rnnlm has no --corpus: it is an option of rnnlm train and"),
    ("train --batch_size 3", "it is written --batch-size"),
    ("train -corpus x", "rnnlm train has no -corpus: it is written --corpus"),
    ("train --learning-rate 1", "rnnlm train has no --learning-rate: here it is called --lr"),
    ("generate --prompt x", "here it is called --start"),
    (
        "eval --checkpoint m.pkl",
        "rnnlm eval has no --checkpoint: a model is named with no option: rnnlm eval MODEL.pkl",
    ),
    (
        "train --model m.pkl",
        "rnnlm train has no --model: a model is named with --init-from: "
        "rnnlm train --init-from MODEL.pkl",
    ),
    ("eval --perplexity", "rnnlm eval has no --perplexity: that is what it prints"),
    ("train --perplexity", "what does that is rnnlm eval"),
    ("eval --all-trick", "maybe --all-tricks"),
    ("train --qqqq", "rnnlm train --help lists what there is"),
    ("perplexity", "rnnlm has no command 'perplexity': what does that is rnnlm eval"),
    ("train https://x.org/a.txt", "curl -LO https://x.org/a.txt && rnnlm train --corpus a.txt"),
    ("nothere.safetensors", "a model goes after a command: rnnlm generate nothere.safetensors"),
    (
        "train novel.txt old.pkl",
        "to begin with a model: rnnlm train --corpus novel.txt --init-from old.pkl",
    ),
    ("trian", "maybe rnnlm train"),
    ("qqqq", "are train, eval, generate, inspect, score, export, import, completion"),
    ("completions", "maybe rnnlm completion"),
]


@pytest.mark.parametrize(("line", "sentence"), CASES, ids=[line for line, _ in CASES])
def test_bad_usage_is_one_sentence_of_ours(
    line: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*line.split())
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert re.fullmatch(r"error: [^\n]+\n", result.stderr)
    assert not result.stdout


@pytest.mark.parametrize("option", ["--corpus", "--file"])
def test_an_address_is_no_path(option: str, trained: Path) -> None:
    said = run("eval", trained, option, "https://x.org/a b.txt").stderr
    assert "download it first, as with curl -LO 'https://x.org/a b.txt', and name that" in said
    said = run("eval", trained, "https://x.org/a.txt").stderr
    assert f"curl -LO https://x.org/a.txt && rnnlm eval {trained} --file a.txt" in said


def test_help_is_shown_whatever_else_is_typed() -> None:
    for line in ("train -h extra", "eval --help --file x", "-h extra", "-h"):
        result = run(*line.split())
        assert result.exit_code == 0
        assert "Usage" in result.stdout


def test_what_begins_as_an_option_can_be_a_value(trained: Path) -> None:
    for text in (["--text=--the"], ["--text", "-the"]):
        assert "the text, line 1: the word '-" in run("eval", trained, *text).stderr


def test_several_texts_are_lines_of_one_and_several_files_stand_side_by_side(
    trained: Path, tmp_path: Path
) -> None:
    one, two = tmp_path / "1.txt", tmp_path / "2.txt"
    one.write_text("the old cat\n")
    two.write_text("a dog\n")
    assert "tokens scored             7" in re.sub(
        " {2,}", " " * 13, run("eval", trained, "--text", "the old cat", "--text", "a dog").stdout
    )
    shown = run("eval", trained, "--file", one, "--file", two, "--json").stdout
    assert re.findall(r'"tokens": (\d)', shown) == ["4", "3"]
    shown = run("eval", trained, "--file", tmp_path, "--json").stdout
    assert re.findall(r'"tokens": (\d)', shown) == ["7"]
    for split in ("train", "valid", "test"):
        (tmp_path / f"{split}.txt").write_text("a dog\n")
    assert "name it as the corpus instead" in run("eval", trained, "--file", tmp_path).stderr
    for other in (one, one.parent / "." / ".." / one.parent.name / one.name):
        assert "is given twice" in run("eval", trained, "--file", one, "--file", other).stderr


def test_training_and_scoring_say_which_texts_of_a_folder_are_not_read(
    trained: Path, tmp_path: Path
) -> None:
    for name in ("train", "valid", "test", "more"):
        (tmp_path / f"{name}.txt").write_text("the old cat sees a dog\n" * 40)
    told = "beside which 'more.txt' is not read"
    begun = run("train", "--corpus", tmp_path, *SMALL, "--out", tmp_path / "m.pkl")
    scored = run("eval", trained, "--corpus", tmp_path)
    assert (begun.stderr.count(told), scored.stderr.count(told)) == (1, 1)


def test_a_run_of_several_texts_in_another_encoding_is_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("Le café est à côté\n" * 40, encoding="cp1252")
    (folder / "b.txt").write_text("où l'on va à pied\n" * 40, encoding="cp1252")
    texts = ("--corpus", "texts/a.txt", "--corpus", "texts/b.txt", "--encoding", "cp1252")
    begun = run("train", *texts, *once(*SMALL, "--out", "m.pkl", "--epochs", 1))
    assert begun.exit_code == 0, begun.output
    assert "text   a.txt + b.txt: " in begun.stderr
    assert run("eval", "m.pkl").exit_code == 0
    assert run("train", "--resume", "--out", "m.pkl", "--epochs", 2).exit_code == 0
    monkeypatch.chdir(folder)  # where the names alone are enough
    assert run("eval", "../m.pkl").exit_code == 0
    (folder / "b.txt").write_text("another\n" * 40)
    assert "'a.txt + b.txt' is another text" in run("eval", "../m.pkl").stderr


@pytest.mark.parametrize(
    ("command", "exit_code"), [("generate pipe", 1), ("pipe", 2), ("eval m.pkl --text a", 0)]
)
def test_a_pipe_in_place_of_a_model_is_not_waited_for(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, exit_code: int
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    shutil.copy(trained, "m.pkl")
    os.mkfifo("m.last.pkl")
    assert run(*command.split()).exit_code == exit_code


@pytest.mark.parametrize(
    ("first", "other", "sentence"),
    [
        ("book.pkl", "hn.txt", "'hn.txt' is no model: it is a text, .* rnnlm eval book.pkl --file"),
        ("m.pkl", "none.pkl", "'none.pkl': no such file"),
        ("m.pkl", "the dog", "'the dog' is no model: .* rnnlm eval m.pkl --text 'the dog'"),
        ("m.pkl", "https://x.org/a.txt", "'https://x.org/a.txt' is no model: .* --file a.txt"),
    ],
)
def test_what_is_no_model_is_told_before_another_is_blamed_or_works(
    first: str,
    other: str,
    sentence: str,
    trained: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rnnlm_cli.cli.opening.ModelTexts", None)
    write_book_file(rnnlm(13, 8, 8), tmp_path / "book.pkl")
    shutil.copy(trained, "m.pkl")
    Path("hn.txt").write_text("the dog\n")
    result = run("eval", first, other, "--text", "the dog")
    assert result.exit_code == 1
    assert re.match(f"error: {sentence}", result.stderr), result.stderr


def test_a_split_beside_a_text_is_bad_usage_before_a_model_is_looked_for(trained: Path) -> None:
    result = run("eval", "no.pkl", "--text", "the", "--split", "valid")
    assert (result.exit_code, "a split is given beside a text" in result.stderr) == (2, True)
    result = run("eval", trained, "--text", "the", "--corpus", "pydoc")
    assert (result.exit_code, "has its own: leave it out" in result.stderr) == (2, True)


@pytest.mark.parametrize("name", ["nothere.safetensors", "models/nothere"])
def test_a_model_that_is_not_there_is_not_taken_for_words(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for verb, *more in (["eval"], ["score", "--text", "a"], ["inspect"], ["export", "o.onnx"]):
        result = run(verb, name, *more)
        assert (result.exit_code, f"'{name}': no such file" in result.stderr) == (1, True), result
    assert "--text 'and / or'" in run("eval", "and / or").stderr
