import numpy as np
import pytest

from rnnlm_cli.arrays import Doubles, Ids
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.scoring.difference import Difference, Lines, compare_lines, compare_models
from rnnlm_cli.scoring.evaluation import Evaluation
from rnnlm_cli.scoring.intervals import student_inside

N = 900  # lines


def dependent(rng: np.random.Generator, lines: int, rho: float) -> Doubles:
    """A row of numbers with mean 0, each of which is `rho` times the one before, and noise."""
    powers = rho ** np.arange(40)
    return np.convolve(rng.normal(0, 1, lines + 39), powers, "valid")


def compared(differences: Doubles) -> Difference:
    return compare_lines(np.full(len(differences), 60.0), 60 + differences)


def paired_t(differences: Doubles) -> float:
    """The p-value of Student's paired test, as if the lines were independent."""
    n = len(differences)
    t = differences.mean() / (differences.std(ddof=1) / np.sqrt(n))
    return 1 - student_inside(abs(t), n - 1)


def test_models_that_are_as_good_differ_in_one_of_twenty_texts_though_lines_hang_together() -> None:
    rng = np.random.default_rng(0)
    for rho in (0.0, 0.6):
        found = [compared(dependent(rng, N, rho)).p < 0.05 for _ in range(300)]
        assert 0.02 < np.mean(found) < 0.09  # 0.05 within three standard errors
    by_lines = [paired_t(dependent(rng, N, 0.6)) < 0.05 for _ in range(100)]
    assert np.mean(by_lines) > 0.2


def test_a_difference_that_is_there_is_found_and_is_in_its_interval() -> None:
    rng = np.random.default_rng(1)
    found = [compared(0.4 + dependent(rng, N, 0.6)) for _ in range(60)]  # 4.8 standard errors
    assert np.mean([each.p < 0.05 for each in found]) > 0.9
    assert np.mean([low < 0.4 < high for low, high in (each.interval for each in found)]) > 0.85


def test_on_independent_lines_the_interval_is_as_wide_as_that_of_the_paired_t_test() -> None:
    rng = np.random.default_rng(2)
    ratios = []
    for _ in range(50):
        differences = rng.normal(0.3, 2, N)
        low, high = compared(differences).interval
        ratios.append((high - low) / (2 * 1.9626 * differences.std(ddof=1) / np.sqrt(N)))
    assert np.mean(ratios) == pytest.approx(1, abs=0.06)


def test_every_line_counts_and_the_sign_says_which_is_better() -> None:
    differences = np.random.default_rng(3).normal(-1, 1, 917)  # no multiple of 30
    found, turned = compared(differences), compared(-differences)
    assert found.nats_per_line == pytest.approx(differences.mean())
    assert (found.lines, found.blocks) == (917, 30)
    assert turned.interval == pytest.approx(tuple(-end for end in found.interval[::-1]))
    assert turned.p == pytest.approx(found.p, abs=1e-14)
    assert found.p < 0.001


def test_the_same_model_twice_does_not_differ() -> None:
    found = compared(np.zeros(N))
    assert (found.nats_per_line, found.interval, found.p) == (0, (0, 0), 1)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (np.ones(40), np.ones(39), "one finds 40 lines in the text, the other 39"),
        (np.ones(29), np.ones(29), r"too few lines \(29\), of which 30"),
        (np.ones(40), np.full(40, np.inf), "infinite"),
    ],
)
def test_what_tells_nothing_is_refused(first: Doubles, second: Doubles, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        compare_lines(first, second)


def evaluation(places: Ids | None = None, *, eos: bool = True, tokens: int = 6) -> Evaluation:
    """Of the lines (5 0), (0), (3 0), (4), where 0 is `<eos>`."""
    text = EncodedText(np.array([5, 0, 0, 3, 0, 4]), eos_id=0)
    nats = np.array([1.0, 2, 4, 8, 16, 32])[:tokens]
    return Evaluation.of("stream", nats, text, seconds=1, places=places, eos=eos)


def test_nats_are_summed_by_lines_in_the_order_of_the_text() -> None:
    assert Lines.of("x", evaluation()).nats == pytest.approx([3, 4, 24, 32])
    assert Lines.of("x", evaluation(eos=False)).nats == pytest.approx([1, 0, 8, 32])
    mixed = evaluation(np.array([5, 4, 3, 2, 1, 0]))
    assert Lines.of("x", mixed).nats == pytest.approx([32 + 16, 8, 4 + 2, 1])


def test_lines_of_other_texts_or_of_parts_are_not_compared() -> None:
    whole, part = Lines.of("x", evaluation()), Lines("x", None)
    assert Lines.of("x", evaluation(np.arange(5), tokens=5)).nats is None
    with pytest.raises(ConfigError, match="are two"):
        compare_models(whole, Lines.of("y", evaluation()))
    with pytest.raises(ConfigError, match="not every line was scored"):
        compare_models(whole, part)
    with pytest.raises(ConfigError, match=r"too few lines \(4\)"):
        compare_models(whole, whole)
