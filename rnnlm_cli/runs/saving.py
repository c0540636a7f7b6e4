"""Saving a run as it goes: what cannot be written is kept, and written at the next turn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rnnlm_cli.atomic import is_full
from rnnlm_cli.checkpoint.checkpoint import save_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.checkpoint.naming import older_path, state_path
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.runs.around import Around
from rnnlm_cli.runs.lock import RunLock


class Saver:
    """Writes the files of the run whose lock it is given.

    The model goes before the state: a state on the disk never knows of a better model than the one
    that lies beside it, so a run that is killed at any moment resumes to the same end. Model and
    newest state give way to whole files only; the state before it is kept where there is room.
    """

    def __init__(
        self,
        out: Path,
        lock: RunLock,
        around: Around,
        *,
        saved_step: int | None = None,
        kept_nats: float | None = None,
    ) -> None:
        """Of a resumed run: the step of the state on the disk, and the validation of the model
        there, which is as new as that is.
        """
        self.out, self.state_path = out, state_path(out)
        self.saved_step, self.kept_nats = saved_step, kept_nats
        self.failure: CheckpointError | None = None  # of the last save
        self._lock, self._around = lock, around
        self._model: Checkpoint | None = None  # still to be written

    def save(self, state: Checkpoint, model: Checkpoint | None = None) -> None:
        """Write `model`, if there is a new one to keep, and `state`. Raises CheckpointError."""
        self._model = model or self._model
        with self._around.shield():
            try:
                self._lock.renew()
                self._write_model()
                self._write(self.state_path, state, backup=older_path(self.out).name)
            except CheckpointError as error:
                self._keep_model()
                self.failure = error
                raise
        assert state.resume is not None
        self.failure, self.saved_step = None, state.resume.state.counters.step

    def complete(self, model: Checkpoint | None = None) -> None:
        """Write the model that is still to be written, or its last version `model`.

        Raises CheckpointError, which says how the run can still be completed.
        """
        self._model = model or self._model
        with self._around.shield():
            try:
                self._lock.renew()
                self._write_model()
            except CheckpointError as error:
                raise CheckpointError(f"{error}; then {self.way_on()}") from None

    def way_on(self) -> str:
        """What can be done when this process has ended."""
        if self.saved_step is None or not self._around.is_kept:
            return "train again, nothing has been saved"
        return f"--resume goes on from step {self.saved_step:,}"

    def _write_model(self) -> None:
        if self._model is not None:
            self._write(self.out, self._model)
            self.kept_nats = self._model.best_nats
            self._model = None

    def _write(self, path: Path, checkpoint: Checkpoint, backup: str | None = None) -> None:
        """Save; on a full disk the state before the newest gives way, and never the newest."""
        try:
            save_checkpoint(path, checkpoint, backup=backup)
        except CheckpointError as error:
            if not is_full(error) or not self._give_up_older():
                raise
            save_checkpoint(path, checkpoint, backup=backup)

    def _give_up_older(self) -> bool:
        """Remove the state before the newest, if there is a newest; whether that was so."""
        if not self.state_path.exists():
            return False
        try:
            older_path(self.out).unlink()
        except OSError:
            return False
        return True

    def _keep_model(self) -> None:
        """The parameters will change before the next attempt: keep them as they are."""
        if self._model is not None:
            params = [array.copy() for array in self._model.params]
            self._model = replace(self._model, params=params)
