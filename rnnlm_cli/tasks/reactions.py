"""What there is in a text to react to, and which units of a model do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.arrays import Doubles, Floats
from rnnlm_cli.corpus.vocabulary import EOS
from rnnlm_cli.scoring.traces import Trace

PASSAGES = 5
_APART = 10  # tokens between two passages of a unit
_OPENING, _CLOSING = "([{（［【", ")]}）］】"
_QUOTES = {'"': '"', "``": "''", "“": "”", "„": "“", "«": "»", "「": "」", "『": "』"}
_POINTS = ".,;:!?…。、"  # that may stand beside a quotation mark in a piece
_FEATURES = (
    "place in the line",
    "length of the line before",
    "inside quotes",
    "inside brackets",
    "number",
    "end of the line",
)
_LEAST = 0.1  # of a correlation that is worth a line


@dataclass(frozen=True, slots=True)
class Reaction:
    """The unit of an LSTM that goes most with a feature of the text."""

    feature: str
    layer: int  # from 0
    unit: int  # from 0
    correlation: float  # Pearson's, of its h with the feature
    places: tuple[int, ...]  # the tokens at which it is farthest on the side of the feature


def features(tokens: Sequence[str]) -> dict[str, Doubles]:
    """(T,) each: what there is to react to at a token, of the text before it and of itself."""
    place = length = depth = 0
    closing = ""  # what ends the quotation
    rows = []
    for token in tokens:
        ends, token = token == EOS, token.strip(" ") or token  # a piece has the blank before it
        number = any(map(str.isdigit, token)) or token == "N"
        rows.append((place, length, bool(closing), depth > 0, number, ends))
        place, length = (0, place + 1) if ends else (place + 1, length)
        # A piece may hold several signs: ").", '",'.
        opened, closed = (sum(map(token.count, signs)) for signs in (_OPENING, _CLOSING))
        depth = 0 if ends else max(0, depth + opened - closed)
        sign = token.strip(_POINTS)
        closing = "" if ends or sign == closing else closing or _QUOTES.get(sign, "")
    columns = np.array(rows, np.float64).reshape(-1, len(_FEATURES)).T
    return dict(zip(_FEATURES, columns, strict=True))


def reactions(made: Sequence[Trace], wanted: Mapping[str, Doubles]) -> list[Reaction]:
    """For each feature (T,) the unit of all LSTMs that goes most with it, the closest first.

    A correlation nearer to 0 than 0.1 is none.
    """
    found = []
    for name, feature in wanted.items():
        if len(feature) < 2 or not feature.std():
            continue
        by_layer = [_correlations(trace.h, feature) for trace in made]
        layer = int(np.argmax([np.abs(each).max() for each in by_layer]))
        unit = int(np.abs(by_layer[layer]).argmax())
        correlation = float(by_layer[layer][unit])
        if abs(correlation) < _LEAST:
            continue
        side = made[layer].h[:, unit] * np.sign(correlation)
        found.append(Reaction(name, layer, unit, correlation, _peaks(side)))
    return sorted(found, key=lambda each: -abs(each.correlation))


def _correlations(hs: Floats, feature: Doubles) -> Doubles:
    """hs (T, H), feature (T,) -> Pearson's correlation of each unit with it (H,)."""
    centred = hs - hs.mean(axis=0, dtype=np.float64)
    wanted = feature - feature.mean()
    sizes = np.sqrt(np.square(centred).sum(axis=0) * np.square(wanted).sum())
    found: Doubles = wanted @ centred / np.maximum(sizes, 1e-30)
    return found


def _peaks(values: Floats) -> tuple[int, ...]:
    """The places of the greatest values, none near another."""
    found: list[int] = []
    for place in np.argsort(-values, kind="stable").tolist():
        if all(abs(place - other) > _APART for other in found):
            found.append(place)
        if len(found) == PASSAGES:
            break
    return tuple(found)
