"""Pieces of words, made of bytes: what stands together often is one token (byte-level BPE).

A text is first cut into runs: letters, up to three digits, signs, each with the blank before it,
white space, line ends. In each run two neighbours that a merge makes one piece become one, the
merge that was learnt first before all others, as long as there are any (Sennrich et al. 1508.07909,
section 3.2). Every byte is a piece, so no text has one that is not known. How merges are learnt is
in learning.py.

A token is spelt as its text, but a backslash as `\\\\`, a byte that is no whole character, or a
control character, as `\\xe3`, and a line end as `<eos>`.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise

from rnnlm_cli.corpus.cutting.scripts import finder
from rnnlm_cli.corpus.cutting.spacing import BLANK
from rnnlm_cli.corpus.cutting.words import end_lines
from rnnlm_cli.corpus.vocabulary import EOS, UNK
from rnnlm_cli.errors import ConfigError

Merge = tuple[int, int]  # the numbers of two pieces that become one: see `Pieces`

BYTES = 256
LONGEST = 64  # bytes of a piece: those of a hostile file cannot grow without end
_HELD = 1 << 17  # runs whose pieces are held

# What a run is, to Python's regex and to Oniguruma alike. A longer one is cut, so that none takes
# long: to find the pieces of n bytes takes n^2.
_WHITE, _LETTERS = r"\p{White_Space}", r"\p{L}\p{M}"
RUN = (
    r"\n"
    rf"|'(?:[sdmt]|ll|re|ve)(?![{_LETTERS}])"
    rf"| ?[{_LETTERS}]{{1,32}}| ?\p{{N}}{{1,3}}| ?[^{_WHITE}{_LETTERS}\p{{N}}]{{1,32}}"
    rf"|[{_WHITE}&&[^\n]]{{1,32}}(?![^{_WHITE}])|[{_WHITE}&&[^\n]]"
)
_CONTROLS = {byte: f"\\x{byte:02x}" for byte in (*range(9), *range(14, 32), 127)}
_ESCAPED = re.compile(rb"\\(?:\\|x([0-9a-f]{2}))")


def runs_of(text: str) -> list[str]:
    """What `text` is cut into first: no piece goes beyond one of these."""
    return finder(RUN)(text)


def in_bytes(text: str) -> bytes:
    """`text` in UTF-8; what is half of a character in UTF-16 is a letter like others."""
    return text.encode("utf-8", "surrogatepass")


def spelt(piece: bytes) -> str:
    """How the token of a piece is spelt."""
    if piece == b"\n":
        return EOS
    text = piece.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")
    return text.translate(_CONTROLS)


def bytes_of(token: str) -> bytes:
    """The piece that is spelt so."""
    if token == EOS:
        return b"\n"
    return _ESCAPED.sub(lambda found: _byte(found[1]), in_bytes(token))


def _byte(digits: bytes | None) -> bytes:
    return b"\\" if digits is None else bytes([int(digits, 16)])


class Pieces:
    """The bytes, which are the pieces 0 to 255, and behind them what `merges` make of pieces.

    Two merges may make the same piece, which then has the number that it got first.
    """

    def __init__(self, merges: Iterable[Sequence[int]]) -> None:
        """Raises ConfigError where a merge is not one of two pieces that are there before it."""
        pieces = [bytes([i]) for i in range(BYTES)]
        numbers = {piece: i for i, piece in enumerate(pieces)}
        self._ranks, self._made = dict[Merge, int](), list[int]()
        for merge in merges:
            piece = _merged(merge, pieces)
            if numbers.setdefault(piece, len(pieces)) == len(pieces):
                pieces.append(piece)
            self._ranks.setdefault((merge[0], merge[1]), len(self._made))
            self._made.append(numbers[piece])
        self.words = tuple(map(spelt, pieces))
        self._known = _Known(self)

    def cut(self, text: str) -> list[str]:
        """The tokens of `text`.

        A literal `<unk>` is a token, a literal `<eos>` a line end. A blank at the very end is left
        to what will follow it.
        """
        text = end_lines(text)
        if text.endswith(BLANK) and text != BLANK:
            text = text[:-1]
        tokens = list[str]()
        for index, part in enumerate(text.split(UNK)):
            if index:
                tokens.append(UNK)
            tokens.extend(self._cut(part))
        return tokens

    def spelt_out(self, tokens: Iterable[str]) -> list[str]:
        """The `tokens` with the pieces of `<unk>` for every such."""
        return [each for token in tokens for each in (self._cut(UNK) if token == UNK else [token])]

    def _cut(self, text: str) -> Iterable[str]:
        return chain.from_iterable(map(self._known.__getitem__, runs_of(text)))

    def of_run(self, run: str) -> tuple[str, ...]:
        """The tokens of a run."""
        parts, none = list(in_bytes(run)), len(self._made)
        ranks = [self._ranks.get(pair, none) for pair in pairwise(parts)]
        while ranks and (first := min(ranks)) < none:
            at = ranks.index(first)
            parts[at : at + 2] = [self._made[first]]
            del ranks[at]
            for i in range(max(0, at - 1), min(at + 1, len(ranks))):
                ranks[i] = self._ranks.get((parts[i], parts[i + 1]), none)
        return tuple(self.words[part] for part in parts)


def _merged(merge: Sequence[int], pieces: Sequence[bytes]) -> bytes:
    """What a merge makes of the pieces before it."""
    if len(merge) != 2 or not all(0 <= part < len(pieces) for part in merge):
        raise ConfigError(
            f"a merge is of the pieces {list(merge)}, but must be of two of the {len(pieces)} that "
            "are there before it"
        )
    piece = pieces[merge[0]] + pieces[merge[1]]
    if len(piece) > LONGEST or b"\n" in piece:
        raise ConfigError(
            f"a merge makes a piece of {len(piece)} bytes, but must make one of {LONGEST} at most "
            "and in one line"
        )
    return piece


class _Known(dict[str, tuple[str, ...]]):
    """The tokens of runs, found once: most come again."""

    def __init__(self, pieces: Pieces) -> None:
        super().__init__()
        self._pieces = pieces

    def __missing__(self, run: str) -> tuple[str, ...]:
        if len(self) >= _HELD:
            self.clear()
        self[run] = tokens = self._pieces.of_run(run)
        return tokens


class PieceJoiner:
    """Joins pieces to text; bytes wait until their character is whole."""

    def __init__(self) -> None:
        self._decoder = getincrementaldecoder("utf-8")("replace")

    def feed(self, token: str) -> str:
        """The text that `token` adds to what was fed before it."""
        return self._decoder.decode(bytes_of(token))

    def end(self) -> str:
        """What shows of a character that will not be whole: U+FFFD."""
        return self._decoder.decode(b"", final=True)
