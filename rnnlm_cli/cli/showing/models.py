"""A model in words: its layers, its noise, its arrays."""

from __future__ import annotations

from rnnlm_cli.cli.showing.render import add_row, show_table, table
from rnnlm_cli.scoring.inspection import ParameterRow
from rnnlm_cli.settings.model import ModelConfig, lstm_sizes


def model_line(model: ModelConfig, parameters: int) -> str:
    """All of it in one line, for a run that begins."""
    layers = stack(model) + ", tied" * model.tied
    if model.head_size:
        layers += f", softmax split at {model.head_size:,}"
    return f"{layers}, {dropouts(model)}: {parameters:,} parameters"


def model_pairs(vocab_size: int, model: ModelConfig) -> list[tuple[str, object]]:
    """What is known of every model, as names and values."""
    pairs: list[tuple[str, object]] = [
        ("sizes", f"V {vocab_size}, D {model.wordvec_size}, H {model.hidden_size}"),
        ("stack", stack(model) + ", tied weights" * model.tied),
    ]
    if model.head_size:
        pairs.append(("softmax", f"split: {model.head_size:,} frequent words, one branch"))
    return pairs


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
    """The arrays of a model and what they add up to."""
    shown = table("array", "shape", "numbers", "mean", "std")
    for row in rows:
        shape, size = " x ".join(map(str, row.shape)), f"{row.size:,}" if row.size else "shared"
        add_row(shown, row.name, shape, size, f"{row.mean:+.4f}", f"{row.std:.4f}")
    total = sum(row.size for row in rows)
    shown.add_section()
    add_row(shown, "in all", "", f"{total:,}", "", "", style="bold")
    show_table(shown)
