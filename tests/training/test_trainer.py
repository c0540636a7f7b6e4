import json
import math
from collections.abc import Callable
from dataclasses import asdict, replace
from itertools import count, islice
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.errors import CorpusError, TrainingDiverged
from rnnlm_cli.model.layers import TimeSoftmaxWithLoss
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.evaluation import evaluate
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.train import OptimizerName, Protocol, TrainConfig
from rnnlm_cli.training.ranks import Alone
from rnnlm_cli.training.reports import EpochReport, StepReport
from rnnlm_cli.training.state import Counters
from rnnlm_cli.training.trainer import Trainer
from rnnlm_cli.watching import never
from tests.models import scores_of

V = 7
TEXT = np.random.default_rng(0).integers(0, V, 101).astype(np.int32)
BASE = TrainConfig(batch_size=2, time_size=5, epochs=3, lr=1.0, max_grad=1.0)


VALID = EncodedText(TEXT[:40], eos_id=2)


def make(
    config: TrainConfig = BASE, ids: Any = TEXT, valid: EncodedText = VALID, **model: Any
) -> Trainer:
    settings = ModelConfig(**{"wordvec_size": 4, "hidden_size": 4, **model})
    return Trainer(
        LanguageModel(V, settings, rng=np.random.default_rng(1)),
        ids,
        valid,
        config,
        rng=np.random.default_rng(2),
        clock=count().__next__,  # one second at every look
    )


def epochs(trainer: Trainer) -> list[EpochReport]:
    return [report for report in trainer.run() if isinstance(report, EpochReport)]


def without_timings(report: EpochReport) -> dict[str, Any]:
    return {k: v for k, v in asdict(report).items() if k not in ("seconds", "words_per_second")}


def test_a_cycle_of_three_letters_is_learnt_by_heart() -> None:
    cycle = np.tile(np.array([0, 1, 2], np.int32), 200)
    trainer = make(replace(BASE, epochs=4, lr=2.0), cycle)
    epochs(trainer)
    assert evaluate(trainer.model, EncodedText(cycle, 2)).perplexity < 1.1


class Summing(Alone):
    """Two ranks, as far as the gradient goes, whose sum is what is made of this one's."""

    size = 2

    def __init__(self, add: Callable[[Any], None]) -> None:
        self.allreduce = add  # type: ignore[method-assign,assignment]


def test_the_last_part_of_a_run_is_averaged_for_validation_and_for_keeping() -> None:
    trainer, weights = make(replace(BASE, average=0.5)), []
    for report in trainer.run():
        if isinstance(report, StepReport):
            if report.step > 15:  # of 30: the 16th begins at half of the run
                weights.append(trainer.model.flat_params.copy())
            last = trainer.model.flat_params.copy()
    with trainer.kept_weights():
        mean = trainer.model.flat_params.copy()
        nats = evaluate(
            trainer.model, EncodedText(TEXT[:40], 2), protocol="parallel"
        ).nats_per_token
    assert len(weights) == trainer.counters.averaged == 15
    np.testing.assert_allclose(mean, np.mean(weights, axis=0), rtol=1e-5, atol=1e-6)
    assert isinstance(report, EpochReport)
    assert report.valid_nats == nats
    assert (trainer.model.flat_params == last).all()
    assert (mean != last).any()


def test_training_follows_the_books_loop() -> None:
    config = replace(BASE, epochs=2, schedule="constant", reset_probability=0.0)
    trainer = make(config)
    twin, loss_layer = make(config).model, TimeSoftmaxWithLoss()
    xs, ts, time_idx, losses = TEXT[:-1], TEXT[1:], 0, []
    for _ in range(2 * 10):
        index = (np.arange(2)[:, None] * 50 + time_idx + np.arange(5)) % 100
        time_idx += 5
        losses.append(loss_layer.forward(scores_of(twin, xs[index]), ts[index]))
        dout = twin.network.affine.backward(loss_layer.backward())
        for layer in reversed(twin.layers[:-1]):
            dout = layer.backward(dout)  # type: ignore[assignment]
        norm = np.sqrt(sum((g**2).sum() for g in twin.network.grads.named.values()))
        rate = min(1.0, 1.0 / (norm + 1e-6))
        for param, grad in zip(twin.params, twin.network.grads.named.values(), strict=True):
            param -= rate * grad
    mine = [r.nats_per_token for r in trainer.run() if isinstance(r, StepReport)]
    np.testing.assert_allclose(mine, losses, rtol=1e-4)
    np.testing.assert_allclose(trainer.model.flat_params, twin.flat_params, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("stop_after", [1, 9, 10, 11, 17, 32])
def test_a_restored_run_goes_on_to_the_bit(optimizer: OptimizerName, stop_after: int) -> None:
    lr = 1.0 if optimizer == "sgd" else 0.01
    config = replace(BASE, optimizer=optimizer, lr=lr, reset_probability=0.3)
    straight = make(config, dropout=0.3, layers=2)
    expected = list(straight.run())

    first = make(config, dropout=0.3, layers=2)
    seen = list(islice(first.run(), stop_after))
    state, params = first.capture(), first.model.flat_params.copy()
    state = replace(state, generators=json.loads(json.dumps(state.generators)))
    second = make(config, dropout=0.3, layers=2)
    second.model.flat_params[...] = params
    second.restore(state)
    reports = [*seen, *second.run()]

    assert second.model.flat_params.tobytes() == straight.model.flat_params.tobytes()
    for mine, theirs in zip(reports, expected, strict=True):
        if isinstance(mine, EpochReport) and isinstance(theirs, EpochReport):
            assert without_timings(mine) == without_timings(theirs)


def test_a_capture_is_not_changed_by_the_steps_after_it() -> None:
    trainer = make(replace(BASE, optimizer="adam", lr=0.01))
    run = trainer.run()
    list(islice(run, 3))
    state = trainer.capture()
    before = {name: array.copy() for name, array in state.arrays.items()}
    list(islice(run, 3))
    assert before
    for name, array in before.items():
        np.testing.assert_array_equal(state.arrays[name], array)


def test_a_finished_run_goes_on_when_it_gets_more_epochs() -> None:
    constant = replace(BASE, schedule="constant")
    short, long = make(constant), make(replace(constant, epochs=5))
    epochs(short)
    expected = epochs(long)[3:]
    again = make(replace(constant, epochs=5))
    again.model.flat_params[...] = short.model.flat_params
    again.restore(short.capture(), lengthened=True)
    assert [without_timings(r) for r in epochs(again)] == [without_timings(r) for r in expected]


@pytest.mark.parametrize(
    ("limits", "used_up"),
    [
        ({"epochs": 2}, ["epochs"]),
        ({"epochs": None, "steps": 13}, ["steps"]),
        ({"epochs": None, "budget": 100.0}, ["budget"]),
        ({"epochs": 40, "patience": 1, "lr": 1e-30}, ["patience"]),
        ({"epochs": 2, "steps": 2, "patience": 9}, ["steps"]),
        ({"epochs": 1, "steps": 2}, ["steps"]),  # amid the last epoch that it has
        ({"epochs": 2, "budget": 40.0}, ["budget"]),
    ],
)
def test_a_finished_run_stays_finished_and_says_what_it_has_used_up(
    limits: dict[str, Any], used_up: list[str]
) -> None:
    trainer = make(replace(BASE, **limits))
    list(trainer.run())
    assert trainer.pace.used_up == used_up
    for lengthened in (False, True):  # by something else than what ended it
        again = make(replace(BASE, **limits))
        again.restore(trainer.capture(), lengthened=lengthened)
        assert list(again.run()) == []
        assert again.pace.used_up == used_up


@pytest.mark.parametrize("steps", [25, 30, None])  # amid an epoch, at its end, at the end of all
@pytest.mark.parametrize(("epochs", "averaged"), [(5, True), (20, False)])
def test_a_lengthened_run_keeps_its_average_if_its_last_part_has_begun(
    epochs: int, averaged: bool, steps: int | None
) -> None:
    first = make(replace(BASE, average=0.5, epochs=4))
    list(islice(first.run(), steps and steps + steps // 10))  # reports of steps, and of epochs
    assert (counted := first.counters.averaged) > 0
    again = make(replace(BASE, average=0.5, epochs=epochs))
    again.model.flat_params[...] = first.model.flat_params
    again.restore(first.capture(), lengthened=True)
    with first.kept_weights(), again.kept_weights():  # those of the epoch that is over
        np.testing.assert_array_equal(again.model.flat_params, first.model.flat_params)
    next(again.run())
    assert again.counters.averaged == (counted + 1 if averaged else 0)
    raw = again.model.flat_params.copy()
    with again.kept_weights():
        assert (again.model.flat_params != raw).any() == averaged


def test_a_budget_ends_the_run_with_a_rate_of_zero_and_a_validation() -> None:
    trainer = make(replace(BASE, epochs=None, budget=100.0))
    reports = list(trainer.run())
    last = reports[-1]
    assert isinstance(last, EpochReport)
    assert 0 < last.lr < 0.02 * BASE.lr
    assert trainer.counters.finished
    assert trainer.seconds <= 115  # the clock runs a second at every look


def test_a_resumed_budget_counts_the_time_already_used() -> None:
    config = replace(BASE, epochs=None, budget=100.0)
    first = make(config)
    list(islice(first.run(), 5))
    second = make(config)
    second.restore(first.capture())
    assert second.seconds >= first.timings.elapsed + first.counters.step


def test_the_plateau_schedule_quarters_the_rate_after_a_worse_epoch() -> None:
    trainer = make(replace(BASE, schedule="plateau", epochs=12, lr=4.0))
    rate, best = 4.0, math.inf
    for report in epochs(trainer):
        assert report.lr == rate
        rate, best = (rate, report.valid_nats) if report.valid_nats < best else (rate / 4, best)
    assert rate < 4


def test_patience_ends_the_run() -> None:
    reports = epochs(make(replace(BASE, patience=2, epochs=50, lr=8.0, schedule="constant")))
    assert len(reports) < 50
    assert [r.is_best for r in reports[-2:]] == [False, False]


def test_the_state_wanders_on_between_epochs_unless_they_restart() -> None:
    on, restart = make(replace(BASE, epochs=2)), make(replace(BASE, epochs=2, restart_epochs=True))
    positions = []
    for trainer in (on, restart):
        steps = [trainer.counters.position for r in trainer.run() if isinstance(r, StepReport)]
        positions.append(steps[10])
    assert positions == [55, 5]


def test_random_resets_clear_single_streams() -> None:
    trainer = make(replace(BASE, reset_probability=1.0))
    plain = make(replace(BASE, reset_probability=0.0))
    first = [next(islice(t.run(), 3, None)) for t in (trainer, plain)]
    assert isinstance(first[0], StepReport)
    assert isinstance(first[1], StepReport)
    assert first[0].nats_per_token != first[1].nats_per_token


@pytest.mark.parametrize("weight", [np.nan, np.inf, 1e30])
def test_a_loss_that_is_no_number_stops_before_the_update(weight: float) -> None:
    trainer = make()
    run = trainer.run()
    next(run)
    trainer.model.params[-1][0] = weight  # 1e30: a loss so large that its perplexity is infinite
    before = trainer.model.flat_params.copy()
    with pytest.raises(TrainingDiverged, match=r"step 2: loss .* at learning rate.*smaller --lr"):
        next(run)
    np.testing.assert_array_equal(trainer.model.flat_params, before)


def test_a_gradient_that_is_no_number_stops_before_the_update() -> None:
    trainer = make()

    def spoil(grads: Any) -> None:
        if len(grads) > 1:  # the loss too is summed
            grads[3] = np.inf

    trainer.learner.ranks = Summing(spoil)
    before = trainer.model.flat_params.copy()
    with pytest.raises(TrainingDiverged, match=r"step 1: loss 1\.9\d+, gradient norm inf"):
        next(trainer.run())
    np.testing.assert_array_equal(trainer.model.flat_params, before)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_what_the_last_update_spoilt_is_not_captured(optimizer: OptimizerName) -> None:
    trainer = make(replace(BASE, lr=1e39, optimizer=optimizer))
    next(trainer.run())  # the loss before this update was a number
    with pytest.raises(TrainingDiverged, match=r"step 1: the update made .* learning rate 1e\+39"):
        trainer.capture()
    with pytest.raises(TrainingDiverged, match="step 1: the update made"):
        trainer._validate(never)


def test_an_average_beyond_float32_is_told_when_it_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trainer = make(replace(BASE, average=1.0, epochs=1), TEXT % 5)
    unseen = trainer.model.network.embedding.params["W"][6]  # of a word that no loss depends on

    def update(*_: object) -> None:
        unseen[...] = -3e38 if unseen[0] > 0 else 3e38

    monkeypatch.setattr(trainer.learner.optimizer, "update", update)
    with pytest.raises(TrainingDiverged, match="numbers that are not finite"):
        list(trainer.run())


@pytest.mark.parametrize("nats", [math.nan, math.inf, 1e28])
def test_a_validation_that_is_no_number_is_never_best(
    nats: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = make()
    trainer.learner.counters = Counters(step=10, step_in_epoch=10)
    scored = SimpleNamespace(nats_per_token=nats)
    monkeypatch.setattr("rnnlm_cli.training.learner.evaluate_watched", lambda *_, **__: scored)
    assert (valid_nats := trainer._validate(never)) is not None
    assert not trainer._end_epoch(valid_nats, over=False).is_best


def test_a_validation_text_too_short_for_the_protocol_is_told_at_once() -> None:
    for protocol in ("stream", "parallel"):
        config = replace(BASE, protocol=protocol)
        with pytest.raises(CorpusError, match="the validation split has one token, which has noth"):
            make(config, valid=EncodedText(TEXT[:1], eos_id=None))
    make(valid=EncodedText(TEXT[:1], eos_id=2))
    with pytest.raises(CorpusError, match="need 351"):
        make(replace(BASE, protocol="book"))


def test_ranks_sum_the_gradient_before_it_is_clipped() -> None:
    seen: list[float] = []

    def halve(grads: Any) -> None:
        seen.append(float(np.linalg.norm(grads)))
        grads *= 0.5

    trainer = make()
    trainer.learner.ranks = Summing(halve)
    report = next(trainer.run())
    assert isinstance(report, StepReport)
    assert report.gradient_norm == pytest.approx(seen[0] / 2, rel=1e-5)


@pytest.mark.parametrize("protocol", ["parallel", "stream"])
@pytest.mark.parametrize("config", [BASE, replace(BASE, epochs=None, budget=100.0)])
def test_a_validation_that_is_given_up_is_done_again_after_a_resume(
    protocol: Protocol, config: TrainConfig
) -> None:
    config = replace(config, protocol=protocol)
    first = make(config, dropout=0.3)
    seen = list(first.run(stop=lambda: True))
    assert isinstance(seen[-1], StepReport)
    assert 0 < first.counters.step_in_epoch <= first.learner.streams.steps_per_epoch
    straight = make(config, dropout=0.3)
    expected = list(islice(straight.run(), len(seen) + 1))[-1]
    assert isinstance(expected, EpochReport)
    second = make(config, dropout=0.3)
    second.model.flat_params[...] = first.model.flat_params
    second.restore(first.capture())
    report = next(second.run())
    assert isinstance(report, EpochReport)
    assert without_timings(report) == without_timings(expected)


def test_a_run_by_steps_ends_there_with_a_validation_and_a_rate_of_nearly_zero() -> None:
    trainer = make(replace(BASE, epochs=None, steps=13))
    reports = list(trainer.run())
    assert sum(isinstance(r, StepReport) for r in reports) == 13
    last = reports[-1]
    assert isinstance(last, EpochReport)
    assert last.lr == pytest.approx(BASE.lr / 13)
    assert trainer.counters.finished


def test_a_run_by_steps_goes_on_when_it_gets_more() -> None:
    first = make(replace(BASE, epochs=None, steps=13))
    list(first.run())
    again = make(replace(BASE, epochs=None, steps=15))
    again.model.flat_params[...] = first.model.flat_params
    again.restore(first.capture(), lengthened=True)
    assert sum(isinstance(r, StepReport) for r in again.run()) == 2


@pytest.mark.parametrize("other", [{"steps": 15}, {"budget": 90.0}])
def test_epochs_end_a_run_after_their_steps_though_an_end_amid_one_has_begun_a_row_more(
    other: dict[str, Any],
) -> None:
    first = make(replace(BASE, **other))
    rows = epochs(first)
    assert 10 < first.counters.step < 20
    again = make(replace(BASE, **{name: 100 * end for name, end in other.items()}))
    again.model.flat_params[...] = first.model.flat_params
    again.restore(first.capture(), lengthened=True)
    rows += epochs(again)
    assert again.counters.step == 30
    assert again.pace.used_up == ["epochs"]
    assert [row.epoch for row in rows] == [1, 2, 3, 4]
    assert sum(row.share for row in rows) == 3
    assert rows[-1].lr == pytest.approx(BASE.lr / 30)


def test_random_offsets_cut_every_epoch_at_another_place() -> None:
    trainer = make(replace(BASE, random_offsets=True, time_size=5, epochs=6))
    places = {trainer.counters.position % 5 for r in trainer.run() if isinstance(r, EpochReport)}
    assert len(places) > 2
