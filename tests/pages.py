"""A page of the docs as its blocks, in the order in which a reader meets them.

    console    begins with `$ `: command lines, and below each what it prints
    python, r  a fenced block of that language; what it prints is the next block, where nothing but
               a line that begins with "prints" stands between the two
    lines      begins with `rnnlm `: command lines whose output is not shown
    other      anything else

A block is fenced, or indented by four columns. `<!-- not run: why -->` before it has it read and no
more, `<!-- by shape: why -->` has it run, and what it prints may have other figures; before the
first console of a page they are for all its consoles.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args

from tests.consoles import Command, commands_of

How = Literal["not run", "by shape", "run"]

_FENCED = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:(?<=\n\n)|\A)(?:    .*\n(?:\n(?=    ))?)+", re.MULTILINE)
_MARK = re.compile(rf"<!-- ({'|'.join(get_args(How))}): [^>]* -->\n+\Z")
_PRINTS = re.compile(r"\n*prints[^\n]*\n+")
_BEGINNINGS = {"$ ": "console", "rnnlm ": "lines"}


@dataclass(frozen=True)
class Block:
    """What stands in it; `line` counts the lines of the page from 1."""

    page: str
    line: int
    kind: str
    text: str
    how: How = "run"
    commands: list[Command] = field(default_factory=list)  # of a console, or of lines
    shown: list[str] | None = None  # what a script is said to print

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def imports(self) -> set[str]:
        """The modules that a block of Python imports, by the first part of their names."""
        found = set[str]()
        for node in ast.walk(ast.parse(self.text)):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
        return {name.partition(".")[0] for name in found}


def blocks_of(page: str, text: str) -> list[Block]:
    """The blocks of a page."""
    made, consoles = list[Block](), list[How]()
    places = sorted(_places(text))
    for number, (start, _, kind, body) in enumerate(places):
        how = _how(text[:start])
        if kind == "console":
            consoles.append(how)
            how = consoles[0] if consoles[0] != "run" else how
        commands = list(commands_of(body)) if kind == "console" else []
        if kind == "lines":
            commands = [Command(each) for each in body.split("\n") if each.startswith("rnnlm ")]
        shown = _printed(text, places, number) if kind in ("python", "r") else None
        line = text.count("\n", 0, start) + 1
        made.append(Block(page, line, kind, body, how, commands, shown))
    return made


def _places(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Of each block where it begins and ends, its kind, and what stands in it."""
    for found in _FENCED.finditer(text):
        yield found.start(), found.end(), found[1] or _kind(found[2]), found[2]
    plain = _FENCED.sub(lambda found: re.sub(r"[^\n]", "x", found[0]), text)
    for found in _INDENTED.finditer(plain):
        body = "\n".join(line[4:] for line in found[0].split("\n"))
        yield found.start(), found.end(), _kind(body), body


def _kind(body: str) -> str:
    begun = (kind for start, kind in _BEGINNINGS.items() if body.startswith(start))
    return next(begun, "other")


def _how(before: str) -> How:
    found = _MARK.search(before)
    return next((how for how in get_args(How) if found and how == found[1]), "run")


def _printed(text: str, places: list[tuple[int, int, str, str]], number: int) -> list[str] | None:
    """What the block after the one of that number shows, if it is what that one prints."""
    if number + 1 == len(places):
        return None
    (_, end, _, _), (start, _, _, body) = places[number], places[number + 1]
    return body.rstrip("\n").split("\n") if _PRINTS.fullmatch(text[end:start]) else None
