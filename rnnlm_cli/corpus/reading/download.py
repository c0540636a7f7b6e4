"""One file from the web: whole and checked under its final name, or not there at all."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit

from rnnlm_cli.atomic import replacing, temporaries
from rnnlm_cli.watching import Progress

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

TIMEOUT = 30.0  # seconds without an answer
ROUNDS = 2  # how often all mirrors are tried
PAUSE = 1.0  # seconds between rounds


def download(
    urls: Sequence[str],
    target: Path,
    size: int,
    sha256: str,
    progress: Progress,
    timeout: float,
) -> None:
    """Put the file of `size` bytes with that `sha256` under `target`, from the first URL with it.

    Certificates are verified, and no redirect leads out of HTTPS. Raises OSError with a reason for
    each host if none has the file; then nothing is left on the disk. What a killed process left of
    this file is removed first.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_orphans(target)
    reasons: dict[str, None] = {}
    for attempt in range(ROUNDS):
        time.sleep(PAUSE if attempt else 0)
        for url in urls:
            try:
                return _download_once(url, target, size, sha256, progress, timeout)
            except (OSError, ValueError) as error:  # ValueError: a senseless header or address
                reasons.setdefault(f"{urlsplit(url).netloc}: {_reason(error)}")
    raise OSError("; ".join(reasons))


def _download_once(
    url: str, target: Path, size: int, sha256: str, progress: Progress, timeout: float
) -> None:
    from pooch import HTTPDownloader  # here, because it takes long to import

    fetch = HTTPDownloader(
        chunk_size=1 << 16,
        timeout=timeout,
        verify=True,
        hooks={"response": _stay_secure},
    )
    with replacing(target) as part:
        with _opened(part) as stream:
            sink = _Sink(stream, size, progress)
            try:
                fetch(url, sink, None)
                sink.check(sha256)
            except BaseException:
                progress(-sink.told)  # the next place begins anew
                raise
            os.fsync(stream.fileno())


def _opened(part: Path) -> BinaryIO:
    """`part` for writing, with its lock: another process may take it for an orphan until then."""
    while True:
        stream = part.open("wb")
        _lock(stream)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(stream.fileno()), os.stat(part)):
                return stream
        stream.close()


def _stay_secure(response: Any, **settings: Any) -> None:
    """Refuse a redirect from https:// to anything else before it is followed."""
    target = urljoin(response.url, response.headers.get("location", ""))
    if urlsplit(response.url).scheme == "https" != urlsplit(target).scheme:
        raise OSError("a redirect out of HTTPS was refused")


def _lock(stream: BinaryIO) -> None:
    """Show that `stream` has a living writer; BlockingIOError if it has. No-op on Windows."""
    if fcntl is not None:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _remove_orphans(target: Path) -> None:
    """Remove parts of `target` whose writer is dead: the kernel has freed their locks."""
    if fcntl is None:
        return
    for path in temporaries(target.parent, re.escape(target.name)):
        with suppress(OSError), path.open("rb") as stream:
            _lock(stream)
            path.unlink()


class _Sink:
    """Writes to `stream`, hashes, and stops a file that is longer than `size` bytes."""

    def __init__(self, stream: BinaryIO, size: int, progress: Progress) -> None:
        self.digest = hashlib.sha256()
        self.size = self.told = 0
        self._stream = stream
        self._most, self._progress = size, progress

    def write(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self._most:
            raise OSError(f"more than {self._most:,} bytes came")
        self.digest.update(data)
        self._stream.write(data)
        self.told += len(data)
        self._progress(len(data))

    def flush(self) -> None:
        self._stream.flush()

    def check(self, sha256: str) -> None:
        """Raises OSError unless what came is the file that was expected."""
        if self.size != self._most:
            raise OSError(f"{self.size:,} bytes came instead of {self._most:,}")
        if self.digest.hexdigest() != sha256:
            raise OSError(f"another file came, with SHA-256 {self.digest.hexdigest()[:12]}…")


def _reason(error: Exception) -> str:
    response = getattr(error, "response", None)  # requests' errors are long; these say enough
    if response is not None:
        return f"HTTP status {response.status_code}"
    if type(error).__module__.startswith("requests"):
        return type(error).__name__
    return getattr(error, "strerror", None) or str(error)
