"""What the pages of docs/ show works as they show it.

A block is run in a folder of its own: every ```python block, but for those marked ```python slow.
A kind of block is a row of `RUNNERS`.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from rnnlm_cli import book
from rnnlm_cli.settings.table import TableConfig
from rnnlm_cli.tasks.tables.with_scores import write_table
from rnnlm_cli.trained import train

DOCS = Path(__file__).parent.parent / "docs"
_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    page: str
    line: int
    kind: str
    marks: list[str]
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks_of(page: str, text: str) -> list[Block]:
    return [
        Block(page, text.count("\n", 0, found.start()) + 1, found[1], found[2].split(), found[3])
        for found in _BLOCK.finditer(text)
    ]


def run_python(block: Block, folder: Path) -> str:
    """What a block of Python prints; it must end well, and no warning is let through."""
    command = [sys.executable, "-W", "error", "-c", block.text]
    environment = os.environ | {"PYTHONPATH": str(DOCS.parent)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{block}: {done.stderr}"
    return done.stdout


def run_r(block: Block, folder: Path) -> str:
    """What a block of R prints; a warning is an error."""
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    command = ["Rscript", "-e", "options(warn = 2)", "-e", block.text]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, f"{block}: {done.stderr}"
    return done.stdout


RUNNERS: dict[str, Callable[[Block, Path], str]] = {"python": run_python, "r": run_r}
BLOCKS = [b for page in sorted(DOCS.glob("*.md")) for b in blocks_of(page.name, page.read_text())]


@pytest.mark.parametrize(
    "block", [b for b in BLOCKS if b.kind in RUNNERS and "slow" not in b.marks], ids=str
)
def test_a_block_runs(block: Block, tmp_path: Path) -> None:
    RUNNERS[block.kind](block, tmp_path)


def test_the_books_example_learns_its_sentence(tmp_path: Path) -> None:
    (example,) = (block for block in BLOCKS if block.page == "book.md")
    *_, figure, text = run_python(example, tmp_path).splitlines()
    assert float(figure) < 1.3
    assert text.startswith("you say")


@pytest.mark.slow
@pytest.mark.untraced
@pytest.mark.parametrize("kind", ["python", "r"])
def test_the_study_of_reading_times_runs(kind: str, tmp_path: Path) -> None:
    data = Path(os.environ.get("RNNLM_DATA", ""))
    stories = data / "naturalstories" / "processed_wordinfo.tsv"
    if not stories.exists():
        pytest.skip("RNNLM_DATA has no Natural Stories")
    if kind == "python":
        for library in "pandas", "statsmodels", "matplotlib":
            pytest.importorskip(library)
    lm = train(data / "grimm" / "2591.txt", preset="tiny", steps=20, batch_size=20, seed=1)
    lm.save(tmp_path / "grimm.pkl")
    config = TableConfig(group_by=("item",), order_by="zone")
    write_table(lm._lm.scorer, stories, tmp_path / "scored.tsv", config)
    (block,) = (each for each in BLOCKS if each.page == "surprisal.md" and each.kind == kind)
    assert "4,825 words" in RUNNERS[kind](block, tmp_path).replace("4825", "4,825")


def test_blocks_are_found_with_their_kind_and_marks() -> None:
    text = "# A page\n\n```python slow\nx = 1\n```\n\n```\nplain\n```\n\n```console\n$ rnnlm\n```\n"
    assert blocks_of("a.md", text) == [
        Block("a.md", 3, "python", ["slow"], "x = 1\n"),
        Block("a.md", 11, "console", [], "$ rnnlm\n"),
    ]


@pytest.mark.parametrize("text", ["1 / 0", "import warnings; warnings.warn('old')"])
def test_a_block_that_fails_is_noticed(text: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"a\.md:3: Traceback"):
        run_python(Block("a.md", 3, "python", [], text), tmp_path)


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_the_files_that_a_page_links_to_are_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_tables_of_the_book_name_what_there_is() -> None:
    page = (DOCS / "book.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| *[\d.]* \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", page, re.MULTILINE)
    assert len(rows) > 20
    named = {name.split(".")[0] for row in rows for name in re.findall(r"`([\w.]+)`", row[0])}
    assert named >= set(book.__all__) - {"load_data"}
    for _, place in rows:
        for path in re.findall(r"`(\w+/[\w/]+\.py)`", place):
            assert (DOCS.parent / "rnnlm_cli" / path).exists(), path
