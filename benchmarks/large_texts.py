"""Texts of several sizes, encoded and trained on: tokens a second, and anonymous memory.

    python -m benchmarks.large_texts              10 MB, 100 MB and 1 GB, made in a folder that goes
    python -m benchmarks.large_texts 10 30        so many megabytes
    python -m benchmarks.large_texts --one DIR    the text in that folder, in the cache at hand

Words are spread as in Zipf's law with a long tail of words that hardly come twice; lines have from
one word to hundreds. A text is a folder: its training split has the size, validation and test have
half a megabyte each: to score more would take longer than all the rest. Each text has a cache of
its own. It is encoded, opened again, and then trained on from the command line, with validation and
test. Memory is RssAnon of /proc (Linux) of all processes together: the pages of mapped files, which
the system may drop, are left out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np

_FREQUENT = 200_000  # words with ids that are drawn often enough to be made in advance
_DRAWN = 400_000  # words at a time
_LETTERS = str.maketrans("0123456789abcdef", "etaoinshrdlucmfw")
_STEPS = 20


def write_text(path: Path, megabytes: float, seed: int = 0) -> None:
    """A text of at least so many megabytes."""
    with path.open("w", encoding="ascii") as file:
        for lines in _lines(np.random.default_rng(seed)):
            file.write(lines)
            if file.tell() >= megabytes * 1_000_000:
                return


def _lines(rng: np.random.Generator) -> Iterator[str]:
    frequent = [f"{7 * i:x}".translate(_LETTERS) for i in range(_FREQUENT)]
    while True:
        drawn = (rng.zipf(1.3, _DRAWN) % 10**12).tolist()
        words = [frequent[i] if i < _FREQUENT else f"z{i:x}".translate(_LETTERS) for i in drawn]
        lengths = rng.geometric(1 / 15, _DRAWN // 10) * rng.integers(1, 4, _DRAWN // 10)
        ends = np.cumsum(lengths)
        ends = ends[ends <= _DRAWN].tolist()
        yield "".join(f"{' '.join(words[a:b])}.\n" for a, b in zip([0, *ends], ends, strict=False))


def write_texts(folder: Path, megabytes: int) -> None:
    """The splits of a text of so many megabytes."""
    folder.mkdir()
    for seed, (split, size) in enumerate([("train", megabytes), ("valid", 0.5), ("test", 0.5)]):
        write_text(folder / f"{split}.txt", size, seed)


def anonymous_megabytes(pid: int) -> float:
    """What that process and those that it has started hold of memory that is no file's."""
    found = 0.0
    with suppress(OSError):  # it has ended
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
        found += sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) / 1024
        for task in Path(f"/proc/{pid}/task").iterdir():
            children = (task / "children").read_text(encoding="ascii").split()
            found += sum(anonymous_megabytes(int(child)) for child in children)
    return found


def watched(command: list[str]) -> tuple[str, float, float]:
    """What a command prints, its seconds, and the most anonymous memory while it runs."""
    peak, began = 0.0, time.perf_counter()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        with subprocess.Popen(command, stdout=out) as process:
            while process.poll() is None:
                peak = max(peak, anonymous_megabytes(process.pid))
                time.sleep(0.05)
        if process.returncode:
            raise SystemExit(f"{command} failed")
        out.seek(0)
        return out.read(), time.perf_counter() - began, peak


def encode(path: str) -> dict[str, float]:
    """The figures of encoding the text at `path`, in this process."""
    from rnnlm_cli.corpus.loading import load_corpus
    from rnnlm_cli.settings.text import CorpusConfig
    from rnnlm_cli.watching import bars_of_here

    began = time.perf_counter()
    corpus = load_corpus(path, CorpusConfig(max_vocab=50_000), stages=bars_of_here)
    encoded = time.perf_counter() - began
    began = time.perf_counter()
    load_corpus(path, CorpusConfig(max_vocab=50_000))
    return {
        "tokens": corpus.tokens,
        "types": corpus.cut.types if corpus.cut else 0,
        "encoding_seconds": encoded,
        "encoding_tokens_per_second": corpus.tokens / encoded,
        "opening_again_seconds": time.perf_counter() - began,
    }


def measure(path: str) -> dict[str, float]:
    """The figures of the text at `path`, by programs of their own."""
    this = [sys.executable, "-m", "benchmarks.large_texts", "--encode", path]
    printed, _, encoding = watched(this)
    with tempfile.TemporaryDirectory() as folder:
        train = [sys.executable, "-m", "rnnlm_cli", "train", "--corpus", path, "--json"]
        options = ["--max-vocab", "50000", "--preset", "tiny", "--steps", str(_STEPS)]
        _, seconds, training = watched([*train, *options, "--out", f"{folder}/m.pkl"])
    encoded: dict[str, float] = json.loads(printed)
    return encoded | {
        "encoding_anonymous_megabytes": encoding,
        "run_seconds": seconds,
        "run_anonymous_megabytes": training,
    }


def main(sizes: list[int]) -> None:
    """Make the texts, and print a row of figures for each as JSON."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("RNNLM_CACHE")) as folder:
        for megabytes in sizes:
            text = Path(folder, f"{megabytes}")
            write_texts(text, megabytes)
            cache = {"RNNLM_CACHE": str(Path(folder, f"cache-{megabytes}"))}
            one = [sys.executable, "-m", "benchmarks.large_texts", "--one", str(text)]
            subprocess.run(one, env=os.environ | cache, check=True)


if __name__ == "__main__":
    if sys.argv[1:2] in (["--encode"], ["--one"]):
        figures = (encode if sys.argv[1] == "--encode" else measure)(sys.argv[2])
        sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    else:
        main([int(size) for size in sys.argv[1:]] or [10, 100, 1_000])
