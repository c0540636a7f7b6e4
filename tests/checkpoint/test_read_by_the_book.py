"""The book's own way to load parameters reads what the presets `book` and `book-better` write."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.settings.presets import PRESETS
from rnnlm_cli.settings.run import RunRequest
from tests.oracle import States, loss_by_hand
from tests.small_runs import simple_text, train

D, H = 6, 8
SIZES: dict[str, dict[str, Any]] = {
    "book": {"wordvec_size": D, "hidden_size": H},
    "book-better": {"wordvec_size": H, "hidden_size": H},
    "tiny": {"wordvec_size": H, "hidden_size": H, "head_size": 5, "projection": False},
    "small": {"wordvec_size": D, "hidden_size": H},
    "medium": {"wordvec_size": D, "hidden_size": H},
}


def book_params(V: int, D: int, H: int, lstms: int) -> list[Floats]:
    """The arrays of the book's Rnnlm (one LSTM) or BetterRnnlm (two, tied), in its order."""
    E, params = np.zeros((V, D), "f"), list[Floats]()
    for inputs in [D, H][:lstms]:
        sizes = (inputs, 4 * H), (H, 4 * H), (4 * H,)
        params += [np.zeros(size, "f") for size in sizes]
    W = E.T if lstms == 2 else np.zeros((H, V), "f")
    return [E, *params, W, np.zeros(V, "f")]


def load_as_the_book(params: list[Floats], path: Path) -> int:
    """A plain `pickle.load`, float32, and assignment in order; how many arrays nobody asked for."""
    with path.open("rb") as file:
        stored = [array.astype("f") for array in pickle.load(file)]
    for i, param in enumerate(params):
        param[...] = stored[i]
    return len(stored) - len(params)


def trained_with(preset: str, text: Path) -> Path:
    small: dict[str, Any] = {"batch_size": 2, "time_size": 7, "steps": 2}
    out = text.with_name(f"{preset}.pkl")
    list(train(RunRequest.of(preset, corpus=str(text), out=out, **small, **SIZES[preset])))
    return out


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that is long enough for the book's protocol."""
    path = tmp_path_factory.mktemp("books") / "simple.txt"
    path.write_text(simple_text(1500))
    return path


@pytest.mark.parametrize("preset", ["book", "book-better"])
def test_the_books_code_reads_the_files_of_its_presets(preset: str, text: Path) -> None:
    path = trained_with(preset, text)
    checkpoint = load_checkpoint(path)
    model = checkpoint.build_model()
    config = model.config
    params = book_params(model.vocab_size, config.wordvec_size, H, config.layers)
    assert load_as_the_book(params, path) == 1  # the header
    xs, ts = np.arange(6).reshape(2, 3), np.arange(1, 7).reshape(2, 3)
    named = dict(zip(model.named_params(), (array.astype(float) for array in params), strict=True))
    states: States = [(np.zeros((2, H)), np.zeros((2, H)))] * config.layers
    loss, *_ = loss_by_hand(named, config, xs, ts, states)
    assert loss == pytest.approx(model.forward(xs, ts, train_flg=False), rel=1e-5)


@pytest.mark.parametrize("preset", ["small", "medium"])
def test_the_books_code_stops_at_a_shape_of_other_presets(preset: str, text: Path) -> None:
    path = trained_with(preset, text)
    config = load_checkpoint(path).model
    params = book_params(13, config.wordvec_size, config.hidden_size, config.layers)
    with pytest.raises(ValueError, match="could not broadcast"):
        load_as_the_book(params, path)


def test_the_books_code_would_take_a_split_softmax_for_a_whole_one(text: Path) -> None:
    assert load_as_the_book(book_params(13, H, H, 1), trained_with("tiny", text)) == 3


def test_every_preset_is_looked_at() -> None:
    assert set(SIZES) == set(PRESETS)
