"""The files of a run: where they lie, and how an earlier run's are moved out of the way."""

from __future__ import annotations

from pathlib import Path

from rnnlm_cli.errors import CheckpointError, quoted


def state_path(out: Path) -> Path:
    """`NAME.last.pkl` for `NAME.pkl`."""
    return out.with_name(f"{out.stem}.last.pkl")


def _previous(path: Path, out: Path) -> Path:
    return path.with_name(f"{out.stem}.previous{path.name.removeprefix(out.stem)}")


def make_room(out: Path) -> list[str]:
    """Rename the files of an earlier run, so that none is overwritten; returns notes."""
    notes = []
    for path in (state_path(out), out):
        if path.exists():
            kept = _previous(path, out)
            path.replace(kept)
            notes.append(f"an earlier run's {path} is now {kept}")
    return notes


def prepare_folder(out: Path) -> None:
    """Find out before the first epoch, not after it, whether `out` can be written."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        probe = out.with_name(f".{out.name}.probe")
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CheckpointError(
            f"{quoted(out.parent)} cannot be written ({error.strerror}): choose another --out"
        ) from None
