"""A table with the scores of its words, or of its texts: in memory, or from file to file."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from typing import Any

from rnnlm_cli.atomic import check_writable, write_atomically
from rnnlm_cli.corpus.reading.overwriting import check_not_read
from rnnlm_cli.settings.table import Punctuation, TableConfig
from rnnlm_cli.tasks.scorer import Scorer
from rnnlm_cli.tasks.tables.columns import RowFigures, Table
from rnnlm_cli.tasks.tables.in_memory import in_memory
from rnnlm_cli.tasks.tables.table_file import TableFile
from rnnlm_cli.tasks.tables.text_rows import TEXT_COLUMNS, score_texts
from rnnlm_cli.tasks.tables.word_rows import WORD_COLUMNS, score_words
from rnnlm_cli.watching import Progress, unseen


def add_surprisal(
    scorer: Scorer,
    table: Any,
    word: str | None = None,
    by: str | Collection[str] = (),
    order_by: str | None = None,
    *,
    text: str | None = None,
    punctuation: Punctuation = "count",
    sep: str = " ",
    eos: bool = True,
    progress: Progress = unseen,
) -> Any:
    """`table` with the figures of its words: the same rows in the same order, more columns.

    `table` is a list of dicts, one a row, or a data frame of pandas or polars; a new one of the
    same kind is returned, with the columns of `word_rows`: surprisal, log_probability, entropy,
    rank, n_tokens, n_unknown, is_first, surprisal_previous. `word` is the column of the words
    ("word"), which are one text where the columns `by` are equal; they are read as they stand, or
    in the order of the column `order_by`, with `sep` between them. `punctuation`: see
    `score_words`. With `text`, a column that has a text a row, the figures are those of
    `text_rows`, with its `<eos>` if `eos`. Raises ConfigError, CorpusError and
    VocabularyError.
    """
    config = TableConfig(
        word_column=word,
        group_by=(by,) if isinstance(by, str) else tuple(by),
        order_by=order_by,
        text_column=text,
        punctuation=punctuation,
        sep=sep,
    )
    rows = in_memory(table)
    return rows.with_columns(figures_of(scorer, rows, config, eos=eos, progress=progress))


def figures_of(
    scorer: Scorer,
    table: Table,
    config: TableConfig,
    *,
    eos: bool = True,
    progress: Progress = unseen,
) -> RowFigures:
    """The figures of the words, or of the texts, of each row. Raises RnnlmError."""
    table.check_new(WORD_COLUMNS if config.text_column is None else TEXT_COLUMNS)
    if config.text_column is None:
        return score_words(scorer, table, config, progress)
    return score_texts(scorer, table, config.text_column, eos=eos, progress=progress)


def table_pieces(
    scorer: Scorer,
    table: TableFile,
    config: TableConfig,
    *,
    eos: bool = True,
    progress: Progress = unseen,
) -> Iterator[bytes]:
    """The text of `table` with the figures of its rows, in pieces; all is scored before the first.

    Raises RnnlmError.
    """
    found = figures_of(scorer, table, config, eos=eos, progress=progress)
    return table.with_columns(list(found.columns), found.rows())


def write_table(
    scorer: Scorer,
    path: str | os.PathLike[str],
    out: str | os.PathLike[str],
    config: TableConfig,
    *,
    eos: bool = True,
    progress: Progress = unseen,
) -> None:
    """Score the table in the file `path` ("-": standard input) and write it as `out`.

    `out` is there whole or as it was before, and may not be `path` itself, which would be gone.
    Raises RnnlmError.
    """
    check_not_read(out, [path])
    table = TableFile.read(path)
    check_writable(
        out, [len(table.text.encode())]
    )  # which is better known before than after the scoring
    pieces = list(table_pieces(scorer, table, config, eos=eos, progress=progress))
    write_atomically(out, pieces, sum(map(len, pieces)))
