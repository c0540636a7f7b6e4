"""Generated text on its way to stdout: word by word where there is one sample to watch."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence

import numpy as np

from rnnlm_cli.cli.showing.documents import samples_document
from rnnlm_cli.cli.showing.render import print_json
from rnnlm_cli.corpus.record import TextRecord
from rnnlm_cli.corpus.units import Detokenizer
from rnnlm_cli.errors import printable
from rnnlm_cli.generating.generation import generate
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.sample import SampleConfig


def write_samples(
    model: LanguageModel,
    record: TextRecord,
    *,
    start: str,
    start_ids: Sequence[int],
    banned: Collection[int],
    config: SampleConfig,
    as_json: bool,
) -> None:
    """Draw and print. A terminal gets control characters escaped, a pipe the raw text."""
    vocabulary = record.vocabulary
    assert record.config.unit is not None
    joiners = [Detokenizer(record.config.unit) for _ in range(config.samples)]
    begun = vocabulary.decode(start_ids[1:])
    texts = ["".join(map(joiner.feed, begun)) for joiner in joiners]
    stream = config.samples == 1 and not as_json
    if stream:
        _put(texts[0])
    drawn = generate(
        model,
        start_ids,
        config,
        rng=np.random.default_rng(config.seed),
        banned=banned,
        eos_id=vocabulary.eos_id,
    )
    for ids in drawn:
        for k, i in enumerate(ids.tolist()):
            if i >= 0:
                piece = joiners[k].feed(vocabulary.words[i])
                texts[k] += piece
                if stream:
                    _put(piece)
    if as_json:
        print_json(samples_document(start, config.seed, texts))
        return
    for k, text in enumerate(texts if config.samples > 1 else ()):
        _put(f"--- {k + 1} ---\n" + text.rstrip("\n") + "\n")
    if stream and not texts[0].endswith("\n"):
        _put("\n")


def _put(text: str) -> None:
    """Write to stdout at once."""
    if sys.stdout.isatty():
        text = "\n".join(map(printable, text.split("\n")))
    sys.stdout.write(text)
    sys.stdout.flush()
