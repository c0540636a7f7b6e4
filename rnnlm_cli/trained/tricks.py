"""A trained model with what helps it to score, tuned on its own text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rnnlm_cli.checkpoint.own_text import TO_TUNE
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.scoring.passages import Scores
from rnnlm_cli.settings.tricks import TrickConfig
from rnnlm_cli.tasks.scorer import ScoredPassage
from rnnlm_cli.trained.texts import ScoredText
from rnnlm_cli.trained.trained import Trained

if TYPE_CHECKING:
    from rnnlm_cli.scoring.adapting import Adapted, Bars


def score_with_tricks(
    lm: Trained,
    scored: ScoredText,
    tricks: TrickConfig,
    *,
    say: Callable[[str], object],
    stages: Bars,
    eos: bool = True,
) -> list[Adapted]:
    """How well `lm` predicts `scored` with each of `tricks`, and with all of them together.

    `say` is told if they know the text already, so that it flatters them; `stages` give the
    progress. Line ends are tuned on, and counted unless `eos` is off. Raises RnnlmError.
    """
    from rnnlm_cli.scoring.adapting import Texts, adapt, check_adapting
    from rnnlm_cli.scoring.adapting.overlap import overlap_notes

    own = lm.texts.trained_on(TO_TUNE)
    train, valid = own.ids("train"), own.ids("valid")
    longest = max(len(scored.ids), len(valid))
    sizes = lm.checkpoint.vocab_size, longest, len(train)
    check_adapting(*sizes, lm.checkpoint.model, tricks)
    texts = Texts(train, valid, scored.text.after_first())
    for note in overlap_notes(texts, tricks, lm.words.tokenizer.unit):
        say(note)
    results = adapt(lm.model, texts, tricks, stages=stages)
    return results if eos else [each.without_eos() for each in results]


def passage_with_tricks(
    lm: Trained,
    text: str,
    where: str,
    tricks: TrickConfig,
    *,
    say: Callable[[str], object],
    stages: Bars,
) -> ScoredPassage:
    """A text as one passage, scored with all of `tricks` together: see `score_with_tricks`."""
    passage, vocabulary = lm.scorer.passage(text, where), lm.words.vocabulary
    scored = ScoredText(where, None, EncodedText(passage.ids, vocabulary.eos_id, vocabulary.unk_id))
    adapted = score_with_tricks(lm, scored, tricks, say=say, stages=stages)[-1]
    return ScoredPassage(passage, Scores(passage.ids, adapted.evaluation.nats, None))
