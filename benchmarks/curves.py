"""Learning curves of logs in one picture: perplexity on the validation split against minutes.

python -m benchmarks.curves docs/results/*.jsonl --out docs/results.svg

Takes what `rnnlm train --log` and `benchmarks.word_model --log` write; of a log of several runs the
last one. Both axes are logarithmic. The same logs give the same bytes. Needs matplotlib.
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from rnnlm_cli.cli.showing.render import console
from rnnlm_cli.errors import CorpusError, quoted

_WIDTH, _HEIGHT = 900, 540
_POINTS_AN_INCH = 72  # of an SVG
_TICKS = 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9  # times powers of ten
_FEW_TICKS = 1, 2, 3, 5, 7  # where an axis spans more than a factor of _WIDE
_WIDE = 15


@dataclass(frozen=True)
class Curve:
    """Where a run was when; `test` is its perplexity on the test split, if it came to that."""

    name: str
    minutes: list[float]
    perplexities: list[float]
    test: float | None = None

    @property
    def label(self) -> str:
        """For the legend."""
        return self.name if self.test is None else f"{self.name}, test {self.test:.1f}"


def read_curve(path: Path) -> Curve:
    """The curve of the last run in a log. Raises CorpusError if there is none."""
    rows = _rows(path)
    rows = [row for row in rows if row.get("run") == rows[-1].get("run")]
    points = [(row["seconds"] / 60, found) for row in rows if (found := _validation(row))]
    if not points:
        raise CorpusError(
            f"{quoted(path)} has no validation, but one was needed: use a log of `rnnlm train`"
        )
    minutes, perplexities = (list(column) for column in zip(*points, strict=True))
    tests = [row["test_perplexity"].get("stream") for row in rows if row["event"] == "finished"]
    return Curve(path.stem, minutes, perplexities, tests[-1] if tests else None)


def _rows(path: Path) -> list[dict[str, Any]]:
    """The lines of a log; the last one is left out where it is cut short."""
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    rows = []
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not (isinstance(row, dict) and "event" in row):
            raise CorpusError(
                f"{quoted(path)}, line {number} is no line of a log: use a log of `rnnlm train`"
            )
        rows.append(row)
    return rows


def _validation(row: dict[str, Any]) -> float | None:
    """The perplexity on the validation split that a line tells, if it does."""
    if row.get("valid_nats") is not None:
        return math.exp(row["valid_nats"])
    found = row.get("valid_perplexity")
    return None if found is None else float(found)


def draw(curves: list[Curve], path: Path) -> None:
    """A line a curve, the best one first in the legend. Needs matplotlib."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot, ticker

    inches = _WIDTH / _POINTS_AN_INCH, _HEIGHT / _POINTS_AN_INCH
    settings = {"svg.hashsalt": "rnnlm", "font.size": 13.0}
    with pyplot.rc_context(settings):
        figure, panel = pyplot.subplots(figsize=inches, layout="constrained", facecolor="white")
        for curve in sorted(curves, key=lambda c: (min(c.perplexities), c.name)):
            panel.plot(
                curve.minutes, curve.perplexities, marker="o", markersize=4, label=curve.label
            )
        panel.set(xscale="log", yscale="log", xlabel="minutes")
        panel.set_title("perplexity on the validation split", loc="left", size=13)
        for axis in (panel.xaxis, panel.yaxis):
            low, high = axis.get_view_interval()
            subs = _TICKS if high < _WIDE * low else _FEW_TICKS
            axis.set_major_locator(ticker.LogLocator(subs=subs, numticks=12))
            axis.set_major_formatter("{x:g}")
            axis.set_minor_locator(ticker.NullLocator())
        panel.grid(color="0.9")
        panel.spines[["top", "right"]].set_visible(False)
        panel.legend(frameon=False)
        figure.savefig(path, format="svg", metadata={"Date": None})
        pyplot.close(figure)
    _in_pixels(path)


def _in_pixels(path: Path) -> None:
    """Points are a third larger on a page."""
    svg = path.read_text(encoding="utf-8")
    for side, length in (("width", _WIDTH), ("height", _HEIGHT)):
        svg = svg.replace(f'{side}="{length}pt"', f'{side}="{length}"', 1)
    path.write_text(svg, encoding="utf-8")


def main(
    logs: Annotated[list[Path], typer.Argument(help="JSON lines of `rnnlm train --log`.")],
    out: Annotated[Path, typer.Option(help="Write the SVG there.")],
) -> None:
    """Draw the learning curves of logs."""
    if out.suffix != ".svg":
        sys.exit(f"error: {quoted(out)} is to be an SVG: choose a name that ends in .svg")
    if find_spec("matplotlib") is None:
        sys.exit("matplotlib is not installed: pip install -e '.[bench]'")
    try:
        draw([read_curve(path) for path in logs], out)
    except (CorpusError, OSError, UnicodeDecodeError) as error:
        sys.exit(f"error: {error}")
    console(stderr=True).print(f"wrote {out}")


if __name__ == "__main__":
    typer.run(main)
