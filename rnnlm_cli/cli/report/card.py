"""What a model is, in words: its figure, its text, its sizes, and the command that made it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rnnlm_cli.checkpoint.contents import Checkpoint, RunRecord
from rnnlm_cli.checkpoint.opened import Opened
from rnnlm_cli.cli.report.command import train_command
from rnnlm_cli.cli.report.record import Card
from rnnlm_cli.cli.showing.figure_cells import pairs_of_tests, share_unknown
from rnnlm_cli.cli.showing.models import dropouts, model_pairs
from rnnlm_cli.cli.showing.render import duration, number
from rnnlm_cli.corpus.reading.named import CORPORA
from rnnlm_cli.corpus.text_record import TextRecord
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
        name=lm.name,
        figure=figure,
        protocol=protocol,
        rows=tuple(_rows(made, lm.words)),
        command=train_command(made),
        notes=tuple(notes),
    )


def _figure(run: RunRecord | None) -> tuple[str, str]:
    if run is None or not run.test_perplexity:
        return "", ""
    name, value = next(iter(run.test_perplexity.items()))
    found = run.tests.get(name)
    error = "" if found is None or math.isnan(found.standard_error) else _error(found)
    return number(value), f"{error}{name}: {_PROTOCOLS[name]}"


def _error(found: Figures) -> str:
    return f"± {number(found.standard_error)}; "


def _rows(made: Checkpoint, words: TextRecord) -> Iterator[tuple[str, str]]:
    tests = pairs_of_tests(made.run, "{figure} ({protocol})") if made.run is not None else []
    for name, value in [*tests, *model_pairs(made.sizes)]:
        yield name, str(value)
    yield "parameters", f"{made.sizes.parameters():,}"
    if made.run is not None:
        yield "noise", dropouts(made.model)
    yield from _of_text(words)
    if made.run is not None:
        yield "run", f"{made.run.id}, preset {made.run.preset}, seed {made.run.train.seed}"
    if made.seconds is not None:
        yield "trained in", duration(made.seconds)
    if made.libraries:
        yield "computed by", ", ".join(f"{name} {of}" for name, of in made.libraries.items())


def _of_text(words: TextRecord) -> Iterator[tuple[str, str]]:
    named = CORPORA.get(words.corpus)
    yield "text", f"{words.corpus or 'not told'}, cut by {words.config.unit}"
    if named is not None:
        yield "source", named.source
    if words.splits:
        sizes = (
            f"{name} {each.tokens:,} ({share_unknown(each.unknown_share)} unknown)"
            for name, each in words.splits.items()
        )
        yield "tokens", ", ".join(sizes)
    if words.sha256:
        yield "SHA-256 of the text", words.sha256
