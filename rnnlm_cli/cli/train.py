"""`rnnlm train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rnnlm_cli.cli.options import (
    JsonOption,
    ThreadsOption,
    check_each,
    given,
    parse_duration,
    usage,
)
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.presets import PRESETS
from rnnlm_cli.settings.run import DEFAULT_CHECKPOINT, RunConfig
from rnnlm_cli.settings.text import CorpusConfig, Unit
from rnnlm_cli.settings.train import Optimizer, Schedule, TrainConfig

_RUN, _TEXT, _MODEL, _TRAIN = "The run", "The text", "The model", "The training"
_PRESETS = "; ".join(f"{name}: {preset.about}" for name, preset in PRESETS.items())


def train(
    ctx: typer.Context,
    corpus: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|PATH",
            help="pydoc (the default), ptb, shakespeare, neko, a text file, or a folder with "
            "train.txt, valid.txt and test.txt.",
        ),
    ] = None,
    preset: Annotated[
        str | None, typer.Option(metavar="NAME", help=f"The recipe. {_PRESETS}.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(help="Passes over the text. Default: chosen for its length.")
    ] = None,
    steps: Annotated[int | None, typer.Option(help="So many updates instead of passes.")] = None,
    budget: Annotated[
        str | None,
        typer.Option(metavar="DURATION", help="Wall-clock time instead: 90s, 10m, 1h30m."),
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Where the best model goes; NAME.last.pkl is the newest state.")
    ] = DEFAULT_CHECKPOINT,
    init_from: Annotated[
        Path | None,
        typer.Option(
            metavar="CHECKPOINT",
            help="Begin with this model, whose words and sizes stay as they are.",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run whose state lies beside --out.")
    ] = False,
    seed: Annotated[int | None, typer.Option(help="Same seed, same model. Default: 0.")] = None,
    log: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the history as JSON lines.")
    ] = None,
    save_every: Annotated[
        float | None, typer.Option(help="Seconds between two saves. Default: 60.")
    ] = None,
    threads: ThreadsOption = None,
    json: JsonOption = False,
    list_corpora: Annotated[
        bool, typer.Option("--list-corpora", help="Show the named corpora and which are at hand.")
    ] = False,
    unit: Annotated[
        Unit | None,
        typer.Option(help="What a token is. Default: judged by the text.", rich_help_panel=_TEXT),
    ] = None,
    min_count: Annotated[
        int | None,
        typer.Option(
            help="Rarer tokens become <unk>. Default: 2, but 1 for whitespace.",
            rich_help_panel=_TEXT,
        ),
    ] = None,
    max_vocab: Annotated[
        int | None,
        typer.Option(help="The most words to keep. Default: 50000.", rich_help_panel=_TEXT),
    ] = None,
    lower: Annotated[
        bool | None, typer.Option("--lower", help="Make capitals small.", rich_help_panel=_TEXT)
    ] = None,
    wordvec_size: Annotated[
        int | None, typer.Option(help="Units of a word vector.", rich_help_panel=_MODEL)
    ] = None,
    hidden_size: Annotated[
        int | None, typer.Option(help="Units of an LSTM layer.", rich_help_panel=_MODEL)
    ] = None,
    layers: Annotated[int | None, typer.Option(help="LSTM layers.", rich_help_panel=_MODEL)] = None,
    tied: Annotated[
        bool | None,
        typer.Option(
            "--tied/--untied",
            help="Share the weights of embedding and output.",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    head_size: Annotated[
        int | None,
        typer.Option(
            help="Split the softmax: so many frequent words, and one branch for all others; exact. "
            "0: one softmax.",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    projection: Annotated[
        bool | None,
        typer.Option(
            "--projection/--no-projection",
            help="Tied weights of other sizes: a linear map from the last LSTM to a word vector. "
            "Without it the last of several LSTMs is as narrow as a word vector.",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    skip: Annotated[
        bool | None,
        typer.Option(
            "--skip", help="LSTMs add to inputs of the same size.", rich_help_panel=_MODEL
        ),
    ] = None,
    dropout: Annotated[
        float | None,
        typer.Option(
            help="Share of units to drop of word vectors, between LSTMs and before the output.",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    dropout_in: Annotated[
        float | None, typer.Option(help="Of word vectors instead.", rich_help_panel=_MODEL)
    ] = None,
    dropout_between: Annotated[
        float | None, typer.Option(help="Between LSTMs instead.", rich_help_panel=_MODEL)
    ] = None,
    dropout_out: Annotated[
        float | None, typer.Option(help="Before the output instead.", rich_help_panel=_MODEL)
    ] = None,
    locked: Annotated[
        bool | None,
        typer.Option(
            "--locked/--unlocked",
            help="Drop the same units at all steps of a segment.",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    dropout_hidden: Annotated[
        float | None,
        typer.Option(
            help="Share of h to drop on its way to the next step.", rich_help_panel=_MODEL
        ),
    ] = None,
    word_dropout: Annotated[
        float | None, typer.Option(help="Share of words to drop.", rich_help_panel=_MODEL)
    ] = None,
    weight_drop: Annotated[
        float | None,
        typer.Option(help="Share of recurrent weights to drop.", rich_help_panel=_MODEL),
    ] = None,
    ar: Annotated[
        float | None, typer.Option(help="Penalty on large activations.", rich_help_panel=_MODEL)
    ] = None,
    tar: Annotated[
        float | None,
        typer.Option(help="Penalty on changes of activations.", rich_help_panel=_MODEL),
    ] = None,
    forget_bias: Annotated[
        float | None,
        typer.Option(help="First bias of the forget gates.", rich_help_panel=_MODEL),
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="Parallel streams.", rich_help_panel=_TRAIN)
    ] = None,
    time_size: Annotated[
        int | None,
        typer.Option(help="Steps of back-propagation through time.", rich_help_panel=_TRAIN),
    ] = None,
    optimizer: Annotated[
        Optimizer | None,
        typer.Option(
            help="Update rule; another than the preset's comes with its own rate.",
            rich_help_panel=_TRAIN,
        ),
    ] = None,
    lr: Annotated[
        float | None, typer.Option(help="Learning rate at the start.", rich_help_panel=_TRAIN)
    ] = None,
    schedule: Annotated[
        Schedule | None,
        typer.Option(
            help="constant; plateau: a quarter when validation worsens; linear, cosine: to zero; "
            "one-cycle: up and down to zero.",
            rich_help_panel=_TRAIN,
        ),
    ] = None,
    warmup: Annotated[
        float | None,
        typer.Option(help="Share of the run in which the rate rises.", rich_help_panel=_TRAIN),
    ] = None,
    weight_decay: Annotated[
        float | None, typer.Option(help="Pull of the weights to zero.", rich_help_panel=_TRAIN)
    ] = None,
    average: Annotated[
        float | None,
        typer.Option(
            help="Share of the run, at its end, whose weights are averaged.",
            rich_help_panel=_TRAIN,
        ),
    ] = None,
    max_grad: Annotated[
        float | None, typer.Option(help="Norm to clip gradients to.", rich_help_panel=_TRAIN)
    ] = None,
    reset_probability: Annotated[
        float | None,
        typer.Option(help="Chance of a stream to start from zero.", rich_help_panel=_TRAIN),
    ] = None,
    random_offsets: Annotated[
        bool | None,
        typer.Option(
            "--random-offsets", help="Cut every epoch at other places.", rich_help_panel=_TRAIN
        ),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            help="Stop after so many epochs without a better one.", rich_help_panel=_TRAIN
        ),
    ] = None,
) -> None:
    """Train a model on a text.

    Without options: on the prose of the Python language reference, for a minute or two.
    """
    from rnnlm_cli.cli.session import resume_session, train_session
    from rnnlm_cli.cli.showing.render import show_corpora
    from rnnlm_cli.runs import requested

    if list_corpora:
        show_corpora(as_json=json)
        return
    kinds = RunConfig, CorpusConfig, ModelConfig, TrainConfig
    settings = given(ctx, *kinds)
    if budget is not None:
        settings["budget"] = parse_duration(budget)
    if resume:
        with usage():
            check_each(settings, *kinds)
        resume_session(settings.pop("out"), settings, as_json=json)
        return
    with usage():
        config, start = requested(settings)
    train_session(config, start, as_json=json)
