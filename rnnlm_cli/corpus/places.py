"""Which files a corpus is read from: those of a registered name, of a folder, or one file."""

from __future__ import annotations

import os
from pathlib import Path

from rnnlm_cli.corpus.named import CORPORA, fetch, find_named
from rnnlm_cli.corpus.reading import shown
from rnnlm_cli.corpus.splitting import SPLITS
from rnnlm_cli.errors import CorpusError, quoted
from rnnlm_cli.settings.text import Split


def is_registered(name_or_path: str) -> bool:
    """Whether that is a corpus by name; a path of the same spelling is `./ptb`."""
    return name_or_path in CORPORA


def label(name_or_path: str) -> str:
    """What a text is called: its registered name, else that of its file or folder alone.

    A model that is passed on tells nobody's folders, and equal texts in two places have one name.
    """
    if is_registered(name_or_path):
        return name_or_path
    name = os.path.basename(os.path.abspath(name_or_path)) or name_or_path
    return f"./{name}" if is_registered(name) else name


def path_of(name_or_path: str) -> Path | None:
    """The whole path of a text that has no registered name."""
    return None if is_registered(name_or_path) else Path(os.path.abspath(name_or_path))


def place_key(name_or_path: str) -> str:
    """The same for all spellings of a place."""
    return name_or_path if is_registered(name_or_path) else os.path.abspath(name_or_path)


def corpus_is_there(name_or_path: str) -> bool:
    """Whether that is a corpus by name, or a path at which there is something."""
    return is_registered(name_or_path) or _is_there(name_or_path)


def corpus_files(name_or_path: str) -> list[Path]:
    """The files that the corpus is read from, as far as they are there. Raises CorpusError."""
    if is_registered(name_or_path):
        return list((find_named(name_or_path) or {}).values())
    if os.path.isdir(name_or_path):
        return list(_files_of_folder(Path(name_or_path)).values())
    return [Path(name_or_path)] if _is_there(name_or_path) else []


def find_files(name_or_path: str, progress: bool) -> dict[Split, Path]:
    """The file of each split, or one file (`train` alone) that is to be split.

    What is missing of a named corpus is downloaded; `progress` shows a bar for that on stderr.
    Raises CorpusError.
    """
    if is_registered(name_or_path):
        return find_named(name_or_path) or fetch(name_or_path, progress)
    if name_or_path == "-":
        raise CorpusError(
            "a corpus is read again to resume and to score, which standard input cannot be: "
            "save the text to a file first"
        )
    if os.path.isdir(name_or_path):
        return _files_of_folder(Path(name_or_path))
    if _is_there(name_or_path):
        return {"train": Path(name_or_path)}
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


def _files_of_folder(folder: Path) -> dict[Split, Path]:
    """`train.txt`, `valid.txt` and `test.txt` in `folder`, or the same with one prefix."""
    where = shown(folder)
    trains = sorted({*folder.glob("train.txt"), *folder.glob("*.train.txt")})
    if not trains:
        raise CorpusError(
            f"the folder {where} has no train.txt: put train.txt, valid.txt and test.txt there, "
            "or name one text file to have it split"
        )
    if len(trains) > 1:
        names = " and ".join(quoted(path.name) for path in trains[:2])
        raise CorpusError(f"the folder {where} has both {names}: leave one set of files in it")
    prefix = trains[0].name.removesuffix("train.txt")
    files = {split: folder / f"{prefix}{split}.txt" for split in SPLITS}
    missing = " and ".join(quoted(path.name) for path in files.values() if not os.path.exists(path))
    if missing:
        raise CorpusError(
            f"the folder {where} has {quoted(trains[0].name)} but not {missing}: "
            f"put it there, or name the file {shown(trains[0])} to have it split"
        )
    return files
