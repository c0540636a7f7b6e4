"""The list of named corpora."""

from __future__ import annotations

from rnnlm_cli.cli.showing import render
from rnnlm_cli.cli.showing.documents import corpora_document
from rnnlm_cli.corpus.reading.named import EMBEDDED, list_corpora


def show_corpora(*, as_json: bool) -> None:
    """The named corpora and where each was found."""
    if as_json:
        render.print_json(corpora_document(list_corpora()))
        return
    shown = render.table("name", "at hand", "what it is")
    shown.columns[1].justify = shown.columns[2].justify = "left"
    for info in list_corpora():
        where = info.where or "no: downloaded when it is used"
        render.add_row(shown, info.name, "always" if info.name == EMBEDDED else where, info.source)
    render.show_table(shown)
