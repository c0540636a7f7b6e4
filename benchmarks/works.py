"""The comparisons: who takes part in training, generation, stream evaluation and scoring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.measure import Comparison, Contender, take_turns, timed
from benchmarks.peer import Peer, contenders_of, torch_peers
from benchmarks.roofline import bare_gemms, shapes, word_shapes
from benchmarks.sizes import Size, words
from rnnlm_cli.arrays import Ids
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.generating.beam import BeamSearch
from rnnlm_cli.generating.generation import generate
from rnnlm_cli.generating.start import Start
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.evaluation import evaluate
from rnnlm_cli.scoring.passages import PLACES, score_passages
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.settings.train import OPTIMIZERS, TrainConfig
from rnnlm_cli.training.ranks import ALONE, Ranks
from rnnlm_cli.training.trainer import Trainer

OURS = "rnnlm"
_START = Start([0])
_CHUNKS = 1, 100, 1000  # steps in one call of torch's stream evaluation
_PART = 20  # step by step it takes minutes: one word in so many is scored


def make_model(size: Size, threads: int | None = None) -> LanguageModel:
    """Our model of that size."""
    rng = np.random.default_rng(0)
    return LanguageModel(size.vocab_size, size.model, rng=rng, threads=threads)


def make_trainer(
    size: Size, *, threads: int | None = None, tokens: int | None = None, ranks: Ranks = ALONE
) -> Trainer:
    """What `rnnlm train` trains that model with, on a text of so many `tokens`."""
    N, T = size.batch_size, size.time_size
    config = TrainConfig(
        batch_size=N,
        time_size=T,
        epochs=10**6,
        optimizer=size.optimizer,
        lr=1.0 if size.optimizer == "sgd" else OPTIMIZERS[size.optimizer].lr,
        schedule="constant",
        reset_probability=0.0,
    )
    ids = size.words(tokens or 200 * N * T + 1)
    valid = EncodedText(ids[: N * T], eos_id=0)
    rng = np.random.default_rng(0)
    return Trainer(make_model(size, threads), ids, valid, config, rng=rng, ranks=ranks)


def training_steps(
    size: Size, steps: int, *, threads: int | None = None, tokens: int | None = None
) -> Callable[[], object]:
    """`steps` steps of `rnnlm train` a turn, its book-keeping included."""
    events = make_trainer(size, threads=threads, tokens=tokens).run()
    return lambda: [next(events) for _ in range(steps)]


def _play(contenders: list[Contender], rounds: int, peers: list[Peer]) -> None:
    take_turns(contenders, rounds)
    for peer in peers:
        peer.close()


def compare_training(size: Size, rounds: int, steps: int) -> Comparison:
    """Our step beside its bare GEMMs and torch's: one of the book's sizes beside the textbook's
    too, a split softmax beside torch's adaptive one.
    """
    N, T = size.batch_size, size.time_size
    gemms = bare_gemms(shapes(size), trials=5)
    asked: dict[str, Any] = {"size": size.name, "steps": steps}
    clusters = [{"clusters": True}] if size.model.edges else []
    peers = torch_peers(*({"work": "train", **asked, **other} for other in [{}, *clusters]))
    if size.corpus is None:
        peers.append(Peer("textbook", **asked))
    contenders = [
        Contender(OURS, timed(training_steps(size, steps))),
        Contender("bare GEMMs", timed(lambda: [gemms() for _ in range(steps)])),
        *contenders_of(peers),
    ]
    _play(contenders, rounds, peers)
    return Comparison("training", size.name, N * T * steps, contenders)


def compare_split(size: Size, rounds: int, steps: int, head_size: int = 1_500) -> Comparison:
    """The same step with the softmax in two clusters and in one, beside the bare GEMMs of that."""
    gemms = bare_gemms(shapes(size), trials=5)
    split = replace(size, model=replace(size.model, head_size=head_size))
    contenders = [
        Contender(f"split at {head_size:,}", timed(training_steps(split, steps))),
        Contender("full softmax", timed(training_steps(size, steps))),
        Contender("bare GEMMs, full", timed(lambda: [gemms() for _ in range(steps)])),
    ]
    take_turns(contenders, rounds)
    tokens = size.batch_size * size.time_size * steps
    return Comparison("training, split softmax", size.name, tokens, contenders)


def compare_generation(size: Size, rounds: int, samples: int, length: int) -> Comparison:
    """Words drawn from the whole distribution, one text or many at once."""
    model, rng = make_model(size), np.random.default_rng(0)
    config = SampleConfig(length=length, samples=samples)
    asked = {"work": "generate", "size": size.name, "length": length, "samples": samples}
    peers = torch_peers(asked)
    contenders = [
        Contender(OURS, timed(lambda: list(generate(model, _START, config, rng=rng)))),
        *contenders_of(peers),
    ]
    if samples == 1:
        contenders.append(Contender("weights read once", timed(_read_weights(model, length))))
    else:
        gemms = bare_gemms(word_shapes(size, samples), trials=5)
        contenders.append(Contender("bare GEMMs", timed(lambda: [gemms() for _ in range(length)])))
    _play(contenders, rounds, peers)
    return Comparison(f"generation of {samples}", size.name, samples * length, contenders)


def compare_together(size: Size, rounds: int, samples: int, length: int) -> Comparison:
    """Texts drawn side by side, and one by one."""
    model, rng = make_model(size), np.random.default_rng(0)
    one, several = SampleConfig(length=length), SampleConfig(length=length, samples=samples)

    def one_by_one() -> None:
        for _ in range(samples):
            list(generate(model, _START, one, rng=rng))

    contenders = [
        Contender("side by side", timed(lambda: list(generate(model, _START, several, rng=rng)))),
        Contender("one by one", timed(one_by_one)),
    ]
    take_turns(contenders, rounds)
    return Comparison(f"{samples} texts", size.name, samples * length, contenders)


def compare_search(size: Size, rounds: int, beam: int, length: int) -> Comparison:
    """A text of the likeliest word each time, and the one that a beam search finds."""
    model, rng = make_model(size), np.random.default_rng(0)
    greedy, search = (
        SampleConfig(length=length, temperature=0),
        SampleConfig(length=length, beam=beam),
    )
    contenders = [
        Contender(
            "the likeliest words", timed(lambda: list(generate(model, _START, greedy, rng=rng)))
        ),
        Contender(f"a beam of {beam}", timed(lambda: BeamSearch(model, _START, search).run())),
    ]
    take_turns(contenders, rounds)
    return Comparison("search for a text", size.name, length, contenders)


def _read_weights(model: LanguageModel, times: int) -> Callable[[], None]:
    """What one word needs at least: every weight but the word vectors' through both cores once.

    A matrix of the model's size times a vector, cut in two halves of rows for the two threads.
    """
    first = 0 if model.config.tied else model.params[0].size
    weights = model.flat_params[first:]
    rows = weights[: weights.size // 1000 * 1000].reshape(-1, 1000)
    vector, out = np.ones(1000, weights.dtype), np.empty(len(rows), weights.dtype)

    def half(start: int, stop: int) -> None:
        np.matmul(rows[start:stop], vector, out=out[start:stop])

    def read() -> None:
        for _ in range(times):
            model.cores.split(half, len(rows), numbers=weights.size)

    return read


def compare_streaming(size: Size, rounds: int, tokens: int) -> Comparison:
    """A text scored as one stream."""
    model, ids = make_model(size), words(size.vocab_size, tokens)
    parts = {chunk: _PART if chunk == 1 else 1 for chunk in _CHUNKS}
    asked: dict[str, Any] = {"work": "stream", "size": size.name}
    peers = torch_peers(
        *(asked | {"chunk": k, "tokens": tokens // n, "part": n} for k, n in parts.items())
    )
    ours = Contender(OURS, timed(lambda: evaluate(model, EncodedText(ids, 0))))
    contenders = [ours, *contenders_of(peers)]
    _play(contenders, rounds, peers)
    return Comparison("stream evaluation", size.name, tokens, contenders)


def compare_scoring(size: Size, rounds: int, sentences: int, head_size: int = 0) -> Comparison:
    """Sentences of 5 to 25 words scored as one list, and each by a call of its own.

    Beside both, the products of their output layer alone; a split softmax has others.
    """
    size = replace(size, model=replace(size.model, head_size=head_size))
    model, rng = make_model(size), np.random.default_rng(0)
    lengths = rng.integers(5, 26, sentences)
    ids = np.split(words(size.vocab_size, int(lengths.sum())), np.cumsum(lengths)[:-1])

    def score(passages: list[Ids]) -> None:
        for _ in score_passages(model, passages, eos_id=0):
            pass

    def one_by_one() -> None:
        for each in ids:
            score([each])

    contenders = [
        Contender("a list", timed(lambda: score(ids))),
        Contender("a call a sentence", timed(one_by_one)),
    ]
    if not head_size:
        full, rest = divmod(int(lengths.sum()), PLACES)
        together = _scores_alone(model, [PLACES] * full + [rest])
        contenders += [
            Contender("bare products, list", timed(together)),
            Contender("bare products, calls", timed(_scores_alone(model, lengths.tolist()))),
        ]
    take_turns(contenders, rounds)
    kind = f"split at {head_size:,}" if head_size else "full softmax"
    return Comparison(f"scoring {kind}", size.name, int(lengths.sum()), contenders)


def _scores_alone(model: LanguageModel, places: list[int]) -> Callable[[], None]:
    """V by H times H by so many places, for each of `places`: no LSTM, no exponential."""
    W = model.network.affine.params["W"].T
    hs = np.ones((W.shape[1], max(places)), W.dtype)
    out = np.empty((len(W), max(places)), W.dtype)

    def multiply() -> None:
        for count in places:
            np.matmul(W, hs[:, :count], out=out[:, :count])

    return multiply
