"""Texts that were drawn, whole, with what there is to tell of their words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnlm_cli.arrays import Ids
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.generating.copies import Copies, copies
from rnnlm_cli.generating.suffixes import SuffixArray
from rnnlm_cli.scoring.passages import score_passages
from rnnlm_cli.tasks.drawing import Drawing, from_the_first_word
from rnnlm_cli.tasks.scorer import Scorer

_LEAST = 8  # words


@dataclass(frozen=True, slots=True)
class DrawnText:
    """A text that a model drew."""

    text: str
    tokens: tuple[str, ...]  # the start's, as the model reads it, and those that were drawn
    pieces: tuple[str, ...]  # what each adds to the text
    drawn_from: int  # the first token that was drawn
    # Nats, of those that were drawn: log p under the whole distribution of the model, as
    # `rnnlm score` gives it, whatever was masked or made likelier to draw them.
    log_probabilities: tuple[float, ...] | None = None
    copies: Copies | None = None

    @property
    def scored(self) -> list[tuple[str, float]]:
        """The tokens that were drawn, each with its log p, if that is told."""
        return list(zip(self.tokens[self.drawn_from :], self.log_probabilities or (), strict=False))

    def rows(self, number: int = 1) -> Iterator[dict[str, Any]]:
        """The same as rows of a table, with what is told beside them."""
        runs = self.copies.runs if self.copies is not None else ()
        copied = {place for run in runs for place in range(*run)}
        for place in range(self.drawn_from, len(self.tokens)):
            index = place - self.drawn_from
            row = {"sample": number, "token_id": index + 1, "token": self.tokens[place]}
            if self.log_probabilities is not None:
                row["log_probability"] = self.log_probabilities[index]
            if self.copies is not None:
                row["is_copied"] = place in copied
            yield row

    def marked(self, begin: str, end: str) -> str:
        """The text with these around each run that is copied, white space at its ends left out."""
        spans = self.copies.spans if self.copies is not None else []
        shown, after = "", 0
        for first, stop in spans:
            run = "".join(self.pieces[first:stop])
            kept = run.strip()
            left = run[: len(run) - len(run.lstrip())]
            right = run[len(left) + len(kept) :]
            marked = f"{left}{begin}{kept}{end}{right}" if kept else run
            shown, after = shown + "".join(self.pieces[after:first]) + marked, stop
        return shown + "".join(self.pieces[after:])


def least_run(tokenizer: Tokenizer, given: int | None = None) -> int:
    """Tokens from which a run counts as copied: as `given`, else by the unit of the text.

    Runs of 8 words or 40 characters: 5% of PTB's test split, which nobody copied, are in such that
    stand in the training split too, and 3% in runs of 12 pieces. In runs of 5 words are 19%.
    """
    return given or tokenizer.tokens_in(_LEAST)


def drawn_texts(
    drawing: Drawing,
    *,
    scorer: Scorer | None = None,
    suffixes: SuffixArray | None = None,
    least: int = _LEAST,
) -> list[DrawnText]:
    """The texts of `drawing`, drawn at once.

    With a `scorer` of the same model each has the scores of its tokens; with the `suffixes` of a
    text its runs of at least `least` tokens that stand there. Raises RnnlmError.
    """
    drawn, begun = drawing.ids(), drawing.start.words
    whole = [np.concatenate([np.array(begun, np.int32), ids]) for ids in drawn]
    log_ps = _log_ps(scorer, drawing, drawn) if scorer else [None] * len(drawn)
    copied = copies(suffixes, whole, least, len(begun)) if suffixes else [None] * len(drawn)
    return [
        _told(drawing, ids, log_p, runs)
        for ids, log_p, runs in zip(whole, log_ps, copied, strict=True)
    ]


def _told(
    drawing: Drawing, ids: Ids, log_ps: tuple[float, ...] | None, copied: Copies | None
) -> DrawnText:
    words, joiner = drawing.words, drawing.words.tokenizer.detokenizer()
    tokens = words.vocabulary.decode(ids)
    joined = list(map(joiner.feed, tokens))
    joined[-1:] = [last + joiner.end() for last in joined[-1:]]
    pieces = ([piece] for piece in joined)
    shown = from_the_first_word(pieces) if drawing.opens_with_a_word else pieces
    each = tuple(piece for (piece,) in shown)
    drawn_from = len(drawing.start.words)
    return DrawnText("".join(each), tuple(tokens), each, drawn_from, log_ps, copied)


def _log_ps(scorer: Scorer, drawing: Drawing, drawn: Sequence[Ids]) -> list[tuple[float, ...]]:
    """log p of the words that were drawn, each text by itself, from its first word on."""
    begun = drawing.start.read if scorer.eos_id is None else drawing.start.read[1:]
    passages = (np.concatenate([np.array(begun, np.int32), ids]) for ids in drawn)
    scored = score_passages(scorer.model, passages, eos_id=scorer.eos_id)
    return [
        tuple((0.0 - each.nats[len(each.nats) - len(ids) :]).tolist())
        for each, ids in zip(scored, drawn, strict=True)
    ]
