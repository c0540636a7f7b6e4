"""The folder of what can be made again, and its clearing."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from rnnlm_cli.atomic import temporaries
from rnnlm_cli.corpus.reading.files import shown
from rnnlm_cli.errors import CorpusError

_DAY = 86_400  # seconds


def cache_folder() -> Path:
    """Where what can be made again is kept: $RNNLM_CACHE, else the system's place for it."""
    chosen = os.environ.get("RNNLM_CACHE")
    if chosen:
        return Path(chosen)
    from platformdirs import user_cache_path

    return user_cache_path("rnnlm", appauthor=False)


def keep_newest(folder: Path, names: str, most: int) -> None:
    """Remove all but the `most` newest files whose names are like the regular expression `names`.

    What was read is as new as what was written, where the disk tells. What is a day old goes too of
    files to be, which a killed process has left half written.
    """
    found = (path for path in folder.iterdir() if re.fullmatch(names, path.name))
    used = ((path.stat(), path) for path in found)
    ages = sorted((-max(stat.st_mtime, stat.st_atime), path) for stat, path in used)
    parts = temporaries(folder, names)
    dead = [path for path in parts if path.stat().st_mtime < time.time() - _DAY]
    for path in [*(path for _, path in ages[most:]), *dead]:
        path.unlink(missing_ok=True)


def no_room(folder: Path | None, error: OSError) -> CorpusError:
    """That nothing can be kept in `folder`; None: in the system's."""
    where = shown(folder) if folder else "the folder for temporary files"
    return CorpusError(
        f"{where}: a text cannot be kept there ({error.strerror or error}): make room, or name "
        "another folder in RNNLM_CACHE"
    )
