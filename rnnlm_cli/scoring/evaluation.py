"""How well a model predicts a text: surprisal of every token, and perplexity.

    surprisal of a token = -log p(token | all before it), in nats
    perplexity           = exp(mean surprisal)                      (book section 5.5.2)

Three protocols say what "all before it" means:

    stream    one pass with one state, from `<eos>`: every token once, whatever the chunk size
    parallel  N cold streams side by side: every token once, faster, a little pessimistic
    book      the book's eval_perplexity: 10 cold streams in segments of 35, the tail dropped
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.arrays import Doubles, Ids, Mask, quietly
from rnnlm_cli.corpus.batches import Batch, cut_segments, padded_segments
from rnnlm_cli.errors import CorpusError, told_of
from rnnlm_cli.memory import need
from rnnlm_cli.model.footprint import layer_bytes, loading_parts, step_bytes
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.streaming import CHUNK, first_input, stream_nats
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.train import Protocol
from rnnlm_cli.stopping import Progress, Stop, never

_PARALLEL_STREAMS = 20
_PARALLEL_TIME = 35
MOST_PLACES = max(CHUNK, _PARALLEL_STREAMS * _PARALLEL_TIME)  # scored at a time
_TOKEN = 28  # bytes of a token of the text: ids, targets, surprisals


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The surprisal of every scored token; every figure is derived from it."""

    protocol: Protocol
    nats: Doubles  # (tokens,), in the order in which they were scored
    targets: Ids  # (tokens,)
    unk_id: int | None
    seconds: float

    @property
    def tokens(self) -> int:
        """How many tokens were scored."""
        return len(self.nats)

    @property
    def _known(self) -> Mask:
        if self.unk_id is None:
            return np.ones(self.tokens, bool)
        return np.asarray(self.targets != self.unk_id)

    @property
    def unknown(self) -> int:
        """How many of the scored tokens are `<unk>`."""
        return self.tokens - int(np.count_nonzero(self._known))

    @property
    def nats_per_token(self) -> float:
        """Mean surprisal in nats."""
        return float(self.nats.mean())

    @property
    def bits_per_token(self) -> float:
        """Mean surprisal in bits."""
        return self.nats_per_token / math.log(2)

    @property
    def perplexity(self) -> float:
        """exp(nats_per_token)."""
        return perplexity(self.nats_per_token)

    @property
    def perplexity_known(self) -> float:
        """Perplexity over the tokens that are not `<unk>`; nan where there are none."""
        known = self.nats[self._known]
        return perplexity(float(known.mean())) if len(known) else math.nan

    @property
    def standard_error(self) -> float:
        """Standard error of the perplexity, as if tokens were independent (delta method).

        nan where it is not known: of one token, and of an infinite surprisal.
        """
        if self.tokens < 2 or math.isinf(self.nats_per_token):
            return math.nan
        return self.perplexity * float(self.nats.std(ddof=1)) / math.sqrt(self.tokens)

    @property
    def words_per_second(self) -> float:
        """Scored tokens per second."""
        return self.tokens / max(self.seconds, 1e-9)


def perplexity(nats_per_token: float) -> float:
    """exp(nats_per_token), infinite where that overflows."""
    return math.exp(nats_per_token) if nats_per_token < 700 else math.inf


def _segments(ids: Ids, protocol: Protocol, eos_id: int) -> Iterator[Batch]:
    """The batches of a protocol that runs streams side by side."""
    if protocol == "book":
        return cut_segments(ids, streams=10, time_size=35)
    return padded_segments(ids, streams=_PARALLEL_STREAMS, time_size=_PARALLEL_TIME, eos_id=eos_id)


def check_scorable(ids: Ids, protocol: Protocol) -> None:
    """Raises CorpusError if `ids` (words,) are too few for `protocol`."""
    if not len(ids):
        raise CorpusError("no token, but at least one was needed")
    if protocol == "book":
        _segments(ids, protocol, eos_id=0)


def scoring_parts(vocab_size: int, tokens: int, model: ModelConfig) -> dict[str, int]:
    """Bytes that it takes to score so many tokens, by what they are for."""
    return {
        **loading_parts(vocab_size, model),
        "layers": layer_bytes(vocab_size, model, MOST_PLACES) + step_bytes(model),
        "text": _TOKEN * tokens,
    }


def check_scoring(vocab_size: int, tokens: int, model: ModelConfig) -> None:
    """Raises ConfigError if scoring `tokens` tokens cannot fit in memory."""
    need("scoring", scoring_parts(vocab_size, tokens, model), "score a shorter text")


def evaluate(
    model: LanguageModel,
    ids: Ids,
    *,
    eos_id: int | None,
    unk_id: int | None = None,
    protocol: Protocol = "stream",
    progress: Progress | None = None,
) -> Evaluation:
    """Score `ids` (words,) with `model`, whose own state is left as it was.

    Without an `eos_id` the first word is not scored: it has nothing before it. Raises CorpusError
    if there is nothing to score (book: if the text fills no batch).
    """
    scored = evaluate_until(
        never, model, ids, eos_id=eos_id, unk_id=unk_id, protocol=protocol, progress=progress
    )
    assert scored is not None, "stopped by nobody"
    return scored


def evaluate_until(
    stop: Stop,
    model: LanguageModel,
    ids: Ids,
    *,
    eos_id: int | None,
    unk_id: int | None = None,
    protocol: Protocol = "stream",
    progress: Progress | None = None,
) -> Evaluation | None:
    """The same, but given up with None as soon as `stop` says yes."""
    first, ids = (0, ids) if protocol == "book" else first_input(ids, eos_id)
    with told_of("the text", "score a longer text, or use --protocol stream"):
        check_scorable(ids, protocol)
    began = time.perf_counter()
    targets: Ids | None = ids
    with quietly():  # an infinite perplexity says it all
        if protocol == "stream":
            nats = stream_nats(model, ids, eos_id=first, progress=progress, stop=stop)
        else:
            segments = _segments(ids, protocol, first)
            nats, targets = _side_by_side(model, segments, progress, stop)
    if nats is None or targets is None:
        return None
    return Evaluation(protocol, nats, targets, unk_id, time.perf_counter() - began)


def _side_by_side(
    model: LanguageModel, segments: Iterator[Batch], progress: Progress | None, stop: Stop
) -> tuple[Doubles, Ids] | tuple[None, None]:
    """Surprisal of every target of `segments`, and those targets; nothing if it is stopped."""
    nats: list[Doubles] = []
    targets: list[Ids] = []
    with model.fresh_state():
        for xs, ts in segments:
            scored = ts >= 0
            nats.append(model.nats(xs, ts)[scored])
            targets.append(ts[scored])
            if progress is not None:
                progress(len(targets[-1]))
            if stop():
                return None, None
    return np.concatenate(nats), np.concatenate(targets)
