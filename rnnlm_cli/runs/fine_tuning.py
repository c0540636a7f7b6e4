"""A run that begins with the weights of a model, whose words and sizes it keeps."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.checkpoint.given_words import (
    check_takes_words,
    check_words,
    with_given_words,
    words_note,
)
from rnnlm_cli.corpus.loading import Corpus
from rnnlm_cli.corpus.reading.places import Place, check_named_once
from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.presets import DEFAULT
from rnnlm_cli.settings.run import RunRequest
from rnnlm_cli.settings.setting import declared
from rnnlm_cli.settings.spelling import option_name, shown

SIZES = tuple(name for name, each in declared(ModelConfig).items() if each.setting.shapes)


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run that is asked for, and what is known of the model at its `init_from`, whose sizes are
    asked for too; its weights are read when there is a model to take them.

    `notes` tell of the words that were given to that model.
    """

    request: RunRequest
    start: Checkpoint | None = None
    notes: tuple[str, ...] = ()


def requested(settings: dict[str, Any]) -> NewRun:
    """The new run that `settings` ask for. Raises RnnlmError."""
    check_named_once(Place.of(settings.get("corpus") or ()))
    path, vocab = settings.get("init_from"), settings.get("vocab")
    if path is None:
        return NewRun(RunRequest.of(**settings))
    start = load_checkpoint(path)
    check_takes_words(start, path, vocab)
    start, notes = with_given_words(start, path, vocab)
    return NewRun(fine_tuned(start, **settings), start.without_arrays(), notes)


def fine_tuned(start: Checkpoint, init_from: Path, **given: Any) -> RunRequest:
    """A run of the model `start`, which lies at `init_from`, on another text.

    What is `given` is as in a new run. The model keeps its sizes, its words and how a text is cut
    into them; its dropout too, unless another is given. One without words gets those of the text.

    Raises ConfigError where what is given would change that.
    """
    cutting = asdict(start.text.config) if start.text is not None else {}
    kept = {name: getattr(start.model, name) for name in SIZES} | cutting
    if differences := [
        f"{option_name(key)} is {shown(value)}, not {shown(given[key])}"
        for key, value in kept.items()
        if key in given and given[key] != value
    ]:
        raise ConfigError(
            f"{quoted(init_from)} keeps its sizes and its words ({'; '.join(differences)}): "
            "leave that out, or train a new model without --init-from"
        )
    return RunRequest.of(
        **{"preset": DEFAULT} | asdict(start.model) | cutting | given,
        init_from=init_from,
    )


def start_notes(new: NewRun, corpus: Corpus) -> list[str]:
    """What is to be known of the model that the run begins with, if it does, and of its words.

    Raises CheckpointError where it has none and those of the corpus cannot be its own.
    """
    start, path = new.start, new.request.init_from
    if start is None or path is None:
        return []
    notes = [unknown_note(corpus, path), *new.notes]
    if start.text is None:
        check_words(corpus, start.vocab_size, path)
        source, count = Place(new.request.corpus), len(corpus.vocabulary)
        notes.append(words_note(path, source, corpus.tokenizer, count))
    return notes


def unknown_note(corpus: Corpus, init_from: Path) -> str:
    """How much of the training split the words of the model do not cover."""
    unknown = corpus.text("train").unknown / max(1, len(corpus.ids("train")))
    return f"begins with {init_from}, to which {unknown:.1%} of the training tokens are unknown"
