"""A corpus as text: what stands in each of its splits, before anything is cut into tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from rnnlm_cli.corpus.judging import Judgement, judge
from rnnlm_cli.corpus.named import EMBEDDED
from rnnlm_cli.corpus.places import find_files, place_key
from rnnlm_cli.corpus.pydoc_prose import pydoc_text
from rnnlm_cli.corpus.reading import read_text, shown
from rnnlm_cli.corpus.splitting import SPLITS, split_text, unit_to_split
from rnnlm_cli.errors import AnotherText, CorpusError
from rnnlm_cli.settings.text import Split


@dataclass(frozen=True, slots=True)
class Part:
    """The text of one split, every line ended, and where it stands: for messages."""

    text: str
    where: str


@dataclass(frozen=True, eq=False)
class Source:
    """The text of each split; `place` is the name or the path that it was read from."""

    place: str
    parts: Mapping[Split, Part] = field(repr=False)

    @cached_property
    def sha256(self) -> str:
        """The hash of the texts of the three splits: it depends on no setting."""
        digest = hashlib.sha256()
        for split in SPLITS:
            data = self.parts[split].text.encode()
            digest.update(f"{split} {len(data)}\n".encode())
            digest.update(data)
        return digest.hexdigest()

    @cached_property
    def judged(self) -> Judgement:
        """The unit that suits the text of all splits (see `judge`)."""
        return judge("".join(part.text for part in self.parts.values()))


def read_source(name_or_path: str, *, progress: bool = False) -> Source:
    """The text of the corpus of that name, or of that file or folder (see `find_files`).

    One file is split (see `split_text`), whatever the settings are.
    Raises CorpusError if there is no such text, if it cannot be read or is too short to split.
    """
    if name_or_path == EMBEDDED:
        return _split_one(name_or_path, pydoc_text(), f"corpus {EMBEDDED}")
    files = find_files(name_or_path, progress)
    if len(files) == 1:
        return _split_one(name_or_path, read_text(files["train"]), shown(files["train"]))
    parts = {split: Part(_ended(read_text(path)), shown(path)) for split, path in files.items()}
    return Source(name_or_path, parts)


def check_text(place: str, found: str, wanted: str) -> None:
    """Raises AnotherText if the text at `place`, whose hash is `found`, is not the `wanted` one."""
    if found != wanted:
        raise AnotherText(
            f"{shown(place)} is another text: its SHA-256 is {found[:12]}…, not {wanted[:12]}…"
        )


class Shelf:
    """Where texts are read; what is asked for again is not read again, if they are to be kept.

    `progress` shows a bar for downloads.
    """

    def __init__(self, *, keep: bool = False, progress: bool = False) -> None:
        self._keep, self._progress = keep, progress
        self._kept: dict[str, Source] = {}

    def source(self, name_or_path: str) -> Source:
        """The text that lies there; raises CorpusError as `read_source` does."""
        key = place_key(name_or_path)
        if key in self._kept:
            return self._kept[key]
        source = read_source(name_or_path, progress=self._progress)
        if self._keep:
            self._kept[key] = source
        return source


def _split_one(place: str, text: str, where: str) -> Source:
    text = _ended(text)
    pieces = split_text(text, unit_to_split(text))
    if any(not piece or piece.isspace() for piece in pieces.values()):
        lines = text.count("\n")
        raise CorpusError(
            f"{where}: too short to be split for training, validation and test (lines: {lines}, "
            f"words: {len(text.split())}): use a text of at least 20 lines, or a folder with "
            "train.txt, valid.txt and test.txt"
        )
    parts = {split: Part(piece, f"{where}, {split} split") for split, piece in pieces.items()}
    return Source(place, parts)


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
