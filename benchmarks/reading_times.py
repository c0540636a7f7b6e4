"""How much surprisals tell of reading times: the words of the Natural Stories corpus.

    python -m benchmarks.reading_times FOLDER [TABLE.tsv ...]

FOLDER is that of the corpus, with its table `processed_wordinfo.tsv` and, in `published/`, the
surprisals of three published models; a TABLE is `processed_wordinfo.tsv` with the surprisals of
one of ours. What is explained is the mean of the log reading times of a word (self-paced, all
readers). Least squares on its length, its log frequency, both of the word before it, and its place
in the story; then on its surprisal and that of the word before it too. Printed are the gain in
log-likelihood, and the milliseconds that a bit takes.

Every model is asked about the same words: of letters alone, known to all models, of a known
frequency, not the first of a sentence, and behind a word that is so too.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from rnnlm_cli.arrays import Doubles, Mask
from rnnlm_cli.cli.showing.render import console

# Of each published model: its tokens with their surprisals, and the words that they are part of.
# The files differ in columns, in headers and in whether sentences end with a token.
_PUBLISHED = {
    "5-gram": ("ngram_out_all.txt", "ns_lower_trans.txt"),
    "TransformerXL": ("txl_out_all.txt", "ns_tokens_moses_trans.txt"),
    "Gulordava LSTM": ("grnn_out_all.txt", "ns_tokens_trans.txt"),
}
_ENDS = "<eos>", "</s>"

Place = tuple[int, int]  # a story, and a word of it: both from 1


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The W words of the stories in their order: arrays (W,)."""

    places: Sequence[Place]
    log_times: Doubles  # mean of the log milliseconds
    lengths: Doubles
    frequencies: Doubles  # log2; 0 where it is not known
    usable: Mask  # of letters alone, of a known frequency, not the first of a sentence


@dataclass(frozen=True, slots=True, eq=False)
class Surprisals:
    """What a model says of the W words: arrays (W,)."""

    bits: Doubles
    known: Mask  # whether it knows every token of the word


@dataclass(frozen=True, slots=True)
class Told:
    """What surprisals add to a regression of reading times."""

    gain: float  # in log-likelihood, nats
    per_bit: float  # milliseconds, for a word of the mean reading time
    standard_error: float  # of it


def main(folder: Path, tables: Annotated[list[Path] | None, typer.Argument()] = None) -> None:
    """Print what each published model and each of the TABLES tells."""
    words, out = read_words(folder), console()
    models = {name: read_published(folder / "published", name) for name in _PUBLISHED}
    models |= {path.stem: read_table(path, words) for path in tables or []}
    common = common_words(words, models.values())
    out.print(f"{f'{int(common.sum()):,} words':<16}{'gain':>8}  ms a bit")
    for name, surprisals in models.items():
        told = what_it_tells(words, surprisals.bits, common)
        out.print(f"{name:<16}{told.gain:>8.1f}{told.per_bit:>6.2f} ± {told.standard_error:.2f}")


def read_words(folder: Path) -> Words:
    """The words of the corpus, from its table and the table of frequencies beside it."""
    rows = {_place(row): row for row in _rows(folder / "processed_wordinfo.tsv")}
    places = sorted(rows)
    frequencies = list(_cells(folder / "published" / "ns_freq.txt"))
    usable = [
        rows[place]["word"].isalpha() and float(bits) > 0 and index != "0"
        for place, (_, index, _, bits, _) in zip(places, frequencies, strict=True)
    ]
    return Words(
        places,
        np.log([float(rows[place]["gmeanItemRT"]) for place in places]),
        np.array([float(len(rows[place]["word"])) for place in places]),
        np.array([float(row[3]) for row in frequencies]),
        np.array(usable),
    )


def read_published(folder: Path, name: str) -> Surprisals:
    """The surprisals of a published model, summed over the tokens of each word."""
    scores, parts = (list(_cells(folder / file)) for file in _PUBLISHED[name])
    tokens = [row[-2:] for row in scores if len(row) > 1 and row[-1] != "surprisal"]
    tokens = [row for row in tokens if row[0] not in _ENDS]
    words = {tuple(row[:2]): number for number, row in enumerate(_firsts(parts))}
    owners = [words[tuple(row[:2])] for row in parts]
    unknown = np.bincount(owners, [token == "<unk>" for token, _ in tokens])
    bits = np.bincount(owners, [float(bits) for _, bits in tokens])
    return Surprisals(bits.astype(float), unknown == 0)


def read_table(path: Path, words: Words) -> Surprisals:
    """The surprisals of one of our models, from the table of the corpus with its columns."""
    rows = {_place(row): row for row in _rows(path)}
    bits = np.array([float(rows[place]["surprisal"] or "nan") for place in words.places])
    unknown = [rows[place]["n_unknown"] != "0" for place in words.places]
    return Surprisals(bits, np.isfinite(bits) & ~np.array(unknown))


def common_words(words: Words, models: Iterable[Surprisals]) -> Mask:
    """(W,) the words that every model is asked about."""
    usable: Mask = np.all([words.usable, *(each.known for each in models)], axis=0)
    usable[1:] &= usable[:-1]
    usable[0] = False
    return usable


def what_it_tells(words: Words, bits: Doubles, of: Mask) -> Told:
    """The regressions without and with surprisals, `bits` (W,), over the words `of` (W,)."""
    zones = np.array([float(zone) for _, zone in words.places])
    pairs = [_with_previous(each) for each in (words.lengths, words.frequencies, bits)]
    known, told = np.hstack([*pairs[:2], zones[:, None]])[of], pairs[2][of]
    times = words.log_times[of]
    without, _, _ = _least_squares(known, times)
    likelihood, slopes, errors = _least_squares(np.hstack([told, known]), times)
    mean = math.exp(times.mean())
    return Told(likelihood - without, mean * slopes[0], mean * errors[0])


def _least_squares(xs: Doubles, ys: Doubles) -> tuple[float, Doubles, Doubles]:
    """xs (R, K), ys (R,) -> log-likelihood (nats), slopes (K,) and their standard errors (K,)."""
    R, K = xs.shape
    q, r = np.linalg.qr(np.hstack([xs - xs.mean(axis=0), np.ones((R, 1))]))
    slopes = np.linalg.solve(r, q.T @ ys)
    squares = float(np.square(ys - q @ (q.T @ ys)).sum())
    inverse = np.linalg.inv(r)
    errors = np.sqrt(np.square(inverse).sum(axis=1) * squares / (R - K - 1))
    likelihood = -R / 2 * (math.log(2 * math.pi * squares / R) + 1)
    return likelihood, slopes[:K], errors[:K]


def _with_previous(column: Doubles) -> Doubles:
    """(W,) -> (W, 2): each, and the one before it."""
    return np.stack([column, np.roll(column, 1)], axis=1)


def _place(row: Mapping[str, str]) -> Place:
    return int(row["item"]), int(row["zone"])


def _firsts(rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """The first row of each sentence and word."""
    return list({tuple(row[:2]): row for row in reversed(rows)}.values())[::-1]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t")


def _cells(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        for line in file:
            yield line.rstrip("\r\n").split("\t")


if __name__ == "__main__":
    typer.run(main)
