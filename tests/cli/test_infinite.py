"""Models whose weights are so large that a text has an infinite perplexity, as a user meets them.

Warnings are errors in the suite, in all threads: none may reach the user.
"""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint, save_checkpoint
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.model import ModelConfig
from tests.cli.test_commands import ok, run

STACKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "tied": {"tied": True, "projection": True},  # states too can overflow, and scores to nan
    "split": {"head_size": 4},
    "clusters": {"cluster_edges": (2, 5)},
    "deep": {"layers": 2, "skip": True},
}
TRICKS = ["temper", "cache", "ngram", "dynamic"]


def huge(trained: Path, folder: Path, stack: str, scale: float) -> Path:
    """A model of the words of `trained` with weights around `scale`, within float32."""
    words = load_checkpoint(trained)
    config = ModelConfig(wordvec_size=6, hidden_size=8, **STACKS[stack])
    model = LanguageModel(words.vocab_size, config, rng=np.random.default_rng(0))
    params = [np.clip(array * np.float64(scale), -3e38, 3e38) for array in model.params]
    path = folder / "huge.pkl"
    shutil.copy(trained.with_name("simple.txt"), folder)
    save_checkpoint(
        path, replace(words, model=config, params=[p.astype(np.float32) for p in params])
    )
    return path


@pytest.fixture(params=[(stack, scale) for stack in STACKS for scale in (1e12, 1e38)], ids=str)
def model(request: pytest.FixtureRequest, trained: Path, tmp_path: Path) -> Path:
    return huge(trained, tmp_path, *request.param)


def test_every_protocol_and_trick_gives_its_figures_without_a_warning(model: Path) -> None:
    for protocol in ("parallel", "book"):
        scored = ok("eval", model, "--json", "--protocol", protocol, "--split", "train")
        assert json.loads(scored)["perplexity"] is None
    result = run("eval", model, "--json", "--all-tricks")
    assert (result.exit_code, result.stderr) == (0, "")
    report = json.loads(result.stdout)
    assert report["perplexity"] is None
    assert [row["tricks"] for row in report["adapted"]] == [*([trick] for trick in TRICKS), TRICKS]
    for row in report["adapted"]:
        assert row["nats_per_token"] is None or row["nats_per_token"] > 0
        assert "ngram" not in row["tricks"] or row["perplexity"] < 20  # they need no model
    assert report["adapted"][1]["settings"].keys() >= {"cache_window", "cache_theta", "mixture"}


def test_the_other_commands_are_right_or_tell_it_in_a_sentence(model: Path, trained: Path) -> None:
    neighbours = json.loads(ok("inspect", model, "--nearest", "cat", "--json"))["nearest"]["cat"]
    assert max(abs(cosine) for _, cosine in neighbours) > 0.5
    ok("inspect", model)
    corpus = trained.parent / "simple.txt"
    commands = [
        ("generate", model, "--length", 5, "--samples", 2, "--start", "the"),
        ("train", "--init-from", model, "--corpus", corpus, "--steps", 2, "--average", 1,
         "--out", model.with_name("n.pkl")),
    ]  # fmt: skip
    for command in commands:
        result = run(*command)
        assert result.exit_code in (0, 1)
        assert result.exit_code == 0 or result.stderr.splitlines()[-1].startswith("error: ")


def test_a_table_shows_what_is_infinite_and_what_is_not_known(
    trained: Path, tmp_path: Path
) -> None:
    shown = ok("eval", huge(trained, tmp_path, "tied", 1e38), "--dynamic")
    cells = {line.split("  ")[0].strip(): line.split()[-2:] for line in shown.splitlines()}
    assert cells["nats a token"] == cells["perplexity"] == ["inf", "inf"]
    assert cells["standard error"] == ["—", "—"]
