from pathlib import Path

import numpy as np

from rnnlm_cli.corpus.loading import load_corpus
from rnnlm_cli.runs.setup import with_ids_for
from tests.conftest import small_run


def test_ids_are_by_frequency_only_where_a_split_softmax_needs_it_and_no_model_has_its_own(
    text_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "m.pkl"
    whole, split = (small_run(text_file, out, head_size=size) for size in (0, 5))
    begun = small_run(text_file, out, head_size=5, init_from=tmp_path / "n.pkl")
    corpus = load_corpus(whole.corpus, whole.text)
    assert with_ids_for(whole, corpus) is with_ids_for(begun, corpus) is corpus
    counts = np.bincount(with_ids_for(split, corpus).ids("train"))
    assert (np.diff(counts) <= 0).all()
