from concurrent.futures import ThreadPoolExecutor
from itertools import count

import numpy as np
import pytest

from rnnlm_cli.arrays import Doubles, Floats, Ids, log_softmax
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring import passages
from rnnlm_cli.scoring.passages import Scores, score_passages
from rnnlm_cli.scoring.streaming import stream_nats
from rnnlm_cli.settings.model import ModelConfig
from tests.models import scores_of

V, EOS = 9, 2
SHAPES = [
    ModelConfig(wordvec_size=4, hidden_size=5),
    ModelConfig(wordvec_size=4, hidden_size=6, layers=3, tied=True, projection=True, skip=True),
    ModelConfig(wordvec_size=4, hidden_size=5, head_size=3, dropout=0.4, weight_drop=0.3),
]
LENGTHS = [3, 1, 12, 0, 3, 7, 1, 2, 12]


def made(shape: ModelConfig) -> LanguageModel:
    model = LanguageModel(V, shape, rng=np.random.default_rng(0), dtype=np.float64)
    model.flat_params += np.random.default_rng(1).normal(0, 1, model.flat_params.size)
    return model


def texts() -> list[Ids]:
    rng = np.random.default_rng(3)
    return [rng.integers(0, V, length) for length in LENGTHS]


def one_by_one(model: LanguageModel, ids: Ids) -> Floats:
    """Log probabilities (words, V) of every next word, by the textbook's layers."""
    if not len(ids):
        return np.empty((0, V))
    with model.fresh_state():
        return log_softmax(scores_of(model, np.concatenate([[EOS], ids[:-1]])[None])[0])


def check(model: LanguageModel, ids: Ids, scores: Scores) -> None:
    log_p = one_by_one(model, ids)
    np.testing.assert_allclose(scores.nats, -log_p[np.arange(len(ids)), ids], rtol=1e-9)
    assert scores.predictions is not None
    entropies = -(np.exp(log_p) * log_p).sum(axis=1)
    np.testing.assert_allclose(scores.predictions.entropies, entropies, rtol=1e-9)
    np.testing.assert_array_equal(scores.predictions.guesses[:, 0], log_p.argmax(axis=1))
    assert scores.ids.tolist() == ids.tolist()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("streams", "longest", "window"), [(3, 8, 5), (64, 1024, 4096), (1, 9, 9)])
def test_every_passage_is_scored_by_itself_in_the_order_of_the_passages(
    shape: ModelConfig, streams: int, longest: int, window: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, size in (("_STREAMS", streams), ("_LONG", longest), ("_WINDOW", window)):
        monkeypatch.setattr(passages, name, size)
    model, counted = made(shape), list[int]()
    found = list(score_passages(model, texts(), eos_id=EOS, guesses=1, progress=counted.append))
    for ids, scores in zip(texts(), found, strict=True):
        check(model, ids, scores)
    assert sum(counted) == sum(LENGTHS)
    assert model.state is None


def test_one_alone_has_the_surprisals_of_an_evaluation_to_the_bit() -> None:
    model = LanguageModel(V, SHAPES[1], rng=np.random.default_rng(0))
    ids = np.concatenate(texts()).repeat(20)
    (scores,) = score_passages(model, [ids], eos_id=EOS, guesses=2)
    nats = stream_nats(model, ids, before=EOS)
    assert nats is not None
    assert scores.nats.tobytes() == nats.tobytes()
    assert scores.predictions is not None
    assert scores.predictions.guesses.shape == (len(ids), 2)


def test_no_more_passages_are_read_than_are_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passages, "_WINDOW", 2)
    read = count()
    endless = ((next(read), np.array([1, 2]))[1] for _ in iter(int, 1))
    found = score_passages(made(SHAPES[0]), endless, eos_id=EOS)
    assert next(found).predictions is None
    assert next(read) == 2


def test_batches_hold_passages_of_like_lengths() -> None:
    lengths = [5, 1, 900, 5, 2000, 300, 1, 300, 2000]
    batches = list(passages._batches(lengths))
    assert sorted(index for batch in batches for index in batch) == list(range(9))
    assert [[lengths[i] for i in batch] for batch in batches] == [
        [1, 1, 5, 5, 300, 300],
        [900],
        [2000],
        [2000],
    ]


def test_threads_that_score_with_one_model_take_turns() -> None:
    model = made(SHAPES[1])
    rng = np.random.default_rng(4)
    several: list[list[Ids]] = [[rng.integers(0, V, 40) for _ in range(12)] for _ in range(4)]

    def nats(passages: list[Ids]) -> list[Doubles]:
        return [scores.nats for scores in score_passages(model, passages, eos_id=EOS)]

    expected = [nats(passages) for passages in several]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            for found, right in zip(pool.map(nats, several), expected, strict=True):
                np.testing.assert_array_equal(found, right)
