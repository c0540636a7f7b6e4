"""`rnnlm generate --interactive`, through a pipe and on a terminal."""

import contextlib
import io
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rnnlm_cli.cli.generate_steering import steer
from rnnlm_cli.cli.showing.steered import Desk, _end_of
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.tasks.drawing import Wanted
from rnnlm_cli.trained import load
from tests.cli.test_commands import run


def written(lines: str, model: Path, *options: object) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "rnnlm_cli", "generate", str(model), "--interactive"]
    done = subprocess.run(
        [*command, "--seed", "1", *map(str, options)], input=lines, capture_output=True, text=True
    )
    return done.returncode, done.stdout, done.stderr


def test_a_pipe_gives_words_and_commands_and_gets_the_text(trained: Path, tmp_path: Path) -> None:
    saved = tmp_path / "t.txt"
    lines = f"cat sees\n:draw 3\n:undo 3\n1\n:undo\n:type a\n:temperature 0.5\n:save {saved}\n"
    code, out, err = written(lines, trained, "--start", "the old")
    assert (code, out, err) == (0, "the old cat sees a\n", "")
    assert saved.read_text() == out
    code, out, err = written(f":save {saved}\n", trained, "--start", "the")
    assert (code, out) == (1, "the\n")
    assert "is there already: use another name" in err


@pytest.mark.parametrize("columns", [-4, 0, 1, 2])
def test_a_terminal_without_room_shows_an_end_of_the_text(columns: int) -> None:
    shown = _end_of("the old cat\n吾輩", columns)
    assert shown.startswith("…")
    assert len(shown) <= 2


def test_what_is_wrong_is_told_and_the_rest_is_done(trained: Path) -> None:
    wrong = [
        "zebra",
        ":jump",
        ":undo",
        ":draw x",
        ":temperature x",
        ":temperature -1",
        ":top-k 5.5",
        ":save",
        "99",
    ]
    code, out, err = written("\n".join([*wrong, "cat", ":quit", "dog"]), trained, "--start", "the")
    assert (code, out) == (1, "the cat\n")
    for told in (
        "typed: the word 'zebra' is not in the vocabulary",
        "there is no command ':jump', but :draw, :undo",
        "there is nothing to take back: the start stays",
        ":draw is followed by 'x', but needs a whole number",
        "temperature is 'x', but must be a number",
        "top-k is '5.5', but must be a whole number",
        "temperature is -1.0, but must be a finite number of at least 0",
        ":save needs the name of a file",
        "there is no word '99' in the list: :type writes it",
    ):
        assert f"error: {told}" in err
    assert len(err.splitlines()) == len(wrong)


def test_whatever_comes_through_a_pipe_is_refused_line_by_line(trained: Path) -> None:
    digits = b"9" * 5000
    wrong = [
        digits,
        b":draw " + digits,
        b"\xff",
        b":type \xff\xfe",
        b":save a\0b",
        b":save " + b"a" * 300,
    ]
    command = [sys.executable, "-m", "rnnlm_cli", "generate", str(trained), "--interactive"]
    done = subprocess.run(
        [*command, "--start", "the"],
        input=b"\n".join([*wrong, b"cat"]),
        capture_output=True,
        env=os.environ | {"PYTHONUTF8": "0", "PYTHONIOENCODING": "utf-8:strict"},
    )
    errors = done.stderr.decode().splitlines()
    assert [line[:7] for line in errors] == ["error: "] * len(wrong)
    assert (done.returncode, done.stdout) == (1, b"the cat\n")
    assert "needs a whole number from 1 to 1,000,000,000" in errors[1]
    assert "its name holds a NUL" in errors[4]
    assert "File name too long" in errors[5]


def test_the_text_is_printed_whatever_ends_it(
    trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lm = load(trained)
    text = lm._lm.steer("the", SampleConfig(), Wanted())
    text.type("cat")
    monkeypatch.setattr(Desk, "ask", lambda self, prompt: os.fsencode("\ud800"))
    with pytest.raises(UnicodeEncodeError):
        steer(text)
    assert capsys.readouterr().out == "the cat\n"


class Typed(io.StringIO):
    """Lines that a person types."""

    def isatty(self) -> bool:
        return True


def test_where_no_word_is_left_what_was_set_and_written_can_be_taken_back(
    trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = load(trained)._lm.steer("the", SampleConfig(no_repeat_ngram=1), Wanted())
    monkeypatch.setattr(sys, "stdin", Typed(":draw 99\n:undo 99\n:type cat\n:draw 99\n:quit\n"))
    steer(text)  # and ends with no exit code
    out, err = capsys.readouterr()
    assert err.count("none may follow") == 2 * 2  # for each draw, and for the list behind it
    assert out.startswith("the cat\n")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--samples", "3"], "--samples is of texts that are drawn to their end"),
        (["--beam", "3"], "--beam is of texts"),
        (["--json"], "--json is of texts"),
        (["--require", "a"], "--require is of texts"),
        (["--scores"], "--scores is of texts"),
        (["--file", "-"], "the beginning cannot be there too: give it with --start"),
    ],
)
def test_what_contradicts_it_is_refused(options: list[str], told: str, trained: Path) -> None:
    result = run("generate", trained, "--interactive", *options)
    assert result.exit_code == 2
    assert told in result.stderr


class Terminal:
    """The command in a terminal of so many columns."""

    def __init__(self, model: Path, columns: int, *options: str) -> None:
        command = [sys.executable, "-m", "rnnlm_cli", "generate", str(model), "--interactive"]
        self._terminal, slave = pty.openpty()
        environment = os.environ | {"TERM": "xterm", "NO_COLOR": "1", "COLUMNS": str(columns)}
        self._process = subprocess.Popen(
            [*command, *options], stdin=slave, stdout=slave, stderr=slave, env=environment,
            start_new_session=True, preexec_fn=_take_terminal,
        )  # fmt: skip
        os.close(slave)
        self.seen = self.read()

    def read(self) -> str:
        """What comes until it waits for the next line."""
        seen, until = "", time.monotonic() + 60
        while time.monotonic() < until and not seen.endswith("> "):
            if not select.select([self._terminal], [], [], 0.2)[0]:
                continue
            try:
                seen += os.read(self._terminal, 65536).decode()
            except OSError:  # it has ended
                break
        return re.sub(r"\x1b\[[0-9;?]*[a-z]", "", seen.replace("\r\n", "\n"))

    def type(self, keys: str) -> str:
        os.write(self._terminal, keys.encode())
        return self.read()

    def end(self, keys: str) -> tuple[str, int]:
        """What comes after keys that end it, and its exit code.

        A signal just before Python waits for a line is seen at the next key: so keys come again.
        """
        seen, until = "", time.monotonic() + 60
        while self._process.poll() is None and time.monotonic() < until:
            os.write(self._terminal, keys.encode())
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)  # a second one would interrupt its end
        while select.select([self._terminal], [], [], 0)[0]:
            try:
                seen += os.read(self._terminal, 65536).decode()
            except OSError:
                break
        os.close(self._terminal)
        return seen.replace("\r\n", "\n"), self._process.wait(1)


def _take_terminal() -> None:
    import fcntl
    import termios

    signal.signal(signal.SIGINT, signal.SIG_DFL)  # which who started the tests may ignore
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.mark.untraced
@pytest.mark.parametrize(("keys", "code"), [("\x04", 0), ("\x03", 130)])
def test_a_person_sees_the_words_and_leaves_with_the_text(
    keys: str, code: int, trained: Path
) -> None:
    terminal = Terminal(trained, 60, "--start", "the old", "--seed", "1")
    lines = terminal.seen.splitlines()
    assert lines[0] == "numbers take a word, Enter draws one, :help tells the rest"
    assert lines[2] == "the old"
    listed = [line.split() for line in lines[3:12]]
    assert [row[0] for row in listed] == [str(n) for n in range(1, 10)]
    assert all(len(line) <= 60 for line in lines)
    word = listed[0][1]
    assert f"\nthe old {word}\n" in terminal.type("1\n")
    assert "\nthe old\n" in terminal.type(":undo\n")
    seen, ended = terminal.end(keys)
    assert "\n\nthe old\n" in seen  # behind it a key that came too late may stand
    assert ended == code
