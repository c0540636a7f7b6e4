from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import Doubles, Floats, Ids
from rnnlm_cli.errors import CheckpointError, ConfigError
from rnnlm_cli.generating import samplers
from rnnlm_cli.generating.beam import BeamSearch
from rnnlm_cli.generating.endings import Endings
from rnnlm_cli.generating.generation import generate, sampling_parts
from rnnlm_cli.generating.samplers import draw, through
from rnnlm_cli.generating.start import Start
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.model.sizes import ModelSizes
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.sample import SampleConfig
from tests.models import scores_of
from tests.peaks import peak_bytes

V = 7
START = Start([1, 3])
PS = np.array([0.1, 0.2, 0.3, 0.4])


@pytest.fixture
def model() -> LanguageModel:
    made = LanguageModel(
        V, ModelConfig(wordvec_size=4, hidden_size=5), rng=np.random.default_rng(0)
    )
    made.flat_params += np.random.default_rng(1).normal(0, 1, made.flat_params.size)
    return made


def sample(
    model: LanguageModel, *, seed: int = 0, banned: tuple[int, ...] = (), **settings: Any
) -> Floats:
    config = SampleConfig(**{"length": 30, **settings})
    rng = np.random.default_rng(seed)
    record = config.ends_with()
    endings = Endings(record, 2, (), START, config.samples) if record else None
    return np.array(list(generate(model, START, config, rng=rng, banned=banned, endings=endings)))


def test_frequencies_follow_the_distribution() -> None:
    uniform = np.random.default_rng(0).random(100_000)
    ids = draw(np.tile(PS, (len(uniform), 1)), uniform)
    np.testing.assert_allclose(np.bincount(ids, minlength=4) / len(ids), PS, atol=0.005)


def test_draw_inverts_the_cumulative_sum() -> None:
    ps = np.tile([0.0, 0.5, 0.0, 0.5, 0.0], (4, 1))
    uniform = np.array([0.0, 0.49, 0.5, 1 - 2**-53])
    np.testing.assert_array_equal(draw(ps, uniform), [1, 1, 3, 3])


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, PS),
        ({"temperature": 0.5}, PS**2 / (PS**2).sum()),
        ({"temperature": 0}, [0, 0, 0, 1]),
        ({"temperature": 5e-324}, [0, 0, 0, 1]),
        ({"temperature": 1e46}, [1 / 4, 1 / 4, 1 / 4, 1 / 4]),
        ({"temperature": 1e300, "banned": [3]}, [1 / 3, 1 / 3, 1 / 3, 0]),
        ({"top_k": 2}, [0, 0, 3 / 7, 4 / 7]),
        ({"top_k": 9}, PS),
        ({"top_p": 0.39}, [0, 0, 0, 1]),
        ({"top_p": 0.41}, [0, 0, 3 / 7, 4 / 7]),
        ({"top_p": 1.0}, PS),
        ({"top_k": 3, "top_p": 0.5}, [0, 0, 3 / 7, 4 / 7]),
        ({"min_p": 0.45}, [0, 2 / 9, 3 / 9, 4 / 9]),
        ({"min_p": 0.55}, [0, 0, 3 / 7, 4 / 7]),
        ({"min_p": 0.45, "temperature": 0.5}, [0, 0, 9 / 25, 16 / 25]),
        ({"min_p": 1.0}, [0, 0, 0, 1]),
        ({"min_p": 0.55, "banned": [3]}, [0, 2 / 5, 3 / 5, 0]),
        # H is 1.28 nats, and the surprisals are 2.30, 1.61, 1.20, 0.92
        ({"typical_p": 0.29}, [0, 0, 1, 0]),
        ({"typical_p": 0.31}, [0, 2 / 5, 3 / 5, 0]),
        ({"typical_p": 0.51}, [0, 2 / 9, 3 / 9, 4 / 9]),
        ({"typical_p": 0.91}, PS),
        ({"typical_p": 1.0}, PS),
        # of 3/7 and 4/7 H is 0.68, and the surprisals are 0.85, 0.56
        ({"typical_p": 0.5, "top_k": 2}, [0, 0, 0, 1]),
        # of 1/6, 2/6, 3/6 H is 1.01, and the surprisals are 1.79, 1.10, 0.69
        ({"typical_p": 0.5, "banned": [3]}, [0, 2 / 5, 3 / 5, 0]),
        ({"banned": [3]}, [1 / 6, 2 / 6, 3 / 6, 0]),
        ({"banned": [3], "temperature": 0}, [0, 0, 1, 0]),
    ],
)
def test_distribution(settings: dict[str, Any], expected: Floats) -> None:
    for dtype, accuracy in ((np.float64, 1e-12), (np.float32, 1e-6)):
        scores = (np.log(np.stack([PS, PS])) + 5).astype(dtype)
        banned = settings.get("banned", ())
        asked = {name: value for name, value in settings.items() if name != "banned"}
        shares = through(samplers.samplers(SampleConfig(**asked), banned), scores)
        ps = shares / shares.sum(axis=-1, keepdims=True)
        np.testing.assert_allclose(ps, [expected, expected], atol=accuracy)


@pytest.mark.parametrize("temperature", [1e-38, 1e-30, 1e30, 1e37, 3e38, 1e39, 1e45])
def test_a_temperature_is_right_for_scores_of_every_size(temperature: float) -> None:
    scores = np.array([0, -1e-37, -1, -1e30, -1e38, -3e38], np.float32)
    with np.errstate(over="ignore"):
        expected = np.exp(scores.astype(np.float64) / temperature)
    shares = through(samplers.samplers(SampleConfig(temperature=temperature)), scores)
    np.testing.assert_allclose(shares, expected, rtol=1e-5, atol=1e-30)


@pytest.mark.parametrize("weight", [1e30, 3e38])
@pytest.mark.parametrize(
    "more", [{}, {"head_size": 3}, {"cluster_edges": (2, 4)}, {"tied": True, "projection": True}]
)
def test_weights_of_any_size_give_words_or_one_sentence(
    weight: float, more: dict[str, Any]
) -> None:
    config = ModelConfig(wordvec_size=4, hidden_size=5, **more)
    huge = LanguageModel(V, config, rng=np.random.default_rng(0))
    huge.flat_params[...] = np.sign(huge.flat_params) * np.float32(weight)
    try:
        drawn = sample(huge, samples=2, length=3, temperature=0.5)
    except CheckpointError:
        return  # the sentence is tested below
    assert drawn.max() < V


def test_scores_that_are_no_numbers_are_refused() -> None:
    for bad in (np.nan, np.inf):
        with pytest.raises(CheckpointError, match="too large to draw words"):
            through(samplers.samplers(SampleConfig()), np.array([[0.0, bad, 1.0]]))


@pytest.mark.parametrize("block", [1, 2, 3, 128])
def test_the_word_is_found_through_its_block(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samplers, "_BLOCK", block)
    shares = np.random.default_rng(0).random((500, 7)).astype(np.float32)
    shares[:, [0, 3, 6]] = 0
    uniform = np.random.default_rng(1).random(500)
    uniform[:2] = 0, 1 - 2**-53
    reached = shares.astype(np.float64).cumsum(axis=1)
    expected = (reached > (uniform * reached[:, -1])[:, None]).argmax(axis=1)
    ids = draw(shares, uniform)
    assert (ids == expected).mean() > 0.99  # the sums of float32 may round to a neighbour
    assert (shares[np.arange(500), ids] > 0).all()


def test_greedy_words_are_the_likeliest_after_all_before_them(model: LanguageModel) -> None:
    words = [1, 3]
    for _ in range(10):
        with model.fresh_state():
            words.append(int(scores_of(model, np.array([words]))[0, -1].argmax()))
    drawn = sample(model, temperature=0, length=10)
    np.testing.assert_array_equal(drawn[:, 0], words[2:])


def test_the_same_seed_gives_the_same_text_and_another_gives_another(model: LanguageModel) -> None:
    np.testing.assert_array_equal(sample(model), sample(model))
    assert not np.array_equal(sample(model), sample(model, seed=1))


def test_what_is_drawn_of_a_sample_does_not_depend_on_how_many_there_are(
    monkeypatch: pytest.MonkeyPatch, model: LanguageModel
) -> None:
    drawn: list[Doubles] = []

    def noted(shares: Floats, uniform: Doubles) -> Ids:
        drawn.append(uniform)
        return draw(shares, uniform)

    monkeypatch.setattr("rnnlm_cli.generating.generation.draw", noted)
    two, five = (sample(model, samples=samples, length=9) for samples in (2, 5))
    assert (two.shape, five.shape) == ((9, 2), (9, 5))
    numbers = [np.array(drawn[:9]), np.array(drawn[9:])]
    np.testing.assert_array_equal(numbers[0], numbers[1][:, :2])
    assert len(np.unique(numbers[1])) == 45


@pytest.mark.parametrize("samples", [1, 3, 16])
def test_the_same_seed_and_number_of_samples_give_the_same_texts(
    model: LanguageModel, samples: int
) -> None:
    first, again = (sample(model, samples=samples, seed=2) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_banned_words_are_never_drawn(model: LanguageModel) -> None:
    assert not np.isin(sample(model, banned=(0, 4), length=200), [0, 4]).any()


def test_a_sample_ends_with_eos_while_others_go_on(model: LanguageModel) -> None:
    drawn = sample(model, samples=3, stop_at_eos=True, length=300)
    for column in drawn.T:
        ends = np.flatnonzero(column == 2)
        assert len(ends) <= 1
        if len(ends):
            assert (column[ends[0] + 1 :] == -1).all()
    assert (drawn == 2).any()


def test_the_state_of_the_model_is_free_between_two_words(model: LanguageModel) -> None:
    config, expected = SampleConfig(length=5), sample(model, length=5)
    drawn = []
    for ids in generate(model, START, config, rng=np.random.default_rng(0)):
        drawn.append(ids)
        scores_of(model, np.array([[0], [1], [2]]))
        model.reset_state()
    np.testing.assert_array_equal(np.array(drawn), expected)


def test_rules_act_on_each_text_by_itself(model: LanguageModel) -> None:
    drawn = sample(model, samples=3, length=20, no_repeat_ngram=2, seed=1)
    for column in drawn.T.tolist():
        text = [1, 3, *column]
        runs = list(pairwise(text))
        assert len(set(runs)) == len(runs)
    plain, penalised = (
        sample(model, samples=50, length=20, repetition_penalty=penalty, seed=1)
        for penalty in (1.0, 50.0)
    )
    kinds = [np.mean([len(set(text)) for text in each.T.tolist()]) for each in (plain, penalised)]
    assert kinds[1] > kinds[0]


def test_a_penalty_is_of_the_words_that_the_text_has(model: LanguageModel) -> None:
    with model.fresh_state():
        scores = scores_of(model, np.array([[1, 3]]))[0, -1].astype(np.float64)
    scores[3] = scores[3] / 2 if scores[3] > 0 else scores[3] * 2  # 1 comes before the text
    seen: list[Floats] = []

    def noted(shares: Floats, uniform: Doubles) -> Ids:
        seen.append(shares[0].copy())
        return draw(shares, uniform)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnnlm_cli.generating.generation.draw", noted)
        config = SampleConfig(length=1, repetition_penalty=2.0)
        list(generate(model, Start([1, 3], before=1), config, rng=np.random.default_rng(0)))
    np.testing.assert_allclose(seen[0], np.exp(scores - scores.max()), rtol=1e-5)


def test_a_text_that_cannot_go_on_is_told_unless_it_has_ended(
    model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match="after 7 words none may follow"):
        sample(model, no_repeat_ngram=1)

    def nothing_after_an_end(scores: Floats, words: Ids) -> Floats:
        return np.where((words == 2).any(axis=1)[:, None], -np.inf, scores)

    monkeypatch.setattr(
        "rnnlm_cli.generating.generation.rules", lambda *asked: [nothing_after_an_end]
    )
    ended = sample(model, length=40, samples=9, stop_at_eos=True)
    assert (ended[-1] == -1).any()


def test_all_words_banned_and_no_start_are_errors(model: LanguageModel) -> None:
    with pytest.raises(ConfigError, match="banned"):
        sample(model, banned=tuple(range(V)))
    with pytest.raises(ConfigError, match="start word"):
        Start([])


@pytest.mark.parametrize(
    ("settings", "banned", "length"),
    [
        ({}, (), 1),
        ({"top_p": 1.0}, (), 1),
        ({}, (3,), 2),
        ({"top_k": 2, "top_p": 0.5}, (3,), 3),
        ({"temperature": 0}, (), 1),
        ({"min_p": 0.0, "typical_p": 1.0}, (), 1),
        ({"top_p": 0.9, "min_p": 0.1, "typical_p": 0.9}, (), 4),
    ],
)
def test_the_chain_has_no_sampler_that_does_nothing(
    settings: dict[str, Any], banned: tuple[int, ...], length: int
) -> None:
    assert len(samplers.samplers(SampleConfig(**settings), banned)) == length


def test_cuts_see_the_shares_the_greatest_first_and_give_them_back_in_place() -> None:
    seen: list[Floats] = []

    def halve(shares: Floats) -> Floats:
        seen.append(shares.copy())
        return shares * 0.5

    shares = samplers.ranked([halve, halve])(np.array([[0.2, 0.5, 0.3]]))
    np.testing.assert_array_equal(seen, [[[0.5, 0.3, 0.2]], [[0.25, 0.15, 0.1]]])
    np.testing.assert_array_equal(shares, [[0.05, 0.125, 0.075]])


@pytest.mark.parametrize("given", [{}, {"top_p": 1.0}, {"temperature": 0}])
def test_room_to_rank_is_asked_for_only_where_words_are_ranked(given: dict[str, Any]) -> None:
    plain, ranks = SampleConfig(**given), SampleConfig(**(given | {"top_k": 3, "temperature": 1}))
    assert len(samplers.samplers(plain)) == 1
    assert len(samplers.samplers(ranks)) == 2
    assert samplers.arrays_of_scores(plain) < samplers.arrays_of_scores(ranks)


def test_of_a_prompt_the_last_word_alone_is_given_scores(
    model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    affine, asked = model.network.affine, list[Any]()
    scores = affine.scores
    monkeypatch.setattr(affine, "scores", lambda x, out: asked.append(scores(x, out=out)))
    sample(model, length=2)  # of two words
    assert len(asked) == 2


SEARCH = {"beam": 8, "record": "line"}


@pytest.mark.parametrize(
    ("given", "required"),
    [
        ({"samples": 8}, []),
        ({"samples": 8, "top_k": 5, "min_p": 0.1}, []),
        ({"samples": 8, "typical_p": 0.5}, []),
        ({"samples": 64, "repetition_penalty": 1.5, "no_repeat_ngram": 2}, []),
        (SEARCH, []),
        (SEARCH, [[3, 4]]),
    ],
)
@pytest.mark.parametrize("head_size", [0, 3_000])
def test_it_takes_no_more_memory_than_it_asks_for(
    given: dict[str, Any], required: list[list[int]], head_size: int
) -> None:
    sizes = ModelConfig(wordvec_size=2, hidden_size=2, head_size=head_size)
    config = SampleConfig(length=2, **given)
    large = LanguageModel(20_000, sizes, rng=np.random.default_rng(0))

    def work() -> None:
        if config.beam is None:
            list(generate(large, Start([0]), config, rng=np.random.default_rng(0)))
        else:
            start = Start([0, 5])
            endings = Endings("line", 1, (), start, config.rows(sum(map(len, required))))
            BeamSearch(large, start, config, required=required, endings=endings).run()

    most = peak_bytes(work, again=1)
    asked = sum(sampling_parts(ModelSizes(20_000, sizes), config, sum(map(len, required))).values())
    assert 0.4 * asked < most <= asked
