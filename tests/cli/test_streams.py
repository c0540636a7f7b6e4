"""Full disks behind the streams, streams that are closed, odd locales and file names."""

import errno
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.cli import app
from tests.cli.terminal import in_pipes
from tests.cli.test_commands import SMALL, run
from tests.cli.test_process import COMMAND

TRAIN = ["train", "--corpus", "TEXT", *SMALL, "--out", "OUT"]
EVERY = [
    [*TRAIN],
    ["train", "--list-corpora"],
    ["eval", "MODEL"],
    ["generate", "MODEL"],
    ["generate", "MODEL", "--json"],
    ["inspect", "MODEL"],
    ["inspect", "MODEL", "--json"],
    ["inspect", "MODEL", "--nearest", "NEAR"],
    ["--version"],
    ["--version", "--json"],
    ["--help"],
    [],
]
needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")


def some_slow(cases: list[Any], quick: int) -> list[Any]:
    """The first `quick` cases as they are, the others as slow ones: each starts the command."""
    return [*cases[:quick], *(pytest.param(case, marks=pytest.mark.slow) for case in cases[quick:])]


def words(arguments: list[str], model: Path, text: Path, folder: Path, near: str = "cat") -> str:
    """A line for the shell."""
    places = {"MODEL": f'"{model}"', "TEXT": f'"{text}"', "OUT": f'"{folder}/m.pkl"', "NEAR": near}
    return " ".join([*COMMAND, *(places.get(a, a) for a in arguments)])


def shell(command: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(command, shell=True, capture_output=True, timeout=60)


@needs_full
@pytest.mark.parametrize("arguments", some_slow(EVERY, 4), ids=" ".join)
def test_a_full_disk_behind_stdout_is_told_by_every_command(
    arguments: list[str], trained: Path, text_file: Path, tmp_path: Path
) -> None:
    done = shell(f"{words(arguments, trained, text_file, tmp_path)} > /dev/full")
    error = b"error: standard output cannot be written (No space left on device)\n"
    assert done.returncode == 1
    assert done.stderr.endswith(error)
    assert b"Traceback" not in done.stderr


@needs_full
@pytest.mark.parametrize("arguments", [["explode"], ["eval", "none.pkl"], TRAIN], ids=str)
def test_a_full_disk_behind_stderr_leaves_the_exit_code(
    arguments: list[str], trained: Path, text_file: Path, tmp_path: Path
) -> None:
    command = words(arguments, trained, text_file, tmp_path)
    done = shell(f"env -u PYTHONUNBUFFERED {command} 2> /dev/full")
    # What cannot be shown is no reason to lose a run.
    assert done.returncode == {"explode": 2, "eval": 1, "train": 0}[arguments[0]]


@pytest.mark.parametrize("closed", some_slow(["<&- >&- 2>&-", ">&-", "2>&-", "<&-"], 1))
@pytest.mark.parametrize("arguments", [["eval", "MODEL", "--json"], TRAIN], ids=["eval", "train"])
def test_a_stream_that_is_closed_is_no_error(
    arguments: list[str], closed: str, trained: Path, text_file: Path, tmp_path: Path
) -> None:
    done = shell(f"{words(arguments, trained, text_file, tmp_path)} {closed}")
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    assert bool(done.stdout) == (">&-" not in closed.replace("2>&-", ""))


def test_a_standard_input_that_is_closed_is_empty(trained: Path) -> None:
    done = shell(f'{" ".join(COMMAND)} eval "{trained}" --file - <&-')
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: standard input is empty")


LOCALES = [
    {"LC_ALL": "C"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii:strict"},
    {"PYTHONIOENCODING": "cp1252"},
    {"PYTHONIOENCODING": "latin-1"},
    {"PYTHONIOENCODING": "utf-8"},
]
NAME = "吾輩\udcff"  # not UTF-8 on the disk


@pytest.fixture(scope="module")
def cat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a Japanese text and its model, under a name that no encoding knows."""
    folder = tmp_path_factory.mktemp("cat")
    (folder / f"{NAME}.txt").write_text(
        "吾輩は猫である。\n名前はまだ無い。\n" * 100, encoding="utf-8"
    )
    out = folder / f"{NAME}.pkl"
    assert run("train", "--corpus", folder / f"{NAME}.txt", *SMALL, "--out", out).exit_code == 0
    return folder


@pytest.mark.parametrize("locale", some_slow(LOCALES, 2), ids=str)
def test_no_character_is_too_much_for_a_locale(locale: dict[str, str], cat: Path) -> None:
    commands = [
        ["train", "--corpus", f"{NAME}.txt", *SMALL, "--out", f"{NAME}.new.pkl"],
        ["eval", f"{NAME}.pkl", "--text", "猫"],
        ["generate", f"{NAME}.pkl", "--start", "猫", "--json"],
        ["generate", f"{NAME}.pkl", "--start", "猫"],
        ["inspect", f"{NAME}.pkl", "--nearest", "猫", "--nearest", "名"],
        ["eval", f"{NAME}.none"],
        ["train", f"--{NAME}"],
    ]
    # Without UTF-8 an argument is bytes: the words of --text and --start are then not known.
    unknown = int("PYTHONUTF8" in locale)
    shown = in_pipes(commands, cat, **locale)
    assert [each.code for each in shown] == [0, *[unknown] * 4, 1, 2]
    assert all(each.out if each.code == 0 else each.err.startswith("error: ") for each in shown)
    assert unknown or json.loads(shown[2].out)["start"] == "猫"


REFUSALS = [
    (OSError(errno.EMFILE, "Too many open files"), "the system refused what this needs (Too many"),
    (FileNotFoundError(errno.ENOENT, "No usable temporary directory"), "the system refused"),
    (OSError("no number"), "the system refused what this needs (no number)"),
    (OSError(errno.ENOENT, "No such file", "x"), "'x' cannot be used (No such file)"),
    (OSError(errno.ENOSPC, "No space left"), "standard output cannot be written (No space left)"),
]


@pytest.mark.parametrize(("error", "told"), REFUSALS)
def test_what_the_system_refuses_is_told_as_what_it_is(
    error: OSError, told: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(app, "_silence_stdout", lambda: None)
    assert app._refused(error) == 1
    assert capfd.readouterr().err.startswith(f"error: {told}")
