"""The blocks of a page are found, with what is said of them."""

from pathlib import Path

import pytest

from tests.cells import Session, missing
from tests.consoles import Command
from tests.pages import blocks_of

PAGE = """# A page

```
$ rnnlm eval m.pkl
perplexity   12.34
```

    $ cat a.txt
    words

    $ rnnlm generate

<!-- not run: it takes an hour -->

    $ rnnlm train

```python
import a.b, c
from d.e import f
```

prints, as a rule,

    12

<!-- by shape: it is a matter of luck -->

```python
x = "$ rnnlm"
```

A list of commands:

    rnnlm eval m.pkl      # all of it
    rnnlm inspect

and text.
"""


def test_blocks_are_found_in_their_order() -> None:
    found = [(each.line, each.kind, each.how) for each in blocks_of("a.md", PAGE)]
    assert found == [
        (3, "console", "run"),
        (8, "console", "run"),
        (15, "console", "not run"),
        (17, "python", "run"),
        (24, "other", "run"),
        (28, "python", "by shape"),
        (34, "lines", "run"),
    ]


def test_blocks_have_what_stands_in_them() -> None:
    first, second, _, script, _, other, lines = blocks_of("a.md", PAGE)
    assert first.commands == [Command("rnnlm eval m.pkl", ["perplexity   12.34"])]
    assert second.commands == [Command("cat a.txt", ["words", ""]), Command("rnnlm generate")]
    assert script.text.startswith("import a.b, c\n")
    assert script.shown == ["12"]
    assert other.shown is None
    assert [each.line for each in lines.commands] == [
        "rnnlm eval m.pkl      # all of it",
        "rnnlm inspect",
    ]


def test_a_mark_before_the_first_console_is_for_all_of_them() -> None:
    page = "<!-- by shape: so -->\n\n    $ ls\n\n```python\n```\n\n    $ ls\n"
    assert [each.how for each in blocks_of("a.md", page)] == ["by shape", "run", "by shape"]


def test_the_modules_that_a_script_needs_are_known(tmp_path: Path) -> None:
    script = blocks_of("a.md", PAGE)[3]
    assert script.imports == {"a", "c", "d"}
    (tmp_path / "a.py").touch()
    assert missing({"a", "json", "no_such_module"}, tmp_path) == ["no_such_module"]


def test_a_cell_uses_what_those_before_it_have_made(tmp_path: Path) -> None:
    session = Session(tmp_path)
    try:
        assert session.run("x = 20\nprint(x)") == "20\n"
        assert session.run("print(x + 1)") == "21\n"
    finally:
        session.close()


@pytest.mark.parametrize("text", ["1 / 0", "import warnings; warnings.warn('old')", "exit(2)"])
def test_a_cell_that_fails_is_noticed(text: str, tmp_path: Path) -> None:
    session = Session(tmp_path)
    try:
        with pytest.raises(AssertionError, match=r"Traceback"):
            session.run(text)
    finally:
        session.close()
