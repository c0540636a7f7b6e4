"""What is not small is on the disk, in files without a name."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.corpus import kept as kept_module
from rnnlm_cli.corpus.encoded_cache import load_encoded
from rnnlm_cli.corpus.kept import kept, kept_ids, scratch
from rnnlm_cli.errors import CorpusError


def test_what_is_not_small_is_a_file_without_a_name(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_module, "SMALL", 10)
    data = kept([b"0123456", b"789abc", b"def"])
    assert not isinstance(data, bytes)
    assert data[:] == b"0123456789abcdef"
    assert os.listdir(cache_folder) == []
    ids = kept_ids((np.arange(i, i + 3, dtype=np.uint8) for i in range(3)), 1 << 17)
    np.testing.assert_array_equal(ids, np.array([0, 1, 2, 1, 2, 3, 2, 3, 4], np.int32), strict=True)
    assert not ids.flags.writeable


@pytest.mark.parametrize("size", [3, 30])
def test_what_is_written_on_is_in_memory_or_in_a_file_without_a_name(
    size: int, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_module, "SMALL", 100)
    monkeypatch.setattr(kept_module, "IDS_AT_ONCE", 7)
    numbers = scratch(size, np.float64)
    np.testing.assert_array_equal(numbers, np.zeros(size), strict=True)
    numbers[1:] = range(1, size)
    assert numbers.tolist() == list(range(size))
    assert (numbers.base is None) == (size == 3)
    assert os.listdir(cache_folder) == []


def test_a_disk_without_room_is_told(cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __enter__(self) -> "Full":
            return self

        def __exit__(self, *_: object) -> None: ...

        def writelines(self, pieces: object) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept_module, "SMALL", 1)
    monkeypatch.setattr(kept_module, "TemporaryFile", lambda **_: Full())
    with pytest.raises(CorpusError, match=r"No space left on device.*RNNLM_CACHE"):
        kept([b"ab"])


_ENCODE = """
import sys
from rnnlm_cli.corpus import cut_text, kept, kept_text, loading
from rnnlm_cli.settings.text import CorpusConfig
kept.SMALL = cut_text.SMALL = 10_000
kept_text.BLOCK = 10_000
cut_text.processes_for = lambda size, threads: int(sys.argv[2])
corpus = loading.load_corpus(sys.argv[1], CorpusConfig())
print(corpus.sha256, corpus.counts.sum())
"""


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_a_killed_encoding_leaves_nothing_half_made(
    processes: int, tmp_path: Path, cache_folder: Path
) -> None:
    text = tmp_path / "text.txt"
    text.write_text("".join(f"the {i % 977} of {i % 7} words, and so on.\n" for i in range(60_000)))
    command = [sys.executable, "-c", _ENCODE, str(text), str(processes)]
    began = time.perf_counter()
    wanted = subprocess.run(command, capture_output=True, check=True).stdout
    seconds = time.perf_counter() - began
    (whole,) = (path.read_bytes() for path in cache_folder.glob("*.npy"))
    rng = random.Random(0)
    for number in range(12):
        for path in cache_folder.iterdir():
            path.unlink()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.2, 1) * seconds)
        of_a_worker = processes > 1 and number % 2 and _children(process.pid)
        os.kill(of_a_worker[0] if of_a_worker else process.pid, signal.SIGKILL)
        process.wait()
        left = [path for path in cache_folder.iterdir() if path.suffix == ".npy"]
        assert all(load_encoded(path.stem) is not None for path in left)
        assert process.returncode == (0 if of_a_worker else -signal.SIGKILL) or left
    assert subprocess.run(command, capture_output=True, check=True).stdout == wanted
    assert [path.read_bytes() for path in cache_folder.glob("*.npy")] == [whole]


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task")
    with suppress(OSError):
        return [int(c) for task in tasks.iterdir() for c in (task / "children").read_text().split()]
    return []


@pytest.mark.parametrize("broken", ["TemporaryFile", "mmap"])
def test_whatever_the_system_refuses_is_told_as_no_room(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(kept_module, "SMALL", 3)
    monkeypatch.setattr(kept_module, broken, refuse)
    with pytest.raises(CorpusError, match=r"a text cannot be kept there \(Cannot allocate memory"):
        kept([b"abc", b"def"])
