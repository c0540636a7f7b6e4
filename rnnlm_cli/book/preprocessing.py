"""A text of the reader's own as ids (`common/util.py`, section 2.3.1)."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.arrays import Ids

Words = tuple[Ids, dict[str, int], dict[int, str]]  # corpus, word_to_id, id_to_word


def preprocess(text: str) -> Words:
    """`text` in small letters, cut at blanks, a full stop a word of its own -> corpus (words,),
    word_to_id, id_to_word; ids in the order of first appearance."""
    words = text.lower().replace(".", " .").split(" ")
    id_to_word = dict(enumerate(dict.fromkeys(words)))
    word_to_id = {word: i for i, word in id_to_word.items()}
    return np.array([word_to_id[word] for word in words]), word_to_id, id_to_word
