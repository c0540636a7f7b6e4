"""Scripts as readers of the book write them, run as they stand."""

import re
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats
from rnnlm_cli.book import RnnlmGen, preprocess
from tests.book import plain
from tests.book.test_numbers import stack_loss

READERS = Path(__file__).parent / "readers"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(name: str) -> dict[str, Any]:
    return runpy.run_path(str(READERS / f"{name}.py"), run_name="__main__")


def test_a_model_of_ones_own_is_trained(capsys: pytest.CaptureFixture[str]) -> None:
    after = run("train_own")
    figures = re.findall(r"perplexity (\d+\.\d\d)", capsys.readouterr().out)
    assert Path("OwnRnnlm.pkl").exists()
    assert after["ppl_test"] < float(figures[0])

    # The same from the equations, with the weights that the seed gives.
    np.random.seed(1)
    fresh = after["OwnRnnlm"](len(after["word_to_id"]), 5, 7, dtype="d")
    corpus, steps = after["corpus"], (len(after["corpus"]) - 1) // 10
    batches = []
    for step in range(3 * steps):
        jump = (len(corpus) - 1) // 2
        places = [[(n * jump + 5 * step + t) % (len(corpus) - 1) for t in range(5)] for n in (0, 1)]
        batches.append((corpus[:-1][places], corpus[1:][places]))
    losses = plain.train(stack_loss, fresh.params, batches, lr=2.0, max_grad=0.25)
    expected, since = [], list[float]()
    for number, loss in enumerate(losses):
        since.append(loss)
        if number % steps % 4 == 0:
            expected.append(np.exp(np.mean(since)))
            since = []
    np.testing.assert_allclose([float(figure) for figure in figures], expected, atol=0.02)


def test_texts_are_drawn_from_a_saved_file(capsys: pytest.CaptureFixture[str]) -> None:
    np.random.seed(4)
    model = RnnlmGen(10, 6, 5)
    for param in model.params[:-2]:
        param += np.random.randn(*param.shape)
    model.save_params("Rnnlm.pkl")
    run("generate_text")
    text, same = capsys.readouterr().out.splitlines()
    _, word_to_id, id_to_word = preprocess("you say goodbye and i say hello . <unk> n")

    E, Wx, Wh, b, W, c = (param.astype("d") for param in model.params)
    h: Floats = np.zeros((1, 5))
    cell = h
    draws, words = np.random.RandomState(2), [word_to_id["you"]]
    shapes = [(10, 6), (6, 20), (5, 20), (5, 10)]  # what the seed gave the weights first
    for shape in shapes:
        draws.randn(*shape)
    while len(words) < 12:
        word = np.array([[words[-1]]])
        hs, h, cell = plain.lstm(plain.embedded(E, word), h, cell, Wx, Wh, b)
        drawn = int(draws.choice(10, p=plain.softmax(plain.affine(hs, W, c)).ravel()))
        if drawn not in (word_to_id["n"], word_to_id["<unk>"]):
            words.append(drawn)
    assert text == " ".join(id_to_word[word] for word in words)
    assert same == "True"


@pytest.mark.parametrize(
    ("name", "last", "least"),
    [("classify", r"accuracy (\S+)", 0.75), ("seq2seq", r"val acc (\S+)%", 75)],
)
def test_other_models_learn(
    name: str, last: str, least: float, capsys: pytest.CaptureFixture[str]
) -> None:
    after = run(name)
    (figure,) = re.findall(last, capsys.readouterr().out)
    assert float(figure) > least
    losses = after["trainer"].loss_list
    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize("path", sorted(READERS.glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_a_script_imports_nothing_else_of_rnnlm(path: Path) -> None:
    imports = re.findall(r"^(?:from|import) .*", path.read_text(), re.MULTILINE)
    assert imports == ["from rnnlm_cli.book import *"]
