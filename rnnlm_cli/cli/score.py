"""`rnnlm score`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from rnnlm_cli.cli.options import CorpusOption, ThreadsOption, usage, with_options
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.run import DEFAULT_CHECKPOINT
from rnnlm_cli.settings.score import ScoreConfig
from rnnlm_cli.settings.setting import config_of

if TYPE_CHECKING:
    from rnnlm_cli.corpus.reading import GivenText
    from rnnlm_cli.settings.score import Form
    from rnnlm_cli.tasks.scorer import Scorer


@with_options(ScoreConfig)
def score(
    checkpoints: Annotated[
        list[Path] | None,
        typer.Argument(
            help=f"The model file, or two to set side by side. Default: {DEFAULT_CHECKPOINT}.",
            metavar="[CHECKPOINT]...",
            show_default=False,
        ),
    ] = None,
    text: Annotated[str | None, typer.Option(metavar="WORDS", help="Score these words.")] = None,
    file: Annotated[
        str | None, typer.Option(metavar="FILE|-", help="Score this text; - is standard input.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write there, not to stdout.")
    ] = None,
    *,
    heat: Annotated[
        bool, typer.Option("--heat", help="Show the text coloured by surprisal.")
    ] = False,
    bars: Annotated[bool, typer.Option("--bars", help="Show a bar beside each token.")] = False,
    corpus: CorpusOption = None,
    threads: ThreadsOption = None,
    **values: Any,
) -> None:
    """How well a model predicts each token, word or line of a text."""
    from rnnlm_cli.cli.showing.render import say_note
    from rnnlm_cli.corpus.reading import GivenText
    from rnnlm_cli.trained import Trained

    with usage():
        config = config_of(ScoreConfig, values)
        paths = checkpoints or [DEFAULT_CHECKPOINT]
        _check(len(paths), config, pictured=heat or bars, out=out)
        given = GivenText.read(text, file)
        if given is None:
            raise ConfigError("nothing to score: give --text or --file")
    scorers = [Trained.load(path, corpus, threads).scorer for path in paths]
    if "context" not in values and given.text.count("\n") > 1:
        say_note("each line is scored by itself; --context text scores them as one text")
    if heat or bars:
        _draw(scorers[0], given, config, heat=heat, bars=bars)
    else:
        with _opened(out) as target:
            _write(scorers, given, config, target, config.form_of(out.name if out else None))


def _check(models: int, config: ScoreConfig, *, pictured: bool, out: Path | None) -> None:
    """Raises ConfigError for what does not go together."""
    if models > 2:
        raise ConfigError(f"{models} models are given, but two at most can be set side by side")
    if models == 2 and (pictured or config.is_nbest or config.guesses):
        raise ConfigError(
            "--heat, --bars, --guesses and n-best lists show one model, but two are given: "
            "leave one out"
        )
    if pictured and (config.form or out or config.guesses or config.by != "token"):
        raise ConfigError(
            "--heat and --bars draw the tokens: leave --format, --out, --guesses and --by out"
        )


@contextmanager
def _opened(out: Path | None) -> Iterator[TextIO]:
    """What rows are written to."""
    from rnnlm_cli.atomic import whole_text

    if out is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    with whole_text(out) as file:
        yield file


def _draw(scorer: Scorer, given: GivenText, config: ScoreConfig, *, heat: bool, bars: bool) -> None:
    from rnnlm_cli.cli.showing.heat import show_bars, show_heat
    from rnnlm_cli.tasks.rows import passages

    scored = list(scorer.score(passages(scorer, given.text, given.where, config)))
    if heat:
        show_heat(scored)
    if bars:
        show_bars(scored)


def _write(
    scorers: list[Scorer], given: GivenText, config: ScoreConfig, target: TextIO, form: Form
) -> None:
    from rnnlm_cli.cli.showing.bars import counted
    from rnnlm_cli.cli.showing.rows import write_rows
    from rnnlm_cli.tasks.rows import as_row, beside, figures, nbest_lines, passages

    lines = given.text.count("\n") + 1
    if config.is_nbest:
        for line in counted(nbest_lines(scorers[0], given.text, given.where, config), lines):
            target.write(f"{line}\n")
        return
    scored = [
        chain.from_iterable(
            counted(figures(each, passages(each, given.text, given.where, config), config), lines)
        )
        for each in scorers
    ]
    rows = map(as_row, scored[0]) if len(scored) == 1 else beside(*scored)
    write_rows(rows, target, form)
