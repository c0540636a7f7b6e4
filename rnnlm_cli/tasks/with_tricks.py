"""A model with what helps it to score, tuned on the text that it was trained on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.corpus.loading import Corpus
from rnnlm_cli.scoring.passages import Scores
from rnnlm_cli.settings.tricks import TrickConfig
from rnnlm_cli.stopping import Bars
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.scorer import ScoredPassage, Scorer

if TYPE_CHECKING:
    from rnnlm_cli.scoring.adapting import Adapted


def score_with_tricks(
    scorer: Scorer,
    own: Corpus,
    scored: EncodedText,
    tricks: TrickConfig,
    *,
    say: Callable[[str], object],
    stages: Bars,
    eos: bool = True,
) -> list[Adapted]:
    """How well `scored` is predicted with each of `tricks`, and with all of them together.

    They are tuned on `own`, the text of the model. `say` is told if they know the scored one
    already, so that it flatters them; `stages` give the progress. Line ends are tuned on, and
    counted unless `eos` is off. Raises RnnlmError.
    """
    from rnnlm_cli.scoring.adapting import Texts, adapt, check_adapting
    from rnnlm_cli.scoring.adapting.overlap import overlap_notes

    model = scorer.model
    train, valid = own.text("train").held().ids, own.text("valid").after_first().held()
    longest, threads = max(len(scored), len(valid)), model.cores.threads
    check_adapting(model.sizes, longest, len(train), tricks, threads)
    texts = Texts(train, valid, scored.after_first().held())
    for note in overlap_notes(texts, tricks, scorer.words.tokenizer):
        say(note)
    results = adapt(model, texts, tricks, stages=stages)
    return results if eos else [each.without_eos() for each in results]


def passage_with_tricks(
    scorer: Scorer,
    own: Corpus,
    text: str,
    where: str,
    tricks: TrickConfig,
    *,
    say: Callable[[str], object],
    stages: Bars,
) -> ScoredPassage:
    """A text as one passage, scored with all of `tricks` together: see `score_with_tricks`."""
    passage, vocabulary = Passage.of(scorer.words, text, where), scorer.words.vocabulary
    read = EncodedText(passage.ids, vocabulary.eos_id, vocabulary.unk_id)
    adapted = score_with_tricks(scorer, own, read, tricks, say=say, stages=stages)[-1]
    nats = adapted.evaluation.nats
    return scorer.scored(passage, Scores(passage.ids[-len(nats) :], nats, None))
