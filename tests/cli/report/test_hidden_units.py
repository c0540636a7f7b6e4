import numpy as np

from rnnlm_cli.cli.report.hidden_units import units_of
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
    assert "".join(found.words) == lm.words.tokenizer.joined(lm.words.vocabulary.decode(ids))
