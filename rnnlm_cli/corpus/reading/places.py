"""Where a text lies: a registered name, a file, a folder, or several of them."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rnnlm_cli.corpus.reading.files import check_local, shown
from rnnlm_cli.corpus.reading.folders import (
    files_of_folder,
    texts_called_after_a_split,
    unread_texts,
)
from rnnlm_cli.corpus.reading.named import CORPORA, fetch, find_named
from rnnlm_cli.errors import ConfigError, CorpusError, quoted
from rnnlm_cli.settings.setting import ENCODING, refuse_setting
from rnnlm_cli.settings.text import Split
from rnnlm_cli.watching import Bars, in_silence

_MOST_SHOWN = 3  # names of a place in a message or a table


@dataclass(frozen=True, slots=True)
class Place:
    """Names of corpora and paths, whose texts follow one another; most often it is one.

    A registered name goes before a path of the same spelling: `./ptb` is the path. `encoding` is
    that of its files (None: UTF-8). Raises ConfigError for one that is not known.
    """

    names: tuple[str, ...]
    encoding: str | None = None

    def __post_init__(self) -> None:
        if self.encoding is not None and not ENCODING.holds(self.encoding):
            refuse_setting("encoding", quoted(self.encoding), ENCODING.needed)

    @classmethod
    def of(cls, names: str | Iterable[str], encoding: str | None = None) -> Place:
        """The place of one name, or of several."""
        return cls((names,) if isinstance(names, str) else tuple(names), encoding)

    def __str__(self) -> str:
        """What it is called in a message or a table."""
        more = len(self.names) - _MOST_SHOWN
        if more > 0:
            return " + ".join([*self.names[:_MOST_SHOWN], f"{more} more"])
        return " + ".join(self.names)

    @property
    def is_registered(self) -> bool:
        """Whether it is one corpus by name."""
        return len(self.names) == 1 and is_registered(self.names[0])

    @property
    def is_read_as_known(self) -> bool:
        """Whether all of it are corpora by name, whose encoding is known."""
        return all(map(is_registered, self.names))

    def without_folders(self) -> Place:
        """Its registered names, and the names alone of its files and folders.

        A model that is passed on tells nobody's folders, and equal texts in two places have one
        name.
        """
        return replace(self, names=tuple(map(_label, self.names)))

    def absolute(self) -> Place:
        """The same for all spellings of a place."""
        return replace(self, names=tuple(map(_absolute, self.names)))

    @property
    def is_there(self) -> bool:
        """Whether all of it are corpora by name, or paths at which there is something."""
        return bool(self.names) and all(
            is_registered(name) or _is_there(name) for name in self.names
        )

    @property
    def files(self) -> list[Path]:
        """The files that it is read from, as far as they are there. Raises CorpusError."""
        return [path for name in self.names for path in _files(name)]

    @property
    def notes(self) -> list[str]:
        """What is not read of its folders, which must be there, or maybe read by mistake."""
        others = [name for name in self.names if not is_registered(name)]
        return [note for name in others if os.path.isdir(name) for note in _notes_of(Path(name))]


def check_named_once(place: Place) -> None:
    """Raises ConfigError for a text that is named twice, in whatever spelling."""
    if (twice := named_twice(place.names, {"-", *CORPORA})) is not None:
        raise ConfigError(f"corpus {quoted(twice)} is given twice: give it once")


def named_twice(names: Iterable[str], no_paths: Container[str] = ("-",)) -> str | None:
    """The first of `names` that is another spelling of one before it: paths, but for `no_paths`."""
    known = set[str]()
    for name in names:
        same = name if name in no_paths or "\0" in name else os.path.realpath(name)
        if same in known:
            return name
        known.add(same)
    return None


def is_registered(name_or_path: str) -> bool:
    """Whether that is a corpus by name; a path of the same spelling is `./ptb`."""
    return name_or_path in CORPORA


def _label(name_or_path: str) -> str:
    if is_registered(name_or_path):
        return name_or_path
    name = os.path.basename(os.path.abspath(name_or_path)) or name_or_path
    return f"./{name}" if is_registered(name) else name


def _absolute(name_or_path: str) -> str:
    return name_or_path if is_registered(name_or_path) else os.path.abspath(name_or_path)


def _files(name_or_path: str) -> list[Path]:
    if is_registered(name_or_path):
        return list((find_named(name_or_path) or {}).values())
    if os.path.isdir(name_or_path):
        return [p for paths in files_of_folder(Path(name_or_path)).values() for p in paths]
    return [Path(name_or_path)] if _is_there(name_or_path) else []


def _notes_of(folder: Path) -> list[str]:
    where = f"the folder {shown(folder)}"
    if texts := unread_texts(folder):
        return [f"{where} has a file for each split, beside which {_are(texts)} not read"]
    if texts := texts_called_after_a_split(folder):
        return [f"{where} has no file for training, so that {_are(texts)} a part of one text"]
    return []


def _are(texts: Sequence[Path]) -> str:
    more = len(texts) - _MOST_SHOWN
    names = [quoted(path.name) for path in texts[:_MOST_SHOWN]] + [f"{more} more"] * (more > 0)
    return f"{', '.join(names)} {'is' if len(texts) == 1 else 'are'}"


def find_files(name_or_path: str, stages: Bars = in_silence) -> dict[Split, list[Path]]:
    """The files of each split, or those of one text (`train` alone) that is to be split.

    What is missing of a named corpus is downloaded, of which `stages` are told.
    Raises CorpusError.
    """
    if is_registered(name_or_path):
        named = find_named(name_or_path) or fetch(name_or_path, stages)
        return {split: [path] for split, path in named.items()}
    if name_or_path == "-":
        raise CorpusError(
            "standard input can be read once, and this text is read again: save it to a file first"
        )
    if os.path.isdir(name_or_path):
        return files_of_folder(Path(name_or_path))
    if _is_there(name_or_path):
        return {"train": [Path(name_or_path)]}
    check_local(name_or_path)
    raise CorpusError(
        f"{shown(name_or_path)} is no file or folder, and no named corpus "
        f"({', '.join(sorted(CORPORA))}): check the spelling"
    )


def _is_there(path: str) -> bool:
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:  # there, but not to be looked at: reading it will say why
        return True
    return True
