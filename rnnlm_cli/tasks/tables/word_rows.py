"""Figures of the words that stand in a column of a table, one a row.

The words of a text are joined and scored as a whole. A word's tokens are those whose first
character that is no white space stands in its cell; white space between two words, where that is a
token, belongs to the word behind it.

    surprisal           bits, the sum over its tokens
    log_probability     nats, the sum
    entropy, rank       of its first token that is no white space, entropy in bits: what was
                        expected where the word begins
    n_tokens            that were summed
    n_unknown           of them, `<unk>`
    is_first            whether it is the first word of its text
    surprisal_previous  of the word before it in its text
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, takewhile

import numpy as np

from rnnlm_cli.arrays import BIT, Doubles, Ids, Mask
from rnnlm_cli.corpus.cutting.rules import WHITE
from rnnlm_cli.corpus.reading.decoding import normalize
from rnnlm_cli.corpus.vocabulary import EOS, UNK
from rnnlm_cli.errors import VocabularyError
from rnnlm_cli.settings.table import Punctuation, TableConfig
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.scorer import ScoredPassage, Scorer
from rnnlm_cli.tasks.tables.columns import RowFigures, Table, text_cells
from rnnlm_cli.tasks.tables.groups import Rows, grouped
from rnnlm_cli.watching import Progress, unseen

WORD_COLUMNS = (
    "surprisal",
    "log_probability",
    "entropy",
    "rank",
    "n_tokens",
    "n_unknown",
    "is_first",
    "surprisal_previous",
)


_AROUND = WHITE + "\ufeff"  # of a word: what says nothing of it


def score_words(
    scorer: Scorer, table: Table, config: TableConfig, progress: Progress = unseen
) -> RowFigures:
    """The figures of each row of `table`, see above; none where there is no word.

    Each text begins from a state of its own. A word's punctuation, the signs at its edges, is
    counted as all else; or ignored: those of its tokens are left out that are nothing but signs; or
    "missing": such a word has no surprisal, log probability, entropy and rank. `progress` is called
    with the number of words just scored. Raises CorpusError: see `grouped`; VocabularyError for a
    word that has no id.
    """
    cells = text_cells(table, config.word_column or "word")
    words = [normalize(cell).strip(_AROUND) for cell in cells]
    filled = [row for row, word in enumerate(words) if word]
    groups = grouped(table, filled, config.group_by, config.order_by)
    texts = (
        Joined.of(scorer, table, rows, [words[row] for row in rows], config.sep) for rows in groups
    )
    figures, vocabulary = RowFigures.none(len(words), WORD_COLUMNS), scorer.words.vocabulary
    for text, (scored,) in scorer.score_each(texts, lambda text: [text.passage], guesses=0):
        # A model without <eos> reads the first token and scores it not.
        read = replace(text, passage=scored.passage)
        unknown = vocabulary.is_unknown(scored.scores.ids)
        figures.fill(text.rows, word_figures(read, scored, unknown, config.punctuation))
        progress(len(text.rows))
    return figures


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """The words of a text in one passage."""

    rows: Rows  # of the words, in the table
    words: Sequence[str]
    passage: Passage
    ends: Sequence[int]  # of each word in the text of the passage

    @classmethod
    def of(cls, scorer: Scorer, table: Table, rows: Rows, words: Sequence[str], sep: str) -> Joined:
        """The `words` with `sep` between them. Raises VocabularyError, which names the row."""
        sep = normalize(sep)
        text = sep.join(words)
        starts = accumulate((len(word) + len(sep) for word in words), initial=0)
        ends = [start + len(word) for start, word in zip(starts, words, strict=False)]
        try:
            passage = Passage.of(scorer.words, text, "the table", eos=False, in_places=True)
        except VocabularyError:
            for row, word in zip(rows, words, strict=True):
                Passage.of(scorer.words, word, table.place(row), eos=False)
            raise
        assert passage.text == text, "the words are normalised, and so is what they make up"
        return cls(rows, words, passage, ends)

    def owners(self) -> tuple[Ids, Mask, Mask]:
        """The word of each token, and whether the token is white space alone.

        At last whether it begins in a separator that is more than that: it is then of no word.
        """
        begins = self.passage.begins()
        ends = np.array([end for _, end in self.passage.spans], np.intp)
        owners = np.searchsorted(self.ends, begins, side="right")
        starts = [end - len(word) for word, end in zip(self.words, self.ends, strict=True)]
        between = begins < np.array([*starts, 0], np.intp)[owners]
        return owners, begins >= ends, between

    def edge_signs(self, owners: Ids, white: Mask) -> Mask:
        """Whether each token is one of the signs at the edges of its word."""
        passage = self.passage
        signs = [_is_signs(passage.text[start:end].strip(WHITE)) for start, end in passage.spans]
        edges = np.zeros(len(signs), bool)
        for word in {owner for owner, sign in zip(owners.tolist(), signs, strict=True) if sign}:
            first, last = np.searchsorted(owners, [word, word + 1])
            own = [token for token in range(first, last) if not white[token]]
            for way in (own, own[::-1]):
                edges[list(takewhile(signs.__getitem__, way))] = True
        return edges


def word_figures(
    text: Joined, scored: ScoredPassage, unknown: Mask, punctuation: Punctuation
) -> Mapping[str, Doubles]:
    """The figures of each of the W words of a text: arrays (W,), nan where there is none."""
    scores, W = scored.scores, len(text.words)
    assert scores.predictions is not None, "scored with guesses, if only with none"
    owners, white, between = text.owners()
    kept = ~white & ~between & (owners < W)
    if punctuation == "ignore":
        kept &= ~text.edge_signs(owners, white | between)
    # 1. the first token of each word that has any (of several assignments the last one stays)
    firsts, tokens = np.full(W, -1), np.flatnonzero(kept)[::-1]
    firsts[owners[tokens]] = tokens
    begun = firsts >= 0
    kept |= white & ~between & np.append(begun, False)[owners]
    # 2. sums over all of its tokens
    n_tokens, n_unknown = (
        np.bincount(owners[mask], minlength=W).astype(float) for mask in (kept, kept & unknown)
    )
    nats = np.bincount(owners[kept], scores.nats[kept], minlength=W).astype(float)  # int of none
    entropies, ranks = np.full(W, np.nan), np.full(W, np.nan)
    entropies[begun] = scores.predictions.entropies[firsts[begun]] / BIT
    ranks[begun] = scores.predictions.ranks[firsts[begun]]
    # 3. what there are no figures of
    gone = ~begun
    if punctuation == "missing":
        gone |= [_has_signs(word) for word in text.words]
    for figures in (nats, entropies, ranks):
        figures[gone] = np.nan
    bits, is_first = nats / BIT, np.arange(W) == 0
    previous = np.where(is_first, np.nan, np.roll(bits, 1))
    columns = bits, 0.0 - nats, entropies, ranks, n_tokens, n_unknown, is_first, previous
    return dict(zip(WORD_COLUMNS, columns, strict=True))


def _has_signs(word: str) -> bool:
    """Whether a word begins or ends with a sign."""
    return word not in (EOS, UNK) and (_is_sign(word[0]) or _is_sign(word[-1]))


def _is_signs(token: str) -> bool:
    return token not in ("", EOS, UNK) and all(map(_is_sign, token))


def _is_sign(character: str) -> bool:
    """Whether it is punctuation or a symbol."""
    return unicodedata.category(character)[0] in "PS"
