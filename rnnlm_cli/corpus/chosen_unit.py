"""What a text is cut by: the unit that was asked for or suits it, and the pieces learnt of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rnnlm_cli.corpus.cutting.learning import learnt_merges
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.encoded_cache import load_merges, merges_key, store_merges
from rnnlm_cli.corpus.kept import SMALL
from rnnlm_cli.corpus.source import Source
from rnnlm_cli.settings.text import BPE_SIZE, CorpusConfig
from rnnlm_cli.stopping import bar_of_here


def chosen_tokenizer(source: Source, config: CorpusConfig, *, progress: bool = False) -> Tokenizer:
    """What cuts `source`, as `config` says, else as suits the text.

    Pieces are learnt of the training split; `progress` shows a bar on stderr for that, where it is
    not small. Raises MissingExtra.
    """
    cutter = Tokenizer(config.unit or source.judged.unit, config.lower)
    if cutter.unit != "bpe":
        return cutter
    size = config.bpe_size or BPE_SIZE
    key = merges_key(source.sha256, cutter, size)
    merges = load_merges(key)
    if merges is None:
        merges = learnt_merges(map(cutter.normalize, _blocks(source, progress)), size)
        store_merges(key, merges)
    return replace(cutter, merges=merges)


def _blocks(source: Source, progress: bool) -> Iterator[str]:
    """Those of the training split."""
    text = source.parts["train"].text
    hidden = not progress or text.size <= SMALL
    with bar_of_here()(
        total=text.size, unit="B", unit_scale=True, desc="pieces", disable=hidden, leave=False
    ) as bar:
        for block in text:
            yield block
            bar.update(len(block.encode()))
