from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats
from rnnlm_cli.checkpoint.exchange.word_vectors import names
from rnnlm_cli.trained import Trained
from tests.checkpoint.exchange.kinds import D, V, exported, model_of


def read_as_word2vec_does(path: Path) -> dict[str, Floats]:
    """`fscanf("%lld")` twice, then for each word all up to a blank and its numbers."""
    (count, size), *rows = (line.split(" ") for line in path.read_text("utf-8").split("\n")[:-1])
    found = {word: np.array(numbers, np.float32) for word, *numbers in rows}
    assert len(rows) == len(found) == int(count)
    assert {len(vector) for vector in found.values()} == {int(size)}
    return found


def test_the_vectors_come_back_to_the_bit(tmp_path: Path) -> None:
    note = exported("char", tmp_path / "m.vec").note
    found = read_as_word2vec_does(tmp_path / "m.vec")
    vectors = model_of("char").named_params()["embedding.W"]
    np.testing.assert_array_equal(np.array(list(found.values())), vectors)
    assert vectors.shape == (V, D)
    assert list(found)[:4] == ["a", "▁▁", "<eos>", "b"]
    assert note.startswith("▁ (U+2581) stands for a blank")
    assert not exported("Rnnlm", tmp_path / "m.vec").note


def test_no_two_words_have_one_name() -> None:
    assert names(["a b", "a▁b", "\t", "\\t", "\u3000"]) == ["a▁b▁", "a▁b", "\\t▁", "\\t", "\\u3000"]


@pytest.mark.slow
def test_gensim_reads_them_and_finds_the_same_words_alike(tmp_path: Path, trained: Path) -> None:
    gensim = pytest.importorskip("gensim.models")
    lm = Trained.load(trained)
    lm.export(tmp_path / "m.vec")
    vectors = gensim.KeyedVectors.load_word2vec_format(str(tmp_path / "m.vec"))
    for (mine, cosine), (theirs, value) in zip(
        lm.most_similar("cat", 5), vectors.most_similar("cat", topn=5), strict=True
    ):
        assert mine == theirs
        assert cosine == pytest.approx(value, abs=1e-5)
