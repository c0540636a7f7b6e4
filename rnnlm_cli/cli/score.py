"""`rnnlm score`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from rnnlm_cli.cli.options import CorpusOption, ThreadsOption, usage, with_options
from rnnlm_cli.cli.tricks import AllOption, trick_config
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.run import DEFAULT_CHECKPOINT
from rnnlm_cli.settings.score import ScoreConfig
from rnnlm_cli.settings.setting import config_of, given_of
from rnnlm_cli.settings.tricks import TrickConfig

if TYPE_CHECKING:
    from rnnlm_cli.corpus.reading import GivenText
    from rnnlm_cli.settings.score import Form
    from rnnlm_cli.tasks.scorer import ScoredPassage
    from rnnlm_cli.trained import Trained


@with_options(ScoreConfig, TrickConfig)
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
    all_tricks: AllOption = False,
    threads: ThreadsOption = None,
    **values: Any,
) -> None:
    """How well a model predicts each token, word or line of a text."""
    from rnnlm_cli.cli.showing.render import say_note
    from rnnlm_cli.corpus.reading import GivenText
    from rnnlm_cli.trained import Trained

    with usage():
        config = config_of(ScoreConfig, values)
        tricks = trick_config(given_of(TrickConfig, values), all_tricks)
        paths = checkpoints or [DEFAULT_CHECKPOINT]
        _check(len(paths), config, pictured=heat or bars, out=out)
        given = GivenText.read(text, file)
        if given is None:
            raise ConfigError("nothing to score: give --text or --file")
        if tricks.asked:
            config = _as_one_stream(config, values, len(paths))
    if "context" not in values and given.text.count("\n") > 1:
        say_note(
            "each line is scored by itself; --context text scores them as one text"
            if config.context == "line"
            else "tricks score all lines as one text"
        )
    models = [Trained.load(path, corpus, threads) for path in paths]
    if heat or bars:
        _draw(list(_scored(models[0], given, config, tricks)), heat=heat, bars=bars)
        return
    with opened(out) as target:
        _write(models, given, config, tricks, target, config.form_of(out.name if out else None))


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
def opened(out: Path | None) -> Iterator[TextIO]:
    """What rows are written to."""
    from rnnlm_cli.atomic import whole_text

    if out is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    with whole_text(out) as file:
        yield file


def _as_one_stream(config: ScoreConfig, values: dict[str, Any], models: int) -> ScoreConfig:
    """The config of a text that is scored with tricks. Raises ConfigError."""
    if values.get("context") == "line" or config.guesses or config.is_nbest or models > 1:
        raise ConfigError(
            "tricks score a text of one model as one stream: leave out --context line, --guesses, "
            "n-best lists and a second model"
        )
    return replace(config, context="text")


def _scored(
    lm: Trained, given: GivenText, config: ScoreConfig, tricks: TrickConfig
) -> Iterator[ScoredPassage]:
    from rnnlm_cli.cli.showing.bars import bar, counted
    from rnnlm_cli.cli.showing.render import say_note
    from rnnlm_cli.tasks.rows import scored
    from rnnlm_cli.trained.tricks import passage_with_tricks

    if tricks.asked:
        yield passage_with_tricks(lm, given.text, given.where, tricks, say=say_note, stages=bar)
        return
    lines = given.text.count("\n") + 1
    yield from counted(scored(lm.scorer, given.text, given.where, config), lines)


def _draw(scored: list[ScoredPassage], *, heat: bool, bars: bool) -> None:
    from rnnlm_cli.cli.showing.heat import show_bars, show_heat

    if heat:
        show_heat(scored)
    if bars:
        show_bars(scored)


def _write(
    models: list[Trained],
    given: GivenText,
    config: ScoreConfig,
    tricks: TrickConfig,
    target: TextIO,
    form: Form,
) -> None:
    from rnnlm_cli.cli.showing.rows import write_rows
    from rnnlm_cli.tasks.rows import as_row, beside, figures, nbest_lines

    if config.is_nbest:
        for line in nbest_lines(models[0].scorer, given.text, given.where, config):
            target.write(f"{line}\n")
        return
    each = [
        chain.from_iterable(figures(lm.scorer, _scored(lm, given, config, tricks), config))
        for lm in models
    ]
    write_rows(map(as_row, each[0]) if len(each) == 1 else beside(*each), target, form)
