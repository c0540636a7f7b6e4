"""The embedded corpus: the prose of the language reference that comes with every Python.

`pydoc_data.topics` holds what `help()` shows: topics with headings, grammar, code, tables and
prose. Only the prose is kept, one paragraph a line, with plain quotes and no markup. Topics
overlap, so a paragraph that was there before is dropped. Python versions differ in their text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rnnlm_cli.errors import CorpusError

_LIST_MARK = re.compile(r" *(?:(?:[*•]|\d+\.|[a-z]\.|[IVX]+\.|\[\d+\]|\(\w\)) +)(?=\S)")
_EMPHASIS = re.compile(r'(?<![\w"*])(\*{1,2})(?=[^\s*"])([^*"]*?[^\s*"])\1(?![\w"*])')
_FOOTNOTE = re.compile(r"(?<!\S)\[\d+\](?=[\s.,;:)]|$)")
_SPACE_BEFORE_STOP = re.compile(r" +(?=[.,;:)](?:\s|$))")
_MISSING_SPACE = re.compile(r"(?<=[a-z)\"']\.)(?=[A-Z][a-z]* )")  # "... of Python.This is ..."
_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\xa0": " "})

_SENTENCE = re.compile(r"""[A-Z"(_].*[.:!?]["')]*""", re.DOTALL)
_ORDINARY_WORD = re.compile(r"""[("']*[A-Za-z][A-Za-z'-]*[)"'.,;:!?]*""")
_LEAST_WORDS = 5
_LEAST_ORDINARY = 0.6  # the share of ordinary words: prose has more, code and tables have fewer


def pydoc_text() -> str:
    """The prose of this Python's `pydoc_data.topics`; raises CorpusError where it was left out."""
    try:
        from pydoc_data.topics import topics
    except ImportError:
        raise CorpusError(
            "corpus pydoc: this Python comes without pydoc_data.topics: choose another --corpus"
        ) from None
    return prose(topics)


def prose(topics: Mapping[str, str]) -> str:
    """The distinct paragraphs of prose of `topics`, sorted by topic, each one line."""
    paragraphs = (_plain(block) for name in sorted(topics) for block in _blocks(topics[name]))
    return "".join(f"{p}\n" for p in dict.fromkeys(paragraphs) if _is_prose(p))


def _blocks(topic: str) -> Iterator[list[str]]:
    """Runs of lines with the same indentation; an item of a list begins a run of its own."""
    block: list[str] = []
    indentation = 0
    for line in topic.splitlines():
        mark = _LIST_MARK.match(line)
        text = line[mark.end() if mark else 0 :].strip()
        indented = mark.end() if mark else len(line) - len(line.lstrip())
        if block and (mark or not text or indented != indentation):
            yield block
            block = []
        if text:
            block.append(text)
            indentation = indented
    if block:
        yield block


def _plain(lines: list[str]) -> str:
    """`lines` as one, without markup: emphasis, curly quotes, footnote numbers, double blanks."""
    text = lines[0]
    for line in lines[1:]:  # a line may end inside a hyphenated word
        text += line if re.search(r"[A-Za-z]-$", text) else f" {line}"
    text = text.replace("“”", '"').replace('“"', '"').replace('"”', '"').translate(_PLAIN)
    text = _FOOTNOTE.sub("", _EMPHASIS.sub(r"\2", text))
    text = _MISSING_SPACE.sub(" ", " ".join(text.split()))
    return _SPACE_BEFORE_STOP.sub("", text)


def _is_prose(text: str) -> bool:
    """Whether `text` reads like sentences, and not like code, grammar, a table or a heading."""
    words = text.split()
    if len(words) < _LEAST_WORDS or not _SENTENCE.fullmatch(text):
        return False
    if any(sign in text for sign in ("::=", ">>>", '"""', "|=")):
        return False
    ordinary = sum(_ORDINARY_WORD.fullmatch(word) is not None for word in words)
    return ordinary >= _LEAST_ORDINARY * len(words)
