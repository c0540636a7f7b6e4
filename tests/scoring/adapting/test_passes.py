from typing import Any

import numpy as np
import pytest

from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.scoring.adapting.passes import static_pass
from rnnlm_cli.scoring.evaluation import evaluate
from rnnlm_cli.scoring.streaming import shifted
from tests.scoring.adapting.models import EOS, random_ids, small_model

IDS = random_ids(300)


@pytest.mark.parametrize("stack", [{}, {"layers": 3, "tied": True, "projection": True}], ids=str)
def test_a_static_pass_has_the_stream_and_the_states_it_was_said_from(
    stack: dict[str, Any],
) -> None:
    model = small_model(**stack)
    passed = static_pass(model, IDS, before=EOS, temperatures=[1.0, 1.2])
    np.testing.assert_array_equal(passed.nats[1.0], evaluate(model, EncodedText(IDS, EOS)).nats)
    with model.fresh_state():
        expected = model.network.forward(shifted(IDS, EOS)[None], train_flg=False)[0]
    np.testing.assert_allclose(passed.states, expected, atol=1e-5)
    assert passed.nats.keys() == {1.0, 1.2}
