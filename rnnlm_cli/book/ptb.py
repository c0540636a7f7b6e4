"""The Penn Treebank as the book's `dataset/ptb.py` gives it."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.book.preprocessing import Words
from rnnlm_cli.corpus.loading import Corpus, load_corpus
from rnnlm_cli.errors import CorpusError, quoted
from rnnlm_cli.settings.text import CorpusConfig, Split
from rnnlm_cli.watching import bars_of_here

_SPLITS: dict[str, Split] = {"train": "train", "valid": "valid", "val": "valid", "test": "test"}


def load_data(data_type: str = "train") -> Words:
    """Split `train`, `valid` (or `val`) or `test` -> corpus (words,), word_to_id, id_to_word.

    The files are looked for where `rnnlm train --corpus ptb` looks, and else downloaded. Raises
    CorpusError if they cannot be had, or for another `data_type`.
    """
    if data_type not in _SPLITS:
        raise CorpusError(
            f"data_type is {quoted(data_type)}, but PTB has {', '.join(map(quoted, _SPLITS))}"
        )
    corpus = _load()
    ids = corpus.ids(_SPLITS[data_type]).astype(np.int64)
    return ids, dict(corpus.vocabulary.ids), dict(enumerate(corpus.vocabulary.words))


def load_vocab() -> tuple[dict[str, int], dict[int, str]]:
    """word_to_id and id_to_word alone."""
    _, word_to_id, id_to_word = load_data()
    return word_to_id, id_to_word


def _load() -> Corpus:
    return load_corpus("ptb", CorpusConfig(), stages=bars_of_here)
