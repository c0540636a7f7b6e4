"""Minimal pairs and test suites spelt as the Penn Treebank's language model text is.

    python -m benchmarks.as_ptb --out folder blimp/*.jsonl syntaxgym/json/*.json

That text has no capitals and no punctuation, N for every number, and clitics are words: "Ann
can't." becomes "ann ca n't". Otherwise a model of it knows none of "Ann", "can't." and ",". Of
every file there is one of the same name in the folder, with the fields that are text rewritten.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any

import typer

_FIELDS = re.compile(r"content|(good_|bad_)?sentence(_good|_bad)?|(one|two)_prefix_(prefix|word).*")
_NUMBER = re.compile(r"\b\d+(?:[.,]\d+)*\b")
_PUNCTUATION = re.compile(r"[^\w\s'$%&N-]")
_CLITIC = re.compile(r"(?<=\w)(n't|'(?:s|m|re|ve|ll|d))\b")


def as_ptb(text: str) -> str:
    """`text` as it would stand there."""
    text = _CLITIC.sub(r" \1", _NUMBER.sub("N", text.lower().replace("cannot", "can not")))
    return " ".join(_PUNCTUATION.sub(" ", text).split())


def rewritten(value: Any, field: str = "") -> Any:
    """A JSON value with its texts spelt so."""
    if isinstance(value, dict):
        return {name: rewritten(inside, name) for name, inside in value.items()}
    if isinstance(value, list):
        return [rewritten(inside) for inside in value]
    return as_ptb(value) if isinstance(value, str) and _FIELDS.fullmatch(field) else value


def main(
    files: Annotated[list[Path], typer.Argument()], out: Annotated[Path, typer.Option()]
) -> None:
    """Write each of FILES, JSON or JSON lines, into the folder OUT."""
    out.mkdir(parents=True, exist_ok=True)
    for path in files:
        text = path.read_text(encoding="utf-8")
        documents = text.splitlines() if path.suffix == ".jsonl" else [text]
        lines = [json.dumps(rewritten(json.loads(each)), ensure_ascii=False) for each in documents]
        Path(out, path.name).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
