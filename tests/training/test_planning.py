"""What is chosen for a text and a budget, and the forecast."""

from dataclasses import asdict, replace

import pytest

from rnnlm_cli.model.sizes import operations
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.presets import FEWEST_PASSES
from rnnlm_cli.settings.run import RunRequest
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.training.planning import (
    TextFacts,
    fitted,
    passes,
    planned,
    words_per_second,
)

PTB, PYDOC = TextFacts(929_589, 10_000), TextFacts(50_245, 2_056)
FLOPS = 200e9


@pytest.mark.parametrize("tokens", [1, 800, 50_000, 929_589, 100_000_000])
def test_a_run_fitted_to_a_text_has_a_batch_size_and_an_end(tokens: int) -> None:
    run = fitted(RunRequest(), TextFacts(tokens, 10_000))
    assert 1 <= run.train.batch_size <= 20
    assert run.train.epochs is not None
    assert 0 <= run.model.dropout < 1


def test_a_short_text_is_seen_more_often_with_more_dropout() -> None:
    ptb, pydoc = fitted(RunRequest(), PTB), fitted(RunRequest(), PYDOC)
    assert (ptb.train.epochs, pydoc.train.epochs) == (3, 16)
    assert ptb.model.dropout < pydoc.model.dropout


def test_dropout_depends_on_the_passes_that_budget_or_steps_allow() -> None:
    shares = [
        fitted(RunRequest.of("small", **end), PTB).model.dropout
        for end in ({"budget": 60.0}, {"budget": 900.0}, {"steps": 100}, {"steps": 30_000})
    ]
    assert shares[0] < shares[1]
    assert shares[2] < shares[3]


def test_fitting_keeps_what_was_given() -> None:
    given = RunRequest.of("small", batch_size=7, budget=5.0, dropout=0.3, head_size=90)
    run = fitted(given, TextFacts(1_000, 10_000))
    assert (run.train.batch_size, run.train.budget, run.train.epochs) == (7, 5.0, None)
    assert (run.model.dropout, run.model.head_size) == (0.3, 90)
    for asked in (given, RunRequest.of("book")):
        run = fitted(asked, TextFacts(1_000, 10_000, "char"))
        assert asdict(run.model) | asdict(run.train) == asked.recipe
        assert run.text == CorpusConfig(unit="char")


def test_the_softmax_of_a_large_vocabulary_is_split() -> None:
    assert fitted(RunRequest(), PTB).model.head_size == 1_500
    assert fitted(RunRequest(), PYDOC).model.head_size == 0
    assert fitted(RunRequest.of(head_size=0), PTB).model.head_size == 0


def test_operations_are_six_for_every_weight_that_a_token_meets() -> None:
    one = ModelConfig(wordvec_size=3, hidden_size=5)
    assert operations(7, one) == 6 * (4 * 5 * (3 + 5) + 5 * 7)
    two = ModelConfig(wordvec_size=3, hidden_size=5, layers=2, tied=True, head_size=2)
    assert operations(7, two) == 6 * (4 * 5 * (3 + 5) + 4 * 3 * (5 + 3) + 3 * (2 + 0.2 * 5))
    projected = ModelConfig(wordvec_size=3, hidden_size=5, tied=True, projection=True)
    assert operations(7, projected) == 6 * (4 * 5 * (3 + 5) + 5 * 3 + 3 * 7)


def test_the_nearest_end_says_how_often_the_text_is_seen() -> None:
    run = fitted(RunRequest.of("small", epochs=9, steps=500, budget=3600.0), PTB)
    assert passes(run.model, run.train, PTB) == 500 * 20 * run.train.time_size / 929_589
    by_time = run.model, replace(run.train, steps=None), PTB
    assert passes(*by_time, FLOPS) == 9
    speed = words_per_second(*by_time, FLOPS / 100)
    assert passes(*by_time, FLOPS / 100) == pytest.approx(3600 * speed / 929_589)


def test_more_time_or_a_faster_machine_get_a_larger_preset() -> None:
    def preset(budget: float, flops: float = FLOPS) -> str:
        return planned(RunRequest.of(budget=budget), PTB, flops)[0].preset

    assert [preset(budget) for budget in (60.0, 600.0, 5e3, 1e5)] == list(FEWEST_PASSES)
    assert preset(60.0, 100 * FLOPS) == preset(6_000.0, FLOPS) == "medium"


def test_a_short_text_gets_the_tiny_preset_with_what_was_given() -> None:
    run = fitted(RunRequest.of(lower=True, hidden_size=9), PYDOC)
    assert (run.preset, run.text.lower, run.model.hidden_size) == ("tiny", True, 9)
    assert fitted(RunRequest.of(), PTB).preset == "small"
    assert fitted(RunRequest.of("small"), PYDOC).preset == "small"
    assert planned(RunRequest.of(budget=1e6), PYDOC, FLOPS)[0].preset == "tiny"


def test_a_given_preset_and_given_settings_stay_under_a_budget() -> None:
    run, note = planned(RunRequest.of("small", budget=1e6), PTB, FLOPS)
    assert (run.preset, "preset small: about" in note) == ("small", True)
    run, note = planned(RunRequest.of(budget=1e6, hidden_size=40, seed=3), PTB, FLOPS)
    assert (run.preset, run.model.hidden_size, run.train.seed) == ("large", 40, 3)
    assert "preset large, the largest that pays for this text in this time: about" in note
