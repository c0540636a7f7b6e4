"""Training in one call."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rnnlm_cli.trained.trained import Trained


def train(
    corpus: str | os.PathLike[str] = "pydoc",
    out: str | os.PathLike[str] | None = None,
    *,
    progress: bool | None = None,
    **settings: Any,
) -> Trained:
    """Train a model on a corpus, by name or path, as `rnnlm train` does.

    `settings` are its options; a budget is in seconds, or text as "10m". The files of the run lie
    at `out` and beside it; without it nothing is left of them. `progress` shows a bar; None: in a
    notebook and on a terminal. Raises RnnlmError.
    """
    from rnnlm_cli.runs.whole import run_whole  # which scoring needs nothing of

    hidden = not (_is_watched() if progress is None else progress)
    with TemporaryDirectory(prefix="rnnlm-") as folder:
        path = Path(folder, "Rnnlm.pkl") if out is None else Path(out)
        begun, ended = run_whole(hidden=hidden, corpus=os.fspath(corpus), out=path, **settings)
    kept, threads = None if out is None else ended.path, begun.config.threads
    return Trained(ended.checkpoint, kept, threads=threads, own=begun.corpus)


def _is_watched() -> bool:
    """Whether somebody sees a bar: in a notebook, whose stderr is no terminal, too."""
    return "ipykernel" in sys.modules or (sys.stderr is not None and sys.stderr.isatty())
