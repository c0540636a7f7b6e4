from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.arrays import softmax
from rnnlm_cli.checkpoint.contents import Resume
from rnnlm_cli.corpus.loading import load_corpus
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.runs import state_path
from rnnlm_cli.runs.setup import build, with_ids_for
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.training.planning import TextFacts, fitted
from tests.small_runs import small_run, train


def test_ids_are_by_frequency_only_where_a_split_softmax_needs_it_and_no_model_has_its_own(
    text_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "m.pkl"
    corpus = load_corpus(str(text_file), CorpusConfig())
    facts = TextFacts(len(corpus.ids("train")), len(corpus.vocabulary))
    whole, split = (fitted(small_run(text_file, out, head_size=n), facts) for n in (0, 5))
    begun = replace(split, init_from=tmp_path / "n.pkl")
    assert with_ids_for(whole, corpus) is with_ids_for(begun, corpus) is corpus
    counts = np.bincount(with_ids_for(split, corpus).ids("train"))
    assert (np.diff(counts) <= 0).all()


def test_a_text_is_counted_once_however_often_it_is_saved(text_file: Path, tmp_path: Path) -> None:
    corpus = load_corpus(str(text_file), CorpusConfig())
    facts = TextFacts(len(corpus.ids("train")), len(corpus.vocabulary))
    run = build(fitted(small_run(text_file, tmp_path / "m.pkl"), facts), corpus)
    assert run.snapshot().text is run.snapshot(Resume(state=run.trainer.capture())).text


@pytest.mark.parametrize("edges", [(), (5,), (3, 5)])
def test_a_model_begins_with_the_shares_of_the_words_where_it_is_asked_to(
    text_file: Path, tmp_path: Path, edges: tuple[int, ...]
) -> None:
    text = load_corpus(str(text_file), CorpusConfig())
    facts = TextFacts(len(text.ids("train")), len(text.vocabulary))
    asked = small_run(text_file, tmp_path / "m.pkl", cluster_edges=edges, unigram_bias=True)
    plan = fitted(asked, facts)
    corpus = with_ids_for(plan, text)
    affine = build(plan, corpus).trainer.model.network.affine
    scores = affine.forward(np.zeros((1, 1, len(affine.params["W"])), np.float32))
    np.testing.assert_allclose(softmax(scores)[0, 0], corpus.shares, rtol=1e-5)
    without = build(replace(plan, model=replace(plan.model, unigram_bias=False)), corpus)
    assert not without.trainer.model.network.affine.params["b"].any()


def test_the_sizes_of_the_files_are_known_before_they_are_written(
    text_file: Path, tmp_path: Path
) -> None:
    asked = small_run(text_file, tmp_path / "m.pkl", optimizer="adam", lr=0.01, average=0.5)
    corpus = load_corpus(str(text_file), CorpusConfig())
    plan = fitted(asked, TextFacts(len(corpus.ids("train")), len(corpus.vocabulary)))
    model, _, state, *_ = build(plan, corpus).sizes_of_files()
    list(train(asked))
    written = [path.stat().st_size for path in (asked.out, state_path(asked.out))]
    for size, known in zip(written, (model, state), strict=True):
        assert size <= known <= size + 20_000


def test_a_test_split_too_short_for_its_protocol_is_told_before_the_first_step(
    tmp_path: Path,
) -> None:
    for split, lines in (("train", 200), ("valid", 200), ("test", 50)):
        (tmp_path / f"{split}.txt").write_text("the cat sat\n" * lines)
    corpus = load_corpus(str(tmp_path), CorpusConfig())
    facts = TextFacts(len(corpus.ids("train")), len(corpus.vocabulary))
    plan = fitted(small_run(tmp_path, tmp_path / "m.pkl"), facts)
    build(plan, corpus)
    with pytest.raises(CorpusError, match=r"the test split has 200 tokens, but .* need 351"):
        build(replace(plan, train=replace(plan.train, protocol="book")), corpus)
