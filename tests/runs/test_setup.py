from dataclasses import replace
from pathlib import Path

import numpy as np

from rnnlm_cli.corpus.loading import load_corpus
from rnnlm_cli.runs.setup import with_ids_for
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.training.planning import TextFacts, fitted
from tests.conftest import small_run


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
