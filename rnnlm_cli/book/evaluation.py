"""The book's perplexity (`common/util.py`, sections 5.5.2 and 6.4)."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from rnnlm_cli.corpus.batches import cut_segments
from rnnlm_cli.errors import told_of
from rnnlm_cli.scoring.figures import perplexity


def eval_perplexity(
    model: Any, corpus: ArrayLike, batch_size: int = 10, time_size: int = 35
) -> float:
    """corpus (words,) ids -> exp(mean loss), over parallel streams; the tail is dropped.

    Prints how far it is, as the book does. The model's state goes on from where it was, and a model
    whose `forward` knows a `train_flg` gets False. Raises CorpusError for a text that is too short.
    """
    ids = np.asarray(corpus)
    with told_of("the corpus", "take a longer one, or a smaller batch_size or time_size"):
        batches = list(cut_segments(ids, streams=batch_size, time_size=time_size))
    flag = "train_flg" in inspect.signature(model.forward).parameters
    print("evaluating perplexity ...")
    total = 0.0
    for number, (xs, ts) in enumerate(batches):
        total += model.forward(xs, ts, train_flg=False) if flag else model.forward(xs, ts)
        print(f"\r{number} / {len(batches)}", end="", flush=True)
    print()
    return perplexity(total / len(batches))
