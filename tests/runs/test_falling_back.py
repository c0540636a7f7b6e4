"""Resuming where files are damaged, missing, or newer than the state."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.naming import older_path
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.runs import Event, RunFinished, RunStarted, resume, state_path
from rnnlm_cli.runs.around import Around
from rnnlm_cli.trained import load
from rnnlm_cli.training.reports import EpochReport, StepReport
from tests.runs.conftest import Scores
from tests.runs.contents import arrays_of, counters_of, outcome
from tests.small_runs import small_run, train


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "m.pkl"


def run_to_end(text: Path, out: Path, **settings: object) -> object:
    config = small_run(text, out, log=out.with_suffix(".jsonl"), dropout=0.2, **settings)
    list(train(config))
    return outcome(out)


def resumed(out: Path) -> list[Event]:
    return list(resume(out, {"log": out.with_suffix(".jsonl")}))


def notes(events: list[Event]) -> str:
    assert isinstance(events[0], RunStarted)
    return "\n".join(events[0].notes)


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100] + bytes(100))


@pytest.mark.parametrize(("harm", "said"), [(damage, "damaged"), (Path.unlink, "is not there")])
def test_without_its_newest_state_a_run_goes_on_from_the_one_before_it(
    harm: Callable[[Path], None], said: str, text_file: Path, out: Path
) -> None:
    expected = run_to_end(text_file, out)
    harm(state_path(out))
    events = resumed(out)
    assert said in notes(events)
    assert "going on from the state before it" in notes(events)
    assert [e.epoch for e in events if isinstance(e, EpochReport)] == [2]
    assert outcome(out) == expected


@pytest.mark.parametrize("harm", [damage, Path.unlink])
def test_the_state_before_the_newest_knows_where_the_text_was(
    harm: Callable[[Path], None], text_file: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = out.parent / "models" / "m.pkl"
    run_to_end(text_file, out)
    monkeypatch.chdir(out.parent)  # where the text is not, as it is not beside the model
    harm(state_path(out))
    assert load(out).corpus.place.names == load(older_path(out)).corpus.place.names
    assert isinstance(resumed(out)[-1], RunFinished)


def test_a_damaged_state_is_moved_aside_and_never_becomes_the_backup(
    text_file: Path, out: Path
) -> None:
    run_to_end(text_file, out)
    damage(state_path(out))
    spoilt = state_path(out).read_bytes()
    next(resume(out, {}))
    assert out.with_name("m.last.damaged.pkl").read_bytes() == spoilt
    assert counters_of(state_path(out)).epoch == 2
    assert isinstance(resumed(out)[-1], RunFinished)
    load_checkpoint(older_path(out))


def test_a_second_damaged_state_leaves_the_first_where_it_is(text_file: Path, out: Path) -> None:
    run_to_end(text_file, out)
    (first := out.with_name("m.last.damaged.pkl")).write_text("the first")
    damage(state_path(out))
    spoilt = state_path(out).read_bytes()
    assert "(now " + str(second := out.with_name("m.last.damaged-2.pkl")) in notes(resumed(out))
    assert first.read_text() == "the first"
    assert second.read_bytes() == spoilt


def test_two_damaged_states_are_an_error_that_names_the_newest(text_file: Path, out: Path) -> None:
    run_to_end(text_file, out)
    damage(state_path(out))
    damage(older_path(out))
    with pytest.raises(CheckpointError, match=r"m\.last\.pkl.*damaged"):
        resumed(out)


def test_the_state_before_the_newest_is_kept_at_every_save(text_file: Path, out: Path) -> None:
    for event in train(small_run(text_file, out, epochs=3)):
        if isinstance(event, EpochReport) and event.epoch == 2:
            assert counters_of(state_path(out)).epoch == 3
            assert counters_of(older_path(out)).epoch == 2


def test_a_model_that_was_removed_is_written_again_if_the_state_is_its_own(
    text_file: Path, out: Path, epochs_score: Scores
) -> None:
    epochs_score(3.0, 2.0)
    expected = run_to_end(text_file, out)
    out.unlink()
    assert "written again from the state" in notes(resumed(out))
    assert outcome(out) == expected


@pytest.mark.parametrize("is_over", [True, False])
def test_a_model_that_is_written_again_for_a_longer_run_is_the_average_that_was_kept(
    is_over: bool, text_file: Path, out: Path, epochs_score: Scores
) -> None:
    epochs_score(3.0, 2.0)
    run, told = small_run(text_file, out, average=0.6, epochs=2 if is_over else 3), list[Event]()
    around = Around(stop=lambda: sum(isinstance(event, EpochReport) for event in told) == 2)
    for event in train(run, around):
        told.append(event)
    kept = arrays_of(out)
    out.unlink()
    assert "written again from the state" in notes([next(resume(out, {"epochs": 20}))])
    assert arrays_of(out) == kept


def test_a_model_that_cannot_be_written_again_gives_way_to_the_next_best(
    text_file: Path, out: Path, epochs_score: Scores
) -> None:
    epochs_score(2.0, 3.0)  # worse than the first epoch, but there is no better one
    run = train(small_run(text_file, out, save_every=1.0), Around(clock=count(0.0).__next__))
    next(e for e in run if isinstance(e, StepReport) and (e.epoch, e.step_in_epoch) == (2, 52))
    run.close()
    out.unlink()  # that of the first epoch, which the state is past
    again = resume(out, {})
    assert "the best of the epochs to come takes its place" in notes([next(again)])
    assert isinstance(list(again)[-1], RunFinished)
    assert [row.is_best for row in load_checkpoint(out).history] == [True, True]


def test_a_damaged_model_is_told_and_what_to_do_with_it(text_file: Path, out: Path) -> None:
    run_to_end(text_file, out)
    damage(out)
    with pytest.raises(CheckpointError, match=r"m\.pkl.* move it away, and --resume"):
        resumed(out)


def test_a_better_model_on_the_disk_is_not_replaced_by_a_repeated_epoch(
    text_file: Path, out: Path, epochs_score: Scores
) -> None:
    epochs_score(3.0, 1.0, 2.0)  # the second one twice: as on another machine
    run_to_end(text_file, out)
    before = arrays_of(out)
    damage(state_path(out))
    run = resume(out, {"epochs": 9})
    started = next(run)
    assert isinstance(started, RunStarted)
    started.model.flat_params[...] *= 1.5  # a repetition with other weights
    report = next(event for event in run if isinstance(event, EpochReport))
    assert (report.epoch, report.valid_nats, report.is_best) == (2, 2.0, False)
    assert arrays_of(out) == before
    run.close()


@pytest.mark.parametrize("epochs", [2, 3])
def test_a_finished_model_tells_the_epoch_that_it_is_of(
    epochs: int, text_file: Path, out: Path, epochs_score: Scores
) -> None:
    epochs_score(3.0, 1.0, 2.0, 2.5)  # the second one twice, and perhaps a third one
    run_to_end(text_file, out)
    before = arrays_of(out)
    damage(state_path(out))
    finished = list(resume(out, {"epochs": epochs}))[-1]
    assert isinstance(finished, RunFinished)
    assert arrays_of(out) == before
    kept = load_checkpoint(out)
    rows = [(row.valid_nats, row.is_best) for row in kept.history]
    assert rows == [(3.0, True), (1.0, True), (2.5, False)][:epochs]
    assert kept.is_complete(epochs)


def test_a_longer_run_killed_before_its_test_is_tested_though_its_model_was_before(
    text_file: Path, out: Path, epochs_score: Scores
) -> None:
    epochs_score(3.0, 1.0, 2.0)  # so the model of the second epoch stays, with its test
    list(train(small_run(text_file, out)))
    longer = resume(out, {"epochs": 3})
    next(event for event in longer if isinstance(event, EpochReport))
    longer.close()
    assert len(load_checkpoint(out).history) == 2
    finished = resumed(out)[-1]
    assert isinstance(finished, RunFinished)
    assert finished.tests
    assert len(load_checkpoint(out).history) == 3
