"""Texts in blocks: nothing lost, whole lines, and on the disk where they are not small."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli.corpus import kept as kept_module
from rnnlm_cli.corpus.cutting.processes import cut_blocks
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.encoded_cache import load_encoded
from rnnlm_cli.corpus.kept import KeptText, kept, kept_ids, scratch
from rnnlm_cli.corpus.splitting import split_kept, split_text
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.settings.text import SPLITS, Unit

LINES = st.lists(
    st.text(st.sampled_from("aB0 .,'\"-\u0301é猫\t<>#@:/$(«»"), max_size=9)
    | st.sampled_from(["<eos>", "x <eos>", "<unk> y.", '"Open', 'it."', " ", ""]),
    max_size=9,
)


@pytest.mark.parametrize("unit", ["word", "whitespace", "char", "preprocess"])
@pytest.mark.parametrize("rule", [1, 2])
@given(lines=LINES, end=st.text("a .\n", max_size=3), size=st.integers(1, 30))
def test_a_text_in_blocks_has_the_tokens_of_the_whole(
    unit: Unit, rule: int, lines: list[str], end: str, size: int
) -> None:
    text = "".join(f"{line}\n" for line in lines) + end
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_module, "BLOCK", size)
        blocks = list(KeptText.of([text]))
    assert "".join(blocks) == text
    assert all(block.endswith("\n") for block in blocks[:-1])
    tokenizer = Tokenizer(unit, rule=rule)
    cut = cut_blocks(tokenizer, (block.encode() for block in blocks))
    found = [token for block in cut for token in block.tokens]
    assert found == tokenizer.tokenize(text, open_end=True)


@given(lines=st.integers(1, 61), per=st.integers(1, 4), size=st.integers(1, 40))
def test_lines_are_dealt_as_they_are_in_one_piece(lines: int, per: int, size: int) -> None:
    text = [f"é{i}\n" * (i % 3) + "\n" for i in range(lines)]
    flat = "".join(text).splitlines(keepends=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_module, "BLOCK", size)
        dealt = [str(each) for each in KeptText.of(text).dealt(per, 5, 2, 4)]
    parts = ["".join(flat[i : i + per]) for i in range(0, len(flat), per)]
    wanted = ["".join(p for i, p in enumerate(parts) if i % 5 not in (2, 4))]
    wanted += ["".join(islice(parts, place, None, 5)) for place in (2, 4)]
    assert dealt == wanted


def test_a_text_of_many_lines_is_split_as_ever() -> None:
    text = "".join(f"line {i} of a text\n" for i in range(4_321))
    found = split_kept(KeptText.of([text]))
    assert {split: str(found[split]) for split in SPLITS} == split_text(text, "word")


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
    monkeypatch.setattr(kept_module, "CHUNK", 7)
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
from rnnlm_cli.corpus import cut_text, kept, loading
from rnnlm_cli.settings.text import CorpusConfig
kept.SMALL = cut_text.SMALL = 10_000
kept.BLOCK = 10_000
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
