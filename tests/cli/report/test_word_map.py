import numpy as np

from rnnlm_cli.cli.report.word_map import word_map
from rnnlm_cli.trained import Trained


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
