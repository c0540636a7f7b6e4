"""How a text becomes tokens and ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from rnnlm_cli.settings.setting import Checked, Setting, whole

Unit = Literal["whitespace", "word", "char"]
Split = Literal["train", "valid", "test"]

_PANEL = "The text"


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusConfig(Checked):
    """How a text becomes tokens and ids."""

    # None: chosen from the text, which a plan has done
    unit: Annotated[
        Unit | None, Setting("What a token is. Default: judged by the text.", None, _PANEL)
    ] = None
    min_count: Annotated[
        int | None,
        Setting(
            "Rarer tokens become <unk>. Default: 2, but 1 for whitespace with <unk> in it.",
            whole(1),
            _PANEL,
        ),
    ] = None
    max_vocab: Annotated[
        int, Setting("The most words to keep. Default: 50000.", whole(2), _PANEL)
    ] = 50_000
    lower: Annotated[bool, Setting("Make capitals small.", None, _PANEL, flags="--lower")] = False
