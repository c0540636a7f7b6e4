"""Event files, read back record by record with the checksums of their frame."""

import json
import math
import resource
import struct
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorboardX.proto.event_pb2 import Event, SessionLog
from tensorboardX.record_writer import masked_crc32c

from rnnlm_cli.runs import SaveFailed, ValidationReport, resume, state_path
from rnnlm_cli.runs.around import Around
from rnnlm_cli.training.reports import StepReport
from tests.small_runs import small_run, train

Curves = dict[str, dict[int, float]]


def events(path: Path) -> Iterator[Any]:
    """The events of a file, which must be whole."""
    data = path.read_bytes()
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        body, (head, foot) = data[12 : 12 + length], (data[8:12], data[12 + length : 16 + length])
        assert struct.unpack("<I", head)[0] == masked_crc32c(data[:8])
        assert struct.unpack("<I", foot)[0] == masked_crc32c(body)
        yield Event.FromString(body)
        data = data[16 + length :]


def read(folder: Path) -> tuple[Curves, dict[str, dict[int, str]]]:
    """Scalars and texts by tag and step, as TensorBoard holds them: files by name, then events.

    A session that starts takes back what an earlier one told of its step and those after it.
    """
    curves, texts = dict[str, dict[int, float]](), dict[str, dict[int, str]]()
    for path in sorted(folder.glob("*tfevents*")):
        for event in events(path):
            if event.session_log.status == SessionLog.START:
                taken_back: list[dict[int, Any]] = [*curves.values(), *texts.values()]
                for points in taken_back:
                    for step in [step for step in points if step >= event.step]:
                        del points[step]
            for value in event.summary.value:
                if value.HasField("simple_value"):
                    told = curves.setdefault(value.tag, {})
                    assert event.step not in told, f"{value.tag} has step {event.step} twice"
                    told[event.step] = value.simple_value
                elif value.HasField("tensor"):
                    (text,) = value.tensor.string_val
                    texts.setdefault(value.tag, {})[event.step] = text.decode()
    return curves, texts


def logged(log: Path, event: str, field: str) -> dict[int, float]:
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    return {row["step"]: float(np.float32(row[field])) for row in rows if row["event"] == event}


def test_curves_are_those_of_the_log(text_file: Path, tmp_path: Path) -> None:
    log, folder = tmp_path / "log.jsonl", tmp_path / "new" / "tb"
    run = small_run(
        text_file, tmp_path / "m.pkl", log=log, tensorboard=folder, validate_every="25",
        sample_every=1,
    )  # fmt: skip
    list(train(run))
    curves, texts = read(folder)
    assert curves["perplexity/train"] == logged(log, "steps", "train_perplexity")
    assert curves["training/learning_rate"] == logged(log, "steps", "lr")
    assert curves["training/gradient_norm"] == logged(log, "steps", "gradient_norm")
    assert curves["training/words_per_second"] == logged(log, "steps", "words_per_second")
    within, ends = (logged(log, name, "valid_perplexity") for name in ("validation", "epoch"))
    assert curves["perplexity/valid"] == within | ends
    for name in ("train", "valid"):
        for step, perplexity in curves[f"perplexity/{name}"].items():
            assert curves[f"loss/{name}"][step] == pytest.approx(math.log(perplexity), rel=1e-5)
    last = json.loads(log.read_text().splitlines()[-1])
    assert curves["perplexity/test_stream"] == {
        106: pytest.approx(last["test_perplexity"]["stream"], rel=1e-6)
    }
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    samples = {row["step"]: row["text"] for row in rows if row["event"] == "sample"}
    assert texts["sample/text_summary"] == {
        step: "\n".join(f"    {line}" for line in text.split("\n"))
        for step, text in samples.items()
    }
    assert "| hidden_size | 8 |" in texts["settings/text_summary"][0]


def test_a_budget_that_ends_in_a_validation_has_one_point_there(
    text_file: Path, tmp_path: Path
) -> None:
    budget: dict[str, Any] = {"epochs": None, "budget": 120.0, "validate_every": "5"}
    run = small_run(text_file, tmp_path / "m.pkl", tensorboard=tmp_path / "tb", **budget)
    now, steps = [0.0], list[int]()
    for event in train(run, Around(clock=lambda: now[0])):
        now[0] += 1.0 if isinstance(event, StepReport) else 0.0
        if isinstance(event, ValidationReport):
            steps.append(event.so_far.step)
            now[0] += 1000.0  # it takes longer than what is left
    curves, _ = read(tmp_path / "tb")  # which looks for a step that is there twice
    assert list(curves["perplexity/valid"]) == steps == [5]


def test_settings_are_there_to_compare_runs_by(text_file: Path, tmp_path: Path) -> None:
    from tensorboardX.proto.plugin_hparams_pb2 import HParamsPluginData

    given: dict[str, Any] = {"lr": 3.5, "cluster_edges": (2, 4)}
    list(train(small_run(text_file, tmp_path / "m.pkl", tensorboard=tmp_path / "tb", **given)))
    (path,) = (tmp_path / "tb").iterdir()
    found = {v.tag: v.metadata for event in events(path) for v in event.summary.value}
    content = found["_hparams_/session_start_info"].plugin_data.content
    hparams = HParamsPluginData.FromString(content).session_start_info.hparams
    assert (hparams["lr"].number_value, hparams["optimizer"].string_value) == (3.5, "sgd")
    assert hparams["cluster_edges"].string_value == "2,4"
    assert "_hparams_/session_end_info" in found


def test_the_beginning_of_a_long_split_has_a_curve_of_its_own(
    text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnnlm_cli.runs.validating.MOST_TOKENS", 40)
    list(
        train(
            small_run(
                text_file, tmp_path / "m.pkl", tensorboard=tmp_path / "tb", validate_every="25"
            )
        )
    )
    curves, _ = read(tmp_path / "tb")
    assert list(curves["perplexity/valid"]) == [53, 106]
    assert list(curves["perplexity/valid_beginning"]) == [25, 50, 75, 100]


def without_speed(curves: Curves) -> Curves:
    return {tag: told for tag, told in curves.items() if "per_second" not in tag}


@pytest.mark.parametrize("kind", ["stopped", "killed"])
@pytest.mark.parametrize("at", [27, 33, 53, 75, 104])
def test_a_run_that_goes_on_has_no_point_twice_and_none_too_many(
    at: int, kind: str, text_file: Path, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"validate_every": "11", "save_every": 90.0}
    run = small_run(text_file, tmp_path / "a.pkl", tensorboard=tmp_path / "calm", **settings)
    list(train(run))
    run = replace(run, out=tmp_path / "b.pkl", tensorboard=tmp_path / "disturbed")
    asked = count(1)
    begun = train(
        run, Around(clock=count(0.0).__next__, stop=lambda: kind == "stopped" and next(asked) >= at)
    )
    for number, _ in enumerate(begun):
        if kind == "killed" and number == at:
            break
    begun.close()
    assert state_path(run.out).exists()
    list(resume(run.out, {"tensorboard": run.tensorboard, "validate_every": "11"}))
    calm, disturbed = (read(tmp_path / name)[0] for name in ("calm", "disturbed"))
    assert without_speed(disturbed) == without_speed(calm)


def test_each_session_has_a_file_of_its_own_name(
    text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = count(1_780_000_000)
    monkeypatch.setattr("time.time", lambda: float(next(now)))
    run = small_run(text_file, tmp_path / "m.pkl", tensorboard=tmp_path / "tb")
    list(train(run))
    list(resume(run.out, {"tensorboard": run.tensorboard, "epochs": 3}))
    names = sorted(path.name for path in (tmp_path / "tb").iterdir())
    assert len(names) == 2
    assert all(name.startswith("events.out.tfevents.17800") for name in names)


def test_every_event_is_on_the_disk_at_once(text_file: Path, tmp_path: Path) -> None:
    run = small_run(text_file, tmp_path / "m.pkl", tensorboard=tmp_path / "tb")
    for event in train(run):
        if isinstance(event, StepReport) and event.step == 41:
            assert list(read(tmp_path / "tb")[0]["perplexity/train"]) == [20, 40]
            return
    raise AssertionError("no such step")


def test_a_disk_that_is_full_is_told_once_and_every_event_is_there_at_the_end(
    text_file: Path, tmp_path: Path
) -> None:
    folder, told = tmp_path / "tb", list[str]()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    run = small_run(text_file, tmp_path / "m.pkl", tensorboard=folder, validate_every="5")
    try:
        for event in train(run):
            if isinstance(event, StepReport) and event.step in (1, 50):
                (path,) = folder.iterdir()
                limit = path.stat().st_size + 20 if event.step == 1 else soft  # half an event fits
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
            told += [event.message] if isinstance(event, SaveFailed) else []
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert told == [f"'{path}': 1 records could not be written: File too large: make room"]
    curves, _ = read(folder)
    assert list(curves["perplexity/train"]) == [20, 40, 53, 73, 93, 106]
    assert list(curves["perplexity/valid"])[:4] == [5, 10, 15, 20]
