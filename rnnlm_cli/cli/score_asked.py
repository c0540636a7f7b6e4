"""What `rnnlm score` is asked for: a record for each kind, made of options that go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from rnnlm_cli.cli.compatible import check_together
from rnnlm_cli.cli.trick_options import trick_config
from rnnlm_cli.corpus.given_text import GivenLines
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.score import ScoreConfig
from rnnlm_cli.settings.setting import config_of, declared, given_of
from rnnlm_cli.settings.table import TableConfig
from rnnlm_cli.settings.tricks import TrickConfig

Kind = Literal["text", "table", "pairs", "suite"]
_NAMES: dict[Kind, str] = {
    "text": "--text or --file",
    "table": "--table",
    "pairs": "--pairs",
    "suite": "--suite",
}

# Of the options, those that mean something for each kind; of a text all but those of tables.
_OPTIONS: dict[Kind, set[str]] = {
    "text": {"heat", "bars", "all_tricks", "out", *declared(ScoreConfig), *declared(TrickConfig)},
    "table": {"out", "eos", *declared(TableConfig)},
    "pairs": {"json", "eos"},
    "suite": {"json", "eos"},
}
_SETTINGS = declared(ScoreConfig) | declared(TrickConfig) | declared(TableConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedText:
    """How texts are scored, and what is to be said of it."""

    givens: Sequence[GivenLines]
    config: ScoreConfig
    tricks: TrickConfig
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRows(AskedText):
    """Rows of texts under one model, or under two; n-best lists too."""

    out: Path | None  # None: stdout


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedDrawing(AskedText):
    """Texts drawn as a heat map, with bars, or both."""

    heat: bool
    bars: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedTable:
    """A table with the figures of its rows."""

    path: str
    config: TableConfig
    eos: bool
    out: Path | None  # None: stdout


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPairs:
    """How often the model is right about minimal pairs."""

    files: Sequence[str]
    eos: bool
    json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedSuites:
    """How often it is right about test suites."""

    files: Sequence[str]
    eos: bool
    json: bool


Asked = AskedRows | AskedDrawing | AskedTable | AskedPairs | AskedSuites


def asked_of(kinds: Mapping[Kind, Any], models: int, options: Mapping[str, Any]) -> Asked:
    """The one of the `kinds` that is given, with its `options`, by name, for so many models.

    Raises ConfigError for what does not go together.
    """
    kind = _the_one(kinds)
    check_together(options, _OPTIONS[kind], _NAMES[kind], _SETTINGS)
    if kind == "table" and "text_column" not in options:
        check_together(options, _OPTIONS[kind] - {"eos"}, "the words of --table", _SETTINGS)
    if kind == "text":
        return _asked_text(kinds[kind], models, options)
    if models > 1:
        raise ConfigError("several models are given, but only the words of a text show two")
    what, eos = kinds[kind], options.get("eos", True)
    if kind == "table":
        config = config_of(TableConfig, options)
        return AskedTable(path=what, config=config, eos=eos, out=options.get("out"))
    judged = AskedPairs if kind == "pairs" else AskedSuites
    return judged(files=what, eos=eos, json="json" in options)


def _the_one(kinds: Mapping[Kind, Any]) -> Kind:
    given = [kind for kind, what in kinds.items() if what]
    named = " or ".join(_NAMES.values())
    if not given:
        raise ConfigError(f"nothing to score: give {named}")
    if len(given) > 1:
        raise ConfigError(f"more than one thing to score is given: give one of {named}")
    return given[0]


def _asked_text(
    givens: Sequence[GivenLines], models: int, options: Mapping[str, Any]
) -> AskedRows | AskedDrawing:
    config = config_of(ScoreConfig, options)
    tricks = trick_config(given_of(TrickConfig, options), "all_tricks" in options)
    _check_text(config, tricks, models, options)
    note = _note(givens, config, tricks, options)
    if tricks.asked:
        config = replace(config, context="text")
    if _is_drawn(options):
        heat, bars = "heat" in options, "bars" in options
        return AskedDrawing(
            givens=givens, config=config, tricks=tricks, note=note, heat=heat, bars=bars
        )
    return AskedRows(givens=givens, config=config, tricks=tricks, note=note, out=options.get("out"))


def _check_text(
    config: ScoreConfig, tricks: TrickConfig, models: int, options: Mapping[str, Any]
) -> None:
    """Raises ConfigError for options that do not go together."""
    drawn, plain = _is_drawn(options), not (config.is_nbest or config.guesses)
    if models > 2:
        raise ConfigError(f"{models} models are given, but two at most stand side by side")
    if models == 2 and (drawn or not plain):
        raise ConfigError(
            "heat, bars, guesses and n-best lists are of one model, but two are given: leave one "
            "out"
        )
    if drawn and (config.form or "out" in options or not plain or config.by != "token"):
        raise ConfigError(
            "heat and bars draw the tokens: leave out --format, --out, --guesses and --by"
        )
    of_line = options.get("context") == "line"
    if tricks.asked and (of_line or not plain or models > 1):
        raise ConfigError(
            "tricks score a text of one model as one stream: leave out --context line, "
            "--guesses, n-best lists and a second model"
        )


def _is_drawn(options: Mapping[str, Any]) -> bool:
    """Whether the text is shown in place of rows."""
    return "heat" in options or "bars" in options


def _note(
    givens: Sequence[GivenLines],
    config: ScoreConfig,
    tricks: TrickConfig,
    options: Mapping[str, Any],
) -> str | None:
    """Where the state begins anew, should that be anybody's guess."""
    if "context" in options or config.is_nbest or all(g.count in (0, 1) for g in givens):
        return None
    if tricks.asked:
        return "tricks score all lines as one text"
    return "each line is scored by itself; --context text scores them as one text"
