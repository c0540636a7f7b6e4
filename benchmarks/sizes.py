"""The models that are measured, and words for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from rnnlm_cli.arrays import Ids
from rnnlm_cli.corpus.loading import Corpus, load_corpus
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.run import RunRequest
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.settings.train import OptimizerName
from rnnlm_cli.training.planning import TextFacts, fitted

N, T, V = 20, 35, 10_000


@dataclass(frozen=True)
class Size:
    """A model, and how it is trained: on words of a `corpus`, or on random ones."""

    name: str
    model: ModelConfig
    vocab_size: int = V
    batch_size: int = N
    time_size: int = T
    optimizer: OptimizerName = "sgd"
    corpus: str | None = None

    def words(self, count: int) -> Ids:
        """So many words (count,) to train on."""
        if self.corpus is None:
            return words(self.vocab_size, count)
        return np.resize(_corpus(self.corpus).ids("train"), count)

    @property
    def clusters(self) -> list[tuple[int, float]]:
        """Of each cluster of the softmax its words and the share of the places that need it."""
        ids, edges = self.words(100_000), (*self.model.edges, self.vocab_size)
        behind = [
            (stop - start, float(((start <= ids) & (ids < stop)).mean()))
            for start, stop in pairwise(edges)
        ]
        return [(edges[0], 1.0), *behind]


SIZES = {
    "Rnnlm": Size("Rnnlm", ModelConfig(wordvec_size=100, hidden_size=100)),
    "BetterRnnlm": Size(
        "BetterRnnlm",
        ModelConfig(wordvec_size=650, hidden_size=650, layers=2, tied=True, dropout=0.5),
    ),
    "tied256": Size("tied256", ModelConfig(wordvec_size=256, hidden_size=256, tied=True)),
}
PRESETS = tuple(
    f"{preset} on {text}" for text in ("ptb", "pydoc") for preset in ("tiny", "small", "medium")
)


def find_size(name: str) -> Size:
    """One of SIZES, or `PRESET on CORPUS`: what `rnnlm train` makes of it for that text."""
    if name in SIZES:
        return SIZES[name]
    preset, _, text = name.partition(" on ")
    corpus = _corpus(text)
    facts = TextFacts(
        len(corpus.ids("train")),
        len(corpus.vocabulary),
        corpus.tokenizer.unit,
        counts=corpus.counts,
    )
    run = fitted(RunRequest.of(preset, corpus=text), facts)
    return Size(
        name,
        run.model,
        facts.vocab_size,
        run.train.batch_size,
        run.train.time_size,
        run.train.optimizer,
        text,
    )


@cache
def _corpus(name: str) -> Corpus:
    return load_corpus(name, CorpusConfig()).by_frequency()


def words(vocab_size: int, count: int, seed: int = 0) -> Ids:
    """Random words (count,), spread like PTB's: the first 1,500 of 10,000 make 84% of the text."""
    shares = np.arange(1.0, vocab_size + 1) ** -1.05
    rng = np.random.default_rng(seed)
    return rng.choice(vocab_size, count, p=shares / shares.sum()).astype(np.int32)
