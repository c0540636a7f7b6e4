"""`rnnlm eval`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rnnlm_cli.cli.options import CHECKPOINT, CorpusOption, JsonOption, ThreadsOption, usage
from rnnlm_cli.cli.tricks import (
    AllOption,
    CacheOption,
    DecayOption,
    DynamicOption,
    LrOption,
    MixtureOption,
    NgramOption,
    TemperatureOption,
    TemperOption,
    ThetaOption,
    WindowOption,
    score_with_tricks,
    trick_config,
)
from rnnlm_cli.settings.text import Split
from rnnlm_cli.settings.train import Protocol


def eval_(
    ctx: typer.Context,
    checkpoints: Annotated[
        list[Path] | None,
        typer.Argument(
            help=f"Model files, side by side in one table. Default: {CHECKPOINT}.",
            metavar="[CHECKPOINT]...",
            show_default=False,
        ),
    ] = None,
    corpus: CorpusOption = None,
    file: Annotated[
        str | None, typer.Option(metavar="FILE|-", help="Score this text; - is standard input.")
    ] = None,
    text: Annotated[str | None, typer.Option(metavar="WORDS", help="Score these words.")] = None,
    split: Annotated[
        Split | None, typer.Option(help="Which part of the corpus. Default: test.")
    ] = None,
    protocol: Annotated[
        Protocol,
        typer.Option(
            help="stream: one pass, every token once; parallel: 20 streams; book: as the book does."
        ),
    ] = "stream",
    temper: TemperOption = False,
    cache: CacheOption = False,
    ngram: NgramOption = False,
    dynamic: DynamicOption = False,
    all_tricks: AllOption = False,
    temperature: TemperatureOption = None,
    cache_window: WindowOption = None,
    cache_theta: ThetaOption = None,
    dynamic_lr: LrOption = None,
    dynamic_decay: DecayOption = None,
    mixture: MixtureOption = None,
    threads: ThreadsOption = None,
    json: JsonOption = False,
) -> None:
    """Perplexity of a text under a model: of its corpus's test split, or of any text."""
    from tqdm import tqdm

    from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
    from rnnlm_cli.cli.showing.figures import adapted_dict, evaluation_dict, show_evaluations
    from rnnlm_cli.cli.showing.render import print_json
    from rnnlm_cli.scoring.evaluation import check_scoring, evaluate
    from rnnlm_cli.threads import give_blas
    from rnnlm_cli.trained import GivenText, text_to_score

    with usage():
        tricks = trick_config(ctx)
    on_terminal = sys.stderr.isatty()
    given = GivenText.read(text, file)  # once: standard input cannot be read again
    rows = []
    give_blas(threads)
    for path in checkpoints or [CHECKPOINT]:
        checkpoint = load_checkpoint(path)
        scored = text_to_score(
            checkpoint, path, corpus=corpus, given=given, split=split, progress=on_terminal
        )
        check_scoring(checkpoint.vocab_size, len(scored.ids), checkpoint.model)
        model = checkpoint.build_model(threads)
        with tqdm(
            total=len(scored.ids), unit="tok", leave=False, disable=not on_terminal, delay=0.5
        ) as bar:
            result = evaluate(
                model,
                scored.ids,
                eos_id=scored.vocabulary.eos_id,
                unk_id=scored.vocabulary.unk_id,
                protocol=protocol,
                progress=bar.update,
            )
        row = evaluation_dict(path, scored.name, scored.split, result)
        if tricks.asked:
            adapted = score_with_tricks(
                model, checkpoint, path, scored, tricks, corpus=corpus, on_terminal=on_terminal
            )
            row["adapted"] = [adapted_dict(each) for each in adapted]
        rows.append(row)
    if json:
        print_json(rows[0] if len(rows) == 1 else rows)
    else:
        show_evaluations(rows)
