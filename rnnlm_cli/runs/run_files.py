"""The files of a run on the disk, and which names it can have.

`naming` says how they are called.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from rnnlm_cli.atomic import check_writable, remove_orphans, way_out
from rnnlm_cli.checkpoint.naming import (
    OF_A_STATE,
    OF_AN_EARLIER_RUN,
    followed,
    older_path,
    state_path,
)
from rnnlm_cli.errors import CheckpointError, ConfigError, quoted


def run_files(out: Path) -> list[Path]:
    """What a run writes to, from the one that is missed least to the model."""
    return [older_path(out), state_path(out), out]


def is_there(path: Path) -> bool:
    """Whether something would be lost if `path` were written over: an empty file holds nothing."""
    return path.exists() and path.stat().st_size > 0


def numbered(path: Path) -> Iterator[Path]:
    """`NAME.pkl`, `NAME-2.pkl`, `NAME-3.pkl`, …: a name for what must not be written over."""
    yield path
    yield from (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))


def check_name(out: Path, *, anew: bool) -> None:
    """Raises ConfigError if a run, a new one or one that goes on, cannot have its model at `out`.

    An earlier run that was moved aside can go on where it is; a new one would be taken for it.
    """
    try:
        out.is_symlink()
    except OSError as error:  # its name is too long, say
        raise ConfigError(
            f"{quoted(out)} cannot be written ({error.strerror}): choose another --out"
        ) from None
    for path in (out, followed(out)):
        if not anew and state_path(path).exists():
            continue
        if match := OF_A_STATE.search(path.stem):
            what = "the name of a state, not of a model"
            stem = path.stem[: match.start()] or "model"
        else:
            what, stem = "a name for an earlier run that was moved aside", path.stem
        if anew and (match := OF_AN_EARLIER_RUN.search(stem)):
            stem = (stem[: match.start()] + match[0].replace(".", "-")).lstrip("-")
        if stem != path.stem:
            proposed = path.with_name(f"{stem}.pkl")
            raise ConfigError(f"{quoted(path)} is {what}: give --out {quoted(proposed)}")


@contextmanager
def no_empty_folder(out: Path) -> Iterator[None]:
    """Folders above `out` that are made in the block go again where it fails before one of them has
    anything in it."""
    made = [folder for folder in out.parents if not folder.exists()]
    try:
        yield
    except BaseException:
        for folder in made:  # the lowest first
            with suppress(OSError):  # something is in it, or it was not made
                folder.rmdir()
        raise


def prepare_folder(out: Path, sizes: Sequence[int]) -> None:
    """Find out before the first epoch, not after it, whether files of `sizes` have room there."""
    if out.is_dir():
        raise CheckpointError(f"{quoted(out)} is a folder: choose another --out")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CheckpointError(
            f"{quoted(out.parent)} cannot be written ({error.strerror}): "
            f"{way_out(error, 'choose another --out')}"
        ) from None
    check_writable(out, sizes)


def remove_leftovers(out: Path, log: Path | None) -> None:
    """Remove what killed runs left of unfinished writes. For the one who holds the lock."""
    for path in (out, state_path(out), *([log] if log else [])):
        remove_orphans(path)
