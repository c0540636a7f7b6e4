"""What is chosen for a text and a budget, and the forecast."""

import math
from dataclasses import replace
from typing import Any

import pytest

from rnnlm_cli.model.sizes import ModelSizes
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.presets import PRESETS
from rnnlm_cli.settings.run import RunPlan, RunRequest
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.training.clusters import cheapest_edges, zipf_counts
from rnnlm_cli.training.planning import (
    TextFacts,
    estimated,
    fitted,
    foretold,
    passes,
    planned,
)

PTB, PYDOC = TextFacts(929_589, 10_000), TextFacts(50_245, 2_056)
FLOPS, SPEED = 200e9, 10_000.0  # a second: operations, words


def fits(run: RunPlan) -> bool:
    """On a machine with room for every preset."""
    return True


@pytest.mark.parametrize("tokens", [1, 800, 50_000, 929_589, 100_000_000])
def test_a_run_fitted_to_a_text_has_a_batch_size_and_an_end(tokens: int) -> None:
    run = fitted(RunRequest(), TextFacts(tokens, 10_000))
    assert 1 <= run.train.batch_size <= PRESETS[run.preset].streams
    assert run.train.epochs is not None
    assert 0 <= run.model.dropout < 1


def test_a_preset_has_its_streams_side_by_side_where_the_text_is_long_enough() -> None:
    presets = ["tiny", "small", "medium"]
    batches = [fitted(RunRequest.of(name), PTB).train.batch_size for name in presets]
    assert batches == [32, 32, 32]
    assert fitted(RunRequest.of("tiny"), PYDOC).train.batch_size == 50_245 // 2_000
    assert fitted(RunRequest.of("tiny", time_size=50), PYDOC).train.batch_size == 10


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


@pytest.mark.parametrize(
    ("preset", "end", "decay"),
    [
        ("tiny", {"epochs": 1}, 0.05),
        ("tiny", {"epochs": 2}, 0.1),
        ("small", {"budget": 60.0}, 0.05),
        ("small", {"budget": 900.0}, 0.1),
        ("small", {"epochs": 9, "weight_decay": 0.0}, 0.0),
        ("small", {"epochs": 9, "optimizer": "adam"}, 0.0),
        ("book", {}, 0.0),
    ],
)
def test_weights_decay_faster_in_a_run_that_sees_the_text_again(
    preset: str, end: dict[str, Any], decay: float
) -> None:
    assert fitted(RunRequest.of(preset, **end), PTB).train.weight_decay == decay


def test_fitting_keeps_what_was_given() -> None:
    given = RunRequest.of(
        "small", batch_size=7, budget=5.0, dropout=0.3, weight_decay=0.02, head_size=90
    )
    run = fitted(given, TextFacts(1_000, 10_000))
    assert (run.train.batch_size, run.train.budget, run.train.epochs) == (7, 5.0, None)
    assert (run.model.dropout, run.model.head_size) == (0.3, 90)
    for asked in (given, RunRequest.of("book")):
        run = fitted(asked, TextFacts(1_000, 10_000, "char"))
        known = asked.recipes[run.preset]
        assert (run.model, run.train) == (known.model, known.train)
        assert run.text == CorpusConfig(unit="char")


def test_the_softmax_of_a_large_vocabulary_is_split() -> None:
    assert fitted(RunRequest(), PTB).model.head_size == 1_500
    assert fitted(RunRequest(), PYDOC).model.head_size == 0
    assert fitted(RunRequest.of(head_size=0), PTB).model.head_size == 0
    assert fitted(RunRequest(), PTB).model.cluster_edges == ()


def test_that_of_a_larger_one_in_more_clusters_by_the_counts_of_its_words() -> None:
    large = TextFacts(929_589, 50_000)
    asked = RunRequest.of("tiny")
    by_law = fitted(asked, large).model
    assert (by_law.head_size, by_law.cluster_edges) == (0, cheapest_edges(zipf_counts(50_000), 640))
    counted = replace(large, counts=zipf_counts(50_000) ** 2 // 10**9 + 1)
    assert counted.counts is not None
    assert fitted(asked, counted).model.edges == cheapest_edges(counted.counts, 640)
    assert fitted(asked, counted).model.edges != by_law.edges
    # Fewer places a step pay for fewer clusters: 2 streams have 40.
    small_steps, smaller = RunRequest.of("tiny", batch_size=2), TextFacts(929_589, 20_000)
    assert fitted(small_steps, smaller).model.edges == cheapest_edges(zipf_counts(20_000), 40)
    assert len(cheapest_edges(zipf_counts(20_000), 40)) == 2 < len(by_law.edges)


@pytest.mark.parametrize(
    "given", [{"head_size": 0}, {"head_size": 90}, {"cluster_edges": (7, 70)}], ids=str
)
def test_whoever_says_how_the_softmax_is_split_has_said_it_all(given: dict[str, Any]) -> None:
    for vocab_size in (2_000, 10_000, 50_000):
        model = fitted(RunRequest.of(**given), TextFacts(929_589, vocab_size)).model
        chosen = {"head_size": model.head_size, "cluster_edges": model.cluster_edges}
        assert given.items() <= chosen.items()
        assert bool(model.head_size) + bool(model.cluster_edges) <= 1


def test_operations_are_six_for_every_weight_that_a_token_meets() -> None:
    one = ModelConfig(wordvec_size=3, hidden_size=5)
    assert ModelSizes(7, one).operations() == 6 * (4 * 5 * (3 + 5) + 5 * 7)
    two = ModelConfig(wordvec_size=3, hidden_size=5, layers=2, tied=True, head_size=2)
    behind = math.log(7 / 2) / (math.log(7) + 0.5772)  # the share of the places, by Zipf's law
    output = 3 * (2 + 1 + behind * 5)
    assert ModelSizes(7, two).operations() == pytest.approx(
        6 * (4 * 5 * (3 + 5) + 4 * 3 * (5 + 3) + output)
    )
    projected = ModelConfig(wordvec_size=3, hidden_size=5, tied=True, projection=True)
    assert ModelSizes(7, projected).operations() == 6 * (4 * 5 * (3 + 5) + 5 * 3 + 3 * 7)


def test_the_nearest_end_says_how_often_the_text_is_seen() -> None:
    run = fitted(RunRequest.of("small", epochs=9, steps=500, budget=3600.0), PTB)
    assert passes(run.train, PTB, SPEED) == 500 * 32 * run.train.time_size / 929_589
    by_time = replace(run.train, steps=None)
    assert passes(by_time, PTB, 1e9) == 9
    assert passes(by_time, PTB, 1e3) == pytest.approx(3600 * 1e3 / 929_589)


def test_validations_and_what_is_spent_of_a_budget_leave_less_for_training() -> None:
    train = fitted(RunRequest.of("small", budget=100.0), PTB).train
    validated = replace(PTB, valid_tokens=90_000)
    assert passes(train, validated, SPEED) == pytest.approx(100 * SPEED / (929_589 + 30_000))
    assert passes(train, PTB, SPEED, spent=25.0) == pytest.approx(75 * SPEED / 929_589)
    assert passes(train, PTB, SPEED, spent=101.0) == 0


def test_an_estimate_counts_operations_and_updates() -> None:
    run = fitted(RunRequest.of("small"), PTB)
    larger = replace(run, train=replace(run.train, batch_size=80))
    speed, faster = estimated(PTB, FLOPS), estimated(PTB, 2 * FLOPS)
    assert faster(run) == 2 * speed(run)
    assert speed(run) < speed(larger) < FLOPS / ModelSizes(10_000, run.model).operations()


def test_more_time_or_a_faster_machine_get_a_larger_preset() -> None:
    def preset(budget: float, flops: float = FLOPS) -> str:
        trial = estimated(PTB, flops)
        return planned(RunRequest.of(budget=budget), PTB, flops, trial, fits).run.preset

    assert [preset(budget) for budget in (60.0, 600.0, 5e3)] == list(RunRequest().recipes)
    assert preset(60.0, 100 * FLOPS) == preset(6_000.0, FLOPS) == "medium"


def test_the_trial_decides_and_not_the_estimate() -> None:
    tried: list[str] = []

    def slow(run: RunPlan) -> float:
        tried.append(run.preset)
        return 100.0

    found = planned(RunRequest.of(budget=1_200.0), PTB, FLOPS, slow, fits)
    assert (found.run.preset, tried) == ("tiny", ["medium", "small", "tiny"])
    assert found.passes == pytest.approx(1_200.0 * 100.0 / 929_589)
    tried.clear()
    planned(RunRequest.of(budget=120.0), PTB, FLOPS, slow, fits)
    assert tried == ["small", "tiny"]  # medium is out of reach


@pytest.mark.parametrize(
    ("room", "given", "chosen"),
    [
        (("tiny", "small"), {}, "small"),
        (("tiny",), {}, "tiny"),
        ((), {}, "tiny"),  # which then says what it lacks
        ((), {"preset": "medium"}, "medium"),
    ],
)
def test_no_preset_is_chosen_that_has_no_room(
    room: tuple[str, ...], given: dict[str, Any], chosen: str
) -> None:
    def trial(run: RunPlan) -> float:
        assert run.preset in (*room, chosen), "it was tried without room"
        return 1e6

    def has_room(run: RunPlan) -> bool:
        return run.preset in room

    asked = RunRequest.of(budget=6e3, **given)
    assert planned(asked, PTB, FLOPS, trial, has_room).run.preset == chosen


def test_dropout_follows_the_speed_that_was_tried() -> None:
    asked = RunRequest.of("small", budget=600.0)
    fast, slow = (planned(asked, PTB, FLOPS, estimated(PTB, s), fits).run for s in (1e12, 1e11))
    assert fast.model.dropout > slow.model.dropout > 0


def test_a_long_run_without_a_budget_is_tried() -> None:
    found = foretold(fitted(RunRequest.of("small", epochs=2), PTB), PTB, lambda run: SPEED)
    assert found is not None
    assert (found.passes, found.seconds(PTB)) == (2.0, 2 * 929_589 / SPEED)
    assert foretold(fitted(RunRequest(), PYDOC), PYDOC, lambda run: 1 / 0) is None


def test_a_short_text_gets_the_tiny_preset_with_what_was_given() -> None:
    run = fitted(RunRequest.of(lower=True, hidden_size=9), PYDOC)
    assert (run.preset, run.text.lower, run.model.hidden_size) == ("tiny", True, 9)
    assert fitted(RunRequest.of(), PTB).preset == "small"
    assert fitted(RunRequest.of("small"), PYDOC).preset == "small"
    found = planned(RunRequest.of(budget=1e6), PYDOC, FLOPS, estimated(PYDOC), fits)
    assert found.run.preset == "tiny"


def test_a_given_preset_and_given_settings_stay_under_a_budget() -> None:
    run = planned(RunRequest.of("small", budget=1e6), PTB, FLOPS, estimated(PTB), fits).run
    assert run.preset == "small"
    given = RunRequest.of(budget=1e6, hidden_size=40, seed=3)
    run = planned(given, PTB, FLOPS, estimated(PTB), fits).run
    assert (run.preset, run.model.hidden_size, run.train.seed) == ("medium", 40, 3)


@pytest.mark.parametrize("text", [PTB, PYDOC])
@pytest.mark.parametrize(
    ("hidden_size", "preset"), [(128, "tiny"), (256, "small"), (300, "medium")]
)
def test_the_preset_is_one_that_goes_with_what_was_given(
    text: TextFacts, hidden_size: int, preset: str
) -> None:
    given: dict[str, Any] = {"hidden_size": hidden_size, "projection": False}
    asked = RunRequest.of(**given, budget=60.0)
    assert fitted(RunRequest.of(**given), text).preset == preset
    assert planned(asked, text, FLOPS, estimated(text), fits).run.preset == preset
