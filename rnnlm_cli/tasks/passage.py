"""A text as a model reads it: its tokens, and where each of them stands in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import is_normalized

import numpy as np

from rnnlm_cli.arrays import Ids, Mask
from rnnlm_cli.corpus.cutting.pieces import bytes_of, in_bytes
from rnnlm_cli.corpus.cutting.rules import WHITE
from rnnlm_cli.corpus.cutting.scripts import graphemes
from rnnlm_cli.corpus.cutting.spacing import BLANK, JOIN
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.cutting.words import EOS_IN_TEXT
from rnnlm_cli.corpus.reading.decoding import normalize
from rnnlm_cli.corpus.records import record_end
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.corpus.vocabulary import EOS

_INK = re.compile(f"[^{WHITE}]")

Span = tuple[int, int]  # from one character of a text to before another


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """A text that is scored from a state of its own, cut into tokens."""

    text: str  # normalised: see `reading`
    spans: tuple[Span, ...]  # of each token in `text`: that of an `<eos>` is its line end
    ids: Ids

    @classmethod
    def of(
        cls,
        words: TextRecord,
        text: str,
        where: str,
        *,
        eos: bool = True,
        line: int = 1,
        in_places: bool = False,
    ) -> Passage:
        """`text` in the words of a model; its end ends a line, and a record, unless `eos` is off.

        If its parts are known by where they are, `in_places`, no blank line between records is left
        out. Raises VocabularyError for a word that has no id, which names `where` and the line:
        that of the first is `line`.
        """
        if in_places:
            text = normalize(text)
            text = text.removesuffix("\n") + record_end(words.config.record) if eos else text
        else:
            text = words.as_read(text, open_end=not eos)
        cutter, vocabulary = words.tokenizer, words.vocabulary
        read = cutter.normalize(text)
        tokens = vocabulary.fitted(words.tokens(text))
        spans = (piece_spans if cutter.is_of_pieces else spans_of)(tokens, read)
        if len(read) != len(text) or not is_normalized("NFC", text):
            spans = _in_original(spans, text, cutter)
        return cls(text, spans, vocabulary.encode(tokens, where, line=line))

    def part(self, keep: Mask) -> Passage:
        """The same text with some of its tokens (words,)."""
        spans = tuple(span for span, kept in zip(self.spans, keep, strict=True) if kept)
        return Passage(self.text, spans, self.ids[keep])

    def begins(self) -> Ids:
        """(tokens,): where in the text the first character of each stands that is not white.

        Of white space alone, and of nothing, it is the first one behind; the end, if there is none.
        So who asks to what a token belongs finds white space with what is behind it.
        """
        found = (_INK.search(self.text, start) for start, _ in self.spans)
        return np.array([ink.start() if ink else len(self.text) for ink in found], np.intp)

    def word(self, index: int) -> str:
        """What stands in the text for the token of that number; `<eos>` for a line end."""
        start, end = self.spans[index]
        spelt = self.text[start:end]
        return EOS if spelt == "\n" else spelt


def spans_of(tokens: Sequence[str], text: str) -> tuple[Span, ...]:
    """Where each of the `tokens` stands in the `text` that was cut into them."""
    spans, at = list[Span](), 0
    for token in tokens:
        if token == JOIN:
            spans.append((at, at))
            continue
        there = token.isspace() and text.startswith(token, at)
        start = at if there else _after_blanks(text, at, ends_line=token == EOS)
        while token not in (EOS, "\n") and _is_marked(text, start, token):
            start = _after_blanks(text, start + len(EOS), ends_line=False)  # no word: see `fitted`
        ends_line = token == EOS and not text.startswith(EOS, start)
        size = len(EOS) if token == "\n" and _is_marked(text, start, token) else len(token)
        at = start + (len(text[start : start + 1]) if ends_line else size)
        spans.append((start, at))
    return tuple(spans)


def _is_marked(text: str, at: int, token: str) -> bool:
    """Whether a line end is spelt out there, and not the `token`."""
    return text.startswith(EOS, at) and not text.startswith(token, at)


def piece_spans(tokens: Sequence[str], text: str) -> tuple[Span, ...]:
    """The same for pieces: a character is where its last byte is, and no blank before a word."""
    spans, at, held = list[Span](), 0, 0  # bytes of the character there that are in pieces before
    for token in tokens:
        if token == EOS and (mark := EOS_IN_TEXT.match(text, at)):
            spans.append(mark.span(1))
            at = mark.end()
            continue
        start, held = at, held + len(bytes_of(token))
        while held and held >= (size := len(in_bytes(text[at]))):
            at, held = at + 1, held - size
        piece = text[start:at]
        spans.append((at - len(piece.lstrip(BLANK) or piece), at))
    return tuple(spans)


def _in_original(spans: tuple[Span, ...], text: str, cutter: Tokenizer) -> tuple[Span, ...]:
    """Where the spans of `text` as it is read stand in `text` itself.

    Small and composed letters may be more or fewer than those they were made of, so it is found out
    grapheme by grapheme.
    """
    starts, ends, at = list[int](), [0], 0
    for letters in graphemes(text):
        count, size = len(cutter.normalize(letters)), len(letters)
        starts += [at + place * size // count for place in range(count)]
        ends += [at - (-place * size // count) for place in range(1, count + 1)]
        at += size
    starts.append(at)
    return tuple((starts[start], max(starts[start], ends[end])) for start, end in spans)


def _after_blanks(text: str, at: int, *, ends_line: bool) -> int:
    """Where the next word stands in `text`, or the next line end if it is that."""
    while at < len(text) and text[at] in WHITE and not (ends_line and text[at] == "\n"):
        at += 1
    return at
