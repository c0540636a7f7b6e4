import json
from pathlib import Path

import pytest

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.runs import resume, train
from tests.conftest import small_run


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_epoch_and_the_end_are_a_line(text_file: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    list(train(small_run(text_file, tmp_path / "m.pkl", log=log)))
    rows = lines(log)
    assert [r["epoch"] for r in rows if r["event"] == "epoch"] == [1, 2]
    assert rows[-1]["event"] == "finished"
    assert {r["run"] for r in rows} == {rows[0]["run"]}
    steps = [r for r in rows if r["event"] == "steps"]
    keys = {"train_perplexity", "lr", "gradient_norm", "words_per_second", "seconds", "step"}
    assert keys <= steps[0].keys()
    assert steps[0]["step"] == 20


def test_a_resumed_run_adds_to_its_log(text_file: Path, tmp_path: Path) -> None:
    log, config = tmp_path / "log.jsonl", small_run(text_file, tmp_path / "m.pkl")
    list(train(config, stop=lambda: True))
    list(resume(config.out, {"log": log}))
    list(resume(config.out, {"log": log, "epochs": 3}))
    assert [r["epoch"] for r in lines(log) if r["event"] == "epoch"] == [1, 2, 3]


def test_a_log_that_cannot_be_written_is_told(text_file: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="choose another --log"):
        list(train(small_run(text_file, tmp_path / "m.pkl", log=tmp_path)))
