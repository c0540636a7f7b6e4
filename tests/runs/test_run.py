import itertools
import math
import os
import shutil
import tracemalloc
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rnnlm_cli import machine
from rnnlm_cli.arrays import log_softmax
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.rnnlm_files import read_header
from rnnlm_cli.corpus.loading import load_corpus
from rnnlm_cli.errors import CheckpointError, ConfigError, RnnlmError, TrainingDiverged
from rnnlm_cli.runs import RunFinished, RunStarted, RunStopped, begin, requested, resume, state_path
from rnnlm_cli.runs.around import Around
from rnnlm_cli.scoring.evaluation import evaluate
from rnnlm_cli.training.peak import training_parts
from rnnlm_cli.training.reports import EpochReport, StepReport
from tests.models import scores_of
from tests.peaks import peak_bytes
from tests.runs.conftest import Scores
from tests.runs.contents import arrays_of, content, counters_of, record_of
from tests.small_runs import small_run, train


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "made" / "m.pkl"


def stop_after(steps: int) -> Callable[[], bool]:
    asked = count(1)
    return lambda: next(asked) >= steps


def test_a_run_starts_reports_and_finishes_with_the_best_model(text_file: Path, out: Path) -> None:
    events = list(train(small_run(text_file, out)))
    assert isinstance(events[0], RunStarted)
    assert sum(isinstance(e, EpochReport) for e in events) == 2
    assert all(isinstance(e, StepReport | EpochReport) for e in events[1:-1])
    finished = events[-1]
    assert isinstance(finished, RunFinished)
    loaded = load_checkpoint(out)
    corpus = events[0].corpus
    again = evaluate(loaded.build_model(), corpus.text("test")).perplexity
    assert finished.tests[0].perplexity == again
    assert loaded.run is not None
    assert loaded.run.test_perplexity == {"stream": again}
    assert len(loaded.history) == 2
    assert loaded.resume is None


def test_train_and_resume_equal_training_in_one_go(text_file: Path, out: Path) -> None:
    config = small_run(text_file, out, dropout=0.3, optimizer="adam", lr=0.01)
    list(train(config))
    expected = content(out), content(state_path(out))

    stopped = list(train(config, Around(stop=stop_after(40))))[-1]
    assert isinstance(stopped, RunStopped)
    assert stopped.state == state_path(out)
    row = stopped.unfinished
    assert row
    assert (row.epoch, row.step, row.is_best) == (1, 40, False)
    assert row.share == 40 / 53
    assert math.isnan(row.valid_nats)
    assert isinstance(list(resume(out, {}))[-1], RunFinished)
    assert (content(out), content(state_path(out))) == expected


def test_the_same_seed_gives_the_same_checkpoint_and_another_seed_another(
    text_file: Path, tmp_path: Path
) -> None:
    contents = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        list(train(small_run(text_file, tmp_path / f"{name}.pkl", seed=seed)))
        contents.append(content(tmp_path / f"{name}.pkl"))
    assert contents[0] == contents[1]
    assert contents[0]["array 0"] != contents[2]["array 0"]


def test_more_epochs_extend_a_finished_run(text_file: Path, out: Path) -> None:
    config = small_run(text_file, out, schedule="constant")
    list(train(config))
    reports = [e.epoch for e in resume(out, {"epochs": 4}) if isinstance(e, EpochReport)]
    assert reports == [3, 4]
    assert [row.epoch for row in load_checkpoint(out).history] == [1, 2, 3, 4]


ENDED: dict[str, dict[str, Any]] = {
    "epochs": {},
    "steps": {"epochs": None, "steps": 60},
    "budget": {"epochs": None, "budget": 2.0},
    "patience": {"epochs": 40, "patience": 1, "lr": 1e-30, "schedule": "constant"},
}


@pytest.mark.parametrize("limit", ENDED)
def test_a_run_that_is_over_leaves_all_files_as_they_are_and_says_what_ended_it(
    limit: str, text_file: Path, out: Path
) -> None:
    def clock() -> Callable[[], float]:
        return count(0.0, 0.01).__next__

    log = out.with_suffix(".jsonl")
    out.parent.mkdir()
    list(
        train(
            small_run(text_file, out, log=log, average=0.5, **ENDED[limit]), Around(clock=clock())
        )
    )
    before = {path: path.read_bytes() for path in out.parent.iterdir()}
    for given in ({}, {"log": log}):
        last = list(resume(out, dict(given), Around(clock=clock())))[-1]
        assert isinstance(last, RunFinished)
        assert last.already
        assert last.used_up == (limit,)
    assert {path: path.read_bytes() for path in out.parent.iterdir()} == before


@pytest.mark.parametrize("limit", ENDED)
def test_a_run_that_was_stopped_in_its_test_is_tested_and_trains_no_more(
    limit: str, text_file: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        return None

    def clock() -> Callable[[], float]:
        return count(0.0, 0.01).__next__

    config = small_run(text_file, out, **ENDED[limit])
    with monkeypatch.context() as patch:
        patch.setattr("rnnlm_cli.training.together.evaluate_watched", interrupt)
        assert isinstance(list(train(config, Around(clock=clock())))[-1], RunStopped)
    weights = arrays_of(out)
    events = list(resume(out, {}, Around(clock=clock())))
    assert [type(event) for event in events] == [RunStarted, RunFinished]
    assert record_of(out).test_perplexity
    assert arrays_of(out) == weights


def test_more_patience_opens_a_run_that_lost_it(text_file: Path, out: Path) -> None:
    list(train(small_run(text_file, out, **ENDED["patience"])))
    for given in ({"epochs": 50}, {"patience": 1}):  # not what ended it; no more of it
        events = list(resume(out, dict(given)))
        assert [type(event) for event in events] == [RunStarted, RunFinished]
    epochs = [e.epoch for e in resume(out, {"patience": 3}) if isinstance(e, EpochReport)]
    assert epochs == [3, 4]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"hidden_size": 9}, "hidden-size was 8, now 9"),
        ({"lr": 1.0, "seed": 5}, "lr was 20.0, now 1.0; seed was 0, now 5"),
        ({"epochs": 1}, "epochs was 2, now 1"),
        ({"budget": 5.0}, "budget was not given, now 5.0"),
        ({"corpus": "ptb"}, "corpus was .*, now ptb"),
        ({"preset": "book"}, "preset was tiny, now book"),
        ({"min_count": 7}, "min-count was not given, now 7"),
    ],
)
def test_other_settings_are_refused_with_a_list(
    text_file: Path, out: Path, given: dict[str, Any], message: str
) -> None:
    list(train(small_run(text_file, out), Around(stop=stop_after(3))))
    with pytest.raises(ConfigError, match=message):
        next(resume(out, given))


def test_settings_that_are_the_same_are_no_difference(text_file: Path, out: Path) -> None:
    list(train(small_run(text_file, out), Around(stop=stop_after(3))))
    started = next(resume(out, {"hidden_size": 8, "save_every": 7.0}))
    assert isinstance(started, RunStarted)
    assert started.config.save_every == 7.0


@pytest.mark.parametrize("given", [{}, {"corpus": "simple.txt"}, {"corpus": "../m/simple.txt"}])
def test_a_run_goes_on_from_another_folder_by_any_path_to_its_text(
    given: dict[str, Any], text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, parts = tmp_path / "whole.pkl", tmp_path / "m" / "parts.pkl"
    list(train(small_run(text_file, whole)))
    parts.parent.mkdir()
    monkeypatch.chdir(tmp_path)
    relative = small_run(Path("./m/../simple.txt"), Path("m/parts.pkl"))
    list(train(relative, Around(stop=stop_after(30))))
    (parts.parent / "simple.txt").write_bytes(text_file.read_bytes())
    monkeypatch.chdir(parts.parent)
    list(resume(Path("parts.pkl"), dict(given)))
    assert (content(parts), content(state_path(parts))) == (
        content(whole),
        content(state_path(whole)),
    )


def test_a_model_tells_nobodys_folders(text_file: Path, out: Path, tmp_path: Path) -> None:
    list(train(small_run(text_file, out)))
    given = {"corpus": str(text_file), "out": tmp_path / "n.pkl", "epochs": 1, "batch_size": 2}
    list(begin(requested({"init_from": out, **given})))
    folder = str(tmp_path).encode()
    for model in (out, tmp_path / "n.pkl"):
        assert folder not in model.read_bytes()
        assert folder in state_path(model).read_bytes()


def test_a_text_that_moved_is_asked_for_and_found_beside_the_model(
    text_file: Path, out: Path
) -> None:
    list(train(small_run(text_file, out), Around(stop=stop_after(30))))
    moved = text_file.rename(out.parent / "renamed.txt")
    with pytest.raises(
        RnnlmError, match=r"which is not here.*at '/.*simple.txt': name it with --c"
    ):
        next(resume(out, {}))
    with pytest.raises(RnnlmError, match="no file or folder"):
        next(resume(out, {"corpus": str(text_file)}))
    assert isinstance(list(resume(out, {"corpus": str(moved)}))[-1], RunFinished)
    moved.rename(out.parent / "simple.txt")
    assert isinstance(list(resume(out, {}))[-1], RunFinished)


def test_a_text_that_was_converted_is_looked_for_where_it_was(
    text_file: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(train(small_run(text_file, out)))
    text_file.write_text(text_file.read_text(encoding="utf-8"), encoding="utf-16")
    (elsewhere := tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(elsewhere)
    *_, finished = resume(out, {"epochs": 3, "encoding": "utf-16"})
    assert isinstance(finished, RunFinished)


def test_another_text_is_refused(text_file: Path, out: Path) -> None:
    list(train(small_run(text_file, out), Around(stop=stop_after(3))))
    text_file.write_text(text_file.read_text() + "one more line\n")
    with pytest.raises(RnnlmError, match="is not the text that"):
        next(resume(out, {}))


def test_a_run_goes_on_in_the_memory_that_it_was_made_in(
    text_file: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = {"wordvec_size": 250, "hidden_size": 250, "optimizer": "adamw", "lr": 1e-3}
    events = list(train(small_run(text_file, out, steps=2, epochs=None, **sizes)))
    started = events[0]
    assert isinstance(started, RunStarted)
    P, corpus = started.model.flat_params.nbytes, started.corpus
    needed = sum(training_parts(len(corpus.vocabulary), corpus.tokens, started.config).values())
    monkeypatch.setattr(
        machine, "free_bytes", lambda: needed + P // 2 - tracemalloc.get_traced_memory()[0]
    )
    events.extend(resume(out, {"steps": 3}))  # loads what a resume needs
    most = peak_bytes(lambda: events.extend(resume(out, {"steps": 4})))
    assert isinstance(events[-1], RunFinished)
    assert most < needed


def test_nothing_to_resume_is_an_error(out: Path) -> None:
    with pytest.raises(CheckpointError, match=r"m\.last\.pkl' is not there"):
        next(resume(out, {}))


def test_an_earlier_runs_files_are_kept_as_previous(text_file: Path, out: Path) -> None:
    list(train(small_run(text_file, out)))
    before = out.read_bytes(), state_path(out).read_bytes()
    events = list(train(small_run(text_file, out, seed=1)))
    assert isinstance(events[0], RunStarted)
    assert len([n for n in events[0].notes if "previous" in n]) == 2
    kept = out.with_name("m.previous.pkl"), out.with_name("m.previous.last.pkl")
    assert tuple(path.read_bytes() for path in kept) == before


@pytest.mark.parametrize(("keep", "kept"), [("best", 2), ("last", 3)])
def test_the_best_epoch_is_kept_or_the_last(
    keep: str, kept: int, text_file: Path, out: Path, epochs_score: Scores
) -> None:
    epochs_score(3.0, 1.0, 2.0)
    events = train(small_run(text_file, out, epochs=3, keep=keep))
    started = next(events)
    assert isinstance(started, RunStarted)
    weights = [started.model.flat_params.copy() for e in events if isinstance(e, EpochReport)]
    assert len(weights) == 3
    model = load_checkpoint(out).build_model()
    np.testing.assert_array_equal(model.flat_params, weights[kept - 1])


def test_state_is_saved_every_so_often(text_file: Path, out: Path) -> None:
    config = small_run(text_file, out, save_every=10.0)
    run = train(config, Around(clock=count(0.0).__next__))
    for _ in range(8):
        next(run)
    assert counters_of(state_path(out)).step >= 2


def test_a_folder_that_cannot_be_written_is_told_before_training(
    text_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match="choose another --out"):
        next(train(small_run(text_file, tmp_path / "file" / "m.pkl")))


def test_a_run_that_diverges_keeps_the_last_finite_state(text_file: Path, out: Path) -> None:
    config = small_run(text_file, out, lr=1e39, epochs=5)
    with np.errstate(all="ignore"), pytest.raises(TrainingDiverged, match="smaller --lr"):
        list(train(config))
    for path in filter(Path.exists, (out, state_path(out))):
        assert all(np.isfinite(p).all() for p in load_checkpoint(path).params)


def test_the_book_preset_keeps_the_last_model_and_tests_as_the_book_does(
    tmp_path: Path, out: Path
) -> None:
    from tests.small_runs import simple_text

    (tmp_path / "long.txt").write_text(simple_text(2000))
    book = small_run(tmp_path / "long.txt", out, epochs=2, protocol="book", keep="last")
    finished = list(train(book))[-1]
    assert isinstance(finished, RunFinished)
    assert [t.protocol for t in finished.tests] == ["stream", "book"]
    last = load_checkpoint(state_path(out))
    for mine, theirs in zip(load_checkpoint(out).params, last.params, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_log_that_cannot_be_written_is_told_before_anything_moves(
    text_file: Path, out: Path
) -> None:
    list(train(small_run(text_file, out)))
    before = out.read_bytes()
    for log in (out.parent / "none" / "log", out.parent):
        with pytest.raises(ConfigError, match=r"cannot be written .*choose another --log"):
            list(train(small_run(text_file, out, log=log)))
    assert out.read_bytes() == before


def test_a_run_that_is_refused_leaves_no_folder_that_it_made(
    text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, out = tmp_path / "none" / "log", tmp_path / "made" / "for" / "it" / "m.pkl"
    (there := out.parent.parent.parent).mkdir()
    with pytest.raises(ConfigError, match="choose another --log"):
        list(train(small_run(text_file, out, log=log)))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1))
    with pytest.raises(CheckpointError, match="No space left"):
        list(train(small_run(text_file, out)))
    assert list(there.iterdir()) == []


def test_a_run_stopped_before_its_first_epoch_pushes_out_no_model(
    text_file: Path, out: Path
) -> None:
    list(train(small_run(text_file, out)))
    model = out.read_bytes()
    for seed in (1, 2, 3):
        list(train(small_run(text_file, out, seed=seed), Around(stop=stop_after(3))))
    assert (out.parent / "m.previous.pkl").read_bytes() == model
    assert record_of(state_path(out.parent / "m.unfinished.pkl")).train.seed == 2


def test_a_model_of_another_run_is_not_resumed_over(text_file: Path, out: Path) -> None:
    list(train(small_run(text_file, out)))
    finished = out.read_bytes()
    list(train(small_run(text_file, out, seed=1), Around(stop=stop_after(3))))
    out.write_bytes(finished)
    with pytest.raises(CheckpointError, match="state of another run"):
        list(resume(out, {}))


def test_a_folder_in_the_place_of_the_model_is_refused(text_file: Path, out: Path) -> None:
    out.mkdir(parents=True)
    with pytest.raises(CheckpointError, match="is a folder"):
        list(train(small_run(text_file, out)))


def test_a_longer_budget_opens_a_new_row(text_file: Path, out: Path) -> None:
    def clock() -> Callable[[], float]:
        return count(0.0, 0.01).__next__

    def rows(events: Any) -> list[tuple[int, int]]:
        return [(e.epoch, e.step) for e in events if isinstance(e, EpochReport)]

    config = small_run(text_file, out, epochs=None, budget=2.0)
    first = rows(train(config, Around(clock=clock())))
    more = rows(resume(out, {"budget": 4.0}, Around(clock=clock())))
    assert [epoch for epoch, _ in first + more] == list(range(1, 1 + len(first + more)))
    assert more[0][1] > first[-1][1]


def test_the_rate_of_an_epoch_is_that_of_its_last_step(text_file: Path, out: Path) -> None:
    events = list(train(small_run(text_file, out)))
    for step, epoch in itertools.pairwise(events):
        if isinstance(step, StepReport) and isinstance(epoch, EpochReport):
            assert epoch.lr == step.lr > 0


def test_a_path_that_is_not_utf8_is_kept(tmp_path: Path, text_file: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/x\xff.txt")
    Path(path).write_bytes(text_file.read_bytes())
    out = tmp_path / "m.pkl"
    list(train(small_run(Path(path), out)))
    text = load_checkpoint(out).text
    assert text is not None
    assert text.corpus == Path(path).name
    assert read_header(state_path(out)).corpus_paths == (path,)


def test_a_split_softmax_trains_resumes_and_scores_by_frequent_words(
    text_file: Path, tmp_path: Path
) -> None:
    settings = {"head_size": 5, "tied": True, "dropout": 0.2}
    whole, parts = tmp_path / "whole.pkl", tmp_path / "parts.pkl"
    finished = list(train(small_run(text_file, whole, **settings)))[-1]
    assert isinstance(finished, RunFinished)
    list(train(small_run(text_file, parts, **settings), Around(stop=stop_after(30))))
    list(resume(parts, {}))
    assert content(parts) == content(whole)
    loaded = load_checkpoint(whole)
    assert loaded.text is not None
    corpus = load_corpus(str(text_file), loaded.text.config).by_frequency()
    assert loaded.text.words == corpus.vocabulary.words
    model = loaded.build_model()
    again = evaluate(model, corpus.text("test"))
    assert again.perplexity == finished.tests[0].perplexity
    xs = corpus.ids("test")[None, :20]
    with model.fresh_state():
        log_ps = log_softmax(scores_of(model, xs[:, :-1]))[0]
    with model.fresh_state():
        nats = model.nats(xs[:, :-1], xs[:, 1:])[0]
    np.testing.assert_allclose(-log_ps[np.arange(19), xs[0, 1:]], nats, rtol=1e-4)
