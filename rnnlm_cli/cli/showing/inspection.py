"""What `rnnlm inspect` shows of a model at rest: its file, its arrays, its nearest words."""

from __future__ import annotations

from pathlib import Path

from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.cli.showing import epochs, figure_cells, models, render
from rnnlm_cli.cli.showing.documents import Neighbours
from rnnlm_cli.cli.showing.tokens import visible
from rnnlm_cli.scoring.inspection import ParameterRow


def show_neighbours(neighbours: Neighbours) -> None:
    """The words nearest to each that was asked for, or that go on with an analogy."""
    for word, found in neighbours.items():
        shown = render.table(word, "cosine")
        for other, cosine in found:
            render.add_row(shown, visible(other), f"{cosine:.3f}")
        render.show_table(shown)


def show_model(path: Path, loaded: Checkpoint, rows: list[ParameterRow]) -> None:
    """What the file at `path` tells of its model, the arrays, the epochs of its run."""
    pairs = models.model_pairs(loaded.sizes)
    if loaded.text is None:
        pairs.append(("text", "not told: the file holds no words and no history"))
    elif loaded.run is None:
        pairs.append(("text", f"words that were given ({loaded.text.config.unit})"))
    else:
        text, run = loaded.text, loaded.run
        pairs += [
            ("noise", models.dropouts(loaded.model)),
            ("text", f"{text.corpus} ({text.config.unit}), SHA-256 {text.sha256[:12]}…"),
            *([("tokens", figure_cells.sizes_line(text.splits, text.cut))] if text.splits else []),
            ("run", f"{run.id}, preset {run.preset}"),
            *_unfinished(loaded),
            *figure_cells.pairs_of_tests(run),
        ]
    render.show_pairs(pairs, title=str(path))
    models.show_parameters(rows)
    if loaded.history:
        epochs.show_history(loaded.history)


def _unfinished(loaded: Checkpoint) -> list[tuple[str, object]]:
    """Where in an epoch the state of a run was saved, of which its history has no row yet."""
    if loaded.resume is None or not loaded.resume.state.counters.amid_epoch:
        return []
    count = loaded.resume.state.counters
    return [("saved", f"in epoch {count.epoch}, after {count.step_in_epoch:,} steps of it")]
