"""What the pages show of a terminal: command lines and what they print, run again and compared.

A block of commands is one that begins with `$ `, fenced or indented. `$ cat FILE` shows a file that
the reader has: it is made. A line `...` stands for any number of lines. Where `<!-- not run: why
-->` stands before a block, its command lines are read and no more; in front of the first block of a
page it is for all of them.
"""

import math
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_FENCED = re.compile(r"^```[ \w]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^    .*\n(?:\n(?=    ))?)+", re.MULTILINE)
_NOT_RUN = re.compile(r"<!-- not run: .* -->\n+$")
_NUMBER = re.compile(r"(?<![\w.])[+-]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?(?![\w])")
# What depends on the machine: durations, speeds, memory.
_OF_THE_MACHINE = re.compile(
    r"(\d+h)?(\d+m)?\d+s\b|[\d,.]+ (words/s|tokens/s|GFLOP/s|MB)|(about )?[\d.]+ (minutes|epochs)"
)
_CLOSE = 0.02  # relative, of two figures; of small ones as many units of their last digit
_DRAWN = "generate"  # what it prints is compared by its shape


@dataclass
class Command:
    """A command line, and the lines that it is shown to print."""

    line: str
    shown: list[str] = field(default_factory=list)


@dataclass
class Console:
    """A block of them."""

    page: str
    line: int
    commands: list[Command]
    is_run: bool

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def consoles_of(page: str, text: str) -> list[Console]:
    """The blocks of a page, in order."""
    blocks = [(found.start(), found[1]) for found in _FENCED.finditer(text)]
    plain = _FENCED.sub(lambda found: re.sub(r"[^\n]", "x", found[0]), text)
    for found in _INDENTED.finditer(plain):
        dedented = "\n".join(line[4:] for line in found[0].split("\n"))
        blocks.append((found.start(), dedented))
    made: list[Console] = []
    for start, body in sorted(blocks):
        if body.lstrip("\n").startswith("$ "):
            before = bool(_NOT_RUN.search(text[:start]))
            is_run = not before and (not made or made[0].is_run)
            line = text.count("\n", 0, start) + 1
            made.append(Console(page, line, list(_commands(body)), is_run))
    return made


def _commands(body: str) -> Iterator[Command]:
    command: Command | None = None
    continued = False
    for line in body.strip("\n").split("\n"):
        if continued and command:
            command.line += "\n" + line
        elif line.startswith("$ "):
            if command:
                yield command
            command = Command(line[2:])
        elif command:
            command.shown.append(line)
        continued = line.endswith("\\") and (continued or line.startswith("$ "))
    if command:
        yield command


def arguments(line: str) -> list[str]:
    """Those of `rnnlm` in a command line, without what goes to a file or to another program."""
    words = shlex.split(line.replace("\\\n", " "), comments=True)
    end = next((n for n, word in enumerate(words) if word in (">", ">>", "|", "2>")), len(words))
    return words[1:end]


def run(command: Command, folder: Path) -> list[str]:
    """What it prints, on both streams, in a folder; or make the file that it shows."""
    if command.line.startswith("cat "):
        path = folder / command.line[4:]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(command.shown).rstrip("\n") + "\n")
        return command.shown
    done = subprocess.run(
        ["bash", "-c", command.line],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout.split("\n")


def difference(command: Command, printed: list[str]) -> str:
    """Where what was printed is not what is shown; "" if it is as good as the same."""
    if command.line.startswith(f"rnnlm {_DRAWN}"):
        return _in_shape(command.shown, printed)
    if not any(map(_is_note, command.shown)):  # the pages leave them out where they say the same
        printed = [line for line in printed if not _is_note(line)]
    shown, found = (
        [line.rstrip() for line in lines if line.strip()] for lines in (command.shown, printed)
    )
    at = 0
    for number, line in enumerate(shown):
        if line.strip() == "...":
            rest = shown[number + 1 :]
            at = next((k for k in range(at, len(found)) if rest and _alike(rest[0], found[k])), at)
            continue
        if at >= len(found) or not _alike(line, found[at]):
            return f"shown: {line}\nfound: {found[at] if at < len(found) else ''}"
        at += 1
    return ""


def _is_note(line: str) -> bool:
    return line.startswith("note   ")


def _in_shape(shown: list[str], printed: list[str]) -> str:
    """Drawn texts: headings, tables and what is told of them are there, the words may be others."""

    def shape(lines: list[str]) -> list[str]:
        marked = (line for line in lines if line.startswith(("--- ", "sample\t")))
        return [_NUMBER.sub("0", line) for line in marked]

    if shape(shown) != shape(printed):
        return f"shown: {shape(shown)}\nfound: {shape(printed)}"
    return "" if any(line.strip() for line in printed) else "nothing was drawn"


def _alike(shown: str, found: str) -> bool:
    """Two lines whose words are the same and whose figures are close."""
    pair = [_OF_THE_MACHINE.sub("<machine>", line) for line in (shown, found)]
    words = [re.sub(r"[\s─]+", " ", _NUMBER.sub("0", line)).strip() for line in pair]
    figures = [_NUMBER.findall(line) for line in pair]
    return words[0] == words[1] and all(map(_close, *figures))


def _close(shown: str, found: str) -> bool:
    a, b = (float(number.replace(",", "")) for number in (shown, found))
    decimals = len(shown.partition(".")[2]) if "e" not in shown else 12
    return math.isclose(a, b, rel_tol=_CLOSE, abs_tol=2 * 10.0**-decimals)
