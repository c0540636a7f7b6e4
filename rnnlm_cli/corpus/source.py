"""A corpus as text: what stands in each of its splits, before anything is cut into tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from rnnlm_cli.corpus.cutting.judging import Judgement, judge
from rnnlm_cli.corpus.encoded_text import count_characters
from rnnlm_cli.corpus.kept_text import KeptText
from rnnlm_cli.corpus.reading.decoding import all_ended, ended, is_blank, read_pieces
from rnnlm_cli.corpus.reading.files import shown
from rnnlm_cli.corpus.reading.named import EMBEDDED
from rnnlm_cli.corpus.reading.places import Place, find_files, is_registered
from rnnlm_cli.corpus.reading.pydoc_prose import pydoc_text
from rnnlm_cli.corpus.records import (
    LOOKED_AT,
    as_records,
    between_texts,
    record_starts,
    seems_made_of_paragraphs,
)
from rnnlm_cli.corpus.splitting import split_kept
from rnnlm_cli.corpus.text_index import Files, KnownText, Stamp, known_text, note_text
from rnnlm_cli.corpus.vocabulary import UNK
from rnnlm_cli.errors import AnotherText, ConfigError, CorpusError, quoted
from rnnlm_cli.settings.text import SPLITS, Record, Split
from rnnlm_cli.watching import Bars, in_silence

_JUDGED = 20_000_000  # characters of a split, at least, that say what it is cut into


@dataclass(frozen=True, slots=True)
class Part:
    """The text of one split, every line ended, and where it stands: for messages."""

    text: KeptText
    where: str


@dataclass(eq=False)
class Source:
    """The text of each split, and the place that it was read from.

    Of files that were read before `noted` is what was found then, and the text is read when it is
    needed; `known` is all that was found by now.
    """

    place: Place
    read: Callable[[], Mapping[Split, Part]] = field(repr=False)
    stamp: Stamp | None = field(default=None, repr=False)
    noted: KnownText | None = field(default=None, repr=False)
    known: KnownText = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.known = KnownText() if self.noted is None else replace(self.noted)

    @cached_property
    def parts(self) -> Mapping[Split, Part]:
        """The text of each split. Raises CorpusError as `read_source` does."""
        parts = self.read()
        if self.noted is not None and not (self.stamp and self.stamp.holds):
            raise CorpusError(f"{self.place} was written to just now: start again when it is whole")
        return parts

    @property
    def sha256(self) -> str:
        """The hash of the texts of the three splits."""
        if self.known.sha256 is None:
            digest = hashlib.sha256()
            for split in SPLITS:
                text = self.parts[split].text
                digest.update(f"{split} {text.size}\n".encode())
                for block in text.in_bytes():
                    digest.update(block)
            self.known.sha256 = digest.hexdigest()
        return self.known.sha256

    @property
    def characters(self) -> dict[Split, int]:
        """How many each split has: see `Figures`."""
        if self.known.characters is None:
            texts = {split: self.parts[split].text for split in SPLITS}
            self.known.characters = {s: count_characters(text) for s, text in texts.items()}
        return self.known.characters

    @property
    def judged(self) -> Judgement:
        """The unit that suits the text of all splits (see `judge`), or a long beginning."""
        if self.known.judged is None:
            beginnings = (part.text.beginning(_JUDGED) for part in self.parts.values())
            self.known.judged = judge("".join(beginnings))
        return self.known.judged

    @property
    def seems_records(self) -> bool:
        """Whether it seems to be made of paragraphs (see `seems_made_of_paragraphs`)."""
        if self.known.seems_records is None:
            beginning = self.parts["train"].text.beginning(LOOKED_AT)
            self.known.seems_records = seems_made_of_paragraphs(beginning)
        return self.known.seems_records

    @property
    def has_unk(self) -> bool:
        """Whether its training split has `<unk>`."""
        if self.known.has_unk is None:
            blocks = self.parts["train"].text.in_bytes()
            self.known.has_unk = any(UNK.encode() in block for block in blocks)
        return self.known.has_unk

    def note(self) -> None:
        """Let what was found out of a large text be known when it is read the next time."""
        if self.stamp is None or not self.stamp.settled or not self.stamp.holds:
            return
        _ = self.sha256, self.characters  # which a note has
        if self.known != self.noted:
            note_text(self.stamp, self.known)


def read_source(place: Place, record: Record | None = None, *, stages: Bars = in_silence) -> Source:
    """The text that lies there (see `find_files`), several one after the other, lines ended.

    One text is split (see `split_text`), whatever the settings are but for whether it is made of
    records. Raises CorpusError if there is no such text, if it cannot be read or is too short to
    split, and for texts with splits beside texts without.
    """
    if place.encoding and place.is_read_as_known:
        raise ConfigError(
            f"the encoding is {place.encoding}, but {place} is read as it is known: leave it out"
        )
    files = [{} if name == EMBEDDED else find_files(name, stages) for name in place.names]
    stamp = _stamp(place, files, record)
    noted = known_text(stamp) if stamp else None
    source = Source(place, partial(_read_all, place, files, record), stamp, noted)
    if noted is None:
        _ = source.parts
    return source


def _stamp(place: Place, files: Sequence[Files], record: Record | None) -> Stamp | None:
    """The state of the files of a place, by all that says what text they are.

    None where a part of the text is in no file.
    """
    if EMBEDDED in place.names:
        return None
    counts = [sum(map(len, each.values())) for each in files]
    encodings = [_encoding(place, name) for name in place.names]
    return Stamp.of(files, record, counts, encodings)


def _encoding(place: Place, name: str) -> str | None:
    """How the files of that name are written: those of a corpus by name are as they are known."""
    return None if is_registered(name) else place.encoding


def _read_all(place: Place, files: Sequence[Files], record: Record | None) -> Mapping[Split, Part]:
    texts = [
        _read(name, each, _encoding(place, name), record)
        for name, each in zip(place.names, files, strict=True)
    ]
    for name, parts in zip(place.names, texts, strict=True):
        if parts.keys() != texts[0].keys():
            one, split = name, place.names[0]
            if len(parts) > 1:
                one, split = split, one
            raise CorpusError(
                f"{shown(split)} has splits of its own, but {shown(one)} is one text: "
                "name texts of one kind"
            )
    parts = {split: _joined(place, [each[split] for each in texts], record) for split in texts[0]}
    return parts if len(parts) > 1 else _split_one(parts["train"], record)


def _read(
    name: str, files: Files, encoding: str | None, record: Record | None
) -> dict[Split, Part]:
    """The text of each split, or of `train` alone."""
    if name == EMBEDDED:
        return {"train": Part(KeptText.of([ended(pydoc_text())]), f"corpus {EMBEDDED}")}
    parts: dict[Split, Part] = {}
    for split, paths in files.items():
        where = shown(paths[0] if len(paths) == 1 else name)
        texts = (read_pieces(path, encoding) for path in paths)
        parts[split] = Part(KeptText.of(all_ended(texts, between_texts(record))), where)
    return parts


def _joined(place: Place, parts: Sequence[Part], record: Record | None) -> Part:
    one = len(parts) == 1
    texts = (part.text for part in parts)
    text = parts[0].text if one else KeptText.of(all_ended(texts, between_texts(record)))
    where = parts[0].where if one else str(place)
    if record:  # blank lines may be many: the text is held whole
        text = KeptText.of([as_records(str(text), record)])
    return Part(text, where)


def check_text(place: Place, found: str, wanted: str) -> None:
    """Raises AnotherText if the text at `place`, whose hash is `found`, is not the `wanted` one."""
    if found != wanted:
        raise AnotherText(
            f"{quoted(place)} is another text: its SHA-256 is {found[:12]}…, not {wanted[:12]}…"
        )


class Shelf:
    """Where texts are read; what is asked for again is not read again, if they are to be kept.

    `stages` are told of downloads.
    """

    def __init__(self, *, keep: bool = False, stages: Bars = in_silence) -> None:
        self._keep, self._stages = keep, stages
        self._kept: dict[tuple[Place, Record | None], Source] = {}

    def source(self, place: Place, record: Record | None = None) -> Source:
        """The text that lies there; raises CorpusError as `read_source` does."""
        key = place.absolute(), record
        if key in self._kept:
            return self._kept[key]
        source = read_source(place, record, stages=self._stages)
        if self._keep:
            self._kept[key] = source
        return source


def _split_one(whole: Part, record: Record | None) -> Mapping[Split, Part]:
    pieces = split_kept(whole.text, record)
    if any(all(map(is_blank, piece)) for piece in pieces.values()):
        text = str(whole.text)
        kind = f"{record}s" if record else "lines"
        count = len(record_starts(text, record)) if record else text.count("\n")
        raise CorpusError(
            f"{whole.where}: too short to be split for training, validation and test ({kind}: "
            f"{count}, words: {len(text.split())}): use a text of at least 20 {kind}, or a "
            "folder with train.txt, valid.txt and test.txt"
        )
    return {split: Part(piece, f"{whole.where}, {split} split") for split, piece in pieces.items()}
