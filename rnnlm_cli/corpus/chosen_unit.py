"""What a text is cut by: the unit that was asked for or suits it, and the pieces learnt of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from rnnlm_cli.corpus.cutting.learning import learnt_merges
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.encoded_cache import load_merges, merges_key, store_merges
from rnnlm_cli.corpus.kept import SMALL
from rnnlm_cli.corpus.source import Source
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.text import BPE_SIZE, CorpusConfig
from rnnlm_cli.watching import Bars, in_silence


def chosen_tokenizer(
    source: Source, config: CorpusConfig, *, stages: Bars = in_silence
) -> Tokenizer:
    """What cuts `source`, as `config` says, else as suits the text.

    Pieces are learnt of the training split; `stages` are told of it where that is not small.
    Raises MissingExtra.
    """
    cutter = Tokenizer(config.unit or source.judged.unit, config.lower)
    if not cutter.is_of_pieces:
        return cutter
    size = config.bpe_size or BPE_SIZE
    key = merges_key(source.sha256, cutter, size)
    if (held := load_merges(key)) is not None:
        with suppress(ConfigError):  # anybody can put there what makes no pieces
            return replace(cutter, merges=held)
    merges = learnt_merges(map(cutter.normalize, _blocks(source, stages)), size)
    store_merges(key, merges)
    return replace(cutter, merges=merges)


def _blocks(source: Source, stages: Bars) -> Iterator[str]:
    """Those of the training split."""
    text = source.parts["train"].text
    bars = stages if text.size > SMALL else in_silence
    with bars("pieces", text.size, "B") as told:
        for block in text:
            yield block
            told(len(block.encode()))
