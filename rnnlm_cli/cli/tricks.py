"""The options of `rnnlm eval` for what helps a trained model to score, and how they are used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.text import Unit
from rnnlm_cli.settings.train import Protocol
from rnnlm_cli.settings.tricks import FLAGS, TrickConfig

if TYPE_CHECKING:
    from rnnlm_cli.checkpoint.contents import Checkpoint
    from rnnlm_cli.model.model import Ids, LanguageModel
    from rnnlm_cli.scoring.adapting import Adapted
    from rnnlm_cli.trained import ScoredText

AllOption = Annotated[
    bool,
    typer.Option("--all-tricks", help="All four, each alone and together.", rich_help_panel=FLAGS),
]


def trick_config(given: dict[str, Any], all_tricks: bool, protocol: Protocol) -> TrickConfig:
    """What the options ask for. Raises ConfigError."""
    flags = dict.fromkeys(("temper", "cache", "ngram", "dynamic"), True) if all_tricks else {}
    config = TrickConfig(**given | flags)
    if config.asked and protocol != "stream":
        raise ConfigError(
            f"--protocol is {protocol}, but tricks score a text as one stream: leave it out"
        )
    return config


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
    from rnnlm_cli.model.footprint import check_adapting
    from rnnlm_cli.scoring.adapting import Texts, adapt
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
