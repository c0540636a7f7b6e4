"""What README and the pages of docs/ show works as they show it.

    scripts/docs [PAGE...]    runs every block of the pages and compares

A page is run in a folder of its own, block by block, as a reader would go through it.
"""

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from filelock import FileLock

from rnnlm_cli import book
from rnnlm_cli.cli.app import app
from tests.cells import Session, has_r, missing, run_r
from tests.consoles import Command, arguments, difference, lines_differ, run
from tests.pages import Block, blocks_of

DOCS = Path(__file__).parent.parent / "docs"
PAGES = [DOCS.parent / "README.md", *sorted(DOCS.glob("*.md"))]
BLOCKS = [each for page in PAGES for each in blocks_of(page.name, page.read_text("utf-8"))]
KINDS = {"console", "python", "r"}  # of what is run
TRIED = sorted({each.page for each in BLOCKS if each.how != "not run" and each.kind in KINDS})
GROUP: Any = typer.main.get_command(app)

# What the reader of a page has already: files, and commands that were run.
MODEL = "rnnlm train --seed 1"
NOVEL = 'cp "$RNNLM_DATA"/grimm/2591.txt novel.txt'
GIVEN: dict[str, list[str]] = {
    "exchange.md": [MODEL],
    "generating.md": [MODEL],
    "pairs.md": [
        'ln -s "$RNNLM_BOOK_CHECKPOINT" book.pkl',
        'cp -r "$RNNLM_DATA"/blimp all; rm all/models_summary.jsonl',
        "python -m benchmarks.as_ptb --out blimp all/*.jsonl",
        'python -m benchmarks.as_ptb --out suites "$RNNLM_DATA"/syntaxgym/json/*.json',
    ],
    "formats.md": [MODEL],
    "tutorial.md": [NOVEL],
    "pictures.md": [MODEL],
}
NEEDED = {
    "pairs.md": ["RNNLM_BOOK_CHECKPOINT", "RNNLM_CORPORA", "RNNLM_DATA"],
    "surprisal.md": ["RNNLM_DATA"],
    "tutorial.md": ["RNNLM_DATA"],
    "sweeps.md": ["RNNLM_CORPORA"],
}
MADE_BY = {"model.safetensors": "torch"}  # a file that a script of the page makes: with what


@pytest.mark.parametrize("block", [each for each in BLOCKS if each.commands], ids=str)
def test_the_command_lines_of_a_block_can_be_read(block: Block) -> None:
    for command in block.commands:
        if command.line.startswith("rnnlm "):
            verb, *rest = arguments(command.line)
            if verb.startswith("-") or verb == "VERB":
                continue
            with GROUP.make_context("rnnlm", [], resilient_parsing=True) as context:
                GROUP.commands[verb].make_context(verb, rest, parent=context)


@pytest.mark.parametrize("block", [each for each in BLOCKS if each.kind == "python"], ids=str)
def test_the_scripts_of_a_page_can_be_read(block: Block) -> None:
    compile(block.text, str(block), "exec")


@pytest.mark.slow
@pytest.mark.untraced
@pytest.mark.parametrize("page", TRIED)
def test_the_blocks_of_a_page_print_what_it_shows(page: str, reader: Path) -> None:
    blocks = [each for each in BLOCKS if each.page == page and each.how != "not run"]
    session, left_out = Session(reader), list[str]()
    try:
        for block in blocks:
            if lacks := lacking(block, reader):
                left_out.append(f"{block} needs {', '.join(lacks)}")
            else:
                told = differences(block, reader, session)
                assert not told, f"{block}: {told}"
    finally:
        session.close()
    if left_out:
        pytest.skip(f"all but these blocks were run: {'; '.join(left_out)}")


def lacking(block: Block, folder: Path) -> list[str]:
    """What a block needs that is not installed."""
    if block.kind == "python":
        return missing(block.imports, folder)
    if block.kind == "console":
        made = [name for name in MADE_BY if any(name in each.line for each in block.commands)]
        return missing({MADE_BY[name] for name in made}, folder)
    return ["R"] if block.kind == "r" and not has_r() else []


def differences(block: Block, folder: Path, session: Session) -> str:
    """Runs a block; where what it prints is not what the page shows."""
    by_shape = block.how == "by shape"
    if block.kind == "console":
        for command in block.commands:
            if told := difference(command, run(command, folder), by_shape=by_shape):
                return f"$ {command.line}\n{told}"
        return ""
    if block.kind not in ("python", "r"):
        return ""
    printed = session.run(block.text) if block.kind == "python" else run_r(block.text, folder)
    if block.shown is None:
        return ""
    return lines_differ(block.shown, printed.split("\n"), by_shape=by_shape)


@pytest.fixture
def reader(
    page: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: Any
) -> Path:
    """The folder of a reader of the page, who has what it takes for given."""
    if lacks := [name for name in NEEDED.get(page, []) if not os.environ.get(name)]:
        pytest.skip(f"{', '.join(lacks)} is not set")
    programs = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    if shutil.which("rnnlm") is None:
        pytest.skip("rnnlm is not installed beside this Python")
    for line in GIVEN.get(page, []):
        if line == MODEL:
            shutil.copytree(_model(tmp_path_factory), tmp_path, dirs_exist_ok=True)
        else:
            run(Command(line), tmp_path)
    return tmp_path


def _model(factory: pytest.TempPathFactory) -> Path:
    """The folder in which MODEL was run, once for all pages and all workers."""
    base = factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "model"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            folder.mkdir()
            run(Command(MODEL), folder)
    return folder


def test_the_books_example_learns_its_sentence(tmp_path: Path) -> None:
    (example,) = (each for each in BLOCKS if each.page == "book.md" and each.kind == "python")
    session = Session(tmp_path)
    *_, figure, text = session.run(example.text).splitlines()
    session.close()
    assert float(figure) < 1.3
    assert text.startswith("you say")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
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
