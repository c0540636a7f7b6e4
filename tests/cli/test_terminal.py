"""Words, file names and options are data: no byte of theirs steers a terminal."""

import json
import re
from pathlib import Path

import pytest

from rnnlm_cli.errors import printable, readable
from tests.cli.terminal import (
    MARKUP,
    NAME,
    WORDS,
    Shown,
    in_pipes,
    in_terminal,
    poisoned,
    strangers,
)
from tests.cli.test_commands import SMALL
from tests.small_runs import simple_text

TAIL = "\x1b]52;c;x\x07\x9b31m\u202e"  # no NUL: an argument cannot hold one

DONE = [
    ("eval", "POISON", "--text", f"{WORDS[0]} [red] :smile:"),
    ("eval", "POISON", "POISON", "--text", "[/]", "--json"),
    ("generate", "POISON", "--seed", "1", "--length", "2000"),
    ("generate", "POISON", "--length", "300", "--samples", "2", "--start", "[/red]"),
    ("generate", "POISON", "--length", "300", "--json", "--start", WORDS[0]),
    ("inspect", "POISON"),
    ("inspect", "POISON", "--json"),
    ("inspect", "POISON", "--nearest", WORDS[0], "--nearest", "[red]", "--count", "40"),
    ("inspect", "POISON", "--nearest", "[/]", "--count", "40", "--json"),
    ("train", "--corpus", "TEXT", *SMALL, "--out", f"{NAME}.new.pkl", "--log", f"{NAME}.log"),
    ("train", "--corpus", "TEXT", *SMALL, "--out", f"{NAME}.json.pkl", "--json"),
    ("train", "--list-corpora"),
    ("score", "POISON", "--text", WORDS[0], "--format", "csv"),
    ("score", "POISON", "--table", "TABLE", "--text-column", "word"),
    ("score", "POISON", "--file", "NBEST", "--by", "line", "--format", "kaldi"),
]
FAILED = [
    ("eval", "POISON", "--text", f"no such word {TAIL}"),
    ("eval", "POISON"),
    ("eval", "POISON", "--file", f"{TAIL}.txt"),
    ("generate", "POISON", "--start", TAIL),
    ("generate", "POISON", "--skip", TAIL),
    ("inspect", TAIL),
    ("train", "--corpus", TAIL),
    ("train", "--resume", "--out", f"{NAME}.pkl"),
]
BAD_USAGE = [
    ("generate", "POISON", "--corpus", TAIL, "--temperature", TAIL),
    ("train", "--out", TAIL),
    ("train", "--preset", TAIL),
    ("train", "--budget", TAIL),
    ("train", "--unit", TAIL),
    ("train", "--lr", TAIL),
    ("train", f"--{TAIL}"),
    ("train", TAIL),
    (TAIL,),
    (f"-{TAIL}",),
]
COMMANDS: list[tuple[int, tuple[str, ...]]] = [
    *((0, arguments) for arguments in DONE),
    *((1, arguments) for arguments in FAILED),
    *((2, arguments) for arguments in BAD_USAGE),
]


def given_names(arguments: tuple[str, ...]) -> list[str]:
    places = {"POISON": f"{NAME}.pkl", "TEXT": f"{NAME}.txt", "TABLE": "t.csv", "NBEST": "n.txt"}
    return [places.get(argument, argument) for argument in arguments]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("terminal")
    poisoned(made)
    (made / f"{NAME}.txt").write_text(simple_text())
    (made / "t.csv").write_bytes(f"\ufeffword,{TAIL}\r\n{WORDS[0]},{TAIL}\r\n".encode())
    (made / "n.txt").write_text(f"{TAIL}-1 {WORDS[0]}\n")
    return made


@pytest.fixture(scope="module")
def on_terminal(folder: Path) -> list[Shown]:
    return in_terminal([given_names(arguments) for _, arguments in COMMANDS], folder)


@pytest.fixture(scope="module")
def in_a_pipe(folder: Path) -> list[Shown]:
    return in_pipes([given_names(arguments) for _, arguments in COMMANDS], folder)


EACH = pytest.mark.parametrize(
    ("number", "arguments"),
    [
        pytest.param(n, arguments, id=printable(arguments))
        for n, (_, arguments) in enumerate(COMMANDS)
    ],
)


@EACH
def test_no_text_steers_a_terminal(
    number: int, arguments: tuple[str, ...], on_terminal: list[Shown]
) -> None:
    shown = on_terminal[number]
    assert shown.out.strip()
    assert not strangers(shown.out + shown.err)


@EACH
def test_nor_does_it_through_a_pipe(
    number: int, arguments: tuple[str, ...], in_a_pipe: list[Shown]
) -> None:
    shown = in_a_pipe[number]
    raw = arguments[0] in ("generate", "score") and "--json" not in arguments
    seen = shown.err if raw else shown.err + shown.out
    assert not {c for c in seen if not c.isprintable()} - {"\n"}
    if "--json" in arguments:
        json.loads(shown.out)
    if shown.code:
        assert re.fullmatch(r"error: [^\n]+", shown.err.splitlines()[-1])


def test_every_command_of_the_table_does_what_it_is_there_for(in_a_pipe: list[Shown]) -> None:
    assert [shown.code for shown in in_a_pipe] == [code for code, _ in COMMANDS]


def test_a_pipe_gets_the_words_as_they_are(in_a_pipe: list[Shown]) -> None:
    (drawn,) = (s.out for (_, c), s in zip(COMMANDS, in_a_pipe, strict=True) if "2000" in c)
    for word in [*WORDS, *MARKUP]:
        assert word.encode("utf-8", "backslashreplace").decode() in drawn


def test_a_terminal_gets_markup_as_it_is(on_terminal: list[Shown]) -> None:
    (drawn,) = (s.out for (_, c), s in zip(COMMANDS, on_terminal, strict=True) if "2000" in c)
    for word in [*map(readable, WORDS), *MARKUP]:
        assert word in drawn
