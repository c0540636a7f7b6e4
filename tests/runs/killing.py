"""Kills a run at every write, resumes it, and compares its end with that of an undisturbed one.

    python -m tests.runs.killing MODE CALLS MOMENT TEXT FOLDER

MODE is "new", or "extended" for a finished run that gets one more epoch; CALLS the names of the
calls to the system at which it is killed, with commas, or "all"; MOMENT "before" or "after" them.
Writes a JSON list: for every kill its call, whether the end was the same, and the notes of resume.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from rnnlm_cli import atomic
from rnnlm_cli.runs import Event, RunStarted, resume, state_path
from rnnlm_cli.runs.around import Around
from tests.pickling.faults import System, die
from tests.runs.contents import outcome
from tests.small_runs import small_run, train

EPOCHS = 2


def begun(text: Path, out: Path) -> Iterator[Event]:
    """A run that saves its state within the epochs too, by a clock that counts its looks."""
    settings: dict[str, Any] = {"dropout": 0.2, "optimizer": "adam", "lr": 0.01, "epochs": EPOCHS}
    log = out.with_suffix(".jsonl")
    config = small_run(
        text, out, threads=1, log=log, save_every=90.0, validate_every="11", **settings
    )
    return train(config, Around(clock=count(0.0).__next__))


def resumed(out: Path, epochs: int) -> Iterator[Event]:
    """The same run goes on."""
    given = {"threads": 1, "save_every": 90.0, "validate_every": "11", "epochs": epochs}
    return resume(
        out, given | {"log": out.with_suffix(".jsonl")}, Around(clock=count(0.0).__next__)
    )


class Scene:
    """Where the runs of a mode begin, and how they go on."""

    def __init__(self, mode: str, text: Path, folder: Path) -> None:
        self.text, self.folder, self.extended = text, folder, mode == "extended"
        self.finished = folder / "finished.pkl"
        if self.extended:
            list(begun(text, self.finished))

    def first(self, name: str) -> tuple[Path, Iterator[Event]]:
        """A run in files of its own, not yet begun."""
        out = self.folder / f"{name}.pkl"
        if not self.extended:
            return out, begun(self.text, out)
        for suffix in (".pkl", ".last.pkl", ".last.older.pkl", ".jsonl"):
            source = self.finished.with_name(f"finished{suffix}")
            if source.exists():
                shutil.copy(source, out.with_name(f"{name}{suffix}"))
        return out, resumed(out, EPOCHS + 1)

    def again(self, out: Path) -> list[Event]:
        """What a user does after the kill: resume, or begin anew where nothing was saved."""
        if state_path(out).exists():
            return list(resumed(out, EPOCHS + self.extended))
        return list(begun(self.text, out))


def killed(run: Iterator[Event], system: System) -> bool:
    """Whether `run`, in a process of its own, met its end at the chosen call."""
    if not (child := os.fork()):
        vars(atomic)["os"] = system
        list(run)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 9


def main(mode: str, calls: str, moment: str, text: str, folder: str) -> None:
    """Kill at every call."""
    names = () if calls == "all" else tuple(calls.split(","))
    scene, seen = Scene(mode, Path(text), Path(folder)), []
    whole, run = scene.first("whole")
    list(run)
    expected = outcome(whole)
    for at in count():
        out, run = scene.first(f"at{at}")
        if not killed(run, System(at, die, after=moment == "after", names=names)):
            break
        started = scene.again(out)[0]
        assert isinstance(started, RunStarted)
        seen.append([at, outcome(out) == expected, started.notes])
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
