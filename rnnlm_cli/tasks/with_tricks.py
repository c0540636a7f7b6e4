"""A model with what helps it to score, tuned on the text that it was trained on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.corpus.loading import Corpus
from rnnlm_cli.scoring.passages import Scores
from rnnlm_cli.settings.tricks import TrickConfig
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.scorer import ScoredPassage, Scorer
from rnnlm_cli.watching import Bars

if TYPE_CHECKING:
    from rnnlm_cli.scoring.adapting import Adapted


class WithTricks:
    """A model and its words, which score texts with `tricks`: they are tuned once, on `own`.

    That is the text of the model. `say` is told of a text that they know already, so that it
    flatters them; `stages` give the progress.
    """

    def __init__(
        self,
        scorer: Scorer,
        own: Corpus,
        tricks: TrickConfig,
        *,
        say: Callable[[str], object],
        stages: Bars,
    ) -> None:
        from rnnlm_cli.scoring.adapting import Adapting, needs_training_text

        self._scorer, self._tricks, self._say = scorer, tricks, say
        train = own.text("train") if needs_training_text(tricks) else own.text("train").beginning(0)
        self._train = train.held().ids
        self._valid = own.text("valid").after_first().held()
        self._model = Adapting(scorer.model, self._train, self._valid, tricks, stages=stages)

    def score(self, scored: EncodedText, *, eos: bool = True) -> list[Adapted]:
        """How well `scored` is predicted with each of the tricks, and with all of them together.

        Line ends are tuned on, and counted unless `eos` is off. Raises RnnlmError.
        """
        from rnnlm_cli.scoring.adapting import Texts, check_adapting, tuned_on
        from rnnlm_cli.scoring.adapting.overlap import overlap_notes

        model, tricks = self._scorer.model, self._tricks
        longest = max(len(scored), tuned_on(tricks, len(self._valid)))
        check_adapting(model.sizes, longest, len(self._train), tricks, model.cores.threads)
        texts = Texts(self._train, self._valid, scored.after_first().held())
        for note in overlap_notes(texts, tricks, self._scorer.words.tokenizer):
            self._say(note)
        results = self._model.score(texts.scored)
        return results if eos else [each.without_eos() for each in results]

    def passage(self, text: str, where: str) -> ScoredPassage:
        """A text as one passage, scored with all of the tricks together."""
        scorer = self._scorer
        passage, vocabulary = Passage.of(scorer.words, text, where), scorer.words.vocabulary
        read = EncodedText(passage.ids, vocabulary.eos_id, vocabulary.unk_id)
        nats = self.score(read)[-1].evaluation.nats
        return scorer.scored(passage, Scores(passage.ids[-len(nats) :], nats, None))
