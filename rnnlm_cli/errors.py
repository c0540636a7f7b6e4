"""Everything that a user or a file can cause, as one tree of exceptions.

    RnnlmError
    ├── ConfigError          a setting is out of range, or two settings contradict each other
    ├── CorpusError          a text is missing, unreadable, too short, or not the one expected
    │   ├── AnotherText      it is not the one that was asked for
    │   └── VocabularyError  a word is not in the vocabulary, or words make none
    ├── CheckpointError      a model file is missing, damaged, hostile, or of another shape
    ├── MissingExtra         a library is needed that is not installed
    └── TrainingDiverged     a loss or a gradient stopped being a finite number

A message is one sentence that says where, what was found, what was needed and what to do.
Messages quote names and words from files: `quoted` makes them harmless on a terminal.
"""

import os
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

JOINERS = "\u200c\u200d"
LONGEST_PATH = 4096  # characters; Linux opens none of more bytes


class RnnlmError(Exception):
    """Base of all errors that a user or a file can cause."""


class ConfigError(RnnlmError):
    """A setting is out of range, or two settings contradict each other."""


class CorpusError(RnnlmError):
    """A text is missing, unreadable, too short, or not the one expected."""


class AnotherText(CorpusError):
    """A text is not the one that was asked for."""


class VocabularyError(CorpusError):
    """A word is not in the vocabulary, or words make none."""


class CheckpointError(RnnlmError):
    """A model file is missing, damaged, hostile, or of another shape."""


class MissingExtra(RnnlmError):
    """A library is needed that is not installed, since few need it."""


class TrainingDiverged(RnnlmError):
    """A loss or a gradient stopped being a finite number."""


class RnnlmWarning(UserWarning):
    """Something failed that a run goes on without, such as a save."""


def library(module: str, what: str | None = None, extra: str | None = None) -> Any:
    """The `module` of a library that an `extra` brings, by default one of its name.

    `what` needs it: by default files of that name.
    Raises MissingExtra where it is not installed.
    """
    name = module.partition(".")[0]
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name not in (name, module):
            raise  # it is there, and lacks something itself
        raise MissingExtra(
            f"{what or f'files of {name}'} need the library {name}, which is not installed: "
            f"pip install {name}, or rnnlm-cli[{extra or name}]"
        ) from None


@contextmanager
def told_of(place: str, advice: str) -> Iterator[None]:
    """Inside the block a CorpusError, which says what was found, gets its place and an advice."""
    try:
        yield
    except CorpusError as error:
        raise CorpusError(f"{place} has {error}: {advice}") from None


@contextmanager
def of_another_text(text: object, model: object) -> Iterator[None]:
    """Inside the block a word that a model does not know is of a text that it was not trained on.

    Raises VocabularyError, which says that first.
    """
    named = "the model" if model is None else quoted(model)  # which is in no file
    try:
        yield
    except VocabularyError as error:
        raise VocabularyError(
            f"{quoted(text)} is not the text that {named} was trained on: {error}"
        ) from None


@contextmanager
def in_file(path: str | os.PathLike[str]) -> Iterator[None]:
    """Inside the block what is wrong with a checkpoint is a CheckpointError that names its file."""
    try:
        yield
    except (CheckpointError, ConfigError, VocabularyError) as error:
        raise CheckpointError(f"{printable(os.fspath(path))}: {error}") from None


def printable(text: object) -> str:
    """`text` with every control, bidirectional and surrogate character escaped (`\\x1b`)."""
    return escaped(str(text), _escape)


def readable(text: str, keep: str = "") -> str:
    """As `printable`, for a text to be read: what joins letters and smileys stays, and `keep` too.

    Persian, the scripts of India and families of smileys are other letters without it.
    """
    return escaped(text, _escape, keep=JOINERS + keep)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def escaped(text: str, escape: Callable[[str], str], keep: str = "") -> str:
    """`text` with `escape` of every character that is not for a terminal, but for those to `keep`.

    What neither prints nor is a blank: control and format characters (bidirectional marks, zero
    width, tags), line separators, surrogates, and what Unicode has not assigned.
    """
    return "".join(
        c
        if c.isprintable() or unicodedata.category(c) == "Zs" or c in keep  # U+3000: a plain space
        else escape(c)
        for c in text
    )


def quoted(text: object, limit: int = 200) -> str:
    """`text` in quotes, printable, cut to `limit` characters: for use in messages.

    What is cut out is the middle, since the name of a file is at the end of its path; but of a Path
    nothing that a system would open, so that an advice can be copied.
    """
    shown = str(text)
    limit = LONGEST_PATH if isinstance(text, os.PathLike) else limit
    if len(shown) > limit:
        half = (limit - 1) // 2
        shown = shown[: limit - 1 - half] + "…" + shown[-half:]
    return "'" + printable(shown) + "'"
