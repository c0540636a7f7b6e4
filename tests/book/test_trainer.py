import re
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.book import SGD, Rnnlm, RnnlmTrainer, Trainer
from rnnlm_cli.errors import CorpusError

WORDS = np.arange(23) % 7


class Recorder:
    """A model that is given batches and has losses to tell."""

    def __init__(self) -> None:
        self.params, self.grads = [np.zeros(1)], [np.zeros(1)]
        self.batches: list[Any] = []

    def forward(self, *batch: Any) -> float:
        self.batches.append(batch)
        return float(np.log(len(self.batches)))

    def backward(self) -> None:
        self.grads[0][...] = 3.0


def fit(**given: Any) -> tuple[Recorder, RnnlmTrainer]:
    model = Recorder()
    trainer = RnnlmTrainer(model, SGD(1.0))
    trainer.fit(WORDS[:-1], WORDS[1:], **({"batch_size": 2, "time_size": 4} | given))
    return model, trainer


def test_batches_are_segments_of_parallel_streams_that_go_round() -> None:
    model, _ = fit(max_epoch=2)
    assert len(model.batches) == 2 * (22 // 8)
    for step, (xs, ts) in enumerate(model.batches):
        places = [[(stream * 11 + 4 * step + t) % 22 for t in range(4)] for stream in range(2)]
        assert xs.tolist() == WORDS[:-1][places].tolist()
        assert ts.tolist() == WORDS[1:][places].tolist()
        assert xs.dtype == np.int32


def test_what_is_printed_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    _, trainer = fit(max_epoch=2, batch_size=1, eval_interval=2)
    assert re.sub(r"time \d+", "time 0", capsys.readouterr().out).splitlines()[:4] == [
        "| epoch 1 |  iter 1 / 5 | time 0[s] | perplexity 1.00",
        "| epoch 1 |  iter 3 / 5 | time 0[s] | perplexity 2.45",  # exp of the mean of logs
        "| epoch 1 |  iter 5 / 5 | time 0[s] | perplexity 4.47",
        "| epoch 2 |  iter 1 / 5 | time 0[s] | perplexity 6.00",
    ]
    assert trainer.ppl_list[:2] == [1, pytest.approx(6**0.5)]
    assert trainer.current_epoch == 2
    _, silent = fit(eval_interval=None)
    assert silent.ppl_list == []
    assert not capsys.readouterr().out


def test_gradients_are_clipped_if_that_is_asked_for() -> None:
    assert fit(max_epoch=1)[0].params[0] == pytest.approx(-6)
    assert fit(max_epoch=1, max_grad=0.5)[0].params[0] == pytest.approx(-1, rel=1e-5)


def test_a_text_that_fills_no_batch_is_refused() -> None:
    with pytest.raises(CorpusError, match=r"22 .* one batch of batch_size 2 x time_size 12"):
        fit(time_size=12)
    with pytest.raises(CorpusError, match=r"3 .* one batch of batch_size 4"):
        Trainer(Recorder(), SGD()).fit(WORDS[:3], WORDS[:3], batch_size=4)


def test_examples_are_shuffled_as_a_seed_says(capsys: pytest.CaptureFixture[str]) -> None:
    model, x = Recorder(), np.arange(7)
    trainer = Trainer(model, SGD(1.0))
    np.random.seed(3)
    trainer.fit(x, 10 * x, max_epoch=2, batch_size=3, eval_interval=2)
    draws, expected = np.random.RandomState(3), []
    for _ in range(2):
        x = x[draws.permutation(np.arange(7))]
        expected += [x[:3].tolist(), x[3:6].tolist()]
    assert [batch[0].tolist() for batch in model.batches] == expected
    assert [batch[1].tolist() for batch in model.batches] == [[10 * i for i in e] for e in expected]
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "| epoch 2 |  iter 1 / 2 | time 0[s] | loss 0.90"
    assert trainer.loss_list == [0, pytest.approx(np.log(6) / 2)]


def test_a_model_learns_a_sentence() -> None:
    np.random.seed(0)
    corpus = np.tile(np.arange(6), 40)
    trainer = RnnlmTrainer(Rnnlm(6, 8, 8), SGD(2.0))
    trainer.fit(corpus[:-1], corpus[1:], 6, 2, 5, 0.25)
    assert trainer.ppl_list[0] == pytest.approx(6, rel=1e-2)
    assert trainer.ppl_list[-1] < 1.3


def test_a_plot_without_matplotlib_is_a_note(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for kind in (RnnlmTrainer, Trainer):
        kind(Recorder(), SGD()).plot(ylim=(0, 500))
    out, err = capsys.readouterr()
    assert err == 2 * "no plot: matplotlib is not installed (pip install matplotlib)\n"
    assert not out


def test_a_plot_is_of_what_was_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    def record(name: str) -> Any:
        return lambda *args, **given: calls.append((name, *map(str, args)))

    names = ("ylim", "plot", "xlabel", "ylabel", "show")
    pyplot = SimpleNamespace(**{name: record(name) for name in names})
    monkeypatch.setitem(sys.modules, "matplotlib", SimpleNamespace(pyplot=pyplot))
    _, trainer = fit(max_epoch=1, eval_interval=2)
    trainer.plot(ylim=(0, 9))
    curve = ("plot", "range(0, 1)", "[1.0]")
    axes = [("xlabel", "iterations (x2)"), ("ylabel", "perplexity")]
    assert calls == [("ylim", "0", "9"), curve, *axes, ("show",)]
