"""Texts that a model draws, piece by piece."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from io import StringIO

import numpy as np

from rnnlm_cli.corpus.record import TextRecord, banned_ids, start_ids
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.generating.generation import check_sampling, generate
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.sample import SampleConfig


def draw_pieces(
    model: LanguageModel,
    words: TextRecord,
    start: str,
    config: SampleConfig,
    *,
    skip: Collection[str] = (),
    unk: bool = False,
) -> Iterator[list[str]]:
    """Text that goes on from `start`: a list with a piece for each sample, one after the other.

    The first pieces are `start` as the model reads it, the others a token each, or "" where a
    sample has ended. Words to `skip` are not drawn, nor is `<unk>` unless `unk`. Raises RnnlmError.
    """
    check_sampling(model.vocab_size, config, model.config)
    rng, eos_id = np.random.default_rng(config.seed), words.vocabulary.eos_id
    if config.stop_at_eos and eos_id is None:
        raise ConfigError("stop-at-eos is set, but the model knows no <eos>: leave that out")
    begun, banned = start_ids(words, start), banned_ids(words, skip, unk=unk)
    joiners = [words.tokenizer.detokenizer() for _ in range(config.samples)]
    shown = words.vocabulary.decode(begun[eos_id is not None :])
    yield ["".join(map(join.feed, shown)) for join in joiners]
    for ids in generate(model, begun, config, rng=rng, banned=banned, eos_id=eos_id):
        pairs = zip(joiners, ids.tolist(), strict=True)
        yield [join.feed(words.words[i]) if i >= 0 else "" for join, i in pairs]


def joined(pieces: Iterable[list[str]]) -> list[str]:
    """The text of each sample."""
    texts: list[StringIO] = []
    for each in pieces:
        texts = texts or [StringIO() for _ in each]
        for text, piece in zip(texts, each, strict=True):
            text.write(piece)
    return [text.getvalue() for text in texts]
