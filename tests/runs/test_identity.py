"""Equal ids, equal runs; and ids that no later version changes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from rnnlm_cli.corpus.loading import load_corpus
from rnnlm_cli.corpus.vocabulary import Vocabulary
from rnnlm_cli.runs.identity import run_identity
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.training.planning import TextFacts, fitted
from tests.small_runs import small_run


def test_the_ids_of_runs_from_before_there_were_clusters_stay(
    text_file: Path, tmp_path: Path
) -> None:
    corpus = load_corpus(str(text_file), CorpusConfig())
    facts = TextFacts(len(corpus.ids("train")), len(corpus.vocabulary))
    plan = fitted(small_run(text_file, tmp_path / "m.pkl", head_size=5), facts)
    clustered = replace(plan.model, head_size=0, cluster_edges=(5,))
    assert run_identity(corpus, plan) == "b63eadc7e17d"
    assert run_identity(corpus, replace(plan, model=clustered)) != run_identity(corpus, plan)


def test_the_id_of_a_run_tells_which_words_its_start_was_given(
    text_file: Path, tmp_path: Path
) -> None:
    corpus = load_corpus(str(text_file), CorpusConfig())
    facts = TextFacts(len(corpus.ids("train")), len(corpus.vocabulary))
    plan = fitted(small_run(text_file, tmp_path / "m.pkl"), facts)
    assert run_identity(corpus, plan, "abc") == "5beef9fc40d9"  # as without --vocab it always was
    given, words = replace(plan, vocab=tmp_path / "v.txt"), corpus.vocabulary.words
    others = [replace(corpus, vocabulary=Vocabulary(each)) for each in (words, words[::-1])]
    ids = {run_identity(each, given, "abc") for each in others}
    assert len({*ids, "5beef9fc40d9"}) == 3


def test_a_run_has_the_id_it_had_before_there_were_pieces(text_file: Path) -> None:
    def id_of(**given: Any) -> str:
        asked = small_run(text_file, text_file.with_suffix(".pkl"), **given)
        corpus = load_corpus(str(text_file), asked.text)
        facts = TextFacts(len(corpus.ids("train")), len(corpus.vocabulary), corpus.tokenizer.unit)
        return run_identity(corpus, fitted(asked, facts))

    assert id_of(unit="char") == "bb8447a66427"
    assert len({id_of(unit="bpe", bpe_size=n) for n in (280, 281)} | {id_of(unit="bpe")}) == 3
