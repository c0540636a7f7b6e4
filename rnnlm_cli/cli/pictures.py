"""`rnnlm inspect --plot`: learning curves and a map of words, or gates and surprisal over a text.

matplotlib draws them. The colours are those of Okabe and Ito, which colour-blind readers tell
apart, and cividis.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from rnnlm_cli.arrays import Floats
from rnnlm_cli.atomic import write_atomically
from rnnlm_cli.cli.showing.tokens import visible, visible_in_line
from rnnlm_cli.errors import ConfigError, library, quoted
from rnnlm_cli.scoring.traces import Trace
from rnnlm_cli.training.reports import EpochReport

FORMATS = ".png", ".svg", ".pdf"
_UNDATED = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}  # the same file each time
_BLUE, _ORANGE, _GREY = "#0072B2", "#D55E00", "#666666"
_FONTS = ["DejaVu Sans", "Noto Sans CJK JP", "IPAexGothic", "TakaoPGothic", "VL PGothic"]
_library = partial(library, what="pictures", extra="plot")


def check_plot(path: Path) -> None:
    """Raises ConfigError for a name that tells no format, MissingExtra without matplotlib."""
    if path.suffix.lower() not in FORMATS:
        raise ConfigError(
            f"plot is {quoted(path)}, but must be a file name ending in {', '.join(FORMATS)}"
        )
    _library("matplotlib")


class Picture:
    """A figure that is written to `path`; `notes` say what it could not show."""

    def __init__(self, path: Path) -> None:
        self._path, self.notes = path, list[str]()
        matplotlib = _library("matplotlib")
        matplotlib.use("Agg")
        self._plt = _library("matplotlib.pyplot")
        self._fonts = _library("matplotlib.font_manager")
        matplotlib.rcParams.update(
            {
                "font.family": [f for f in _FONTS if self._has(f)],
                "font.size": 9,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "svg.hashsalt": "rnnlm",  # the same file each time
                "text.parse_math": False,  # a $ in a word is a $
            }
        )

    def model(
        self, history: Sequence[EpochReport], words: Sequence[str], points: Floats, title: str
    ) -> None:
        """Learning curves, if there is a history, and the words at points (n, 2)."""
        self._see(words)
        columns = 2 if history else 1
        figure, axes = self._plt.subplots(
            1, columns, figsize=(5.2 * columns, 4.6), squeeze=False, layout="constrained"
        )
        if history:
            self._curves(axes[0, 0], history)
        self._map(axes[0, -1], words, points)
        figure.suptitle(title, fontsize=11)
        self._save(figure)

    def text(
        self, tokens: Sequence[str], bits: Sequence[float], trace: Trace, units: Sequence[int]
    ) -> None:
        """Surprisal over the tokens, and below it the gates and the cells of the units."""
        self._see(tokens)
        shown = [visible_in_line(token) for token in tokens]
        figure, axes = self._plt.subplots(
            4, 1, sharex=True, layout="constrained",
            figsize=(max(5.0, 0.32 * len(tokens) + 1.6), 2.4 + 3 * (0.5 + 0.16 * len(units))),
            height_ratios=[1.6, 1, 1, 1],
        )  # fmt: skip
        places = np.arange(len(tokens))
        axes[0].plot(places, bits, color=_ORANGE, marker="o", markersize=3, linewidth=1.2)
        axes[0].set_ylabel("surprisal\n(bits)")
        axes[0].set_ylim(bottom=0)
        scale = float(np.abs(trace.c[:, units]).max(initial=0)) or 1.0
        drawn = [
            ("forget gate", trace.f, "cividis", 0.0, 1.0),
            ("input gate", trace.i, "cividis", 0.0, 1.0),
            ("cell", trace.c, "PuOr", -scale, scale),
        ]
        for axis, (name, values, colours, low, high) in zip(axes[1:], drawn, strict=True):
            image = axis.imshow(
                values[:, units].T, aspect="auto", cmap=colours, vmin=low, vmax=high,
                interpolation="nearest",
            )  # fmt: skip
            axis.set_yticks(range(len(units)), [str(unit + 1) for unit in units], fontsize=7)
            axis.set_ylabel(name)
            figure.colorbar(image, ax=axis, pad=0.01)
        slanted: dict[str, Any] = {"rotation": 60, "ha": "right", "rotation_mode": "anchor"}
        axes[-1].set_xticks(places, shown, **(slanted if max(map(len, shown)) > 2 else {}))
        self._save(figure)

    def _curves(self, axis: Any, history: Sequence[EpochReport]) -> None:
        epochs = [row.epoch - 1 + row.share for row in history]
        train = [row.train_perplexity for row in history]
        valid = [row.valid_perplexity for row in history]
        axis.plot(epochs, train, color=_BLUE, marker="o", markersize=3, label="training")
        axis.plot(epochs, valid, color=_ORANGE, marker="s", markersize=3, label="validation")
        best = int(np.nanargmin(np.where(np.isfinite(valid), valid, np.inf)))
        axis.annotate(
            f"{valid[best]:,.1f}", (epochs[best], valid[best]), xytext=(0, 8),
            textcoords="offset points", ha="center", color=_ORANGE,
        )  # fmt: skip
        if len(epochs) == 1:  # a point alone, with room around it
            axis.set_xlim(0, 2 * epochs[0])
        axis.set_yscale("log")
        axis.yaxis.set_major_formatter(self._plt.FuncFormatter(lambda y, _: f"{y:g}"))
        axis.yaxis.set_minor_formatter(self._plt.FuncFormatter(lambda y, _: f"{y:g}"))
        axis.tick_params(axis="y", which="minor", labelsize=7)
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.set_xlabel("epoch")
        axis.set_ylabel("perplexity")
        axis.legend(frameon=False)

    def _map(self, axis: Any, words: Sequence[str], points: Floats) -> None:
        axis.scatter(points[:, 0], points[:, 1], s=4, color=_BLUE, alpha=0.5, linewidths=0)
        labels = [
            axis.annotate(
                visible(word), place, xytext=(2, 2),
                textcoords="offset points", fontsize=7, color=_GREY,
            )
            for word, place in zip(words, points.tolist(), strict=True)
        ]  # fmt: skip
        self._thin_out(axis.figure, labels)
        axis.set_xticks([])
        axis.set_yticks([])
        axis.spines[:].set_visible(False)
        axis.set_xlabel(f"of the {len(words):,} most frequent words: two principal components")

    def _thin_out(self, figure: Any, labels: Sequence[Any]) -> None:
        """Hide what would be written over another label, the rarer word first."""
        with _without_glyphs():
            figure.canvas.draw()
        taken: list[Any] = []
        for label in labels:
            box = label.get_window_extent()
            if any(box.overlaps(other) for other in taken):
                label.set_visible(False)
            else:
                taken.append(box)

    def _has(self, font: str) -> bool:
        return any(each.name == font for each in self._fonts.fontManager.ttflist)

    def _see(self, words: Sequence[str]) -> None:
        """Note signs that no font here has."""
        wide = {c for word in words for c in word if ord(c) >= 0x2E80 and ord(c) < 0x1F000}
        if wide and not any(map(self._has, _FONTS[1:])):
            self.notes.append(
                "no font here has signs such as "
                f"{min(wide)}: install one of {', '.join(_FONTS[1:])} to see them"
            )

    def _save(self, figure: Any) -> None:
        kind, made = self._path.suffix.lower().removeprefix("."), BytesIO()
        undated = _UNDATED.get(kind)
        with _without_glyphs():
            figure.savefig(made, format=kind, dpi=110, metadata=undated)
        self._plt.close(figure)
        write_atomically(self._path, [made.getbuffer()], made.tell())


@contextmanager
def _without_glyphs() -> Iterator[None]:
    """Inside the block a sign that no font has is drawn as a box, which a note has told."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")
        yield
