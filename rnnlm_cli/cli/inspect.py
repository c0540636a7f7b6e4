"""`rnnlm inspect`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rnnlm_cli.cli.options import CHECKPOINT, CheckpointArgument, CorpusOption, JsonOption
from rnnlm_cli.settings.setting import MOST

if TYPE_CHECKING:
    from rnnlm_cli.checkpoint.checkpoint import Checkpoint
    from rnnlm_cli.scoring.inspection import ParameterRow


def inspect(
    checkpoint: CheckpointArgument = CHECKPOINT,
    nearest: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help="The words most like this one. May be repeated."),
    ] = None,
    count: Annotated[int, typer.Option(help="How many of them.", min=1, max=MOST)] = 10,
    corpus: CorpusOption = None,
    json: JsonOption = False,
) -> None:
    """Look inside a model: sizes, text, history, and which words it takes to be alike."""
    from rnnlm_cli.cli.showing import render
    from rnnlm_cli.scoring.inspection import parameter_table
    from rnnlm_cli.trained import Trained

    lm = Trained.load(checkpoint, corpus, progress=sys.stderr.isatty())
    loaded, rows = lm.checkpoint, parameter_table(lm.model)
    neighbours = {word: lm.nearest(word, count) for word in nearest or []}
    if json:
        render.print_json(_document(checkpoint, loaded, rows, neighbours))
    elif neighbours:
        _show_neighbours(neighbours)
    else:
        _show_model(checkpoint, loaded, rows)


def _document(
    path: Path,
    loaded: Checkpoint,
    rows: list[ParameterRow],
    neighbours: dict[str, list[tuple[str, float]]],
) -> dict[str, Any]:
    text = asdict(loaded.text) if loaded.text else None
    if text is not None:
        del text["words"]  # ten thousand of them: the vocabulary is not what one looks for here
        del text["rule"]  # says nothing as long as there is one
    return {
        "checkpoint": str(path),
        "model": {"vocab_size": loaded.vocab_size, **asdict(loaded.model)},
        "parameters": [asdict(row) for row in rows],
        "text": text,
        "run": loaded.run,
        "history": loaded.history,
        "timings": loaded.timings,
        "nearest": neighbours,
    }


def _show_neighbours(neighbours: dict[str, list[tuple[str, float]]]) -> None:
    from rnnlm_cli.cli.showing import render

    for word, found in neighbours.items():
        shown = render.table(word, "cosine")
        for other, cosine in found:
            render.add_row(shown, other, f"{cosine:.3f}")
        render.console().print(shown)


def _show_model(path: Path, loaded: Checkpoint, rows: list[ParameterRow]) -> None:
    from rnnlm_cli.cli.showing import render

    config = loaded.model
    pairs: list[tuple[str, object]] = [
        ("sizes", f"V {loaded.vocab_size}, D {config.wordvec_size}, H {config.hidden_size}"),
        ("stack", render.stack(config) + ", tied weights" * config.tied),
    ]
    if config.head_size:
        pairs.append(("softmax", f"split: {config.head_size:,} frequent words, one branch"))
    if loaded.text is None:
        pairs.append(("text", "a file of the book: no vocabulary, no history"))
    else:
        text = loaded.text
        pairs += [
            ("noise", render.dropouts(config)),
            ("text", f"{text.corpus} ({text.config.unit}), SHA-256 {text.sha256[:12]}…"),
            ("run", f"{loaded.run.get('id')}, preset {loaded.run.get('preset')}"),
        ]
    tests = loaded.run.get("test_perplexity", {})
    pairs += [(f"test ({name})", f"{value:.2f}") for name, value in tests.items() if value]
    render.show_pairs(pairs, title=str(path))
    render.show_parameters(rows)
    if loaded.history:
        render.show_history(loaded)
