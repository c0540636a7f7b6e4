"""The documents of `rnnlm eval` as tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from rnnlm_cli.cli.showing.differences import show_differences
from rnnlm_cli.cli.showing.figure_cells import NOTABLE, bits_per_character, hiding, share_unknown
from rnnlm_cli.cli.showing.render import (
    add_row,
    console,
    fitting,
    number,
    show_pairs,
    show_table,
    table,
)
from rnnlm_cli.errors import printable
from rnnlm_cli.settings.spelling import option_name, spelt

_LONGEST_NAME = 24  # of a file in a column of figures, which are about 10 wide
_OTHER_COLUMN = 16  # cells that the names of figures take, and what is between


def trick_options(adapted: dict[str, Any]) -> str:
    """The options that repeat an `adapted_document` without tuning."""
    options = ["--ngram"] if "ngram" in adapted["tricks"] else []
    for name, value in adapted["settings"].items():
        options.append(f"--{option_name(name)} {spelt(value)}")
    return " ".join(options)


def _columns(row: dict[str, Any], head: str) -> list[tuple[str, dict[str, Any]]]:
    """The columns of a checkpoint: its own, and one for each of its `adapted`, with their heads."""
    adapted = row.get("adapted", [])
    return [(head, row), *(("+ " + " + ".join(each["tricks"]), row | each) for each in adapted)]


def _short(kind: str, names: list[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """The names as columns show them, and what to say above if one was too long: which is which."""
    longest = min(_LONGEST_NAME, console().width - _OTHER_COLUMN)
    if all(cell_len(printable(name)) <= longest for name in names):
        return names, []
    short = {name: f"{kind} {k}" for k, name in enumerate(dict.fromkeys(names), start=1)}
    return [short[name] for name in names], [(short[name], name) for name in short]


def show_evaluations(rows: list[dict[str, Any]]) -> None:
    """One column a checkpoint and one for what tricks make of it, one row a figure.

    Columns that the terminal has no room for make a table of their own, below.
    """
    heads, models = _short("model", [row["checkpoint"] for row in rows])
    corpora, texts = _short("text", [row["corpus"] for row in rows])
    show_pairs(models + texts)
    rows = [row | {"corpus": corpus} for row, corpus in zip(rows, corpora, strict=True)]
    columns = [pair for row, head in zip(rows, heads, strict=True) for pair in _columns(row, head)]
    with_tricks = len(columns) > len(rows)
    for shown in fitting(columns, lambda some: _table(some, with_tricks)):
        show_table(shown)
    for note in _notes(rows):
        console().print(Text(note))
    show_differences(rows, heads)
    if repeats := list(_repeats(rows, heads)):
        show_pairs(repeats, title="to repeat without tuning")


def _repeats(rows: Sequence[dict[str, Any]], heads: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What tricks there were and their options: once a model, which is tuned once for all texts."""
    models = dict(zip(heads, rows, strict=True))
    for model, row in models.items():
        for head, column in _columns(row, model)[1:]:
            yield f"{model} {head}" if len(models) > 1 else head, trick_options(column)


def _notes(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Which figures may be compared, and which are bounds."""
    texts = {(row["corpus"], row["split"], row["corpus_sha256"]) for row in rows}
    vocabularies = {str(row["vocabulary"]) for row in rows}
    told = [row for row in rows if row["bits_per_character"] is not None]
    if len(texts) > 1:
        yield "These are different texts: no row may be compared (--corpus gives all the same)."
    elif len(vocabularies) > 1:
        yield "These models have different tokens: " + (
            "of the rows only bits a character may be compared."
            if told
            else "no row may be compared (bits a character, where every token is counted)."
        )
    hides = hiding(
        unknown=any(row["unknown"] for row in told),
        lower=any(row["vocabulary"]["lower"] for row in told),
    )
    if hides:
        yield f"≥: at least so many, because {hides}."


def _table(columns: Sequence[tuple[str, dict[str, Any]]], with_tricks: bool) -> Table:
    shown = table("", *(head for head, _ in columns), whole=True)
    figures = dict(_FIGURES)
    del figures["tokens/s" if with_tricks else "seconds"]  # tuning is no scoring of tokens
    shown.columns[0].min_width = max(len(word) for name in figures for word in name.split())
    says_little = any(row["unknown_share"] > NOTABLE for _, row in columns)
    styles = {"perplexity": "bold yellow" if says_little else "bold green"}
    for name, figure in figures.items():
        cells = [figure(row) for _, row in columns]
        if name not in _OPTIONAL or set(cells) != {"—"}:
            add_row(shown, name, *cells, style=styles.get(name, ""))
    return shown


_FIGURES: dict[str, Callable[[dict[str, Any]], str]] = {
    "corpus": lambda r: f"{r['corpus']} {r['split'] or ''}".strip(),
    "protocol": lambda r: r["protocol"],
    "tokens scored": lambda r: f"{r['tokens']:,}" + " without <eos>" * (not r["eos"]),
    "unknown": lambda r: f"{r['unknown']:,} ({share_unknown(r['unknown_share'])})",
    "characters a token": lambda r: number(r["characters_per_token"] or math.nan),
    "nats a token": lambda r: number(r["nats_per_token"], 4),
    "bits a token": lambda r: number(r["bits_per_token"], 4),
    "bits a character": lambda r: bits_per_character(
        r["bits_per_character"], at_least=r["bits_per_character_is_lower_bound"]
    ),
    "perplexity": lambda r: number(r["perplexity"]),
    "standard error": lambda r: number(r["standard_error"]),
    "perplexity without unknown": lambda r: number(r["perplexity_known"]),
    "perplexity without <eos>": lambda r: number(r["perplexity_without_eos"]),
    "tokens/s": lambda r: number(r["words_per_second"], 0),
    "seconds": lambda r: number(r["seconds"], 1),
}
# Left out where no column has them: of a text that was not counted whole, or has no line ends.
_OPTIONAL = {"characters a token", "bits a character", "perplexity without <eos>"}
