"""The options of `rnnlm eval` for what helps a trained model to score, and how they are used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rnnlm_cli.cli.options import given
from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.settings.text import Unit
from rnnlm_cli.settings.tricks import TrickConfig

if TYPE_CHECKING:
    from rnnlm_cli.arrays import Ids
    from rnnlm_cli.checkpoint.checkpoint import Checkpoint
    from rnnlm_cli.model.model import LanguageModel
    from rnnlm_cli.scoring.adapting import Adapted
    from rnnlm_cli.trained import ScoredText

_FLAGS = "Tricks, tuned on the validation split"
_VALUES = "Values of tricks, to repeat them without tuning"


def _flag(name: str, help_: str) -> Any:
    return typer.Option(name, help=help_, rich_help_panel=_FLAGS)


def _value(help_: str, metavar: str | None = None) -> Any:
    return typer.Option(help=help_, metavar=metavar, rich_help_panel=_VALUES)


TemperOption = Annotated[bool, _flag("--temper", "Divide the model's scores by a temperature.")]
CacheOption = Annotated[bool, _flag("--cache", "Mix with words that followed similar states.")]
NgramOption = Annotated[bool, _flag("--ngram", "Mix with a Kneser-Ney 5-gram model.")]
DynamicOption = Annotated[bool, _flag("--dynamic", "Learn from the text, after scoring it.")]
AllOption = Annotated[bool, _flag("--all-tricks", "All four, each alone and together.")]
TemperatureOption = Annotated[float | None, _value("What scores are divided by.")]
WindowOption = Annotated[int | None, _value("Words that the cache remembers.")]
ThetaOption = Annotated[float | None, _value("How much more the likest states count.")]
LrOption = Annotated[float | None, _value("Learning rate of dynamic evaluation.")]
DecayOption = Annotated[float | None, _value("How fast its weights go back.")]
MixtureOption = Annotated[
    str | None, _value("Shares of model, cache and n-grams, as in 0.7,0.2,0.1.", "SHARES")
]


def trick_config(ctx: Any) -> TrickConfig:
    """What the options ask for. Raises ConfigError."""
    settings = given(ctx, TrickConfig)
    if ctx.params["all_tricks"]:
        settings |= dict.fromkeys(("temper", "cache", "ngram", "dynamic"), True)
    if "mixture" in settings:
        settings["mixture"] = _shares(settings["mixture"])
    config = TrickConfig(**settings)
    if config.asked and ctx.params["protocol"] != "stream":
        raise ConfigError(
            f"--protocol is {ctx.params['protocol']}, but tricks score a text as one stream: "
            "leave it out"
        )
    return config


def _shares(text: str) -> tuple[float, ...]:
    try:
        return tuple(map(float, text.split(",")))
    except ValueError:
        raise ConfigError(
            f"mixture is {quoted(text)}, but must be numbers between commas, as in 0.7,0.2,0.1"
        ) from None


def score_with_tricks(
    model: LanguageModel,
    checkpoint: Checkpoint,
    path: Path,
    scored: ScoredText,
    config: TrickConfig,
    *,
    corpus: str | None,
    on_terminal: bool,
) -> list[Adapted]:
    """Score the text with the tricks of `config`, with a bar a stage. Raises RnnlmError.

    A text that flatters the tricks, because they know it, is scored with a note.
    """
    from rnnlm_cli.cli.showing.render import say_note
    from rnnlm_cli.scoring.adapting import Texts, adapt, check_adapting
    from rnnlm_cli.trained import own_splits

    train, valid = own_splits(checkpoint, path, corpus, progress=on_terminal)
    longest = max(len(scored.ids), len(valid))
    check_adapting(checkpoint.vocab_size, longest, len(train), checkpoint.model, config)
    unit = checkpoint.text.config.unit if checkpoint.text else None
    for note in _overlaps(scored.ids, train, valid, config, unit):
        say_note(note)
    words = scored.vocabulary
    texts = Texts(train, valid, scored.ids, words.eos_id, words.unk_id)
    return adapt(model, texts, config, stages=_bars(on_terminal))


def _overlaps(
    ids: Ids, train: Ids, valid: Ids, config: TrickConfig, unit: Unit | None
) -> Iterator[str]:
    """How much of the scored `ids` is in what n-grams were counted in, and tricks are tuned on."""
    from rnnlm_cli.scoring.adapting.overlap import NOTABLE, share_within

    for where, other, is_used in (
        ("training split, in which the n-grams are counted", train, "ngram" in config.asked),
        ("validation split, on which tricks are tuned", valid, not config.is_complete),
    ):
        if is_used and (share := share_within(ids, other, unit)) >= NOTABLE:
            yield (
                f"{share:.0%} of the text that is scored stands in the {where}: "
                "the figures are optimistic"
            )


def _bars(on_terminal: bool) -> Any:
    """Progress of every stage, on stderr if that is a terminal."""

    @contextmanager
    def stage(name: str, words: int) -> Iterator[Callable[[int], object]]:
        from tqdm import tqdm

        with tqdm(
            total=words, desc=name, unit="tok", leave=False, disable=not on_terminal, delay=0.5
        ) as bar:
            yield bar.update

    return stage
