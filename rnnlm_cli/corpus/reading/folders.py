"""The text files of a folder: one for each split, or all for one text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from rnnlm_cli.corpus.reading.files import files_in, shown
from rnnlm_cli.errors import CorpusError, quoted
from rnnlm_cli.settings.text import SPLITS, Split

_SPELLINGS: Mapping[str, Split] = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "dev": "valid",
    "test": "test",
}
# wiki.train.tokens, en-ud-dev.txt, test.txt.gz: what stands before, the split, what stands behind
_OF_A_SPLIT = re.compile(
    rf"(?P<set>(?:.*[._-])?)(?P<split>{'|'.join(_SPELLINGS)})(?:\.(?:txt|text|tokens|raw))?(?:\.gz)?",
    re.IGNORECASE,
)
_TEXT = re.compile(r".*\.(?:txt|text)(?:\.gz)?", re.IGNORECASE)
_ADVICE = "put train.txt, valid.txt and test.txt there, or .txt files that are one text together"


def files_of_folder(folder: Path) -> dict[Split, list[Path]]:
    """The file of each split; without such files all text files by name, for `train` alone.

    Raises CorpusError where a split has no file or two, or where there is no text file at all. A
    file that is called after one split alone, as `test.txt`, is a text like others.
    """
    files = files_in(folder)
    found = _of_splits(files)
    if any(_split(match) == "train" for match in found.values()):
        return _one_each(folder, found)
    _check_not_in_want_of_train(folder, found)
    if not (texts := _texts(files)):
        raise CorpusError(f"the folder {shown(folder)} has no train.txt, nor any .txt: {_ADVICE}")
    return {"train": texts}


def unread_texts(folder: Path) -> list[Path]:
    """Its text files, by name, that are not read: those beside a file for each split."""
    read = {path for paths in files_of_folder(folder).values() for path in paths}
    return [path for path in _texts(files_in(folder)) if path not in read]


def texts_called_after_a_split(folder: Path) -> list[Path]:
    """Its text files, by name, that are parts of one text though they are called after a split."""
    files = files_of_folder(folder)
    return list(_of_splits(files["train"])) if len(files) == 1 else []


def _of_splits(files: list[Path]) -> dict[Path, re.Match[str]]:
    """Those of the `files` that are called after a split, with what each part of the name says."""
    return {path: match for path in files if (match := _OF_A_SPLIT.fullmatch(path.name))}


def _texts(files: list[Path]) -> list[Path]:
    return [path for path in files if _TEXT.fullmatch(path.name)]


def _split(match: re.Match[str]) -> Split:
    return _SPELLINGS[match["split"].lower()]


def _named(path: Path, match: re.Match[str], split: Split) -> str:
    """What the file of another `split` of the same set is called, quoted."""
    begin, _, end = path.name.rpartition(match["split"])
    return quoted(f"{begin}{split}{end}")


def _check_not_in_want_of_train(folder: Path, found: Mapping[Path, re.Match[str]]) -> None:
    """Raises CorpusError where the test split would be trained on: the third name is misspelt."""
    for path, match in found.items():
        other = [p for p, m in found.items() if m["set"] == match["set"] and _split(m) == "test"]
        if _split(match) == "valid" and other:
            raise CorpusError(
                f"the folder {shown(folder)} has {quoted(path.name)} and {quoted(other[0].name)} "
                f"but not {_named(path, match, 'train')}: put it there, or give the two other "
                "names to have all files read as one text"
            )


def _one_each(folder: Path, found: Mapping[Path, re.Match[str]]) -> dict[Split, list[Path]]:
    trains = [path for path, match in found.items() if _split(match) == "train"]
    files: dict[Split, list[Path]] = {"train": trains}
    if len(trains) == 1:
        of_set = found[trains[0]]["set"]
        mine = {path: match for path, match in found.items() if match["set"] == of_set}
        files |= {s: [p for p, m in mine.items() if _split(m) == s] for s in SPLITS[1:]}
    where = shown(folder)
    for paths in files.values():
        if len(paths) > 1:
            both = " and ".join(quoted(path.name) for path in paths[:2])
            raise CorpusError(f"the folder {where} has both {both}: leave one of them in it")
    if missing := [split for split, paths in files.items() if not paths]:
        lacked = " and ".join(_named(trains[0], found[trains[0]], split) for split in missing)
        raise CorpusError(
            f"the folder {where} has {quoted(trains[0].name)} but not {lacked}: "
            f"put it there, or name the file {shown(trains[0])} to have it split"
        )
    return files
