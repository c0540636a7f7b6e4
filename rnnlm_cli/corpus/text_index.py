"""What is known of large texts, so that one whose files have not changed is not read again.

A file is the one that was read if its device, its number there, its size, and the times of its
last write and of its last change of any kind (`st_ctime`, which no program sets) are what they
were, to the nanosecond: as git knows what it need not read. What was written a few seconds before
it was read is not noted: it could be written again within one tick of the file system's clock.
Windows has no such time, so nothing is noted there.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rnnlm_cli.__version__ import __version__
from rnnlm_cli.atomic import replacing
from rnnlm_cli.corpus.cache_folder import cache_folder, keep_newest
from rnnlm_cli.corpus.cutting.judging import Judgement
from rnnlm_cli.corpus.cutting.scripts import tables
from rnnlm_cli.corpus.kept import SMALL
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.schema import read
from rnnlm_cli.settings.text import SPLITS, Split

FORMAT = 2  # to be raised with every change of what is noted, of the splits and of judging
KEPT = 100  # notes; the oldest go first
_TICK = 3_000_000_000  # nanoseconds: no clock of a file system is coarser

Files = Mapping[Split, Sequence[Path]]


@dataclass(slots=True, kw_only=True)
class KnownText:
    """What a text was found to be, as far as anybody asked; None: nobody did."""

    sha256: str | None = None  # which a note has, and the characters
    characters: dict[Split, int] | None = None
    judged: Judgement | None = None  # the unit that suits it
    seems_records: bool | None = None
    has_unk: bool | None = None  # its training split


@dataclass(frozen=True, slots=True)
class Stamp:
    """The state of the files of a text at some time: equal keys, equal files."""

    key: str  # 64 hexadecimal digits
    settled: bool  # whether the last change of any of them was some seconds before
    files: tuple[tuple[Split, Path], ...]
    settings: tuple[object, ...]  # which they are read with

    @classmethod
    def of(cls, texts: Iterable[Files], *settings: object) -> Stamp | None:
        """That of the files of these texts, which are read with such settings.

        None where they are not large, not there, or not known by their times.
        """
        files = [(s, path) for each in texts for s, paths in each.items() for path in paths]
        return cls._now(tuple(files), settings)

    @classmethod
    def _now(
        cls, files: tuple[tuple[Split, Path], ...], settings: tuple[object, ...]
    ) -> Stamp | None:
        now, found = time.time_ns(), list[os.stat_result]()
        try:
            found += (os.stat(path) for _, path in files)
        except (OSError, ValueError):
            return None
        if os.name == "nt" or sum(each.st_size for each in found) <= SMALL:
            return None
        numbers = [
            (split, each.st_dev, each.st_ino, each.st_size, each.st_mtime_ns, each.st_ctime_ns)
            for (split, _), each in zip(files, found, strict=True)
        ]
        what = json.dumps([FORMAT, __version__, tables(), numbers, settings])
        newest = max(max(each.st_mtime_ns, each.st_ctime_ns) for each in found)
        key = hashlib.sha256(what.encode()).hexdigest()
        return cls(key, now - newest > _TICK, files, settings)

    @property
    def holds(self) -> bool:
        """Whether the files are still in that state."""
        now = self._now(self.files, self.settings)
        return now is not None and now.key == self.key


def known_text(stamp: Stamp) -> KnownText | None:
    """What was noted of files in that state; None where nothing was, or the note is damaged."""
    try:
        noted = json.loads(_path(stamp).read_bytes())
        known: KnownText = read(KnownText, noted["known"], "known")
        whole = known.sha256 is not None and set(known.characters or ()) == set(SPLITS)
        return known if whole and noted["digest"] == _digest(stamp, known) else None
    except (OSError, ValueError, TypeError, KeyError, RecursionError, CheckpointError):
        return None


def note_text(stamp: Stamp, known: KnownText) -> None:
    """Note what is known of files in that state, if the cache folder can be written to."""
    noted = {"known": asdict(known), "digest": _digest(stamp, known)}
    try:
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(_path(stamp)) as part:
            part.write_text(json.dumps(noted))
        keep_newest(folder, r"[0-9a-f]{64}\.json", KEPT)
    except OSError:
        pass  # the next run reads the text again


def _path(stamp: Stamp) -> Path:
    return cache_folder() / f"{stamp.key}.json"


def _digest(stamp: Stamp, known: KnownText) -> str:
    told = json.dumps([stamp.key, asdict(known)], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()
