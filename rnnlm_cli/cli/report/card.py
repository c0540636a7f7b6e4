"""What a model is, in words: its figure, its text, its sizes, and the command that made it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from rnnlm_cli.checkpoint.contents import Checkpoint, RunRecord
from rnnlm_cli.checkpoint.opened import Opened
from rnnlm_cli.cli.report.command import train_command
from rnnlm_cli.cli.report.record import Card
from rnnlm_cli.corpus.reading.named import CORPORA
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.model.sizes import parameter_count
from rnnlm_cli.scoring.figures import Figures

_PROTOCOLS = {
    "stream": "the test split as one stream, every token scored once",
    "parallel": "the test split in streams that begin from zero, every token scored once",
    "book": "the book's eval_perplexity: 10 streams of 35, the tail dropped",
}


def card_of(lm: Opened, notes: Sequence[str]) -> Card:
    """The card of a model, with what is missing in its page."""
    made = lm.checkpoint
    figure, protocol = _figure(made.run)
    return Card(
        name=Path(lm.path or "model").name,
        figure=figure,
        protocol=protocol,
        rows=tuple(_rows(made, lm.texts.words)),
        command=train_command(made),
        notes=tuple(notes),
    )


def _figure(run: RunRecord | None) -> tuple[str, str]:
    if run is None or not run.test_perplexity:
        return "", ""
    name, value = next(iter(run.test_perplexity.items()))
    found = run.tests.get(name)
    error = "" if found is None or math.isnan(found.standard_error) else _error(found)
    return f"{value:,.2f}", f"{error}{name}: {_PROTOCOLS[name]}"


def _error(found: Figures) -> str:
    return f"± {found.standard_error:.2f}; "


def _rows(made: Checkpoint, words: TextRecord) -> Iterator[tuple[str, str]]:
    yield from _of_figures(made.run)
    sizes = made.model
    count = parameter_count(made.vocab_size, sizes)
    tied = ", tied weights" * sizes.tied + ", projected" * sizes.projection
    yield "model", f"{sizes.layers} × LSTM of {sizes.hidden_size:,} units{tied}"
    yield (
        "sizes",
        f"{made.vocab_size:,} words, vectors of {sizes.wordvec_size:,}, {count:,} parameters",
    )
    yield from _of_text(words)
    if made.run is not None:
        yield "run", f"{made.run.id}, preset {made.run.preset}, seed {made.run.train.seed}"
    if made.seconds is not None:
        yield "trained in", _duration(made.seconds)
    if made.libraries:
        yield "computed by", ", ".join(f"{name} {of}" for name, of in made.libraries.items())


def _of_figures(run: RunRecord | None) -> Iterator[tuple[str, str]]:
    for found in list(run.tests.values())[:1] if run else []:
        yield "unknown words", f"{found.unknown_share:.2%} of {found.tokens:,} tokens scored"
        if not math.isnan(found.perplexity_known):
            yield "without unknown", f"perplexity {found.perplexity_known:,.2f}"
        if found.bits_per_character is not None:
            bound = "at least " if found.is_lower_bound else ""
            yield "bits a character", f"{bound}{found.bits_per_character:.4f}"


def _of_text(words: TextRecord) -> Iterator[tuple[str, str]]:
    named = CORPORA.get(words.corpus)
    yield "text", f"{words.corpus or 'not told'}, cut by {words.config.unit}"
    if named is not None:
        yield "source", named.source
    if words.splits:
        yield (
            "tokens",
            ", ".join(f"{name} {each.tokens:,}" for name, each in words.splits.items()),
        )
    if words.sha256:
        yield "SHA-256 of the text", words.sha256


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
