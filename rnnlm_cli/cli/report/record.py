"""What the page shows, as one record: the page computes nothing that is not in it but shares."""

from __future__ import annotations

from dataclasses import dataclass

Number = float | None  # None: not finite


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What the model is."""

    name: str
    figure: str  # its perplexity, "" where that was not measured
    protocol: str  # how that was, in words
    rows: tuple[tuple[str, str], ...]
    command: str  # the one that made it, "" where nobody knows
    notes: tuple[str, ...]  # what is missing in the page, and why


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredLine:
    """A line of a text: each list has an entry for every token."""

    blanks: list[str]  # what stands before it in the line
    words: list[str]  # as they are spelt
    tokens: list[str]  # as the model knows them
    bits: list[Number]
    entropies: list[Number]
    ranks: list[int]
    ratios: list[Number]  # p of the token over p of the likeliest one
    guesses: list[list[str]]  # the likeliest tokens
    shares: list[list[float]]  # their probabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A text as one model reads it, each line by itself."""

    model: str
    lines: list[ScoredLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """What the units of the top LSTM say, h (T, H), over a text.

    A value from -scale to scale is one of 63 steps, written as one character of `digits`.
    """

    words: list[str]  # (T,) each with the blanks before it
    numbers: list[int]  # of the units that are shown, from 1
    rows: list[str]  # (H,) of T characters: a unit each
    digits: str
    scale: float  # hardly any value is beyond it, and such are drawn at it
    of: int  # units of that LSTM


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """How it was trained: (step, perplexity) by name."""

    lines: dict[str, list[tuple[int, Number]]]
    steps_per_epoch: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class WordMap:
    """The most frequent words by the first two principal components of their vectors."""

    words: list[str]
    points: list[tuple[float, float]]
    near: list[list[int]]  # the numbers of the words most like each, best first
    cosines: list[list[float]]
    share: float  # of the variance, that the two show


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A text that the model drew."""

    temperature: float
    pieces: list[str]
    copied: list[tuple[int, int]] | None  # spans of pieces; None: nobody could look
    longest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All of it."""

    card: Card
    text: str  # where the text that is read is from
    readings: list[Reading]
    units: Units
    curves: Curves
    map: WordMap
    samples: list[Sample]
    least: int  # tokens of a run that counts as copied
