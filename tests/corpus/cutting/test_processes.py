"""Several processes cut a text into the tokens of one, whatever becomes of them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.corpus.cutting import processes
from rnnlm_cli.corpus.cutting.processes import cut_blocks, processes_for
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.settings.text import Unit

# A quote that is open at the end of a block decides what is told in the next one.
BLOCKS = [
    f'He said: "Go {i}\n'.encode() if i % 3 else f'on," and "{i} it was.\n'.encode()
    for i in range(12)
]


def tokens(tokenizer: Tokenizer, count: int) -> list[list[str]]:
    return [block.tokens for block in cut_blocks(tokenizer, BLOCKS, count)]


@pytest.mark.parametrize("unit", ["word", "whitespace", "char", "preprocess"])
def test_they_cut_as_one_does(unit: Unit) -> None:
    tokenizer = Tokenizer(unit, lower=True)
    wanted = tokens(tokenizer, 1)
    assert tokens(tokenizer, 2) == wanted
    whole = tokenizer.tokenize(b"".join(BLOCKS).decode(), open_end=True)
    assert [token for block in wanted for token in block] == whole


def test_a_block_alone_may_be_cut_otherwise() -> None:  # so the test above can fail
    alone = [Tokenizer("word").cut_block(block.decode())[0] for block in BLOCKS]
    assert alone != tokens(Tokenizer("word"), 1)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that were started."""
    found = list[subprocess.Popen[bytes]]()

    class Noted(subprocess.Popen[Any]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            found.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    return found


@pytest.mark.parametrize("kill", [subprocess.Popen.kill, subprocess.Popen.terminate])
def test_what_a_killed_process_does_not_do_is_done_all_the_same(
    started: list[subprocess.Popen[bytes]], kill: Callable[[subprocess.Popen[bytes]], None]
) -> None:
    wanted = tokens(Tokenizer("word"), 1)
    found = list[list[str]]()
    for block in cut_blocks(Tokenizer("word"), BLOCKS, 2):
        found.append(block.tokens)
        kill(started[len(found) % 2])
    assert found == wanted
    assert all(process.returncode is not None for process in started)


def test_where_none_can_be_started_it_is_done_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = tokens(Tokenizer("word"), 1)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert tokens(Tokenizer("word"), 2) == wanted
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert tokens(Tokenizer("word"), 2) == wanted


def test_what_is_not_taken_ends_the_processes(started: list[subprocess.Popen[bytes]]) -> None:
    with closing(cut_blocks(Tokenizer("word"), BLOCKS, 2)) as cut:
        next(cut)
    assert [process.returncode for process in started] == [-signal.SIGKILL] * 2


def test_an_error_out_of_the_text_ends_them(started: list[subprocess.Popen[bytes]]) -> None:
    def broken() -> Iterator[bytes]:
        yield from BLOCKS[:3]
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(cut_blocks(Tokenizer("word"), broken(), 2))
    assert all(process.returncode is not None for process in started)


def test_few_bytes_and_one_core_have_no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "usable_cores", lambda: 4)
    monkeypatch.setattr(processes, "free_bytes", lambda: 1 << 33)
    assert [processes_for(size << 20) for size in (1, 15, 16, 24, 1_000)] == [1, 1, 2, 3, 4]
    assert [processes_for(1 << 30, threads) for threads in (1, 2, 9)] == [1, 2, 4]
    monkeypatch.setattr(processes, "free_bytes", lambda: 2 * processes.PROCESS_BYTES)
    assert processes_for(1 << 30) == 1
    monkeypatch.setattr(processes, "free_bytes", lambda: None)
    assert processes_for(1 << 30) == 4
    monkeypatch.setattr(processes, "usable_cores", lambda: 1)
    assert processes_for(1 << 30) == 1


def test_a_program_that_is_no_python_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "usable_cores", lambda: 4)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert processes_for(1 << 30) == 1


_SCRIPT = """
import subprocess
from itertools import repeat
from rnnlm_cli.corpus.cutting import processes
from rnnlm_cli.corpus.cutting.units import Tokenizer
class Told(subprocess.Popen):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        print(self.pid, flush=True)
subprocess.Popen = Told
for block in processes.cut_blocks(Tokenizer("word"), repeat(b"the cat sat.\\n" * 9_999), 2):
    print("cut", flush=True)
"""  # without a guard: nobody imports it


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_outlives_the_one_it_works_for(number: signal.Signals, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(_SCRIPT)
    process = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    children = [int(process.stdout.readline()) for _ in range(2)]
    assert process.stdout.readline() == "cut\n"
    process.send_signal(number)
    process.wait()
    deadline = time.monotonic() + 30
    while any(map(_runs, children)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(_runs, children))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
