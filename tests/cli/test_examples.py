"""The command lines that the help shows."""

import shlex
from typing import Any

import pytest
import typer

from rnnlm_cli.cli.app import app
from rnnlm_cli.cli.examples import EXAMPLES, EXIT_CODES
from tests.cli.test_commands import ok

GROUP: Any = typer.main.get_command(app)
LINES = [(verb, line) for verb, lines in EXAMPLES.items() for line in lines]


def test_every_command_has_examples_and_its_help_shows_them() -> None:
    assert set(EXAMPLES) == set(GROUP.commands)
    for verb, lines in EXAMPLES.items():
        shown = [line.strip() for line in ok(verb, "--help").splitlines()]
        for line, what in lines.items():
            assert line in shown
            assert what in shown


@pytest.mark.parametrize(("verb", "line"), LINES)
def test_an_example_is_a_command_line_that_can_be_read(verb: str, line: str) -> None:
    piped = line.split(" | ")[-1].split(" > ")[0].split(" >> ")[0]
    program, named, *arguments = shlex.split(piped)
    assert (program, named) == ("rnnlm", verb)
    with GROUP.make_context("rnnlm", [], resilient_parsing=True) as context:
        GROUP.commands[verb].make_context(verb, arguments, parent=context)


def test_the_help_tells_the_exit_codes() -> None:
    shown = ok("--help")
    assert all(f"{code:>3}  {what}" in shown for code, what in EXIT_CODES.items())
