import numpy as np

from rnnlm_cli.cli.report.inside import as_text, units_of, word_map
from rnnlm_cli.scoring.traces import traces
from rnnlm_cli.trained import Trained


def test_the_levels_of_units_give_their_values_again(lm: Trained) -> None:
    ids = lm.corpus.ids("valid")[:30]
    found = units_of(lm._lm, ids)
    inputs = np.concatenate([[lm._lm.scorer.eos_id], ids[:-1]]).astype(np.int32)
    hs = traces(lm._lm.model, inputs, None)[-1].h
    assert found.numbers == list(range(1, 17))
    levels = np.array([[found.digits.index(letter) for letter in row] for row in found.rows])
    values = found.scale * (levels.T / 31 - 1)
    assert values.shape == hs.shape == (30, 16)
    assert np.abs(values - hs.clip(-found.scale, found.scale)).max() <= found.scale / 61
    assert "".join(found.words) == as_text(lm._lm, ids)


def test_the_words_most_alike_are_those_of_nearest(lm: Trained) -> None:
    found = word_map(lm._lm, lm.corpus.counts)
    index = found.words.index("cat")
    near = [
        (found.words[other], cosine)
        for other, cosine in zip(found.near[index], found.cosines[index], strict=True)
    ]
    nearest = lm.most_similar("cat", len(near))
    assert [word for word, _ in near] == [word for word, _ in nearest]
    np.testing.assert_allclose([c for _, c in near], [c for _, c in nearest], atol=1e-5)
    counts = lm.corpus.counts
    frequent = [lm.words.words[i] for i in np.argsort(-counts, kind="stable")]
    assert found.words == frequent
    assert max(abs(x) for point in found.points for x in point) == 1
    assert 0 < found.share <= 1
