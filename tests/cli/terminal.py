"""Running the command in a pseudo-terminal, and a checkpoint whose every text is hostile."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlm_cli.checkpoint.checkpoint import save_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint, RunRecord
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.errors import JOINERS
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.settings.train import TrainConfig
from rnnlm_cli.training.reports import EpochReport

WORDS = [
    "\x1b]52;c;ZXZpbA==\x07", "\x9b31m", "\x1b[2J", "\x85", "\u061c", "\u200e", "\u200f", "\u202a",
    "\u202e", "\u2066", "\u2069", "\u200b", "\u200d", "\u2028", "\u2029", "\U000e0041", "\ufeff",
    "\ud800", "\udc9b", "\x7f", "\x00", "\r", "\x08",
]  # fmt: skip
MARKUP = ["[red]", "[/]", "[/red]", ":smile:", "[link=file:///etc]x"]
NAME = "\x1b]52;c;x\x07\x9b31m\u202e[red]:smile:[link]"

# The program's own: colours, clearing a line, moving up; ESC and control
# characters that are left after these came from a text.
STYLING = re.compile(r"\x1b\[(?:[0-9;]*m|\?25[hl]|[12]K|1A|J)|\r|\n")


# Many commands in one process: starting it takes longer than most of them.
_DRIVER = """
import json, os, sys
from rnnlm_cli.cli.app import main
for arguments in json.loads(os.environ["COMMANDS"]):
    sys.argv = ["rnnlm", *(os.fsdecode(bytes.fromhex(a)) for a in arguments)]
    try:
        main()
    except SystemExit as end:
        for stream in (sys.stdout, sys.stderr):
            print(f"\\n<<{end.code or 0}>>", file=stream, flush=True)
"""
_END = re.compile(r"\r?\n<<(\d+)>>\r?\n")


@dataclass(frozen=True)
class Shown:
    """What a command wrote, to a terminal all into one."""

    out: str
    err: str
    code: int


def _driven(commands: Sequence[Sequence[str]]) -> tuple[list[str], dict[str, str]]:
    coded = json.dumps([[os.fsencode(a).hex() for a in arguments] for arguments in commands])
    environment = {"TERM": "xterm-256color", "COLUMNS": "200", "COMMANDS": coded}
    return [sys.executable, "-c", _DRIVER], {**os.environ, **environment}


def _parts(written: bytes) -> list[tuple[str, int]]:
    """What each command wrote, and its exit code."""
    pieces = _END.split(written.decode("utf-8", "surrogateescape"))
    return [(pieces[k], int(pieces[k + 1])) for k in range(0, len(pieces) - 1, 2)]


def in_terminal(commands: Sequence[Sequence[str]], cwd: Path, **changes: str) -> list[Shown]:
    """What the commands write, one after the other, where all streams are one terminal.

    With `changes` of the environment.
    """
    parent, child = pty.openpty()
    command, environment = _driven(commands)
    process = subprocess.Popen(
        command, stdin=child, stdout=child, stderr=child, cwd=cwd, env=environment | changes
    )
    os.close(child)
    written = b""
    with contextlib.suppress(OSError):  # on Linux the end is an error: the last writer has gone
        while data := os.read(parent, 1 << 16):
            written += data
    os.close(parent)
    process.wait(60)
    parts = _parts(written)  # the end is marked on both streams
    return [Shown(out, err, code) for (out, code), (err, _) in zip(*[iter(parts)] * 2, strict=True)]


def in_pipes(commands: Sequence[Sequence[str]], cwd: Path, **changes: str) -> list[Shown]:
    """The same where stdout and stderr are pipes, with `changes` of the environment."""
    command, environment = _driven(commands)
    done = subprocess.run(command, cwd=cwd, env=environment | changes, capture_output=True)
    pairs = zip(_parts(done.stdout), _parts(done.stderr), strict=True)
    return [Shown(out, err, code) for (out, code), (err, _) in pairs]


def strangers(shown: str) -> set[str]:
    """The characters of `shown` that are neither printable nor the program's own styling.

    What joins letters moves nothing.
    """
    return {c for c in STYLING.sub("", shown) if not c.isprintable()} - set(JOINERS)


def poisoned(folder: Path) -> Path:
    """A model file of a hostile name, with hostile words, a hostile corpus, run and preset."""
    words = ("<eos>", *WORDS, *MARKUP)
    model = LanguageModel(len(words), ModelConfig(wordvec_size=4, hidden_size=4))
    config = CorpusConfig(unit="whitespace")
    train = TrainConfig(batch_size=1, epochs=1)
    checkpoint = Checkpoint(
        vocab_size=len(words),
        model=model.config,
        params=model.params,
        text=TextRecord(corpus=f"{NAME}.txt", sha256=NAME, config=config, words=words),
        run=RunRecord(id=NAME, preset=NAME, train=train),
        history=[EpochReport(1, 1, 1.0, 2.0, 1.0, 1.0, True, 1.0, 1.0)],
    )
    path = folder / f"{NAME}.pkl"
    save_checkpoint(path, checkpoint)
    return path
