import numpy as np
import pytest

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.inspection import (
    analogous_words,
    histogram,
    nearest_of_each,
    nearest_words,
    parameter_table,
)
from rnnlm_cli.settings.model import ModelConfig


@pytest.mark.parametrize("tied", [False, True])
def test_the_table_adds_up_to_the_numbers_of_the_model(tied: bool) -> None:
    model = LanguageModel(7, ModelConfig(wordvec_size=4, hidden_size=4, tied=tied))
    rows = parameter_table(model)
    assert sum(row.size for row in rows) == model.flat_params.size
    assert [row.name for row in rows][:2] == ["embedding.W", "lstm1.Wx"]


def test_neighbours_are_ordered_by_cosine_without_the_word_itself() -> None:
    vectors = np.array([[1, 0], [2, 0.1], [0, 3], [-1, 0], [0, 0]], np.float32)
    found = nearest_words(vectors, 0, 3)
    assert [i for i, _ in found] == [1, 2, 3]
    assert found[0][1] == pytest.approx(2 / np.hypot(2, 0.1))
    assert found[2][1] == pytest.approx(-1)


@pytest.mark.parametrize("size", [1e-42, 1e-30, 1e20, 1e38])
def test_neighbours_do_not_depend_on_the_size_of_the_numbers(size: float) -> None:
    vectors = (np.array([[1, 0], [2, 0.1], [0, 3], [-1, 0], [0, 0]]) * size).astype(np.float32)
    found = nearest_words(vectors, 0, 3)
    assert [i for i, _ in found] == [1, 2, 3]
    assert found[0][1] == pytest.approx(2 / np.hypot(2, 0.1), rel=1e-4)


def test_mean_and_deviation_are_those_of_all_numbers() -> None:
    model = LanguageModel(7, ModelConfig(wordvec_size=4, hidden_size=200))
    for row, array in zip(parameter_table(model), model.params, strict=True):
        assert row.mean == pytest.approx(array.mean(dtype=np.float64))
        assert row.std == pytest.approx(array.std(dtype=np.float64))


def test_the_nearest_of_each_row_are_those_of_the_row_alone() -> None:
    vectors = np.random.default_rng(0).normal(size=(7, 3))
    near, cosines = nearest_of_each(vectors, 4)
    for row in range(7):
        ids, found = zip(*nearest_words(vectors, row, 4), strict=True)
        assert near[row].tolist() == list(ids)
        np.testing.assert_allclose(cosines[row], found)
    assert nearest_of_each(vectors, 9)[0].shape == (7, 6)  # a word is not like itself


def test_an_analogy_is_the_nearest_to_the_sum_of_three_directions() -> None:
    vectors = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 1], [0, 1, 1], [-1, 0, 0]], np.float32)
    (best, second) = analogous_words(vectors, 0, 1, 2, 2)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    wanted = units[1] - units[0] + units[2]
    assert best[0] == 3
    assert best[1] == pytest.approx(float(units[3] @ wanted / np.linalg.norm(wanted)))
    assert second[0] == 4


@pytest.mark.parametrize("size", [1e-42, 1e-30, 1e20, 1e38])
def test_an_analogy_does_not_depend_on_the_size_of_the_numbers(size: float) -> None:
    vectors = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 1], [0, 1, 1], [-1, 0, 0], [0, 0, 0]])
    expected = analogous_words(vectors.astype(np.float32), 0, 1, 2, 3)
    found = analogous_words((vectors * size).astype(np.float32), 0, 1, 2, 3)
    assert [i for i, _ in found] == [i for i, _ in expected] == [3, 4, 5]
    np.testing.assert_allclose([c for _, c in found], [c for _, c in expected], rtol=1e-4)


def test_a_histogram_counts_within_three_deviations() -> None:
    numbers = np.concatenate([np.full(50, -1.0), np.full(50, 1.0), [100.0, -100.0]])
    counts = histogram(numbers.astype(np.float32), numbers.mean(), numbers.std())
    assert len(counts) == 12
    assert sum(counts) == 100  # those far away are beyond the last part


def test_a_vector_of_zeros_is_like_no_word() -> None:
    vectors = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
    with pytest.raises(ConfigError, match="vector of word 0 is all zeros"):
        nearest_words(vectors, 0, 2)
    with pytest.raises(ConfigError, match="vector of word 0 is all zeros"):
        analogous_words(vectors, 1, 0, 2, 1)
