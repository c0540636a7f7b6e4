"""Gates and cells as strips over the words, and what units react to, on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from rich.cells import cell_len
from rich.text import Text

from rnnlm_cli.arrays import Floats
from rnnlm_cli.cli.showing import render
from rnnlm_cli.cli.showing.render import STEPS
from rnnlm_cli.cli.showing.tokens import visible_in_line
from rnnlm_cli.errors import readable
from rnnlm_cli.scoring.traces import GATES, Trace
from rnnlm_cli.tasks.reactions import Reaction

_AROUND = 8  # tokens on both sides of the place of a passage
_LEGEND = "f, i, o: forget, input and output gate, ▁ 0 to █ 1; c: cell, ▁ below 0, ▅ none, █ above"


def show_strips(tokens: Sequence[str], trace: Trace, units: Sequence[int]) -> None:
    """Under each line of words the gates and the cell of the units, as wide as the words."""
    out = render.console()
    words = [visible_in_line(token) or "·" for token in tokens]
    names = [f"{unit + 1} {gate} " for unit in units for gate in GATES]
    margin = max(map(len, names), default=0)
    scale = max(float(np.abs(trace.c[:, units]).max(initial=0)), 1e-30)
    for part in _lines([cell_len(word) for word in words], min(out.width, 100) - margin):
        widths = [cell_len(word) for word in words[part]]
        out.print(Text(" " * margin + " ".join(words[part]), style="bold"), soft_wrap=True)
        for name, (unit, gate) in zip(
            names, ((unit, gate) for unit in units for gate in GATES), strict=True
        ):
            values: Floats = getattr(trace, gate)[part, unit]
            shares = (values / scale + 1) / 2 if gate == "c" else values
            bars = " ".join(_level(s) * w for s, w in zip(shares.tolist(), widths, strict=True))
            style = "magenta" if gate == "c" else "cyan"
            out.print(Text.assemble((f"{name:>{margin}}", "dim"), (bars, style)), soft_wrap=True)
        out.print()
    out.print(Text(_LEGEND, style="dim"))


def show_time_constants(made: Sequence[Trace], tokens: int) -> None:
    """How long cells keep what they hold, by LSTM."""
    shown = render.table("LSTM", "10%", "half", "90%", "longest")
    for number, trace in enumerate(made, 1):
        taus = trace.time_constants()
        cells = [*np.quantile(taus, [0.1, 0.5, 0.9]), taus.max()]
        render.add_row(shown, number, *(render.number(float(each), 1) for each in cells))
    render.show_table(shown)
    render.console().print(
        Text(
            f"tokens after which a cell keeps 1/e of what it held, by its forget gates over "
            f"{tokens:,} tokens: how long so many of the units do at most",
            style="dim",
        )
    )


def show_reactions(
    found: Sequence[Reaction], tokens: Sequence[str], joined: Callable[[Sequence[str]], str]
) -> None:
    """Each feature with its unit, and the passages that drive it most."""
    out = render.console()
    for each in found:
        head = f"{each.feature}: unit {each.unit + 1} of LSTM {each.layer + 1}"
        out.print(Text.assemble((head, "bold"), f", correlation {each.correlation:+.2f}"))
        for place in each.places:
            before, word, after = passage(tokens, place, joined)
            line = Text.assemble("  ", before, (word, "bold reverse"), after)
            if not out.color_system:
                line = Text(f"  {before}[{word}]{after}")
            out.print(line, no_wrap=True, overflow="ellipsis")


def passage(
    tokens: Sequence[str], place: int, joined: Callable[[Sequence[str]], str]
) -> tuple[str, str, str]:
    """What stands before, at and behind a place, in one line."""
    first, behind = max(0, place - _AROUND), place + 1
    before, upto, whole = (joined(tokens[first:end]) for end in (place, behind, behind + _AROUND))
    word, after = upto[len(before) :], whole[len(upto) :]
    before += word[: len(word) - len(word.lstrip(" "))]
    shown = (readable(part.replace("\n", "↵")) for part in (before, word.lstrip(" "), after))
    return next(shown), next(shown), next(shown)


def traces_document(
    tokens: Sequence[str], made: Sequence[Trace], units: Sequence[int], layer: int
) -> dict[str, Any]:
    """The strips as JSON, of one LSTM."""
    trace = made[layer]
    return {
        "tokens": list(tokens),
        "lstm": layer + 1,
        "units": [
            {"unit": unit + 1}
            | {gate: getattr(trace, gate)[:, unit].tolist() for gate in (*GATES, "h")}
            for unit in units
        ],
        "time_constants": _time_constants(made),
    }


def reactions_document(
    found: Sequence[Reaction],
    tokens: Sequence[str],
    made: Sequence[Trace],
    joined: Callable[[Sequence[str]], str],
) -> dict[str, Any]:
    """What units react to as JSON."""
    rows = [
        {
            "feature": each.feature,
            "lstm": each.layer + 1,
            "unit": each.unit + 1,
            "correlation": each.correlation,
            "passages": [
                {"token": place, "text": "".join(passage(tokens, place, joined))}
                for place in each.places
            ],
        }
        for each in found
    ]
    return {"reactions": rows, "time_constants": _time_constants(made)}


def _time_constants(made: Sequence[Trace]) -> list[list[float]]:
    return [each.time_constants().tolist() for each in made]


def _level(share: float) -> str:
    return STEPS[min(len(STEPS) - 1, max(0, int(share * len(STEPS))))]


def _lines(widths: Sequence[int], room: int) -> Iterator[slice]:
    """Runs of words that are no wider than `room`, a blank between two."""
    start, used = 0, 0
    for number, width in enumerate(widths):
        if used + width > room and number > start:
            yield slice(start, number)
            start, used = number, 0
        used += width + 1
    if start < len(widths):
        yield slice(start, len(widths))
