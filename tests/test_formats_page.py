"""docs/formats.md names every field of what is written, and none that is not.

A table there stands under a heading; the first cell of a row has names in backticks. `*` stands for
a key that is data (a split, a protocol, a word), lists are named by what is in them.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.checkpoint import header
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.contents import LineTimings, LogLine, RunRecord
from rnnlm_cli.cli.showing.sweeps import sweep_document
from rnnlm_cli.corpus.encoded_text import TextSizes
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.corpus.vocabulary import Lost
from rnnlm_cli.runs.sweeps.axes import OneOf
from rnnlm_cli.scoring.figures import Figures
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.settings.train import TrainConfig
from rnnlm_cli.training.reports import EpochReport
from rnnlm_cli.training.state import Timings
from tests.checkpoint.exchange.test_torch_layout import WORDS, state_dict
from tests.cli.showing.test_sweeps import SEEDS, plan
from tests.cli.test_commands import SMALL, ok
from tests.tasks.contrasts.test_suites import suite

PAGE = (Path(__file__).parent.parent / "docs" / "formats.md").read_text(encoding="utf-8")
RECORDS: dict[str, Any] = {
    "The header": header.Header,
    "`model`": header._Sizes,
    "`text`": TextRecord,
    "`text.config`": CorpusConfig,
    "`text.splits`": TextSizes,
    "`text.cut`": Lost,
    "`run`": RunRecord,
    "`run.train`": TrainConfig,
    "`run.tests`": Figures,
    "`history` and `timings.epochs`": EpochReport,
    "`timings`": header._Times,
    "`timings.run`": Timings,
    "`timings.line`": LineTimings,
    "`numbers`": header._Numbers,
    "`line`": LogLine,
}
# Of the documents: what has keys that are data, and what another table or page describes.
DATA = {"bits", "nearest", "seeds", "splits", "test_perplexity"}
ELSEWHERE = {
    "dependencies", "environment", "history", "model", "run", "tests", "text.config", "timings",
    "adapted.settings", "trials.settings",
}  # fmt: skip
FIGURES = set(
    Figures(
        tokens=1,
        unknown=0,
        characters=1,
        eos=True,
        lower=False,
        nats_per_token=1.0,
        standard_error=1.0,
        perplexity_known=1.0,
        perplexity_without_eos=1.0,
    ).named()
)
DOCUMENTS: dict[str, str] = {
    "`rnnlm train`": f"train --corpus t.txt {' '.join(SMALL)} --out n.pkl --json",
    "`rnnlm train --list-corpora`": "train --list-corpora --json",
    "`rnnlm eval`": "eval m.pkl m.pkl --split valid --temperature 1.1 --json",
    "`rnnlm generate`": "generate m.pkl --scores --novelty --copied-from 2 --json",
    "`rnnlm inspect`": "inspect m.pkl --nearest cat --json",
    "`rnnlm inspect --text`": "inspect m.pkl --text cat --json",
    "`rnnlm inspect --units`": "inspect m.pkl --units --json",
    "`rnnlm score --pairs`": "score m.pkl --pairs p.tsv --json",
    "`rnnlm score --suite`": "score m.pkl --suite s.json --json",
    "Rows of `rnnlm score`": "score m.pkl --text cat --guesses 1 --format jsonl --no-eos",
    "Rows of `rnnlm score --by word`": "score m.pkl --text cat --by word --format jsonl --no-eos",
    "Rows of `rnnlm score --by line`": "score m.pkl --text cat --by line --format jsonl",
    "`rnnlm export`": "export m.pkl m.vec --json",
    "`rnnlm import`": "import torch.safetensors i.pkl --vocab words.txt --json",
    "`rnnlm --version`": "--version --json",
}


def named(heading: str) -> set[str]:
    """What the first cells of the table below a heading name."""
    section = rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)"
    found = re.search(section, PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"the page has no {heading}"
    rows = re.findall(r"^\| (`[^|]*) \|", found[1], re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def paths(value: Any, at: str = "") -> Iterator[str]:
    """The names of what a document holds."""
    if isinstance(value, list):
        for item in value:
            yield from paths(item, at)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield (path := f"{at}{key}")
            if path not in ELSEWHERE:
                yield from paths(_with_stars(key, item), f"{path}.")


def _with_stars(key: str, item: Any) -> Any:
    """Keys that are data are `*`: one for all, as they have the same below them."""
    if key not in DATA or not isinstance(item, dict):
        return item
    values = [{"*": next(iter(it.values()))} if key == "bits" else it for it in item.values()]
    return {"*": values[0]}


@pytest.fixture
def folder(trained: Path, text_file: Path, tmp_path: Path, monkeypatch: Any) -> Path:
    """What the commands of DOCUMENTS read."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(trained, "m.pkl")
    shutil.copy(text_file, "t.txt")
    shutil.copy(trained.with_name("simple.txt"), tmp_path)
    Path("p.tsv").write_text("good\tbad\nthe old cat\tthe old dog\nthe cat\tthe cat\n")
    judged = suite({"a": ["the", "cat"], "b": ["the", "dog"]}, "(2;%a%) < (2;%b%)")
    Path("s.json").write_text(json.dumps(judged))
    Path("words.txt").write_text("\n".join(WORDS))
    return tmp_path


@pytest.mark.parametrize("heading", RECORDS)
def test_the_page_has_every_field_of_the_header(heading: str) -> None:
    assert named(heading) == {each.name for each in fields(RECORDS[heading])}


def test_the_page_has_what_computes(trained: Path) -> None:
    assert named("`libraries`") == set(load_checkpoint(trained).libraries)


def test_the_page_has_every_figure() -> None:
    assert named("Figures of a text") == FIGURES


@pytest.mark.parametrize("heading", DOCUMENTS)
def test_the_page_has_every_field_of_a_document(heading: str, folder: Path) -> None:
    if "import" in heading:
        files = pytest.importorskip("safetensors.numpy")
        files.save_file(state_dict(), folder / "torch.safetensors")
    found = set(paths(json.loads(ok(*DOCUMENTS[heading].split()))))
    if "eval" in heading:
        found -= FIGURES | {f"adapted.{name}" for name in FIGURES}
    assert named(heading) == found


def test_the_page_has_every_field_of_a_sweep() -> None:
    found = sweep_document(plan(seed=OneOf((0, 1, 2))), SEEDS)
    assert named("`rnnlm train --sweep`") == set(paths(found))
