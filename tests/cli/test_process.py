"""The command as a process: signals, pipes, full disks, odd locales, start-up."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from tests.runs.contents import counters_of

COMMAND = [sys.executable, "-m", "rnnlm_cli"]
SLOW_RUN = "--hidden-size 8 --wordvec-size 8 --batch-size 2 --time-size 7 --epochs 100000".split()


def start(
    *arguments: object, program: Sequence[str] = COMMAND, **settings: object
) -> "subprocess.Popen[bytes]":
    process: subprocess.Popen[bytes] = subprocess.Popen(
        [*program, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **settings,  # type: ignore[call-overload]
    )
    return process


def start_training(text: Path, out: Path) -> "subprocess.Popen[bytes]":
    """A run that would last for hours, its first epoch saved."""
    process = start("train", "--corpus", text, *SLOW_RUN, "--out", out)
    deadline = time.monotonic() + 60
    while not out.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return process


def finish(process: "subprocess.Popen[bytes]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out.decode(errors="replace"), err.decode(errors="replace")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_saves_the_state_and_says_how_to_go_on(
    text_file: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    out = tmp_path / "m.pkl"
    process = start_training(text_file, out)
    process.send_signal(number)
    returned, stdout, stderr = finish(process)
    assert returned == code
    assert not stdout
    assert f"rnnlm train --resume --out {shlex.quote(str(out))}" in stderr
    assert "Traceback" not in stderr
    assert counters_of(tmp_path / "m.last.pkl").step > 0


def test_a_second_interrupt_ends_at_once_and_says_what_is_saved(
    text_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "m.pkl"
    process = start_training(text_file, out)
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        time.sleep(0.0005)
    returned, _, stderr = finish(process)
    assert returned in (130, -signal.SIGINT)
    assert f"rnnlm train --resume --out {shlex.quote(str(out))}" in stderr or returned < 0
    load_checkpoint(out)


def test_a_reader_that_has_enough_ends_the_writer_quietly(trained: Path) -> None:
    with start("generate", trained, "--length", 1_000_000) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.parametrize("command", ["eval", "inspect"])
def test_a_closed_pipe_under_a_table_is_no_error(command: str, trained: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run(
        [*COMMAND, command, str(trained)], stdout=writer, stderr=subprocess.PIPE, timeout=60
    )
    os.close(writer)
    assert (process.returncode, process.stderr) == (0, b"")


def test_help_needs_neither_numpy_nor_the_models() -> None:
    code = "import sys, rnnlm_cli.cli.app; print({'numpy', 'rnnlm_cli.model'} & set(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout == "set()\n"


def test_the_version_is_the_packages() -> None:
    from rnnlm_cli import __version__

    assert finish(start("--version")) == (0, f"rnnlm {__version__}\n", "")


def test_the_version_alone_needs_no_numpy() -> None:
    code = "import sys; sys.modules['numpy'] = None; from rnnlm_cli.__main__ import main; main()"
    assert finish(start("--version", program=[sys.executable, "-c", code]))[0] == 0


LOADING = """
import sys
from rnnlm_cli.__main__ import main

class Impatient:
    def find_spec(self, name, path, target=None):
        if name == "typer":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Impatient())
main()
"""


def test_an_interrupt_while_the_command_is_loaded_is_no_traceback() -> None:
    process = start(program=[sys.executable, "-c", LOADING])
    assert finish(process) == (130, "", "stopped\n")
