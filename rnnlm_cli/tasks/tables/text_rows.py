"""Figures of the texts that stand in a column of a table, one a row.

surprisal           bits, the sum over its tokens
log_probability     nats, the sum
perplexity          of a token
n_tokens            with the `<eos>` at its end, if that is scored
n_unknown           of them, `<unk>`
"""

from __future__ import annotations

from rnnlm_cli.corpus.reading.decoding import is_blank
from rnnlm_cli.errors import VocabularyError
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.scorer import Scorer
from rnnlm_cli.tasks.sums import LineScore
from rnnlm_cli.tasks.tables.columns import RowFigures, Table, text_cells
from rnnlm_cli.watching import Progress, unseen

TEXT_COLUMNS = "surprisal", "log_probability", "perplexity", "n_tokens", "n_unknown"


def score_texts(
    scorer: Scorer, table: Table, name: str, *, eos: bool = True, progress: Progress = unseen
) -> RowFigures:
    """The figures of the text in the column `name` of each row; none where there are no words.

    Each begins from a state of its own; `eos`: its end is scored too. `progress` is called with the
    number of texts just scored. Raises CorpusError if there is no such column, VocabularyError for
    a word that has no id.
    """
    cells = text_cells(table, name)
    filled = [row for row, cell in enumerate(cells) if not is_blank(cell)]
    figures = RowFigures.none(len(cells), TEXT_COLUMNS)

    def passage(row: int) -> list[Passage]:
        return [_passage(scorer, table, row, cells[row], eos)]

    for row, (scored,) in scorer.score_each(filled, passage):
        sums = LineScore.of(scorer, scored, row)
        figures.fill([row], {name: getattr(sums, name) for name in TEXT_COLUMNS})
        progress(1)
    return figures


def _passage(scorer: Scorer, table: Table, row: int, text: str, eos: bool) -> Passage:
    try:
        return Passage.of(scorer.words, text, "", eos=eos)
    except VocabularyError:  # the place is told only then: a file has to count its lines for it
        return Passage.of(scorer.words, text, table.place(row), eos=eos)
