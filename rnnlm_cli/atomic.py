"""Writing a file whole or not at all.

The bytes go to a temporary file in the same directory, reach the disk (fsync), and only then take
the name over (`os.replace`): whoever opens the name sees the old file or the new one, and so does
the machine after a power cut. A killed writer leaves its temporary file; `remove_orphans` finds it.
What writes a checkpoint goes through `os` here, so that tests can let each of them fail or be the
last one of the process.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from rnnlm_cli.errors import CheckpointError, CorpusError, printable

TEMPORARY = ".rnnlm-tmp"  # how the name of what is being written ends
# A file system may lack fsync for directories, and a directory may be closed to reading.
_NO_DIRECTORY_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM}
# A file system may lack hard links, or refuse one more.
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}

# A file system may not know how to set room aside.
_NO_ALLOCATION = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENODEV}
_FULL = {errno.ENOSPC, errno.EDQUOT}
_HELPS = {
    **dict.fromkeys([*_FULL, errno.EFBIG], "make room"),
    errno.ENOENT: "make its folder",
}


def write_atomically(
    path: str | os.PathLike[str],
    chunks: Iterable[bytes | memoryview],
    size: int,
    *,
    backup: str | None = None,
) -> None:
    """Write `chunks` as the file `path`: afterwards it is whole and new, or as it was before.

    An existing file keeps its mode; a symbolic link stays and its target is replaced. The file
    that is replaced stays in its folder under the name `backup`, if there is one.
    `size` is the number of bytes to come, for the message. Raises CheckpointError where the
    system refuses; an error out of `chunks` passes through, but for an OSError, which is told as
    one of writing. No temporary file is left behind.
    """
    with _refusals(path, size), _renewing(path) as (target, temporary, mode):
        _write(temporary, chunks, mode, sync=True)
        if backup is not None:
            _keep(target, target.with_name(backup))


@contextlib.contextmanager
def _renewing(path: str | os.PathLike[str]) -> Iterator[tuple[Path, Path, int | None]]:
    """What `path` leads to, the file that takes its place after the block, and the mode for that.

    The name is then on the disk too. OSError if there is something else than a file.
    """
    target = _target(path)
    mode = _mode_to_keep(target)
    with replacing(target) as temporary:
        yield target, temporary, mode
    _sync_directory(target.parent)


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """The name of a temporary file beside `target`, whose place it takes at the end of the block.

    Where the block fails it is removed. Whether its bytes are on the disk is the block's affair.
    """
    temporary = temporary_of(target)
    try:
        yield temporary
        os.replace(temporary, target)
    except BaseException:  # Ctrl-C too
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


@contextlib.contextmanager
def whole_text(path: str | os.PathLike[str]) -> Iterator[TextIO]:
    """A text file to write in the block, in UTF-8: there at its end, or as it was before.

    As `write_atomically` does it. Raises CorpusError where the system refuses.
    """
    try:
        with (
            _renewing(path) as (_, temporary, mode),
            open(temporary, "x", encoding="utf-8", errors="backslashreplace", newline="") as file,
        ):
            if mode is not None:
                os.chmod(temporary, mode)
            yield file
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise CorpusError(
            f"{printable(os.fspath(path))} cannot be written ({error.strerror or error}): "
            f"{way_out(error, 'choose another place')}"
        ) from None


def check_writable(path: str | os.PathLike[str], sizes: Sequence[int]) -> None:
    """Find out whether files of so many bytes have room beside `path`: make them and remove them.

    Raises CheckpointError where the system refuses.
    """
    with _refusals(path, sum(sizes)):
        target = _target(path)
        _mode_to_keep(target)
        # Files that are too large would fill the disk before they fail, for every program on it.
        if sum(sizes) > shutil.disk_usage(target.parent).free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        temporaries = []
        try:
            for size in sizes:
                temporaries.append(temporary_of(target))
                _fill(temporaries[-1], size)
        finally:
            for temporary in temporaries:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)


@contextlib.contextmanager
def _refusals(path: str | os.PathLike[str], size: int) -> Iterator[None]:
    """What the system refuses in the block is a CheckpointError that names path and bytes."""
    try:
        yield
    except OSError as error:
        raise CheckpointError(
            f"{printable(os.fspath(path))}: {size:,} bytes could not be written: "
            f"{error.strerror or error}: {way_out(error, 'choose another place')}"
        ) from error


def helps(error: OSError) -> str:
    """What helps where the system refuses to write a file; "" where nobody knows."""
    return _HELPS.get(error.errno or 0, "")


def way_out(error: OSError, other: str) -> str:
    """The same, or the `other` way, which is open whatever it refuses."""
    return ", or ".join(filter(None, [helps(error), other]))


def is_full(error: BaseException) -> bool:
    """Whether the CheckpointError of a write tells of a disk, or a quota, with no room left."""
    return isinstance(error.__cause__, OSError) and error.__cause__.errno in _FULL


def remove_orphans(path: str | os.PathLike[str]) -> list[Path]:
    """Remove what killed writers of `path` left, and say what that was.

    For the one who holds the lock of `path`: a living writer would lose its temporary file.
    """
    target = Path(os.path.realpath(path))
    orphans = []
    with contextlib.suppress(OSError):
        for entry in temporaries(target.parent, re.escape(target.name)):
            entry.unlink()
            orphans.append(entry)
    return orphans


def temporary_of(target: Path) -> Path:
    """A new name beside `target` for what is being written, which `temporaries` finds."""
    return target.with_name(f".{target.name}.{secrets.token_hex(8)}{TEMPORARY}")


def temporaries(folder: Path, names: str) -> list[Path]:
    """The temporary files in `folder` of all whose name is like the regular expression `names`."""
    ours = re.compile(rf"\.({names})\.[0-9a-f]{{16}}{re.escape(TEMPORARY)}")
    found = sorted(entry for entry in folder.iterdir() if ours.fullmatch(entry.name))
    return [entry for entry in found if not entry.is_symlink() and entry.is_file()]


def _target(path: str | os.PathLike[str]) -> Path:
    """What `path` leads to; OSError for what is the name of no file."""
    try:
        return Path(os.path.realpath(path))
    except ValueError:
        raise OSError(errno.EINVAL, "its name holds a NUL") from None


def _keep(target: Path, backup: Path) -> None:
    """Give the file `target`, if it is there, the second name `backup`."""
    link = temporary_of(target)
    try:
        os.link(target, link)
        os.replace(link, backup)
    except FileNotFoundError:
        return
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # Until the new file takes the name, the old one is there as `backup` alone.
        os.replace(target, backup)
    finally:
        # Two names of one file: `replace` then does nothing, and leaves the link.
        with contextlib.suppress(OSError):
            os.unlink(link)


def _mode_to_keep(target: Path) -> int | None:
    """The permissions of the file that is there; OSError if it is no file (`/dev/null`)."""
    try:
        there = os.stat(target)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(there.st_mode):
        raise OSError(errno.EINVAL, "there is something else than a file")
    return stat.S_IMODE(there.st_mode)


def _write(
    path: Path, chunks: Iterable[bytes | memoryview], mode: int | None, *, sync: bool
) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    # The umask is applied to a new file; an old file's mode is copied as it is.
    descriptor = os.open(path, flags, 0o666 if mode is None else 0o600)
    try:
        if mode is not None and stat.S_IMODE(os.fstat(descriptor).st_mode) != mode:
            os.chmod(path, mode)
        for chunk in chunks:
            left = memoryview(chunk).cast("B")
            while left:  # the system may take a part
                left = left[os.write(descriptor, left) :]
        if sync:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fill(path: Path, size: int) -> None:
    """Make a file that has its room on the disk: asked for where the system can, else written."""
    _write(path, (), None, sync=False)
    if hasattr(os, "posix_fallocate") and size:
        descriptor = os.open(path, os.O_WRONLY)
        try:
            os.posix_fallocate(descriptor, 0, size)
            return
        except OSError as error:
            if error.errno not in _NO_ALLOCATION:
                raise
        finally:
            os.close(descriptor)
    os.unlink(path)
    piece = bytes(1 << 20)
    pieces = (piece[: size - start] for start in range(0, size, len(piece)))
    _write(path, pieces, None, sync=False)


def _sync_directory(directory: Path) -> None:
    """Make the new name last: without this a power cut may bring the old file back."""
    if os.name == "nt":
        return
    try:
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _NO_DIRECTORY_SYNC:
            raise
