"""Bytes to characters, and where it fails: the line, the column, and what the text seems to be."""

from __future__ import annotations

import re
import shlex
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE, lookup
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import IncrementalNewlineDecoder
from itertools import chain
from os import PathLike, fspath

from rnnlm_cli.corpus.reading.latin import latin_encodings
from rnnlm_cli.errors import CorpusError, printable

_SAMPLE = 1 << 14  # bytes on both sides of the first that does not fit: a guess takes 0.1 s
_HEAD = 512  # bytes that tell whether a text has two a character
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")  # of which a text has none, or few
_HALF = re.compile("[\ud800-\udfff]")  # of a surrogate pair
_BY_THEIR_MARK = {"utf-16", "utf-32"}  # which Python needs in pieces, and not in a whole
_COMMON = "cp1251 cp866 koi8_r shift_jis euc_jp euc_kr gb18030 big5".split()  # not of Latin letters
_ICONV = {"mac_roman": "MACINTOSH", "shift_jis": "SHIFT_JIS"}  # names with a rule of their own


@dataclass(frozen=True, slots=True)
class TextSource:
    """Where bytes of a text are from: what messages call that, how it is written, and its file."""

    where: str
    encoding: str | None = None  # None: UTF-8
    path: str | PathLike[str] | None = None


def decode(data: bytes, source: TextSource) -> str:
    """The characters of `data` in the encoding of its source, a byte order mark among them.

    Raises CorpusError, which begins with where that is, with line and column of what does not fit,
    what the text seems to be, and how its file is made UTF-8.
    """
    if source.encoding is None:
        _check_utf_8(data, source)
    try:
        text = data.decode(source.encoding or "utf-8")
    except UnicodeError as error:
        raise _refusal(error, source) from None
    _check_whole(text, source)
    return text


def decode_blocks(blocks: Iterable[bytes], source: TextSource) -> Iterator[str]:
    """The same of a text that comes in `blocks`, with every line end a line feed.

    Raises as `decode` does; what the text seems to be is said by the block that does not fit. A
    text in an encoding that Python reads whole alone is held: UTF-16 and -32 without -le or -be.
    """
    known = lookup(source.encoding or "utf-8")
    ends = IncrementalNewlineDecoder(None, translate=True)
    if known.incrementaldecoder is None or known.name in _BY_THEIR_MARK:
        yield ends.decode(decode(b"".join(blocks), source), final=True)
        return
    decoder = known.incrementaldecoder()
    # Before the block: bytes, line ends, and the pieces of the line that it begins in.
    offset, lines, last, end = 0, 0, list[str](), ""
    for block in chain(filter(None, blocks), [b""]):
        if source.encoding is None and block:
            _check_utf_8(block, source, offset)
        try:
            decoded = decoder.decode(block, final=not block)
        except UnicodeError as error:
            raise _refusal(error, source, lines, "".join(last) + end) from None
        _check_whole(decoded, source, lines, [*last, end])
        text: str = ends.decode(decoded, final=not block)
        if decoded:
            # `ends` keeps it, for a line feed may follow.
            end = "\r" if decoded.endswith("\r") else ""
        offset, lines = offset + len(block), lines + text.count("\n")
        last = [*([] if "\n" in text else last), text[text.rfind("\n") + 1 :]]
        yield text


def _check_utf_8(data: bytes, source: TextSource, offset: int = 0) -> None:
    """Raises CorpusError for UTF-16 and -32, and for a NUL, a sign of a binary file."""
    if not offset and (wide := _wide(data)):
        raise CorpusError(f"{source.where} is no UTF-8: {_advice(wide, source.path)}")
    if (nul := data.find(0)) >= 0:
        raise CorpusError(
            f"{source.where} looks binary (a NUL byte at offset {offset + nul}), but a text was "
            "needed"
        )


def _check_whole(text: str, source: TextSource, lines: int = 0, last: Sequence[str] = ()) -> None:
    """Raises CorpusError for half of a surrogate pair, which a few encodings let through.

    Before the text stand so many `lines`, and the pieces of the one that it begins in.
    """
    if source.encoding is not None and (half := _HALF.search(text)):
        line, column = _line_and_column("".join([*last, text[: half.start()]]))
        raise CorpusError(
            f"{source.where}, line {lines + line}, column {column}: half a character, "
            f"{printable(half[0])}, so it is not {source.encoding}: {_advice(None, None)}"
        )


def _refusal(
    error: UnicodeError, source: TextSource, lines: int = 0, last: str = ""
) -> CorpusError:
    """What does not fit, in what comes behind so many `lines` and the begun line `last`."""
    where, encoding, path = source.where, source.encoding, source.path
    if not isinstance(error, UnicodeDecodeError):  # of an encoding of names, such as punycode
        return CorpusError(f"{where} is not {encoding} ({error}): {_advice(None, path)}")
    data = error.object
    before = data[: error.start].decode(encoding or "utf-8", errors="replace")
    line, column = _line_and_column(last + before)
    sample = data[max(0, error.start - _SAMPLE) : error.start + _SAMPLE]
    return CorpusError(
        f"{where}, line {lines + line}, column {column}: byte 0x{data[error.start]:02x} is not "
        f"{encoding or 'UTF-8'}: {_advice(guessed(sample, data), path)}"
    )


def _wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32, by a byte order mark or by where its NULs are."""
    if data.startswith((BOM_UTF32_LE, BOM_UTF32_BE)):
        return "utf-32"
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    halves = {"utf-16-be": data[:_HEAD:2], "utf-16-le": data[1:_HEAD:2]}
    shares = {name: half.count(0) / max(1, len(half)) for name, half in halves.items()}
    low, high = sorted(shares, key=shares.__getitem__)
    return high if shares[high] > 0.4 and shares[low] < 0.05 and len(data) > 6 else None


def _line_and_column(before: str) -> tuple[int, int]:
    """Both from 1, in characters, of what stands behind the text `before`."""
    before = before.lstrip("\ufeff")
    before = before.replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def guessed(sample: bytes, data: bytes) -> str | None:
    """The encoding that `sample` seems to have, if all of `data` can be read in it."""
    if len(_CONTROL.findall(sample)) > len(sample) / 100:
        return None
    names = latin_encodings(sample) or _least_strange(sample)
    return next((name for name in names if _reads(name, data)), None)


def _least_strange(sample: bytes) -> list[str]:
    from charset_normalizer import from_bytes  # here, because it takes long to import

    found = [(match.chaos - match.coherence, match) for match in from_bytes(sample)]
    least = min((strange for strange, _ in found), default=0.0)
    best = [match for strange, match in found if strange == least]
    names = [name for match in best for name in match.could_be_from_charset]
    return [*(name for name in _COMMON if name in names), *names]  # they read it as well


def _reads(encoding: str, data: bytes) -> bool:
    try:
        data.decode(encoding)
    except UnicodeError:
        return False
    return True


def _advice(guess: str | None, path: str | PathLike[str] | None) -> str:
    if guess is None:
        return "name what it is with --encoding, or save the text as UTF-8"
    advice = f"it seems to be {guess}, which --encoding {guess} reads"
    if path is None:
        return advice
    name = printable(fspath(path))
    source, target = shlex.quote(name), shlex.quote(f"{name}.utf-8")
    iconv = _ICONV.get(guess, guess.replace("iso8859", "iso-8859").replace("_", "-").upper())
    return f"{advice}; to make it UTF-8: iconv -f {iconv} -t UTF-8 {source} > {target}"
