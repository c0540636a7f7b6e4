import json
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.runs import Event, RunStarted, Sample, resume, sampling
from rnnlm_cli.runs.around import Around
from rnnlm_cli.tasks.drawing import draw_pieces
from rnnlm_cli.training.reports import EpochReport
from tests.small_runs import small_run, train


def samples(events: list[Event]) -> list[Sample]:
    return [event for event in events if isinstance(event, Sample)]


def lines(log: Path) -> list[dict[str, object]]:
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    return [
        {k: v for k, v in row.items() if k in ("event", "step", "epoch", "text")} for row in rows
    ]


def test_a_run_is_the_same_with_samples_and_without(text_file: Path, tmp_path: Path) -> None:
    with_them, without = tmp_path / "with.pkl", tmp_path / "without.pkl"
    logs = [path.with_suffix(".jsonl") for path in (with_them, without)]
    found = list(train(small_run(text_file, with_them, log=logs[0], sample_every=1, epochs=3)))
    assert not samples(list(train(small_run(text_file, without, log=logs[1], epochs=3))))
    assert [sample.epoch for sample in samples(found)] == [1, 2, 3]
    for a, b in zip(*(load_checkpoint(path).params for path in (with_them, without)), strict=True):
        assert np.array_equal(a, b)
    told = [lines(log) for log in logs]
    assert [row for row in told[0] if row["event"] != "sample"] == told[1]
    texts = [row["text"] for row in told[0] if row["event"] == "sample"]
    assert texts == [sample.text for sample in samples(found)]


def test_a_sample_follows_its_epoch_and_is_of_words_of_the_text(
    text_file: Path, tmp_path: Path
) -> None:
    events = list(train(small_run(text_file, tmp_path / "m.pkl", epochs=2), Around(sample_every=1)))
    for epoch, sample in pairwise(events):
        if isinstance(sample, Sample):
            assert isinstance(epoch, EpochReport)
            assert (sample.step, sample.epoch) == (epoch.step, epoch.epoch)
    first, second = samples(events)
    assert first.text != second.text
    assert set(second.text.split()) <= set(text_file.read_text().split())
    assert len(second.text.split()) > 5


@pytest.mark.parametrize(("asked", "epochs"), [(2, [2, 4]), (0, []), (None, [3])])
def test_the_setting_says_how_often_before_the_caller_does(
    asked: int | None, epochs: list[int], text_file: Path, tmp_path: Path
) -> None:
    run = small_run(text_file, tmp_path / "m.pkl", epochs=4, sample_every=asked)
    assert [sample.epoch for sample in samples(list(train(run, Around(sample_every=3))))] == epochs


def test_a_resumed_run_writes_the_same_samples(text_file: Path, tmp_path: Path) -> None:
    whole = small_run(text_file, tmp_path / "whole.pkl", epochs=4, sample_every=1)
    expected = samples(list(train(whole)))
    log = tmp_path / "log.jsonl"
    stopped = small_run(text_file, tmp_path / "s.pkl", epochs=4, sample_every=1, log=log)
    asked = iter([False] * 40 + [True] * 10**6)
    list(train(stopped, Around(stop=lambda: next(asked))))
    list(resume(tmp_path / "s.pkl", {"sample_every": 1, "log": log}))
    assert [row["text"] for row in lines(log) if "text" in row] == [each.text for each in expected]


def test_a_model_that_can_write_nothing_still_learns(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("<unk> <unk>\n" * 100)
    run = small_run(tmp_path / "x.txt", tmp_path / "m.pkl", unit="whitespace", epochs=1)
    events = list(train(run, Around(sample_every=1)))
    assert isinstance(next(islice(events, 1)), RunStarted)
    assert all(set(sample.text) <= {"\n"} for sample in samples(events))


def test_a_sample_is_of_the_weights_that_are_kept(
    text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn_of: list[list[Floats]] = []

    def draw(model: LanguageModel, *arguments: Any) -> Any:
        drawn_of.append([array.copy() for array in model.params])
        return draw_pieces(model, *arguments)

    monkeypatch.setattr(sampling, "draw_pieces", draw)
    run = small_run(text_file, tmp_path / "m.pkl", epochs=1, average=1.0, sample_every=1)
    assert samples(list(train(run)))
    kept = load_checkpoint(tmp_path / "m.pkl").params
    assert all(map(np.array_equal, drawn_of[0], kept))
