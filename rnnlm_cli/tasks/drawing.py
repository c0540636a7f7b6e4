"""Texts that a model draws, piece by piece."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from io import StringIO

import numpy as np

from rnnlm_cli.corpus.records import from_the_first_word
from rnnlm_cli.corpus.text_record import TextRecord, banned_ids, blank_ids, start_ids
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.generating.endings import Endings
from rnnlm_cli.generating.generation import generate
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
    sample has ended: with its record, if `config` or the text that it was trained on says so. Words
    to `skip` are not drawn, nor is `<unk>` unless `unk`. Raises RnnlmError.
    """
    record, eos_id = config.ends_with(words.config.record), words.vocabulary.eos_id
    if config.ends_with() and eos_id is None:
        given = "stop-at-eos" if config.stop_at_eos else f"record {config.record}"
        raise ConfigError(f"{given} is set, but the model knows no <eos>: leave that out")
    begun, banned = start_ids(words, start), banned_ids(words, skip, unk=unk)
    joiners = [words.tokenizer.detokenizer() for _ in range(config.samples)]
    shown = words.vocabulary.decode(begun[eos_id is not None :])
    yield ["".join(map(join.feed, shown)) for join in joiners]
    endings = None
    if record is not None and eos_id is not None:
        endings = Endings(record, eos_id, blank_ids(words), config.samples)
        if record == "paragraph":
            begun.insert(0, eos_id)  # a blank line goes before a record
    rng = np.random.default_rng(config.seed)
    drawn = generate(model, begun, config, rng=rng, banned=banned, endings=endings)
    rows = (zip(joiners, ids.tolist(), strict=True) for ids in drawn)
    pieces = ([join.feed(words.words[i]) if i >= 0 else "" for join, i in row] for row in rows)
    yield from pieces if record is None or start else from_the_first_word(pieces)


def joined(pieces: Iterable[list[str]]) -> list[str]:
    """The text of each sample."""
    texts: list[StringIO] = []
    for each in pieces:
        texts = texts or [StringIO() for _ in each]
        for text, piece in zip(texts, each, strict=True):
            text.write(piece)
    return [text.getvalue() for text in texts]
