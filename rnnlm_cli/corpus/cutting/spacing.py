"""Where blanks stand between words and signs: predicted, and told only where a text departs.

What goes between two tokens follows from their kinds, and from the quotes that are open. Two tokens
say what is otherwise:

    <join>        nothing stands here, though a blank was expected
    white space   itself; nothing is expected before it or after it

Whoever cuts a text and whoever joins its tokens walk through the same states, so that the one
undoes the other, whatever the prediction is worth.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from rnnlm_cli.corpus.cutting.scripts import is_unspaced
from rnnlm_cli.corpus.vocabulary import EOS, UNK

JOIN = "<join>"
BLANK = " "

# What a token is for its neighbours. A quote, whose sides change in turn, is a kind of its own.
Kind = str
_END, _WHITE, _JOIN = "end of line", "white space", "join"
_WORD, _NUMBER, _FREE, _SYMBOL = "word", "number", "free sign", "symbol"
_OPEN, _CLOSE, _TIGHT = "opening sign", "closing sign", "sign without blanks"
_DASH, _MONEY, _COLON, _CLOCK = "dash", "currency", "colon", "colon of a clock"
_COMMA, _EQUALS = "comma", "equals sign"

_GLUED_AFTER = frozenset((_END, _WHITE, _JOIN, _OPEN, _TIGHT))  # no blank is expected after them
_GLUED_BEFORE = frozenset((_END, _WHITE, _JOIN, _CLOSE, _COMMA, _COLON, _DASH, _TIGHT))  # nor these
_BROKEN_OFF = frozenset((_WORD, _NUMBER, _COMMA))  # a sentence goes on in the next line after them

# A quote closes what one of these has opened; else it opens. German „…“ and Swedish ”…” too.
_CLOSES: dict[str, tuple[str, ...]] = {
    **{quote: (quote,) for quote in ('"', "'", "`", '"""', "'''", "```", "**", "``")},
    "''": ("``", "''"),
    "“": ("„",),
    "”": ("“", "„", "”"),
    "„": (),
    "‘": ("‚",),
    "‚": (),
    "«": ("»",),
    "»": ("«", "»"),
    "‹": ("›",),
    "›": ("‹", "›"),
}

# The other signs, where their category (see `_by_category`) does not say it.
_SIGNS: dict[str, Kind] = {
    **dict.fromkeys(".;!?%’°′″™®", _CLOSE),
    **dict.fromkeys("¿¡", _OPEN),
    **dict.fromkeys("/\\", _TIGHT),
    **dict.fromkeys('"#&*@§¶†‡•·※', _FREE),
    **dict.fromkeys(",،", _COMMA),
    "=": _EQUALS,
    ":": _COLON,
    "::": _TIGHT,
    **dict.fromkeys(("—", "--", "---"), _DASH),
}


def spacing_of(tokens: Iterable[str]) -> set[str]:
    """Those of `tokens` that say only what stands between others."""
    return {token for token in tokens if token == JOIN or token.isspace()}


@lru_cache(maxsize=1 << 16)
def kind_of(token: str) -> Kind:
    """What `token` is for its neighbours."""
    if token.isascii() and token.isalpha():
        return _WORD
    if not token:  # only a file that was made elsewhere has such a word
        return _WORD
    first = token[0]
    if token in (EOS, "\n", JOIN):
        return _JOIN if token == JOIN else _END
    if token == UNK or first.isspace():
        return _WORD if token == UNK else _WHITE
    if is_unspaced(first):
        return _TIGHT
    if any(map(str.isalnum, token)):
        return _NUMBER if first.isdecimal() else _CLOSE if token.startswith("</") else _WORD
    if token in _CLOSES:
        return token
    return _SIGNS.get(token) or _SIGNS.get(first) or _by_category(first)


def _by_category(character: str) -> Kind:
    category = unicodedata.category(character)
    if category[0] == "P" and _is_east_asian(character):
        return _TIGHT
    if category in ("Sm", "Pd"):
        return _FREE
    named = {"Ps": _OPEN, "Pi": _OPEN, "Pe": _CLOSE, "Pf": _CLOSE, "Po": _CLOSE, "Sc": _MONEY}
    by_group = {"S": _SYMBOL, "C": _TIGHT if category in ("Cc", "Cf") else _SYMBOL}
    return named.get(category) or by_group.get(category[0], _WORD)


def _is_east_asian(character: str) -> bool:
    tibetan = "\u0f00" <= character <= "\u0fff"
    return tibetan or unicodedata.east_asian_width(character) in "WF"


Opened = frozenset[str]  # quotes that are not closed yet
Step = str  # a kind, with a blank before it where one stands before the token


def step_of(kind: Kind, *, blank: bool) -> Step:
    """What a walk does with a token of that kind; equal steps are one object, which is fast."""
    return sys.intern(BLANK + kind if blank else kind)


class State(dict[Step, tuple[str | None, "State"]]):
    """What was before, as far as it matters: for each step what is told of it, and the state after.

    Told is BLANK or JOIN, where the blank, or that there is none, was not expected. A state is made
    once in a walk, and so is each step out of it: later it is a look into a dict. `opened` are the
    quotes that are not closed yet.
    """

    def __init__(self, before: Kind, opened: Opened, known: dict[object, State]) -> None:
        super().__init__()
        self._before, self.opened, self._known = before, opened, known

    @classmethod
    def start(cls, opened: Opened = frozenset()) -> State:
        """Before the first token of a text, or of a later line, where quotes may be `opened`."""
        return cls(_END, opened, {})

    def __missing__(self, step: Step) -> tuple[str | None, State]:
        blank, kind = step[0] == BLANK, step.removeprefix(BLANK)
        told, before = None, self
        if blank != self.expects_blank(kind):
            told = BLANK if blank else JOIN
            before = self.after(kind_of(told))
        self[step] = found = told, before.after(kind)
        return found

    def expects_blank(self, kind: Kind) -> bool:
        """Whether a blank is expected before what comes next."""
        before, settled = self._before, self._settled(kind)[0]
        pair = kind == before == _SYMBOL or (kind == _NUMBER and before == _CLOCK)
        return not (pair or before in _GLUED_AFTER or {kind, settled} & _GLUED_BEFORE)

    def after(self, kind: Kind) -> State:
        """The state after what comes next."""
        key = self._settled(kind)
        if key not in self._known:
            self._known[key] = State(*key, self._known)
        return self._known[key]

    def _settled(self, kind: Kind) -> tuple[Kind, Opened]:
        """What a token turns out to be after what is before it, and the quotes open after it."""
        before, opened = self._before, self.opened
        if kind in _CLOSES:
            return self._turn(kind)
        if self._ends_quotes(kind):
            opened = frozenset()
        elif kind == _MONEY:  # $5, 5 €
            kind = _WORD if before == _NUMBER else _OPEN
        elif kind == _DASH:
            kind = _FREE if before == _WHITE else _TIGHT
        elif kind == _EQUALS:  # what follows in href="..." is a quote that opens
            kind = _OPEN if before == _JOIN else _FREE
        elif kind == _FREE and before == _JOIN:  # a sign has on its right what it has on its left
            kind = _TIGHT
        elif kind == _COLON:
            kind = _CLOCK if before == _NUMBER else _CLOSE
        return kind, opened

    def _ends_quotes(self, kind: Kind) -> bool:
        """Whether what is open will not be closed: one quote too many must not turn all others.

        A quotation goes on in the next line of wrapped prose, where a sentence does.
        """
        if kind == _END:
            return self._before not in _BROKEN_OFF
        return kind == _WHITE and self._before == _END

    def _turn(self, quote: str) -> tuple[Kind, Opened]:
        """Whether `quote` opens or closes, and what is open after it.

        What stands on its left says it where it can; else it closes what is open.
        """
        others = self.opened.difference(_CLOSES[quote])
        opens = self._before in (_END, _WHITE, _OPEN) or (
            self._before != _JOIN and others == self.opened
        )
        return (_OPEN, self.opened | {quote}) if opens else (_CLOSE, others)


class Joiner:
    """Joins the tokens one by one; `<eos>` is a line end."""

    def __init__(self) -> None:
        self._state = State.start()

    def feed(self, token: str) -> str:
        """The text that `token` adds to what was fed before it."""
        kind = kind_of(token)
        before = BLANK if self._state.expects_blank(kind) else ""
        self._state = self._state.after(kind)
        return before + {EOS: "\n", JOIN: ""}.get(token, token)

    def end(self) -> str:
        """What is left to add once no token follows: nothing."""
        return ""
