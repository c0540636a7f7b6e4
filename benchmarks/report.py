"""Measurements as tables, JSON and a picture."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table
from threadpoolctl import threadpool_info

from benchmarks.measure import Comparison, Figure
from rnnlm_cli.cli.showing.render import add_row, console, table


def machine() -> str:
    """The BLAS, its core type and threads."""
    keys = ("internal_api", "version", "architecture", "num_threads")
    return "; ".join(" ".join(f"{lib.get(k)}" for k in keys) for lib in threadpool_info())


def comparison_table(comparison: Comparison) -> Table:
    """A row a contender: tokens a second, and how many times as fast the first one is."""
    ours = comparison.contenders[0]
    shown = table(
        f"{comparison.title}, {comparison.model}", "tokens/s (least to most)", f"{ours.name} is"
    )
    for contender in comparison.contenders:
        ratio = comparison.ratio(ours, contender)
        add_row(
            shown,
            contender.name,
            comparison.speed(contender).show(0),
            "" if contender is ours else f"{ratio.show(2)} x",
        )
    return shown


def figures_table(title: str, figures: dict[str, Figure], digits: int = 2) -> Table:
    """A row a figure."""
    shown = table(title, "median (least to most)")
    for name, figure in figures.items():
        add_row(shown, name, figure.show(digits))
    return shown


def document(comparisons: list[Comparison], others: dict[str, Any]) -> dict[str, Any]:
    """All that was measured, for `--json`."""
    return {
        "machine": machine(),
        "comparisons": [
            {
                "title": c.title,
                "model": c.model,
                "tokens": c.tokens,
                "seconds": {contender.name: contender.seconds for contender in c.contenders},
                "tokens_per_second": {
                    contender.name: asdict(c.speed(contender)) for contender in c.contenders
                },
            }
            for c in comparisons
        ],
        **others,
    }


def plot(comparisons: list[Comparison], path: Path) -> None:
    """Bars of tokens a second, a panel a comparison. Needs matplotlib."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    several = [c for c in comparisons if len(c.contenders) > 1]
    figure, panels = pyplot.subplots(
        len(several), figsize=(8, 1 + 1.6 * len(several)), squeeze=False, layout="constrained"
    )
    for panel, comparison in zip(panels[:, 0], several, strict=True):
        contenders = comparison.contenders[::-1]
        speeds = [comparison.speed(c) for c in contenders]
        medians = [s.median for s in speeds]
        ends = [[s.median - s.least for s in speeds], [s.most - s.median for s in speeds]]
        colours = ["tab:green" if c is comparison.contenders[0] else "silver" for c in contenders]
        panel.barh([c.name for c in contenders], medians, xerr=ends, color=colours)
        panel.set_title(f"{comparison.title}, {comparison.model}: tokens/s", loc="left", size=10)
        panel.spines[["top", "right"]].set_visible(False)
    figure.savefig(path)
    console(stderr=True).print(f"wrote {path}")
