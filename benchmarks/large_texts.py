"""Texts of several sizes, encoded and trained on: tokens a second, and anonymous memory.

    python -m benchmarks.large_texts              10 MB, 100 MB and 1 GB, made in a folder that goes
    python -m benchmarks.large_texts 10 30        so many megabytes

Words are spread as in Zipf's law with a long tail of words that hardly come twice; lines have from
one word to hundreds. Each text has a process and a cache of its own. Memory is RssAnon of
/proc/self/status (Linux): the pages of mapped files, which the system may drop, are left out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

_FREQUENT = 200_000  # words with ids that are drawn often enough to be made in advance
_DRAWN = 400_000  # words at a time
_LETTERS = str.maketrans("0123456789abcdef", "etaoinshrdlucmfw")
_STEPS = 20


def write_text(path: Path, megabytes: int, seed: int = 0) -> None:
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


def anonymous_megabytes() -> float:
    """What this process holds of memory that is no file's."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon:"))


class _Peak:
    """The most anonymous memory while it watches."""

    def __init__(self) -> None:
        self.megabytes = 0.0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            self.megabytes = max(self.megabytes, anonymous_megabytes())
            time.sleep(0.02)


def measure(path: Path) -> dict[str, float]:
    """The figures of one text, in this process."""
    from rnnlm_cli.corpus.loading import load_corpus
    from rnnlm_cli.runs.setup import new_trainer
    from rnnlm_cli.settings.run import RunRequest
    from rnnlm_cli.settings.text import CorpusConfig
    from rnnlm_cli.training.planning import TextFacts, fitted

    peak, began = _Peak(), time.perf_counter()
    corpus = load_corpus(str(path), CorpusConfig(max_vocab=50_000), progress=True)
    encoded, encoding = time.perf_counter() - began, peak.megabytes
    began = time.perf_counter()
    load_corpus(str(path), CorpusConfig(max_vocab=50_000))
    again = time.perf_counter() - began
    corpus = corpus.by_frequency()
    facts = TextFacts(
        len(corpus.ids("train")),
        len(corpus.vocabulary),
        corpus.tokenizer.unit,
        counts=corpus.counts,
    )
    plan = fitted(RunRequest.of("tiny", corpus=str(path)), facts)
    trainer, speeds = new_trainer(plan, corpus, time.perf_counter), list[float]()
    for report, _ in zip(trainer.run(), range(_STEPS), strict=False):
        speeds.append(report.words_per_second)
    return {
        "megabytes": path.stat().st_size / 1e6,
        "tokens": corpus.tokens,
        "types": corpus.cut.types if corpus.cut else 0,
        "encoding_seconds": encoded,
        "encoding_tokens_per_second": corpus.tokens / encoded,
        "opening_again_seconds": again,
        "training_words_per_second": float(np.median(speeds)),
        "encoding_anonymous_megabytes": encoding,
        "anonymous_megabytes": peak.megabytes,
    }


def main(sizes: list[int]) -> None:
    """Make the texts, and print a row of figures for each as JSON."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("RNNLM_CACHE")) as folder:
        for megabytes in sizes:
            path = Path(folder, f"{megabytes}.txt")
            write_text(path, megabytes)
            command = [sys.executable, "-m", "benchmarks.large_texts", str(path)]
            cache = {"RNNLM_CACHE": str(Path(folder, f"cache-{megabytes}"))}
            subprocess.run(command, env=os.environ | cache, check=True)


if __name__ == "__main__":
    if sys.argv[1:] and not sys.argv[1].isdecimal():
        sys.stdout.write(json.dumps(measure(Path(sys.argv[1])), indent=1) + "\n")
    else:
        main([int(size) for size in sys.argv[1:]] or [10, 100, 1_000])
