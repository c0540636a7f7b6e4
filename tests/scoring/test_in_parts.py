"""A text that is gone through in parts has the figures of the whole."""

import math
from dataclasses import fields

import numpy as np
import pytest

from rnnlm_cli.corpus import kept
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.scoring import in_parts
from rnnlm_cli.scoring.difference import Lines
from rnnlm_cli.scoring.evaluation import Evaluation
from rnnlm_cli.scoring.figures import Figures
from rnnlm_cli.scoring.standard_error import error_of_mean, error_of_parts

RNG = np.random.default_rng(0)
IDS = RNG.integers(0, 5, 997).astype(np.int32)
NATS = RNG.exponential(size=997)
SHUFFLED = RNG.permutation(997).astype(np.int32)


@pytest.mark.parametrize("places", [None, SHUFFLED, SHUFFLED[:900]])
@pytest.mark.parametrize("eos", [True, False])
@pytest.mark.parametrize("ids", [IDS, IDS.astype(np.uint16)])
def test_the_figures_are_those_of_one_part(
    places: np.ndarray | None, eos: bool, ids: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def evaluated() -> tuple[Evaluation, Lines]:
        text = EncodedText(ids, eos_id=0, unk_id=3, characters=7)
        nats = NATS if places is None else NATS[places]
        result = Evaluation.of("stream", nats, text, seconds=1, places=places, eos=eos)
        return result, Lines.of("text", result)

    whole, lines = evaluated()
    monkeypatch.setattr(in_parts, "IDS_AT_ONCE", 13)
    monkeypatch.setattr(kept, "SMALL", 100)
    found, some_lines = evaluated()
    for each in fields(Figures):
        one, other = getattr(found, each.name), getattr(whole, each.name)
        assert other is one if other is None else one == pytest.approx(other, nan_ok=True)
    if lines.nats is None:
        assert some_lines.nats is None
    else:
        assert some_lines.nats == pytest.approx(lines.nats)


@pytest.mark.parametrize("size", [1, 2, 17, 499, 1_000])
@pytest.mark.parametrize("length", [1, 20, 2_000])
def test_the_error_is_that_of_one_part(size: int, length: int) -> None:
    lines = np.arange(len(NATS)) // length
    starts = range(0, len(NATS), size)
    parts = [(NATS[start : start + size], lines[start : start + size]) for start in starts]
    assert error_of_parts(lambda: parts) == pytest.approx(error_of_mean(NATS, lines), rel=1e-12)


def test_an_infinite_part_has_no_error() -> None:
    infinite = np.full(40, math.inf)
    parts = [(NATS[:40], np.arange(40)), (infinite, np.arange(40))]
    assert math.isnan(error_of_parts(lambda: parts))
