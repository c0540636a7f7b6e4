"""What a run says that it takes in memory, beside what it took.

    python -m benchmarks.memory                    the presets and the book's models, on PTB
    python -m benchmarks.memory x.txt tiny small   others

Each run is a process that trains two steps and is validated and tested; its peak is VmHWM.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from rnnlm_cli.corpus.loading import load_corpus
from rnnlm_cli.runs.choosing import chosen
from rnnlm_cli.settings.run import RunRequest
from rnnlm_cli.training.peak import PROGRAM, training_parts

_RNNLM = [sys.executable, "-m", "rnnlm_cli", "train", "--steps", "2", "--json"]
_PRESETS = "tiny", "small", "medium", "book", "book-better"


def _taken(corpus: str, preset: str) -> float:
    """Megabytes at the peak of a run."""
    with tempfile.TemporaryDirectory() as folder:
        out = ["--corpus", corpus, "--preset", preset, "--out", str(Path(folder) / "m.pkl")]
        done = subprocess.run([*_RNNLM, *out], capture_output=True, check=True)
    return float(json.loads(done.stdout)["peak_megabytes"])


def main(corpus: str = "ptb", *presets: str) -> None:
    """Print a table: bytes by what they are for, their sum, and what was measured."""
    rows = list[list[str]]()
    for preset in presets or _PRESETS:
        asked = RunRequest.of(preset, corpus=corpus, steps=2)
        text = load_corpus(corpus, asked.text)
        run, _ = chosen(asked, text, 0.0)
        parts = {"program": PROGRAM} | training_parts(len(text.vocabulary), text.tokens, run)
        cells = [size / 1e6 for size in (*parts.values(), sum(parts.values()))]
        taken = _taken(corpus, preset) * 1.048576
        rows.append([preset, *(f"{cell:,.0f}" for cell in cells), f"{taken:,.0f}"])
    head = ["MB", *parts, "sum", "measured"]
    table = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    sys.stdout.writelines(f"| {' | '.join(row)} |\n" for row in table)


if __name__ == "__main__":
    main(*sys.argv[1:])
