"""What `rnnlm score` does with each thing that it may be asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TextIO

from rnnlm_cli.atomic import whole_text
from rnnlm_cli.checkpoint.opened import Opened
from rnnlm_cli.cli.score_asked import (
    Asked,
    AskedDrawing,
    AskedPairs,
    AskedRows,
    AskedSuites,
    AskedTable,
    AskedText,
)
from rnnlm_cli.cli.showing.bars import bar, counted
from rnnlm_cli.cli.showing.documents import pairs_document, suites_document
from rnnlm_cli.cli.showing.heat import show_bars, show_heat
from rnnlm_cli.cli.showing.pairs import show_accuracies
from rnnlm_cli.cli.showing.render import print_json, say_note
from rnnlm_cli.cli.showing.row_forms import write_rows
from rnnlm_cli.cli.showing.suites import same_note, show_suites
from rnnlm_cli.cli.showing.writing import write_lines, write_table_pieces
from rnnlm_cli.corpus.given_text import GivenLines
from rnnlm_cli.settings.score import Form
from rnnlm_cli.tasks.contrasts.accuracy import accuracies
from rnnlm_cli.tasks.contrasts.pair_files import read_pairs
from rnnlm_cli.tasks.contrasts.pairs import score_pairs
from rnnlm_cli.tasks.contrasts.suite_files import read_suites
from rnnlm_cli.tasks.contrasts.suites import score_suite
from rnnlm_cli.tasks.rows import (
    as_asked,
    as_row,
    beside,
    figures,
    nbest_lines,
    score_lines,
    text_of,
)
from rnnlm_cli.tasks.scorer import ScoredPassage
from rnnlm_cli.tasks.tables.table_file import TableFile
from rnnlm_cli.tasks.tables.with_scores import table_pieces, write_table


def answer(models: Sequence[Opened], asked: Asked) -> None:
    """Write or show what was asked for: a text under all `models`, anything else under the one."""
    match asked:
        case AskedRows():
            _say_first(asked)
            with _opened(asked.out) as target:
                _write(models, asked, target)
        case AskedDrawing():
            _say_first(asked)
            _draw(models[0], asked)
        case AskedTable():
            _score_table(models[0], asked)
        case AskedPairs():
            _judge_pairs(models[0], asked)
        case AskedSuites():
            _judge_suites(models[0], asked)


def _say_first(asked: AskedText) -> None:
    if asked.note is not None:
        say_note(asked.note)


@contextmanager
def _opened(out: Path | None) -> Iterator[TextIO]:
    """What rows are written to."""
    if out is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    with whole_text(out) as file:
        yield file


def _scored(lm: Opened, asked: AskedText, givens: Iterable[GivenLines]) -> Iterator[ScoredPassage]:
    """The passages of all texts, one after the other."""
    if asked.tricks.asked:
        helped = lm.with_tricks(asked.tricks, say=say_note, stages=bar)
        yield from (helped.passage(text_of(given.lines), given.where) for given in givens)
        return
    for given in givens:
        lines = score_lines(lm.scorer, given.lines, given.where, asked.config)
        yield from counted(lines, given.count, "lines")


def _draw(lm: Opened, asked: AskedDrawing) -> None:
    found = [as_asked(lm.scorer, each, asked.config) for each in _scored(lm, asked, asked.givens)]
    if asked.heat:
        show_heat(found)
    if asked.bars:
        show_bars(found)


def _write(models: Sequence[Opened], asked: AskedRows, target: TextIO) -> None:
    """Write the rows of the texts as their lines are read.

    What is wrong with a file is known before the first row; where standard input turns out to be
    bad, or a word has no id, the rows before it have been written to stdout, but no file is there.
    """
    config, out = asked.config, asked.out
    form: Form = config.form_of(out.name if out else None)
    if config.is_nbest:
        for given in asked.givens:
            write_lines(nbest_lines(models[0].scorer, given.lines, given.where, config), target)
        return
    givens = zip(*(given.shared(len(models)) for given in asked.givens), strict=True)
    each = [
        chain.from_iterable(figures(lm.scorer, _scored(lm, asked, texts), config))
        for lm, texts in zip(models, givens, strict=True)
    ]
    write_rows(map(as_row, each[0]) if len(each) == 1 else beside(*each), target, form)


def _score_table(lm: Opened, asked: AskedTable) -> None:
    config, eos = asked.config, asked.eos
    with bar("", None, "words" if config.text_column is None else "texts") as progress:
        if asked.out is not None:
            write_table(lm.scorer, asked.path, asked.out, config, eos=eos, progress=progress)
            return
        table = TableFile.read(asked.path)
        pieces = table_pieces(lm.scorer, table, config, eos=eos, progress=progress)
        write_table_pieces(pieces)


def _judge_pairs(lm: Opened, asked: AskedPairs) -> None:
    pairs = read_pairs(asked.files, say_note)
    found = accuracies(counted(score_pairs(lm.scorer, pairs, eos=asked.eos), None, "pairs"))
    if asked.json:
        print_json(pairs_document(found))
    else:
        show_accuracies(found)


def _judge_suites(lm: Opened, asked: AskedSuites) -> None:
    suites = list(read_suites(asked.files))
    counting = counted(suites, len(suites), "suites")
    scores = [score_suite(lm.scorer, each, eos=asked.eos) for each in counting]
    if asked.json:
        print_json(suites_document(scores))
        return
    show_suites(scores)
    for note in filter(None, map(same_note, scores)):
        say_note(note)
