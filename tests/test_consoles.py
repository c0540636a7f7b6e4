"""The command lines of README and docs/ can be read, and print what the pages show."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from rnnlm_cli.cli.app import app
from tests.consoles import Command, Console, arguments, consoles_of, difference, run

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CONSOLES = [each for page in PAGES for each in consoles_of(page.name, page.read_text("utf-8"))]
GROUP: Any = typer.main.get_command(app)

# What the reader of a page has already: files, and commands that were run.
GIVEN: dict[str, list[str]] = {
    "generating.md": ["rnnlm train --seed 1"],
    "pairs.md": [
        'ln -s "$RNNLM_BOOK_CHECKPOINT" book.pkl',
        'cp -r "$RNNLM_DATA"/blimp all; rm all/models_summary.jsonl',
        "python -m benchmarks.as_ptb --out blimp all/*.jsonl",
        'python -m benchmarks.as_ptb --out suites "$RNNLM_DATA"/syntaxgym/json/*.json',
    ],
}
NEEDED = {
    "pairs.md": ["RNNLM_BOOK_CHECKPOINT", "RNNLM_CORPORA", "RNNLM_DATA"],
    "sweeps.md": ["RNNLM_CORPORA"],
}


@pytest.mark.parametrize("console", CONSOLES, ids=str)
def test_the_command_lines_of_a_block_can_be_read(console: Console) -> None:
    for command in console.commands:
        if command.line.startswith("rnnlm "):
            verb, *rest = arguments(command.line)
            with GROUP.make_context("rnnlm", [], resilient_parsing=True) as context:
                GROUP.commands[verb].make_context(verb, rest, parent=context)


@pytest.mark.slow
@pytest.mark.untraced
@pytest.mark.parametrize("page", sorted({each.page for each in CONSOLES if each.is_run}))
def test_the_blocks_of_a_page_print_what_it_shows(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if missing := [name for name in NEEDED.get(page, []) if not os.environ.get(name)]:
        pytest.skip(f"{', '.join(missing)} is not set")
    programs = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    if shutil.which("rnnlm") is None:
        pytest.skip("rnnlm is not installed beside this Python")
    for line in GIVEN.get(page, []):
        run(Command(line), tmp_path)
    for console in CONSOLES:
        if console.page == page and console.is_run:
            for command in console.commands:
                told = difference(command, run(command, tmp_path))
                assert not told, f"{console}: $ {command.line}\n{told}"


PAGE = """# A page

```
$ rnnlm eval m.pkl \\
    --file t.txt
perplexity   12.34
time         3m07s
...
the end
```

    $ cat a.txt
    words

<!-- not run: it takes an hour -->

    $ rnnlm train

Not a console:

```python
x = "$ rnnlm"
```
"""


def test_blocks_are_found_with_their_commands_and_what_they_show() -> None:
    first, second, third = consoles_of("a.md", PAGE)
    assert [each.line for each in (first, second, third)] == [3, 12, 17]
    (command,) = first.commands
    assert command.line == "rnnlm eval m.pkl \\\n    --file t.txt"
    assert arguments(command.line) == ["eval", "m.pkl", "--file", "t.txt"]
    assert command.shown == ["perplexity   12.34", "time         3m07s", "...", "the end"]
    assert second.commands == [Command("cat a.txt", ["words"])]
    assert (first.is_run, second.is_run, third.is_run) == (True, True, False)


@pytest.mark.parametrize(
    ("printed", "same"),
    [
        (["perplexity  12.35", "time  41s", "more", "more", "the end"], True),
        (["perplexity  12.50", "time  41s", "the end"], True),
        (["perplexity  13.00", "time  41s", "the end"], False),
        (["perplexity  12.34", "time  41s", "no end"], False),
        (["perplexities  12.34", "time  41s", "the end"], False),
        (["perplexity  12.34"], False),
        ([], False),
    ],
)
def test_figures_may_differ_a_little_and_words_may_not(printed: list[str], same: bool) -> None:
    (command,) = consoles_of("a.md", PAGE)[0].commands
    assert (difference(command, printed) == "") is same


@pytest.mark.parametrize(
    ("printed", "same"),
    [
        (["--- 1 ---", "other words", "--- 2 ---", "too"], True),
        (["--- 1 ---", "other words"], False),
        (["one text"], False),
        ([], False),
    ],
)
def test_drawn_texts_are_compared_by_their_shape(printed: list[str], same: bool) -> None:
    command = Command("rnnlm generate --samples 2", ["--- 1 ---", "a b", "--- 2 ---", "c"])
    assert (difference(command, printed) == "") is same


def test_a_file_that_is_shown_is_made(tmp_path: Path) -> None:
    run(Command("cat a.tsv", ["x\ty", ""]), tmp_path)
    assert (tmp_path / "a.tsv").read_text() == "x\ty\n"
