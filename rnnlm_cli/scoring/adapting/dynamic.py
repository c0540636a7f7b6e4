"""Dynamic evaluation: a model goes on learning from the text it scores (Krause et al. 1709.07432).

The text goes by in segments of 20 words. Each is first scored, then learnt from, by one step of its
RMS rule, with g the gradient of the segment's mean loss in nats:

    params -= lr * g / (rms + EPS * mean(rms))
    params += min(1, decay * rms / mean(rms)) * (trained - params)

rms is the root mean square of every weight's gradient over a part of the training text: weights
that training moved much may move much, and are drawn back faster to what they were. The state of
the model goes on from segment to segment, its gradient does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.arrays import Floats, Ids
from rnnlm_cli.corpus.batches import ParallelStreams
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.adapting.passes import Pass, empty_states
from rnnlm_cli.scoring.adapting.temper import tempered_nats
from rnnlm_cli.scoring.streaming import shifted
from rnnlm_cli.threads import Cores, in_blocks
from rnnlm_cli.watching import Progress, unseen

SEGMENT = 20  # words that are scored, then learnt from
EPS = 3.0  # of the mean rms: below it a weight's own rms counts for little
_STREAMS, _BATCHES = 20, 100  # of segments of the training text whose gradients are measured
_LEAST = 1e-29  # of the mean: the rates and decays that may be given, over it, stay in float32
PLACES = _STREAMS * SEGMENT  # that are learnt from at a time, at most
MEASURED = PLACES * _BATCHES  # words of that text, at most


# Of a model's parameters, what this takes beside them: gradients, the trained weights, what
# gradients are scaled by, and the two factors of a step.
VECTORS = 5


@dataclass(frozen=True, slots=True, eq=False)
class GradientScale:
    """rms (P,) of every weight's gradient over single segments of a text, and its mean."""

    rms: Floats
    mean: float


def gradient_scale(model: LanguageModel, ids: Ids, progress: Progress = unseen) -> GradientScale:
    """Measure the gradients of `model` on ids (T,): of up to 100 batches, evenly over the text.

    The gradient of a batch is the mean over its N segments, whose noise is by sqrt(N) smaller: what
    is returned is sqrt(N) times its root mean square. Raises CorpusError for fewer than two words.
    """
    T = max(1, min(SEGMENT, len(ids) - 1))
    N = max(1, min(_STREAMS, (len(ids) - 1) // T))
    streams = ParallelStreams(ids, N, T)
    steps = min(_BATCHES, streams.steps_per_epoch)
    squares = np.zeros_like(model.flat_params)

    def work(block: slice) -> None:
        squares[block] += np.square(model.flat_grads[block])

    with model.fresh_state():
        for step in range(steps):
            xs, ts = streams.batch(step * T)
            model.learn_from(model.hidden(xs), ts)
            in_blocks(model.cores, squares.size, work)
            progress(N * T)
    squares *= N / steps
    rms = np.sqrt(squares, out=squares)
    return GradientScale(rms, max(float(rms.mean(dtype=np.float64)), _LEAST))


class RMSRule:
    """The rule above for one lr and decay; `rates` and `pulls` (P,) are its two factors."""

    def __init__(self, scale: GradientScale, lr: float, decay: float) -> None:
        self.rates = lr / (scale.rms + scale.rms.dtype.type(EPS * scale.mean))
        self.pulls = np.minimum(1, scale.rms * scale.rms.dtype.type(decay / scale.mean))

    def step(self, params: Floats, grads: Floats, trained: Floats, cores: Cores) -> None:
        """Change `params` (P,) in place for `grads`, and draw them back to `trained`."""

        def work(block: slice) -> None:
            part = params[block]
            change = grads[block] * self.rates[block]
            part -= change
            np.subtract(trained[block], part, out=change)
            change *= self.pulls[block]
            part += change

        in_blocks(cores, params.size, work)


@contextmanager
def trained_weights(model: LanguageModel) -> Iterator[Floats]:
    """The weights (P,) of `model`, which may change inside the block and are then put back."""
    trained = model.flat_params.copy()
    try:
        yield trained
    finally:
        model.flat_params[...] = trained


def dynamic_pass(
    model: LanguageModel,
    ids: Ids,
    *,
    rule: RMSRule,
    before: int,
    temperatures: Sequence[float] = (1.0,),
    progress: Progress = unseen,
) -> Pass:
    """Score ids (T,) as one stream, at each of `temperatures`, and learn from it on the way.

    Weights and state of the model are afterwards what they were before.
    """
    inputs, states = shifted(ids, before), empty_states(model, len(ids))
    nats = np.empty((len(temperatures), len(ids)))
    # What diverges has an infinite perplexity.
    with model.fresh_state(), trained_weights(model) as trained, np.errstate(all="ignore"):
        for start in range(0, len(ids), SEGMENT):
            place = slice(start, start + SEGMENT)
            xs, ts = inputs[place], ids[place]
            hs = model.hidden(xs[None])
            states[place] = hs[0]
            nats[:, place] = tempered_nats(model, states[place], ts, temperatures)
            model.learn_from(hs, ts[None])
            rule.step(model.flat_params, model.flat_grads, trained, model.cores)
            progress(len(ts))
    return Pass(dict(zip(temperatures, nats, strict=True)), states)
