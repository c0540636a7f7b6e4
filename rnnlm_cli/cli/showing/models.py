"""A model in words: its layers, its noise, its arrays."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from rnnlm_cli.cli.showing.render import STEPS, add_row, fits, show_table, table
from rnnlm_cli.model.sizes import ModelSizes
from rnnlm_cli.scoring.inspection import ParameterRow
from rnnlm_cli.settings.model import ModelConfig, lstm_sizes


def model_line(model: ModelConfig, parameters: int) -> str:
    """All of it in one line, for a run that begins."""
    layers = stack(model) + ", tied" * model.tied
    if model.edges:
        layers += f", softmax split at {_joined(model.edges)}"
    return f"{layers}, {dropouts(model)}: {parameters:,} parameters"


def model_pairs(sizes: ModelSizes) -> list[tuple[str, object]]:
    """What is known of every model, as names and values."""
    V, model = sizes.vocab_size, sizes.config
    pairs: list[tuple[str, object]] = [
        ("sizes", f"V {V}, D {model.wordvec_size}, H {model.hidden_size}"),
        ("stack", stack(model) + ", tied weights" * model.tied),
    ]
    if model.edges:
        branches = "one branch"
        if len(model.edges) > 1:
            branches = f"branches to the words from {_joined(model.edges)} on"
        pairs.append(("softmax", f"split: {model.edges[0]:,} frequent words, {branches}"))
    return pairs


def _joined(numbers: Sequence[int]) -> str:
    """ "800, 5,000 and 20,000" """
    *others, last = (f"{number:,}" for number in numbers)
    return f"{', '.join(others)} and {last}" if others else last


def stack(model: ModelConfig) -> str:
    """The layers of a model in words: "2 x LSTM 300 -> 650 -> 300"."""
    sizes = lstm_sizes(model)
    same = {size for pair in sizes for size in pair} == {model.hidden_size}
    widths = [str(sizes[0][0]), *(str(units) for _, units in sizes)]
    shown = f"{model.layers} x LSTM {model.hidden_size if same else ' -> '.join(widths)}"
    if model.projection:
        shown += f", projected to {model.wordvec_size}"
    return shown + ", skips" * model.skip


def dropouts(model: ModelConfig) -> str:
    """What a model's training drops, and where, in words."""
    places = {place: model.dropout_at(place) for place in ("in", "between", "out")}
    if model.layers == 1:
        del places["between"]
    different = len(set(places.values())) > 1
    shares = [f"{place} {share:.15g}" for place, share in places.items() if share]
    shown = ", ".join(shares) if different else f"{places['in']:.15g}"
    others = {"hidden": model.dropout_hidden, "words": model.word_dropout}
    others |= {"weights": model.weight_drop}
    parts = [f"{name} {share:.15g}" for name, share in others.items() if share]
    parts.insert(0, f"dropout {shown}")  # to all digits: 0.9999999 is not 1
    return ", ".join(parts) + ", locked" * model.locked


def show_parameters(rows: list[ParameterRow]) -> None:
    """The arrays of a model and what they add up to, with histograms where there is room."""
    shown = _parameters(rows, histograms=True)
    show_table(shown if fits(shown) else _parameters(rows, histograms=False))


def _parameters(rows: list[ParameterRow], *, histograms: bool) -> Table:
    heads = ["array", "shape", "numbers", "mean", "std"]
    shown = table(*heads, *(["-3 to 3 std"] if histograms else []))
    for row in rows:
        shape, size = " x ".join(map(str, row.shape)), f"{row.size:,}" if row.size else "shared"
        bars = [bars_of(row.histogram)] if histograms else []
        add_row(shown, row.name, shape, size, f"{row.mean:+.4f}", f"{row.std:.4f}", *bars)
    total = sum(row.size for row in rows)
    shown.add_section()
    add_row(shown, "in all", "", f"{total:,}", *[""] * (len(shown.columns) - 3), style="bold")
    return shown


def bars_of(counts: Sequence[int]) -> str:
    """A histogram in one line, blank where there is nothing."""
    most = max(counts, default=0) or 1
    return "".join(f" {STEPS}"[-(-8 * count // most)] for count in counts)
