"""Writers that are killed at random moments while they save in a loop."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlm_cli.atomic import remove_orphans

ROOT = Path(__file__).parents[2]
# One process starts a writer after the other: each saves version after version and tells of every
# one that is saved, until it is killed; then the file must hold that version, or the next one.
KILLS = """
import json, os, random, signal, sys, time
from rnnlm_cli.atomic import write_atomically

SIZE, PIECES = 1 << 16, 16
path, kills = sys.argv[2], int(sys.argv[3])

def naive(path, chunks, size):
    with open(path, "wb", buffering=0) as file:
        for chunk in chunks:
            file.write(chunk)

write = {"write_atomically": write_atomically, "naive": naive}[sys.argv[1]]
delays = random.Random(0)

def killed_writer():
    reader, writer = os.pipe()
    if not (child := os.fork()):
        for version in range(1 << 16):
            write(path, [version.to_bytes(2, "big") * (SIZE // 2)] * PIECES, 0)
            os.write(writer, version.to_bytes(2, "big"))
    os.close(writer)
    os.read(reader, 2)  # the first one is saved
    time.sleep(delays.uniform(0, 0.02))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    told = b"\\0\\0"
    while data := os.read(reader, 1 << 16):
        told = data
    os.close(reader)
    return int.from_bytes(told[-2:], "big")

def is_whole(content, saved):
    version = int.from_bytes(content[:2], "big")
    return content == content[:2] * (SIZE * PIECES // 2) and version - saved in (0, 1)

whole = []
for _ in range(kills):
    saved = killed_writer()
    with open(path, "rb") as file:
        content = file.read()
    whole.append(len(content) == SIZE * PIECES and is_whole(content, saved))
print(json.dumps(whole))
"""


def whole_after_kills(writer: str, path: Path, kills: int) -> list[bool]:
    """For every killed writer: whether `path` was whole, and its last version or the next one."""
    command = [sys.executable, "-c", KILLS, writer, str(path), str(kills)]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return list(json.loads(process.stdout))


@pytest.mark.slow
def test_a_killed_writer_leaves_its_last_whole_version(tmp_path: Path, long: bool) -> None:
    path = tmp_path / "a.pkl"
    kills = 5000 if long else 200
    assert whole_after_kills("write_atomically", path, kills) == [True] * kills
    assert remove_orphans(path) != []
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
def test_a_killed_naive_writer_does_not(tmp_path: Path) -> None:
    assert whole_after_kills("naive", tmp_path / "a.pkl", 40).count(False) > 5
