"""Reading a text, choosing its unit, splitting it, cutting it into tokens and joining them again.

ASCII white space (space, tab, line feed, form feed, vertical tab) separates words; any other white
space, such as U+00A0 or U+3000, is a character like all the rest. A line feed ends a line.
"""

from __future__ import annotations

import re
import stat
import sys
import unicodedata
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Iterable
from pathlib import Path

from rnnlm_cli.corpus.vocabulary import EOS, UNK
from rnnlm_cli.errors import CorpusError, quoted
from rnnlm_cli.memory import need
from rnnlm_cli.settings.config import Split, Unit

WHITE = " \t\n\r\f\v"
LINES_PER_BLOCK = 100
CHARACTERS_PER_BLOCK = 2_000
GROUP = 20  # of every GROUP blocks ...
VALID, TEST = 9, 19  # ... the 10th is for validation and the 20th for the test

_TOKEN_BYTES = 10  # of memory, at least, that a byte of text takes while it is cut into tokens
_SHORTER = "use a shorter text, or a part of this one"

_WORD = re.compile(f"[^{WHITE}]+")
_WORD_OR_LINE_END = re.compile(f"\n|[^{WHITE}]+")
_MARKED = re.compile(f"(?<![^{WHITE}])(?:{EOS}|{UNK})(?![^{WHITE}])")

_CLOSING = frozenset(",.;:!?)]}%…’”»、。，．！？：；）］｝」』】")  # no blank before
_OPENING = frozenset("([{$£€¥‘“«¿¡（［｛「『【")  # no blank after
_JOINING = frozenset("/\\—")  # neither
_RUNS = frozenset("-=*#~+<>&|")  # no blank between two of the same: --, ==, **
_QUOTES = frozenset("\"'`")  # opening and closing in turn


def read_text(path: str | Path) -> str:
    """The text of a UTF-8 file, or of standard input where `path` is "-"; see `decode_text`.

    Raises CorpusError if there is no such file, if it cannot be read, or if it is no regular file
    (a pipe or a device could block or never end, so it is not opened).
    """
    if str(path) == "-":
        return decode_text(_read_stdin(), "standard input")
    where = shown(path)
    try:
        status = Path(path).stat()
        mode = status.st_mode
        if stat.S_ISDIR(mode):
            raise CorpusError(f"{where} is a folder, but a text file was needed: name a file in it")
        if not stat.S_ISREG(mode):
            raise CorpusError(
                f"{where} is a pipe or a device, but a regular file was needed: "
                "save the text to a file first"
            )
        need(f"reading {where}", {"its tokens": _TOKEN_BYTES * status.st_size}, _SHORTER)
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise CorpusError(f"{where}: no such file: check the path") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise CorpusError(f"{where} cannot be read ({reason}): name a readable text file") from None
    return decode_text(data, where)


def shown(path: str | Path) -> str:
    """`path` for a message: whole, since its end says most."""
    return quoted(path, limit=1_000)


def decode_text(data: bytes, where: str) -> str:
    """UTF-8 `data` as text: without byte order mark, every line end (CRLF, CR) a line feed.

    Raises CorpusError, which begins with `where`, for bytes that are not UTF-8 (with their
    offset), for a NUL (a sign of a binary file), and where there is nothing but white space.
    """
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE, BOM_UTF32_BE)):
        found = "UTF-32" if data.startswith((BOM_UTF32_LE, BOM_UTF32_BE)) else "UTF-16"
        raise CorpusError(f"{where} is {found}, but UTF-8 was needed: save the text as UTF-8")
    if (offset := data.find(b"\0")) >= 0:
        raise CorpusError(
            f"{where} looks binary (a NUL byte at offset {offset}), but a text was needed"
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{where}: byte 0x{data[error.start]:02x} at offset {error.start} is not UTF-8: "
            "save the text as UTF-8"
        ) from None
    text = normalize(text)
    if not text or text.isspace():
        found = "only white space" if text else "empty"
        raise CorpusError(f"{where} is {found}, but a text with words was needed")
    return text


def normalize(text: str) -> str:
    """`text` without a byte order mark at its start, every line end (CRLF, CR) a line feed."""
    text = text.removeprefix(BOM_UTF8.decode())
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def choose_unit(text: str) -> Unit:
    """What to cut `text` into, judged by how it is written.

    `whitespace` where it already holds `<unk>` or `<eos>` as words of their own; `char` where
    fewer than 1 character in 50 is white space (line ends do not count); else `word`.
    """
    if _MARKED.search(text):
        return "whitespace"
    blanks = sum(map(text.count, filter(str.isspace, set(text) - {"\n"})))
    return "char" if 50 * blanks < len(text) - text.count("\n") else "word"


def tokenize(text: str, unit: Unit, lower: bool, *, open_end: bool = False) -> list[str]:
    """The tokens of `text`; `lower` makes capitals small first.

        whitespace   what stands between white space
        word         words and numbers (it's, well-known, 3.14), and each punctuation sign apart
        char         every character

    Every line feed becomes `<eos>`, and the end of a last line that has none does too, unless
    `open_end` (a prompt to be continued). In the unit `whitespace` a line that already ends with
    a literal `<eos>` gets no second one; in the others `<eos>` in a text is mere characters.
    """
    text = text.lower() if lower else text
    if not open_end and text and not text.endswith("\n"):
        text += "\n"
    if unit == "char":
        return [EOS if c == "\n" else c for c in text]
    if unit == "word":
        return [EOS if token == "\n" else token for token in _word_pattern(text).findall(text)]
    tokens: list[str] = _WORD_OR_LINE_END.findall(text)
    if EOS in tokens:
        pairs = zip(tokens, ["\n", *tokens], strict=False)
        tokens = [token for token, before in pairs if (before, token) != (EOS, "\n")]
    return [EOS if token == "\n" else token for token in tokens]


def split_text(text: str, unit: Unit) -> dict[Split, str]:
    """`text` dealt to training, validation and test, block by block, in order, nothing lost.

    A block is 100 lines; of every 20 blocks the 10th is for validation, the 20th for the test.
    A text with fewer than 2,000 lines has smaller blocks: about 100 of them where it can, at least
    20 where it has 20 lines (blank lines go with the line before them, so that no block is blank).
    With fewer than 20 lines a block is 2,000 characters, moved on to the next word unless the unit
    is `char` (less than half a block; else the word is cut); in less than 40,000 characters it is
    a 100th of the words, or of the characters if that is the unit. With fewer than 20 of those,
    validation or test is empty.
    """
    starts = _block_starts(text, unit)
    blocks = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    pieces: dict[Split, list[str]] = {"train": [], "valid": [], "test": []}
    for i, block in enumerate(blocks):
        place = i % GROUP
        pieces["valid" if place == VALID else "test" if place == TEST else "train"].append(block)
    return {split: "".join(piece) for split, piece in pieces.items()}


class Detokenizer:
    """Joins tokens one by one: what `tokenize` makes of the text are the same tokens again.

    `whitespace` puts one blank between tokens, `char` nothing, `word` what English puts: no blank
    before a comma or after a bracket, straight quotes open and close in turn. `<eos>` is a line
    end. What a word text had between its tokens is not known, so "a.b" comes back as "a. b".
    """

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._end_line()

    def feed(self, token: str) -> str:
        """The text that `token` adds to what was fed before it."""
        if token == EOS:
            self._end_line()
            return "\n"
        blank = " " if self._needs_blank(token) else ""
        self._before = token
        return blank + token

    def _end_line(self) -> None:
        self._before = ""  # the token before on this line
        self._joined = True  # no blank comes next
        self._open: set[str] = set()  # quotes not yet closed

    def _needs_blank(self, token: str) -> bool:
        """Whether a blank goes before `token`; settles whether one may go after it."""
        joined, self._joined = self._joined, self._unit == "char"
        if self._unit != "word":
            return not joined
        if token in _QUOTES:
            self._open ^= {token}
            self._joined = opens = token in self._open
            return opens and not joined
        joins = token in _JOINING or token.isspace()  # a white space that is a token: U+00A0
        self._joined = joins or token in _OPENING
        repeats = token == self._before and token in _RUNS
        return not (joined or joins or repeats or token in _CLOSING)


def detokenize(tokens: Iterable[str], unit: Unit) -> str:
    """The text of `tokens`; see `Detokenizer`."""
    return "".join(map(Detokenizer(unit).feed, tokens))


def _block_starts(text: str, unit: Unit) -> list[int]:
    """Where the blocks of `text` begin: increasing, from 0."""
    lines = [match.start() for match in re.finditer(r"^(?!\Z)", text, re.MULTILINE)]
    if len(lines) >= GROUP * LINES_PER_BLOCK:
        return lines[::LINES_PER_BLOCK]
    lines = [match.start() for match in re.finditer(r"^.*\S", text, re.MULTILINE)]
    if len(lines) >= GROUP:
        return _hundredths(lines)
    if len(text) < GROUP * CHARACTERS_PER_BLOCK:
        words = _WORD.finditer(text)
        return _hundredths([*range(len(text))] if unit == "char" else [m.start() for m in words])
    starts = list(range(0, len(text), CHARACTERS_PER_BLOCK))
    return starts if unit == "char" else [_next_word(text, start) for start in starts]


def _hundredths(starts: list[int]) -> list[int]:
    """At most about 100 of `starts`, evenly; the first becomes 0."""
    return [0, *starts[:: max(1, len(starts) // 100)][1:]]


def _next_word(text: str, start: int) -> int:
    """`start`, or the next beginning of a word less than half a block on."""
    if start == 0 or (text[start - 1] in WHITE and text[start] not in WHITE):
        return start
    near = re.compile(f"[{WHITE}](?=[^{WHITE}])").search(
        text, start, start + CHARACTERS_PER_BLOCK // 2
    )
    return near.end() if near else start


def _word_pattern(text: str) -> re.Pattern[str]:
    r"""Line feeds, words, and single signs.

    A word is letters and digits (\w), with single apostrophes and hyphens inside, and the point or
    the comma of a number: 3.14, 1,000. Combining marks (accents, Indic vowel signs) and the two
    joiners are letters too; \w leaves them out, so those that `text` has are added.
    """
    marks = "" if text.isascii() else "".join(filter(_joins, sorted(set(text))))
    word = rf"[\w{marks}]+"
    inner = r"['’\-\u2010\u2011]|(?<=\d)\.(?=\d)|(?<=\d),(?=\d{3}(?!\d))"
    return re.compile(rf"\n|{word}(?:(?:{inner}){word})*|[^{WHITE}]")


def _joins(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or character in "\u200c\u200d"


def _read_stdin() -> bytes:
    try:
        return sys.stdin.buffer.read()
    except (OSError, ValueError, AttributeError) as error:  # closed, a folder, or none at all
        raise CorpusError(f"standard input cannot be read ({error}): pipe a text in") from None
