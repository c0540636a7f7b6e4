"""What `rnnlm inspect` is asked for: a record for each kind, made of options that go together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnlm_cli.cli.compatible import check_together
from rnnlm_cli.cli.pictures import check_plot
from rnnlm_cli.corpus.cutting.rules import WHITE
from rnnlm_cli.errors import ConfigError, quoted

# Of the options, those that mean something for each kind; the first one that is given says which it
# is. Without any it is the figures of the model, or of its words.
_OPTIONS: Mapping[str, set[str]] = {
    "html": {"text", "beside"},
    "plot": {"text", "unit", "lstm"},
    "text": {"unit", "lstm", "json"},
    "units": {"json"},
}
_FIGURES = {"nearest", "analogy", "json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which units of which LSTM, the top one where `lstm` is None; both are counted from 1."""

    units: Sequence[int]
    lstm: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedReport:
    """A page, in which all units are shown."""

    path: Path
    texts: Sequence[str]
    beside: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPicture:
    """A picture of the model or, if there is one, of a text; an empty one is one."""

    path: Path
    text: str | None
    chosen: Chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedStrips:
    """Gates and cells over a text."""

    text: str
    chosen: Chosen
    json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedUnits:
    """Units that react to something."""

    json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFigures:
    """Sizes and history or, if there are any, words like others and analogies."""

    nearest: Sequence[str]
    analogies: Sequence[tuple[str, str, str]]
    count: int
    json: bool


Asked = AskedReport | AskedPicture | AskedStrips | AskedUnits | AskedFigures


def asked_of(options: Mapping[str, Any], count: int) -> Asked:
    """What the `options` that were given, by name, ask for; so many words of each list.

    Raises ConfigError for what does not go together, MissingExtra without matplotlib.
    """
    kind = next((kind for kind in _OPTIONS if kind in options), None)
    _check(options, kind)
    texts, json = options.get("text", []), "json" in options
    text = "\n".join(texts)
    chosen = Chosen(units=options.get("unit", []), lstm=options.get("lstm"))
    match kind:
        case "html":
            _check_page(options[kind])
            return AskedReport(path=options[kind], texts=texts, beside=options.get("beside"))
        case "plot":
            check_plot(options[kind])
            shown = text if "text" in options else None
            return AskedPicture(path=options[kind], text=shown, chosen=chosen)
        case "text":
            return AskedStrips(text=text, chosen=chosen, json=json)
        case "units":
            return AskedUnits(json=json)
    analogies = [_three(each) for each in options.get("analogy", [])]
    return AskedFigures(
        nearest=options.get("nearest", []), analogies=analogies, count=count, json=json
    )


def needs_words(asked: Asked) -> bool:
    """Whether the words of the model are looked at."""
    return not isinstance(asked, AskedFigures) or bool(asked.nearest or asked.analogies)


def _check(options: Mapping[str, Any], kind: str | None) -> None:
    """Raises ConfigError for an option that says nothing of the `kind`."""
    if kind is not None:
        check_together(options, {kind, *_OPTIONS[kind]}, f"--{kind}")
        if kind == "plot" and "text" not in options:
            check_together(options, {kind}, "--plot without --text")
        return
    for name in options:
        kinds = [f"--{kind}" for kind, meant in _OPTIONS.items() if name in meant]
        if name not in _FIGURES:
            raise ConfigError(f"--{name} goes with {' or '.join(kinds)}: give one, or leave it out")


def _check_page(path: Path) -> None:
    """Raises ConfigError for a name that tells no page."""
    if path.suffix not in (".html", ".htm"):
        raise ConfigError(f"html is {quoted(path)}, but must be a file name ending in .html")


def _three(analogy: str) -> tuple[str, str, str]:
    words = re.findall(f"[^{WHITE}]+", analogy)  # a word may have a no-break space
    if len(words) != 3:
        raise ConfigError(f"analogy is {quoted(analogy)}, but must be three words, as 'a b c'")
    return words[0], words[1], words[2]
