import numpy as np
import pytest

from rnnlm_cli import threads
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring import streaming
from rnnlm_cli.scoring.streaming import Watch, stream_nats
from rnnlm_cli.settings.model import ModelConfig

V = 7
SHAPES = [
    ModelConfig(wordvec_size=4, hidden_size=5),
    ModelConfig(wordvec_size=4, hidden_size=5, layers=2),
    ModelConfig(wordvec_size=4, hidden_size=5, layers=3, tied=True, projection=True, skip=True),
]
IDS = np.random.default_rng(3).integers(0, V, 50)


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("chunk", [1, 7, 100])
def test_surprisals_are_those_of_one_long_forward(
    number: int, shape: ModelConfig, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "CHUNK", chunk)
    model = LanguageModel(
        V,
        shape,
        rng=np.random.default_rng(0),
        dtype=np.float64,
        threads=number,
    )
    model.flat_params += np.random.default_rng(1).normal(0, 1, model.flat_params.size)
    with model.fresh_state():
        expected = model.nats(np.concatenate([[2], IDS[:-1]])[None], IDS[None])[0]
    counted: list[int] = []
    nats = stream_nats(model, IDS, before=2, watch=Watch(counted.append))
    assert nats is not None
    np.testing.assert_allclose(nats, expected, rtol=1e-10)
    assert sum(counted) == len(IDS)
    assert model.state is None


def test_threads_and_time_have_no_influence_on_the_bits() -> None:
    results = set()
    for number in (1, 2, 2, 3):
        threads.set_blas_threads(2)  # as an earlier computation may have left it
        model = LanguageModel(
            500, ModelConfig(layers=2), rng=np.random.default_rng(0), threads=number
        )
        nats = stream_nats(model, IDS.repeat(20), before=0)
        assert nats is not None
        results.add(nats.tobytes())
    assert len(results) == 1


@pytest.mark.parametrize("number", [1, 2])
def test_scoring_leaves_the_blas_its_threads(number: int) -> None:
    model = LanguageModel(V, ModelConfig(layers=2), threads=number)
    with threads.blas_threads(3):
        before = threads.blas_libraries()
        for words in (IDS[:5], IDS.repeat(20)):  # one chunk, and several
            stream_nats(model, words, before=2)
            assert threads.blas_libraries() == before


def test_what_the_output_layer_reads_is_kept_where_it_is_wanted() -> None:
    model = LanguageModel(V, SHAPES[2], rng=np.random.default_rng(0), dtype=np.float64, threads=2)
    model.flat_params += np.random.default_rng(1).normal(0, 1, model.flat_params.size)
    states = np.empty((len(IDS), 4))
    stream_nats(model, IDS, before=2, states=states)
    with model.fresh_state():
        expected = model.network.forward(streaming.shifted(IDS, 2)[None], train_flg=False)[0]
    np.testing.assert_allclose(states, expected, rtol=1e-10)


@pytest.mark.parametrize("number", [1, 2])
def test_a_text_is_given_up_within_the_chunks_that_are_under_way(number: int) -> None:
    model, scored = LanguageModel(V, ModelConfig(layers=2), threads=number), list[int]()
    nats = stream_nats(
        model, IDS.repeat(200), before=2, watch=Watch(scored.append, lambda: bool(scored))
    )
    assert nats is None
    assert len(scored) <= number
