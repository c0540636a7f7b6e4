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
from dataclasses import dataclass, field, fields

import numpy as np

from rnnlm_cli.arrays import Doubles, Ids, Mask, quietly
from rnnlm_cli.corpus.batches import Batch, check_fills_a_batch, cut_segments, padded_segments
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.errors import CorpusError, told_of
from rnnlm_cli.model.footprint import layer_bytes, step_bytes
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.figures import Figures, perplexity
from rnnlm_cli.scoring.standard_error import error_of_mean
from rnnlm_cli.scoring.streaming import CHUNK, stream_nats
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.train import Protocol
from rnnlm_cli.stopping import Progress, Stop, never

_BOOK_STREAMS, _BOOK_TIME = 10, 35
_PARALLEL_STREAMS = 20
_PARALLEL_TIME = 35
MOST_PLACES = max(CHUNK, _PARALLEL_STREAMS * _PARALLEL_TIME)  # scored at a time
_TOKEN = 80  # bytes of a token of the text: ids, surprisals, places, and both in its order


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation(Figures):
    """The surprisal of every scored token, and the figures that follow from it."""

    protocol: Protocol
    nats: Doubles = field(repr=False)  # (scored,), in the order in which they were scored
    text: EncodedText = field(repr=False)
    places: Ids | None = field(repr=False)  # (scored,): where in the text each stands; None: there
    seconds: float

    @classmethod
    def of(
        cls,
        protocol: Protocol,
        nats: Doubles,
        text: EncodedText,
        *,
        seconds: float,
        places: Ids | None = None,
        eos: bool = True,
    ) -> Evaluation:
        """The figures of nats (scored,) for the tokens at `places` of `text`, or for all of it.

        Without `eos` the line ends, which were scored, are not counted. Raises CorpusError if
        nothing is left.
        """
        targets = _targets(text, places)
        words = targets != text.eos_id
        counted = np.ones(len(nats), bool) if eos else words
        if not counted.any():
            raise CorpusError("no token but line ends, and those are not to be counted")
        unknown = targets == text.unk_id if text.unk_id is not None else np.zeros(len(nats), bool)
        nats_per_token = float(nats[counted].mean())
        has_both = eos and not words.all() and bool(words.any())
        return cls(
            tokens=int(np.count_nonzero(counted)),
            unknown=int(np.count_nonzero(counted & unknown)),
            characters=text.characters if eos and len(nats) == len(text) else None,
            eos=eos,
            lower=text.lower,
            nats_per_token=nats_per_token,
            standard_error=perplexity(nats_per_token) * _error(nats, ~words, counted, places),
            perplexity_known=_perplexity_of(nats[counted & ~unknown]),
            perplexity_without_eos=_perplexity_of(nats[words]) if has_both else math.nan,
            protocol=protocol,
            nats=nats,
            text=text,
            places=places,
            seconds=seconds,
        )

    def without_eos(self) -> Evaluation:
        """The same with its line ends as context only. Raises CorpusError if nothing is left."""
        return self.of(
            self.protocol, self.nats, self.text, seconds=self.seconds, places=self.places, eos=False
        )

    @property
    def figures(self) -> Figures:
        """The figures without the surprisals."""
        return Figures(**{each.name: getattr(self, each.name) for each in fields(Figures)})

    @property
    def targets(self) -> Ids:
        """The tokens (scored,) that the surprisals are of."""
        return _targets(self.text, self.places)

    @property
    def words_per_second(self) -> float:
        """Scored tokens per second."""
        return len(self.nats) / max(self.seconds, 1e-9)


def _targets(text: EncodedText, places: Ids | None) -> Ids:
    return text.ids if places is None else text.ids[places]


def _perplexity_of(nats: Doubles) -> float:
    return perplexity(float(nats.mean())) if len(nats) else math.nan


def _error(nats: Doubles, ends: Mask, counted: Mask, places: Ids | None) -> float:
    """Standard error of the mean of nats (scored,) over the tokens that are `counted`."""
    if places is not None:  # tokens that follow each other in the text depend on each other
        order = np.argsort(places)
        nats, ends, counted = nats[order], ends[order], counted[order]
    lines = np.cumsum(ends, dtype=np.int32) - ends  # of each token: the line ends before it
    return error_of_mean(nats[counted], lines[counted])


def _segments(ids: Ids, protocol: Protocol, before: int) -> Iterator[Batch]:
    """The batches of a protocol that runs streams side by side."""
    if protocol == "book":
        return cut_segments(ids, streams=_BOOK_STREAMS, time_size=_BOOK_TIME)
    return padded_segments(ids, streams=_PARALLEL_STREAMS, time_size=_PARALLEL_TIME, before=before)


def scorable(text: EncodedText, protocol: Protocol) -> EncodedText:
    """What `protocol` scores of `text`. Raises CorpusError if that is too little."""
    if protocol == "book":
        check_fills_a_batch(len(text), _BOOK_STREAMS, _BOOK_TIME)
        return text
    scored = text.after_first()
    if not len(scored):
        found = "no token" if not len(text) else "one token, which has nothing before it"
        raise CorpusError(f"{found}, but at least one to score was needed")
    return scored


def scoring_parts(vocab_size: int, tokens: int, model: ModelConfig) -> dict[str, int]:
    """Bytes that it takes beside the model to score so many tokens, by what they are for."""
    return {
        "layers": layer_bytes(vocab_size, model, MOST_PLACES) + step_bytes(model),
        "text": _TOKEN * tokens,
    }


def evaluate(
    model: LanguageModel,
    text: EncodedText,
    *,
    protocol: Protocol = "stream",
    progress: Progress | None = None,
) -> Evaluation:
    """Score `text` with `model`, whose own state is left as it was.

    Without `<eos>` the first word is not scored: it has nothing before it. Raises CorpusError if
    there is nothing to score (book: if the text fills no batch).
    """
    scored = evaluate_until(never, model, text, protocol=protocol, progress=progress)
    assert scored is not None, "stopped by nobody"
    return scored


def evaluate_until(
    stop: Stop,
    model: LanguageModel,
    text: EncodedText,
    *,
    protocol: Protocol = "stream",
    progress: Progress | None = None,
) -> Evaluation | None:
    """The same, but given up with None as soon as `stop` says yes."""
    with told_of("the text", "score a longer text, or use the protocol stream"):
        text = scorable(text, protocol)
    began, places = time.perf_counter(), None
    with quietly():  # an infinite perplexity says it all
        if protocol == "stream":
            nats = stream_nats(model, text.ids, before=text.before, progress=progress, stop=stop)
        else:
            nats, places = _side_by_side(model, text, protocol, progress, stop)
        if nats is None:
            return None
        seconds = time.perf_counter() - began
        return Evaluation.of(protocol, nats, text, seconds=seconds, places=places)


def _side_by_side(
    model: LanguageModel,
    text: EncodedText,
    protocol: Protocol,
    progress: Progress | None,
    stop: Stop,
) -> tuple[Doubles, Ids] | tuple[None, None]:
    """Surprisal of every target of the segments, and its place; nothing if it is stopped."""
    nats: list[Doubles] = []
    places: list[Ids] = []
    segments = _segments(text.ids, protocol, text.before)
    places_of = _segments(np.arange(len(text), dtype=np.int32), protocol, -1)
    with model.fresh_state():
        for (xs, ts), (_, at) in zip(segments, places_of, strict=True):
            scored = ts >= 0
            nats.append(model.nats(xs, ts)[scored])
            places.append(at[scored])
            if progress is not None:
                progress(len(places[-1]))
            if stop():
                return None, None
    return np.concatenate(nats), np.concatenate(places)
