"""Where the words of a model lie: as the page draws them."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.arrays import Ids
from rnnlm_cli.checkpoint.opened import Opened
from rnnlm_cli.cli.report.readings import rounded
from rnnlm_cli.cli.report.record import WordMap
from rnnlm_cli.scoring.inspection import nearest_of_each, word_plane

_WORDS, _NEAR = 1000, 8


def word_map(lm: Opened, counts: Ids | None) -> WordMap:
    """Its most frequent words by PCA of their vectors; by id, where no `counts` (V,) are known."""
    words, vectors = lm.words.words, lm.model.word_vectors
    order, points, share = word_plane(vectors, counts, _WORDS)
    near, cosines = nearest_of_each(np.asarray(vectors[order], np.float64), _NEAR)
    return WordMap(
        words=[words[i] for i in order],
        points=[(rounded(x) or 0.0, rounded(y) or 0.0) for x, y in points.tolist()],
        near=near.tolist(),
        cosines=[[rounded(cosine) or 0.0 for cosine in row] for row in cosines.tolist()],
        share=share,
    )
