"""How a text becomes tokens and ids."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, get_args

from rnnlm_cli.settings.setting import Checked, Setting, whole

Unit = Literal["whitespace", "word", "char", "bpe", "preprocess"]
Split = Literal["train", "valid", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
Record = Literal["line", "paragraph"]

BPE_SIZE = 4000  # where none is given: docs/subwords.md has others beside it

_PANEL = "The text"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenWords:
    """Where the words of a model are whose file has none."""

    vocab: Annotated[
        Path | None,
        Setting(
            "The words of a model whose file has none: a text with one a line, by id, or a pickled "
            "word_to_id, id_to_word or pair of them.",
            metavar="FILE",
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusConfig(Checked):
    """How a text becomes tokens and ids."""

    # None: chosen from the text, which a plan has done
    unit: Annotated[
        Unit | None,
        Setting(
            "What a token is. Default: judged by the text. bpe: pieces of words, learnt of it; "
            "preprocess: of models of the book only.",
            None,
            _PANEL,
        ),
    ] = None
    bpe_size: Annotated[
        int | None,
        Setting(
            "The size of the vocabulary of --unit bpe: 256 bytes, and pieces that are learnt. "
            f"Default: {BPE_SIZE}, or fewer where nothing else stands there twice.",
            whole(256, 50_000),
            _PANEL,
            is_later=True,
        ),
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
    record: Annotated[
        Record | None,
        Setting(
            "The text is made of records: a line each, or the lines up to a blank one. Splits keep "
            "them whole, and generate writes one a sample. Default: one running text.",
            None,
            _PANEL,
            is_later=True,
        ),
    ] = None
