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

from rnnlm_cli.arrays import Doubles, Ids, quietly
from rnnlm_cli.corpus.batches import (
    Batch,
    check_fills_a_batch,
    cut_places,
    cut_segments,
    padded_places,
    padded_segments,
)
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.corpus.kept import IDS_AT_ONCE, scratch
from rnnlm_cli.errors import CorpusError, told_of
from rnnlm_cli.model.footprint import layer_bytes, step_bytes
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.model.sizes import ModelSizes
from rnnlm_cli.scoring.figures import Figures, perplexity
from rnnlm_cli.scoring.in_parts import Scored, Sums, error_of_text, in_order, in_parts
from rnnlm_cli.scoring.streaming import CHUNK, Watch, stream_nats
from rnnlm_cli.settings.train import Protocol
from rnnlm_cli.watching import Progress, unseen

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
        sums = Sums()
        for some, targets in in_parts(nats, text, places):
            sums.add(some, targets, text)
        tokens = sums.tokens if eos else sums.words
        if not tokens:
            raise CorpusError(
                "no token but line ends, and those are not to be counted: take a text with words, "
                "or count line ends too"
            )
        total, known = (sums.nats, sums.nats_known) if eos else (sums.nats_words, sums.nats_both)
        unknown = sums.unknown if eos else sums.words - sums.both
        has_both = eos and 0 < sums.words < sums.tokens
        nats_per_token = total / tokens
        error = error_of_text(in_order(nats, text, places), text.eos_id, eos=eos)
        return cls(
            tokens=tokens,
            unknown=unknown,
            characters=text.characters if eos and len(nats) == len(text) else None,
            eos=eos,
            lower=text.lower,
            nats_per_token=nats_per_token,
            standard_error=perplexity(nats_per_token) * error,
            perplexity_known=_perplexity_of(known, tokens - unknown),
            perplexity_without_eos=(
                _perplexity_of(sums.nats_words, sums.words) if has_both else math.nan
            ),
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

    def in_order(self) -> Iterator[Scored]:
        """The surprisals and the tokens that they are of in the order of the text, in parts."""
        return in_order(self.nats, self.text, self.places)()

    @property
    def words_per_second(self) -> float:
        """Scored tokens per second."""
        return len(self.nats) / max(self.seconds, 1e-9)


def _targets(text: EncodedText, places: Ids | None) -> Ids:
    return text.ids if places is None else text.ids[places]


def _perplexity_of(nats: float, tokens: int) -> float:
    return perplexity(nats / tokens) if tokens else math.nan


def _segments(ids: Ids, protocol: Protocol, before: int) -> Iterator[tuple[Batch, Ids]]:
    """The batches of a protocol that runs streams side by side, and the places of their targets."""
    if protocol == "book":
        how = {"streams": _BOOK_STREAMS, "time_size": _BOOK_TIME}
        return zip(cut_segments(ids, **how), cut_places(len(ids), **how), strict=True)
    how = {"streams": _PARALLEL_STREAMS, "time_size": _PARALLEL_TIME}
    segments = padded_segments(ids, before=before, **how)
    return zip(segments, padded_places(len(ids), **how), strict=True)


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


def scoring_parts(model: ModelSizes, tokens: int) -> dict[str, int]:
    """Bytes that it takes beside the model to score so many tokens, by what they are for."""
    return {
        "layers": layer_bytes(model, MOST_PLACES) + step_bytes(model.config),
        "text": _TOKEN * min(tokens, IDS_AT_ONCE),  # of a longer one there are files
    }


def evaluate(
    model: LanguageModel,
    text: EncodedText,
    *,
    protocol: Protocol = "stream",
    progress: Progress = unseen,
) -> Evaluation:
    """Score `text` with `model`, whose own state is left as it was.

    Without `<eos>` the first word is not scored: it has nothing before it. Raises CorpusError if
    there is nothing to score (book: if the text fills no batch).
    """
    scored = evaluate_watched(Watch(progress), model, text, protocol=protocol)
    assert scored is not None, "stopped by nobody"
    return scored


def evaluate_watched(
    watch: Watch, model: LanguageModel, text: EncodedText, *, protocol: Protocol = "stream"
) -> Evaluation | None:
    """The same, but given up with None as soon as it is stopped; maybe by several processes."""
    with told_of("the text", "score a longer text, or use the protocol stream"):
        text = scorable(text, protocol)
    began, places = time.perf_counter(), None
    with quietly(), model.cores.held():  # an infinite perplexity says it all
        if protocol == "stream":
            nats = stream_nats(model, text.ids, before=text.before, watch=watch)
        else:
            nats, places = _side_by_side(model, text, protocol, watch)
        if nats is None:
            return None
        seconds = time.perf_counter() - began
        return Evaluation.of(protocol, nats, text, seconds=seconds, places=places)


def _side_by_side(
    model: LanguageModel, text: EncodedText, protocol: Protocol, watch: Watch
) -> tuple[Doubles, Ids] | tuple[None, None]:
    """Surprisal of every target of the segments, and its place; nothing if it is stopped."""
    most, batches = len(text), 0
    nats, places, done = scratch(most, np.float64), scratch(most, np.int32), 0
    output, stopped = model.output(model.cores), False
    with model.fresh_state():
        for (xs, ts), at in _segments(text.ids, protocol, text.before):
            scored, hs = at >= 0, model.hidden(xs)
            here = slice(done, done := done + int(np.count_nonzero(scored)))
            if watch.shared.has(batches):
                nats[here] = output.nats(hs, ts)[scored]
            places[here] = at[scored]
            batches += 1
            watch.progress(here.stop - here.start)
            if stopped := watch.stop():
                break
    found = watch.shared.joined(None if stopped else nats[:done])
    return (None, None) if found is None else (found, places[:done])
