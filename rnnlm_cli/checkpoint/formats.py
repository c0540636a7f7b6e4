"""What a kind of file is to `load_checkpoint`: a row that recognises and reads it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.pickling import arrays_of


class ModelFile:
    """A file that may hold a model."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path

    @cached_property
    def arrays(self) -> list[NDArray[Any]]:
        """Those of a pickled list, read once: see `arrays_of`."""
        return arrays_of(self.path)


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file. `read` raises CheckpointError, ConfigError or VocabularyError."""

    recognises: Callable[[ModelFile], bool]
    read: Callable[[ModelFile], Checkpoint]
