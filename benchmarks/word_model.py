"""The word language model of PyTorch's examples, trained in torch on our text for a budget.

    python -m benchmarks.word_model --budget 10m --log docs/results/torch-10m.jsonl
    python -m benchmarks.word_model --recipe small --budget 10m --log …

The recipe `example` is that of examples/word_language_model: tied weights, SGD of rate 20,
gradients clipped at 0.25, 20 streams of 35 steps, and a rate that is divided by 4 after an epoch
that did not help. `tiny`, `small` and `medium` are our presets in torch: the same sizes, biases,
AdamW and linear schedule, with one softmax and the weights that torch gives an LSTM to begin with.
The log is one of `rnnlm train --log`, with lines of the event `validation` inside an epoch. The
budget begins with the command and ends with the last validation, as that of `rnnlm train` does;
what the validations took of it stands in the log's last line (`--points 0` saves those inside an
epoch). The weights of the best validation are tested.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.recipes import RECIPES
from rnnlm_cli.cli.showing.render import console, duration, number
from rnnlm_cli.corpus.loading import load_corpus
from rnnlm_cli.errors import RnnlmError, quoted
from rnnlm_cli.runs.targets import check_log_target
from rnnlm_cli.schema import finite
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.settings.train import read_duration
from rnnlm_cli.watching import bars_of_here


def write_log(rows: Iterable[dict[str, Any]], path: Path, run_id: str) -> None:
    """A line a row, on the disk as soon as it is known; told on stderr too."""
    out = console(stderr=True)
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            plain = {key: finite(value) for key, value in row.items()}
            line = {"event": plain.pop("event"), "run": run_id, **plain}
            file.write(json.dumps(line, allow_nan=False) + "\n")
            file.flush()
            out.print(_told(row))


def _told(row: dict[str, Any]) -> str:
    when = f"{duration(row['seconds']):>6}  {row['event']:<10}"
    if row["event"] == "finished":
        stream = number(row["test_perplexity"]["stream"] or float("nan"))
        return f"{when} test {stream}, {row['words_per_second']:,.0f} words/s"
    if "valid_perplexity" in row:
        return f"{when} epoch {row['epoch']}, valid {number(row['valid_perplexity'])}"
    return f"{when} {row['parameters']:,} parameters, torch {row['torch']}"


def main(
    log: Annotated[Path, typer.Option(help="Write the JSON lines there.")],
    recipe: Annotated[str, typer.Option(help=f"Of {', '.join(RECIPES)}.")] = "example",
    budget: Annotated[str, typer.Option(help="Such as 90s, 10m or 1h30m.")] = "10m",
    points: Annotated[
        int, typer.Option(help="Validations in a budget, those after epochs aside.", min=0)
    ] = 10,
    corpus: Annotated[str, typer.Option(help="As `rnnlm train` takes it.")] = "ptb",
    seed: Annotated[int, typer.Option(min=0)] = 0,
    threads: Annotated[int | None, typer.Option(help="Default: all cores.", min=1)] = None,
) -> None:
    """Train the word language model of PyTorch's examples for a budget."""
    began = time.perf_counter() - time.process_time()  # so far it has computed and nothing else
    if find_spec("torch") is None:
        sys.exit("torch is not installed: pip install -e '.[bench]'")
    if recipe not in RECIPES:
        raise typer.BadParameter(
            f"no recipe is called {quoted(recipe)}: use one of {', '.join(RECIPES)}"
        )
    try:
        seconds = read_duration(budget)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    try:
        text = load_corpus(corpus, CorpusConfig(), stages=bars_of_here)
        check_log_target(log, text.place)
        log.parent.mkdir(parents=True, exist_ok=True)
        from benchmarks.torch_recipe import TorchRun

        run = TorchRun(
            RECIPES[recipe],
            text,
            seconds,
            points=points,
            seed=seed,
            clock=lambda: time.perf_counter() - began,
            threads=threads,
        )
        write_log(run.rows(), log, f"torch {recipe} {seed}")
    except (RnnlmError, OSError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    typer.run(main)
