"""How a text becomes tokens and ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rnnlm_cli.settings.setting import need_choice, need_int

Unit = Literal["whitespace", "word", "char"]


Split = Literal["train", "valid", "test"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusConfig:
    """How a text becomes tokens and ids."""

    unit: Unit | None = None  # None: chosen from the text
    min_count: int | None = None  # None: 1 for whitespace, else 2 (tokens seen once -> <unk>)
    max_vocab: int = 50_000
    lower: bool = False

    def __post_init__(self) -> None:
        if self.unit is not None:
            need_choice("unit", self.unit, Unit)
        if self.min_count is not None:
            need_int("min-count", self.min_count, 1)
        need_int("max-vocab", self.max_vocab, 2)
