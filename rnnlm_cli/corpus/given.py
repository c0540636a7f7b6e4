"""A text that the user gave: the words themselves, or what is in files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlm_cli.corpus.files import place_of, shown
from rnnlm_cli.corpus.folders import files_of_folder
from rnnlm_cli.corpus.reading import read_text
from rnnlm_cli.errors import ConfigError, quoted


@dataclass(frozen=True, slots=True)
class GivenText:
    """A text that the user gave: the words themselves, or those of a `file`, as it was named."""

    text: str
    file: str | None = None

    @classmethod
    def read(
        cls, text: str | None, file: str | None, encoding: str | None = None
    ) -> GivenText | None:
        """`text`, or what is in `file`; None for neither.

        "-" is standard input, a folder the text files in it, one after the other by name. Raises
        ConfigError for both, CorpusError if a file cannot be read.
        """
        if text is not None and file is not None:
            raise ConfigError("both a text and a file are given: give one")
        if file is not None:
            return cls(_text_in(file, encoding), file)
        return None if text is None else cls(text)

    @property
    def name(self) -> str:
        """What its figures are told under."""
        return "--text" if self.file is None else self.file

    @property
    def where(self) -> str:
        """Where it stands: for messages."""
        return "the text" if self.file is None else place_of(self.file)


def given_texts(
    texts: Sequence[str], files: Sequence[str], encoding: str | None = None
) -> list[GivenText | None]:
    """What is to be scored: the `texts` as the lines of one, or each of `files`; [None] for none.

    Raises as `GivenText.read` does, and ConfigError for a file that is named twice.
    """
    for file in files:
        if files.count(file) > 1:
            raise ConfigError(f"the file {quoted(file)} is given twice: give it once")
    text = "\n".join(texts) if texts else None
    if text is not None or not files:
        return [GivenText.read(text, files[0] if files else None, encoding)]
    return [GivenText.read(None, file, encoding) for file in files]


def _text_in(file: str, encoding: str | None) -> str:
    if not os.path.isdir(file):
        return read_text(file, encoding)
    files = files_of_folder(Path(file))
    if len(files) > 1:
        raise ConfigError(
            f"the folder {shown(file)} has a file for each split: name it as the corpus "
            "instead, and one of them as the split"
        )
    return "\n".join(read_text(path, encoding).removesuffix("\n") for path in files["train"])
