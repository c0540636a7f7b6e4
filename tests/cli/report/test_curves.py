import json
from pathlib import Path

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.cli.report.curves import curves_of


def test_without_a_log_there_is_a_point_an_epoch(trained: Path) -> None:
    checkpoint = load_checkpoint(trained)
    found = curves_of(checkpoint, trained)
    last = checkpoint.history[-1]
    assert len(found.lines["train"]) == len(checkpoint.history) == 12
    assert found.lines["valid"][-1] == (last.step, last.valid_perplexity)
    assert found.steps_per_epoch == checkpoint.history[0].step


def test_the_log_of_the_run_tells_more(trained: Path, tmp_path: Path) -> None:
    checkpoint = load_checkpoint(trained)
    assert checkpoint.run is not None
    rows: list[dict[str, object]] = [
        {"event": event, "run": run, "step": step, "train_perplexity": value}
        for event, run, step, value in [
            ("steps", checkpoint.run.id, 20, 9.5),
            ("steps", "another", 40, 8.5),
            ("epoch", checkpoint.run.id, 50, 7.5),
            ("steps", checkpoint.run.id, 60, None),
            ("steps", checkpoint.run.id, 80, 6.5),
        ]
    ]
    shape = {"event": "validation", "run": checkpoint.run.id, "valid_perplexity": 5.5}
    last = checkpoint.history[-1].step
    rows += [
        shape | {"step": step, "is_whole": whole}
        for step, whole in [(30, True), (31, False), (last, True)]
    ]
    lines = [*map(json.dumps, rows), "[1]", "{", "[" * 10_000]
    (tmp_path / "m.jsonl").write_text("\n".join(lines), encoding="utf-8")
    found = curves_of(checkpoint, tmp_path / "m.pkl").lines
    assert found["train"] == [(20, 9.5), (80, 6.5)]
    ends = [(row.step, row.valid_perplexity) for row in checkpoint.history]
    assert found["valid"] == sorted([(30, 5.5), *ends])
