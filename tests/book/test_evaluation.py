import os
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.book import BetterRnnlm, Rnnlm, eval_perplexity, ptb
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.corpus.reading.named import find_named
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.scoring.evaluation import evaluate
from tests.models import better_rnnlm

IDS = np.random.default_rng(0).integers(0, 7, 1_100)


def test_it_prints_how_far_it_is_and_returns_the_perplexity(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = Rnnlm(7, 4, 5)
    found = eval_perplexity(model, IDS.tolist()[:25], 2, 4)
    out = capsys.readouterr().out
    assert out == "evaluating perplexity ...\n\r0 / 3\r1 / 3\r2 / 3\n"
    model.reset_state()
    losses = []
    for step in range(3):
        places = np.array([[12 * n + 4 * step + t for t in range(4)] for n in range(2)])
        losses.append(model.forward(IDS[places], IDS[places + 1]))
    assert found == pytest.approx(np.exp(np.mean(losses)), rel=1e-6)


@pytest.mark.parametrize("kind", [BetterRnnlm, better_rnnlm])
def test_it_is_the_protocol_of_that_name_and_has_no_dropout(kind: Any) -> None:
    model, engine = kind(7, 4, 4), better_rnnlm(7, 4, 4)
    engine.assign(model.params)
    expected = evaluate(engine, EncodedText(IDS, eos_id=0), protocol="book").perplexity
    assert eval_perplexity(model, IDS) == pytest.approx(expected, rel=1e-5)


def test_a_text_that_is_too_short_is_told() -> None:
    with pytest.raises(CorpusError, match=r"the corpus has 300 tokens, but .* need 351"):
        eval_perplexity(Rnnlm(7, 4, 5), IDS[:300])


@pytest.mark.ptb
@pytest.mark.book
@pytest.mark.slow
def test_the_published_model_has_its_perplexity() -> None:
    path = os.environ.get("RNNLM_BOOK_CHECKPOINT")
    if path is None or find_named("ptb") is None:
        pytest.skip("RNNLM_BOOK_CHECKPOINT names no file, or there is no PTB")
    corpus, word_to_id, _ = ptb.load_data("test")
    model = Rnnlm(len(word_to_id))
    model.load_params(path)
    assert eval_perplexity(model, corpus) == pytest.approx(136.0776, abs=1e-3)
