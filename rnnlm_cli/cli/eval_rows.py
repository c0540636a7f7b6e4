"""What `rnnlm eval` makes of models and texts: a row for each, beside that of the first model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rnnlm_cli.checkpoint.opened import Opened
from rnnlm_cli.checkpoint.texts import ScoredText
from rnnlm_cli.cli.showing.bars import bar
from rnnlm_cli.cli.showing.documents import (
    adapted_document,
    difference_document,
    evaluation_document,
)
from rnnlm_cli.cli.showing.figure_cells import unknown_warning
from rnnlm_cli.cli.showing.render import say_note, say_warning
from rnnlm_cli.corpus.given_text import GivenText
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.scoring.difference import Lines, compare_models
from rnnlm_cli.scoring.evaluation import Evaluation
from rnnlm_cli.settings.text import Split
from rnnlm_cli.settings.train import Protocol
from rnnlm_cli.settings.tricks import TrickConfig
from rnnlm_cli.tasks.with_tricks import WithTricks


def evaluated(
    models: Iterable[tuple[Path, Opened]],
    givens: Sequence[GivenText | None],
    split: Split | None,
    protocol: Protocol,
    tricks: TrickConfig,
    *,
    eos: bool,
    compared: bool,
) -> Iterator[dict[str, Any]]:
    """The document of each model and text; models that are `compared` have the difference too."""
    first = _First()
    for path, lm in models:
        helped: WithTricks | None = None  # tuned once for all texts
        for number, given in enumerate(givens):
            scored = lm.texts.to_score(given, split)
            if not tricks.asked:
                lm.texts.forget()  # the model comes in their place
            row, result = _row(lm, path, scored, protocol, eos=eos)
            if tricks.asked:
                helped = helped or lm.with_tricks(tricks, say=say_note, stages=bar)
                row["adapted"] = list(map(adapted_document, helped.score(scored.text, eos=eos)))
            if compared:
                row |= first.beside(number, path, Lines.of((scored.sha256, scored.split), result))
            yield row


def _row(
    lm: Opened, path: Path, scored: ScoredText, protocol: Protocol, *, eos: bool
) -> tuple[dict[str, Any], Evaluation]:
    """The document of a model and a text, and the surprisals that it tells of."""
    with bar("", len(scored.ids)) as progress:
        result = lm.evaluate_text(scored, protocol, progress, eos=eos)
    row = evaluation_document(path, lm.words, scored, result)
    of, cut = f"that {path} scored", lm.words.cut
    if warning := unknown_warning(result.unknown_share, of, lm.words.tokenizer, cut):
        say_warning(warning)
    return row, result


class _First:
    """What the first model made of each text, with which the others are compared."""

    def __init__(self) -> None:
        self._lines = dict[int, tuple[Path, Lines]]()

    def beside(self, number: int, path: Path, lines: Lines) -> dict[str, Any]:
        """How a model does on text `number`, if it is not the first one.

        None, and a note that says why, if nobody can say.
        """
        first, of_first = self._lines.setdefault(number, (path, lines))
        if of_first is lines:
            return {}
        try:
            found = difference_document(first, compare_models(of_first, lines))
        except ConfigError as error:
            say_note(f"{path} is not compared with {first} line by line: {error}")
            found = None
        return {"difference": found}
