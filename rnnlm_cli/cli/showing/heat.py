"""A text coloured by surprisal, and surprisals as bars: for a terminal, or for a text file.

The colours grow darker with the surprisal, from white to dark blue, so that their order shows
without colour vision, in print, and in 256 colours. Where there are fewer, too few for that order,
a word is followed by its bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from rnnlm_cli.arrays import BIT
from rnnlm_cli.cli.showing.render import console
from rnnlm_cli.errors import readable
from rnnlm_cli.tasks.scorer import ScoredPassage

_EDGES = 2, 4, 7, 10, 14  # bits at which a colour ends
_COLOURS = 231, 195, 153, 75, 25, 17  # of 256: lighter to darker
_ENOUGH = "256", "truecolor"  # systems of rich
_LIGHT = 3  # of them are written upon in black
_FULL = 20  # bits of a bar as wide as there is room for
_LONGEST = 24  # columns of a word beside a bar


@dataclass(frozen=True, slots=True)
class Bits:
    """A piece of a text and its surprisal; None for what stands between tokens."""

    text: str
    bits: float | None


def pieces(scored: ScoredPassage) -> Iterator[Bits]:
    """All of the text of a passage, in order, cut at its tokens."""
    passage, at = scored.passage, 0
    for (start, end), nats in zip(passage.spans, scored.scores.nats.tolist(), strict=True):
        if at < start:
            yield Bits(passage.text[at:start], None)
        yield Bits(passage.text[start:end], nats / BIT)
        at = end
    if at < len(passage.text):
        yield Bits(passage.text[at:], None)


def show_heat(passages: Iterable[ScoredPassage]) -> None:
    """The texts, each token on the colour of its surprisal, and what the colours mean."""
    out = console()
    colours = out.color_system in _ENOUGH
    for scored in passages:
        line = Text()
        for piece in pieces(scored):
            _paint(line, piece, colours)
        end = "" if line.plain.endswith("\n") else "\n"
        out.print(line, end=end, soft_wrap=not out.is_terminal)
    if colours:
        out.print(_legend())


def _paint(line: Text, piece: Bits, colours: bool) -> None:
    ends_line = piece.text == "\n" and piece.bits is not None
    shown = "↵" if ends_line else readable(piece.text)
    if piece.bits is None:
        line.append(piece.text if piece.text.isspace() else shown)
    elif colours:
        line.append(shown, _style(piece.bits))
    else:
        line.append(f"{shown}({piece.bits:.0f})")
    if ends_line:
        line.append("\n")


def _level(bits: float) -> int:
    return sum(bits >= edge for edge in _EDGES)


def _style(bits: float) -> str:
    level = _level(bits)
    return f"{'black' if level <= _LIGHT else 'white'} on color({_COLOURS[level]})"


def _legend() -> Text:
    edges = ["0", *map(str, _EDGES)]
    line = Text("bits ")
    for edge, nearly in zip(edges, [0.0, *_EDGES], strict=True):
        line.append(f" {edge}+ ", _style(nearly))
    return line


def show_bars(passages: Iterable[ScoredPassage]) -> None:
    """A line for every token: its surprisal in bits, and a bar as long."""
    out = console()
    width = min(out.width, 100)
    for scored in passages:
        for index, nats in enumerate(scored.scores.nats.tolist()):
            _show_bar(out, readable(scored.passage.word(index)), nats / BIT, width)


def _show_bar(out: Console, word: str, bits: float, width: int) -> None:
    room = width - _LONGEST - 8
    length = min(room, round(room * min(bits, _FULL) / _FULL))
    name = Text(word)
    name.truncate(_LONGEST, overflow="ellipsis", pad=True)
    line = Text.assemble(name, f" {bits:5.1f} ", ("█" * length, "blue"))
    out.print(line, soft_wrap=True)
