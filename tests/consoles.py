"""Command lines of the docs and what they print, run again and compared.

`$ cat FILE` shows a file: one that is not there yet is made, as the reader has it. A line `...`
stands for any number of lines. Words must be the same, figures close; what depends on the speed of
the machine is masked. By shape other figures will do, and where a model chooses the words, other
words in as many lines.
"""

import math
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_NUMBER = re.compile(r"(?<![\w.])[+-]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?(?![\w])")
# What depends on the machine: durations, speeds, memory; and hashes, which change with any setting.
_OF_THE_MACHINE = re.compile(
    r"([\d,]+ +)?\b(\d+h)?(\d+m)?\d+s\b|[\d,.]+ (words/s|tokens/s|GFLOP/s|MB)|tokens/s +[\d,]+"
    r"|(about )?[\d.]+ (seconds|minutes|epochs)|\b[0-9a-f]{12}\b"
)
_CLOSE = 0.02  # relative, of two figures; of small ones as many units of their last digit
_BAR = re.compile("[▁▂▃▄▅▆▇█]+( +[▁▂▃▄▅▆▇█]+)*")
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
_DRAWN = re.compile(r"rnnlm generate")  # its words are another model's on another machine
_CHOSEN = re.compile(r"rnnlm inspect .*--(nearest|analogy|units)\b", re.DOTALL)  # the same


@dataclass
class Command:
    """A command line, and the lines that it is shown to print."""

    line: str
    shown: list[str] = field(default_factory=list)


def commands_of(body: str) -> Iterator[Command]:
    """Those of a console."""
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
    if command.line.startswith("cat ") and not (path := folder / command.line[4:]).exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(command.shown).rstrip("\n") + "\n", encoding="utf-8")
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


def difference(command: Command, printed: list[str], *, by_shape: bool = False) -> str:
    """Where what was printed is not what is shown; "" if it is as good as the same."""
    if _DRAWN.match(command.line):
        return _headings_differ(command.shown, printed)
    if by_shape and _CHOSEN.match(command.line):
        return _lengths_differ(command.shown, printed)
    return lines_differ(command.shown, printed, by_shape=by_shape)


def lines_differ(shown: list[str], printed: list[str], *, by_shape: bool = False) -> str:
    """The same for any lines."""
    if not any(map(_is_note, shown)):  # the pages leave them out where they say the same
        printed = [line for line in printed if not _is_note(line)]
    expected, found = _written(shown), _written(printed)
    at = 0
    for number, line in enumerate(expected):
        if line.strip() == "...":
            rest = next(iter(expected[number + 1 :]), None)
            at = next(
                (k for k in range(at, len(found)) if _alike(rest, found[k], by_shape)), len(found)
            )
        elif at >= len(found) or not _alike(line, found[at], by_shape):
            return f"shown: {line}\nfound: {found[at] if at < len(found) else ''}"
        else:
            at += 1
    return f"not shown: {found[at]}" if at < len(found) else ""


def _written(lines: list[str]) -> list[str]:
    return [line.rstrip() for line in lines if line.strip()]


def _is_note(line: str) -> bool:
    return line.startswith("note   ")


def _headings_differ(shown: list[str], printed: list[str]) -> str:
    """Drawn texts: headings, tables and what is told of them are there, the words may be others."""

    def shape(lines: list[str]) -> list[str]:
        marked = (line for line in lines if line.startswith(("--- ", "sample\t")))
        return [_NUMBER.sub("0", line) for line in marked]

    if shape(shown) != shape(printed):
        return f"shown: {shape(shown)}\nfound: {shape(printed)}"
    return "" if any(line.strip() for line in printed) else "nothing was drawn"


def _lengths_differ(shown: list[str], printed: list[str]) -> str:
    """As many lines, or more where `...` stands for them."""
    expected, found = _written(shown), _written([line for line in printed if not _is_note(line)])
    some = "..." in [line.strip() for line in expected]
    if len(found) == len(expected) or (some and len(found) >= len(expected) - 1):
        return ""
    return f"shown: {len(expected)} lines\nfound: {len(found)}"


def _alike(shown: str | None, found: str, by_shape: bool) -> bool:
    """Two lines whose words are the same and whose figures are close, or by shape, any."""
    if shown is None:
        return False
    pair = [_OF_THE_MACHINE.sub("<machine>", line) for line in (shown, found)]
    if by_shape:
        pair = [_TEXT.sub("<text>", _BAR.sub("█", line)) for line in pair]
    words = [re.sub(r"[\s─]+", " ", _NUMBER.sub("0", line)).strip() for line in pair]
    figures = [_NUMBER.findall(line) for line in pair]
    return words[0] == words[1] and (by_shape or all(map(_close, *figures)))


def _close(shown: str, found: str) -> bool:
    a, b = (float(number.replace(",", "")) for number in (shown, found))
    decimals = len(shown.partition(".")[2]) if "e" not in shown else 12
    return math.isclose(a, b, rel_tol=_CLOSE, abs_tol=2 * 10.0**-decimals)
