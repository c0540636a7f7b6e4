"""A checkpoint from which a run goes on: what any other may lack, it has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from rnnlm_cli.checkpoint.contents import Checkpoint, Resume, RunRecord
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.errors import CheckpointError, quoted


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SavedState:
    """A state to go on from, and where it lies; `notes` say why it is not the newest one."""

    path: Path
    checkpoint: Checkpoint
    text: TextRecord
    run: RunRecord
    resume: Resume
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, path: Path, saved: Checkpoint, notes: tuple[str, ...] = ()) -> Self:
        """What was `saved` at `path`. Raises CheckpointError if it is no state, or damaged."""
        if saved.text is None or saved.run is None or saved.resume is None:
            raise CheckpointError(f"{quoted(path)} holds no state to resume from")
        count = saved.resume.state.counters
        if len(saved.history) != count.epoch - (not count.finished):
            raise CheckpointError(f"{quoted(path)}: its history is not that of its epochs")
        return cls(
            path=path,
            checkpoint=saved,
            text=saved.text,
            run=saved.run,
            resume=saved.resume,
            notes=notes,
        )
