"""What a test suite predicts: a formula over the surprisals of regions, as SyntaxGym writes it.

    (6;%sing%)     the sum of region 6 in the condition `sing`; (*;%sing%) that of all its regions
    + -            of sums and numbers, from left to right
    < > =          a comparison, which holds or does not
    & |            of comparisons; & binds tighter
    ( ) [ ]        what goes together

Two sides of a comparison are equal if they lie within 1e-3 + 1e-5 of the right one, in bits, as
SyntaxGym's own core has it; then neither is less, so that no rounding decides.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from rnnlm_cli.errors import CorpusError, quoted

Reference = tuple[str, str]  # a region's number, or "*", and a condition
Sums = Mapping[Reference, float]  # bits

ALL = "*"
_LONGEST = 500  # regions, numbers and signs: a formula is evaluated by as many calls in calls
_DEEPEST = 100  # brackets in brackets, each of which is read by some calls
_TOKEN = re.compile(
    r"\s*(?:(?P<reference>\(\s*(?:\d{1,9}|\*)\s*;\s*%[^%]*%\s*\))"
    r"|(?P<number>\d+(?:\.\d*)?)|(?P<sign>[-+<>=&|()\[\]])|(?P<end>$)|(?P<other>.))",
    re.DOTALL,
)
_PARTS = re.compile(r"\(\s*(\d{1,9}|\*)\s*;\s*%([^%]*)%\s*\)")
_CLOSING = {"(": ")", "[": "]"}


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-3 + 1e-5 * abs(b)


_SUMS: dict[str, Callable[[float, float], float]] = {"+": operator.add, "-": operator.sub}
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b and not _close(a, b),
    ">": lambda a, b: a > b and not _close(a, b),
    "=": lambda a, b: a == b or _close(a, b),
}


@dataclass(frozen=True, slots=True)
class _Value:
    """A part of a formula: a number of bits, or (`holds`) what is true or not."""

    of: Callable[[Sums], float]
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Formula:
    """A prediction: whether it holds for the sums of an item."""

    text: str
    references: tuple[Reference, ...]
    _value: _Value

    @classmethod
    def parse(cls, text: str) -> Formula:
        """Raises CorpusError, with the place in it, where `text` is no formula."""
        parser = _Parser(text)
        value = parser.either()
        parser.need("end", "end")
        if not value.holds:
            raise CorpusError(
                f"the formula {quoted(text)} compares nothing, but <, > or = was needed"
            )
        return cls(text, tuple(dict.fromkeys(parser.references)), value)

    def __call__(self, sums: Sums) -> bool:
        """Whether it holds. `sums` has all its `references`."""
        return bool(self._value.of(sums))


class _Parser:
    """A level of binding a method, the loosest first."""

    def __init__(self, text: str) -> None:
        self.text, self.references = text, list[Reference]()
        self.read, self.depth = 0, 0
        self.tokens = self._read()
        self.next()

    def _read(self) -> Iterator[tuple[str, str, int]]:
        """Kind, spelling and place of every token."""
        for match in _TOKEN.finditer(self.text):
            kind = str(match.lastgroup)
            yield (match[kind] if kind == "sign" else kind), match[kind], match.start(kind)

    def next(self) -> None:
        self.kind, self.spelling, self.place = next(self.tokens)
        self.read += 1
        if self.read > _LONGEST:
            self.refuse("its end, after as much as that,")

    def need(self, kind: str, named: str) -> None:
        if self.kind != kind:
            self.refuse(named)

    def refuse(self, needed: str) -> NoReturn:
        found = quoted(self.spelling) if self.spelling else "its end"
        raise CorpusError(
            f"the formula {quoted(self.text)} has {found} at character {self.place + 1}, but "
            f"{needed} was needed"
        )

    def either(self) -> _Value:
        value = self.both()
        while self.kind == "|":
            value = self._joined(value, self.both, lambda a, b: a or b, holds=True)
        return value

    def both(self) -> _Value:
        value = self.comparison()
        while self.kind == "&":
            value = self._joined(value, self.comparison, lambda a, b: a and b, holds=True)
        return value

    def comparison(self) -> _Value:
        value = self.sum()
        if compare := _COMPARISONS.get(self.kind):
            found = self._joined(value, self.sum, compare, holds=False)
            return _Value(found.of, holds=True)
        return value

    def sum(self) -> _Value:
        value = self.atom()
        while add := _SUMS.get(self.kind):
            value = self._joined(value, self.atom, add, holds=False)
        return value

    def _joined(
        self,
        left: _Value,
        read: Callable[[], _Value],
        join: Callable[[float, float], float],
        *,
        holds: bool,
    ) -> _Value:
        """`left` and what stands behind the sign that was read: both must be of the same kind."""
        needed = "a comparison on both sides of" if holds else "a number of bits on both sides of"
        sign, place = self.spelling, self.place
        self.next()
        right = read()
        if not left.holds == right.holds == holds:
            self.spelling, self.place = sign, place
            self.refuse(f"{needed} it")
        one, other = left.of, right.of
        return _Value(lambda sums: join(one(sums), other(sums)), holds)

    def atom(self) -> _Value:
        kind, spelling = self.kind, self.spelling
        if kind == "reference":
            (parts,) = _PARTS.findall(spelling)
            reference: Reference = (parts[0] if parts[0] == ALL else str(int(parts[0])), parts[1])
            self.references.append(reference)
            self.next()
            return _Value(lambda sums: sums[reference])
        if kind == "number":
            self.next()
            return _Value(lambda sums: float(spelling))
        if kind not in _CLOSING or self.depth == _DEEPEST:
            self.refuse("a region, a number or a bracket")
        self.depth += 1
        self.next()
        value = self.either()
        self.need(_CLOSING[kind], quoted(_CLOSING[kind]))
        self.next()
        self.depth -= 1
        return value
