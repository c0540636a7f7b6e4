"""Files of readers: stacks of the book's parts load, and anything else is told by its shapes."""

import pickle
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.model import ModelConfig
from tests.models import write_book_file

V, D, H, K = 11, 5, 7, 3


def numbers(*shape: int) -> Floats:
    found: Floats = np.random.default_rng(shape).normal(size=shape)
    return found


def recurrent(gates: int, inputs: int, units: int = H) -> list[Floats]:
    sizes = (inputs, gates * units), (units, gates * units), (gates * units,)
    return [numbers(*size) for size in sizes]


def lstm(inputs: int, units: int = H) -> list[Floats]:
    return recurrent(4, inputs, units)


def affine(inputs: int, outputs: int = V) -> list[Floats]:
    return [numbers(inputs, outputs), numbers(outputs)]


def loaded(arrays: Sequence[Floats], path: Path, protocol: int = 4) -> Checkpoint:
    path.write_bytes(pickle.dumps(list(arrays), protocol))
    return load_checkpoint(path)


WORDS, WIDE = numbers(V, D), numbers(V, H)
ENCODER = [WORDS, *lstm(D)]
MODELS = {
    "Rnnlm": ([*ENCODER, *affine(H)], ModelConfig(layers=1, wordvec_size=D, hidden_size=H)),
    "2 LSTMs": (
        [*ENCODER, *lstm(H), *affine(H)],
        ModelConfig(layers=2, wordvec_size=D, hidden_size=H),
    ),
    "3 LSTMs": (
        [*ENCODER, *lstm(H), *lstm(H), *affine(H)],
        ModelConfig(layers=3, wordvec_size=D, hidden_size=H),
    ),
    "4 LSTMs": (
        [WIDE, *4 * lstm(H), *affine(H)],
        ModelConfig(layers=4, wordvec_size=H, hidden_size=H),
    ),
    "BetterRnnlm": (
        [WIDE, *lstm(H), *lstm(H), WIDE.T, numbers(V)],
        ModelConfig(layers=2, wordvec_size=H, hidden_size=H, tied=True),
    ),
    "one tied": (
        [WIDE, *lstm(H), WIDE.T, numbers(V)],
        ModelConfig(layers=1, wordvec_size=H, hidden_size=H, tied=True),
    ),
    "three tied": (
        [WIDE, *3 * lstm(H), WIDE.T, numbers(V)],
        ModelConfig(layers=3, wordvec_size=H, hidden_size=H, tied=True),
    ),
    "tied and narrow": (
        [*ENCODER, *lstm(H, D), WORDS.T, numbers(V)],
        ModelConfig(layers=2, wordvec_size=D, hidden_size=H, tied=True),
    ),
    "projected": (
        [*ENCODER, *affine(H, D), WORDS.T, numbers(V)],
        ModelConfig(layers=1, wordvec_size=D, hidden_size=H, tied=True, projection=True),
    ),
    "equal sizes, untied": (
        [WIDE, *lstm(H), WIDE.T + 1, numbers(V)],
        ModelConfig(layers=1, wordvec_size=H, hidden_size=H),
    ),
}


@pytest.mark.parametrize(("arrays", "model"), MODELS.values(), ids=MODELS)
def test_a_stack_of_the_books_parts_loads(
    arrays: list[Floats], model: ModelConfig, tmp_path: Path
) -> None:
    checkpoint = loaded(arrays, tmp_path / "m.pkl")
    assert checkpoint.model == model
    for mine, theirs in zip(checkpoint.build_model().params, arrays, strict=True):
        np.testing.assert_array_equal(mine, theirs.astype(np.float32))


@pytest.mark.parametrize("name", ["3 LSTMs", "tied and narrow"])
def test_any_precision_protocol_and_order_loads(name: str, tmp_path: Path) -> None:
    arrays, path = MODELS[name][0], tmp_path / "m.pkl"
    for dtype, protocol, order in product(("f2", "f4", "f8", ">f4"), (2, 3, 4, 5), ("C", "F")):
        cast = [np.asarray(array, dtype, order=order) for array in arrays]  # type: ignore[call-overload]
        model = loaded(cast, path, protocol).build_model()
        for mine, theirs in zip(model.params, cast, strict=True):
            np.testing.assert_array_equal(mine, theirs.astype(np.float32))


def test_what_a_model_saves_loads_as_that_model(tmp_path: Path) -> None:
    config = ModelConfig(wordvec_size=D, hidden_size=H, layers=3, tied=True)
    model = LanguageModel(V, config)
    write_book_file(model, tmp_path / "m.pkl")
    assert load_checkpoint(tmp_path / "m.pkl").model == config


DECODER = [numbers(V + 1, D), *lstm(D), *affine(H, V + 1)]
PEEKY = [numbers(V, D), *lstm(D + H), *affine(2 * H)]
OTHERS: dict[str, tuple[list[Floats], str]] = {
    "SimpleRnnlm": (
        [WORDS, *recurrent(1, D), *affine(H)],
        "its 6 arrays look like those of a SimpleRnnlm of chapter 5, .* rnnlm_cli.book works",
    ),
    "2 RNNs": ([WORDS, *recurrent(1, D), *recurrent(1, H), *affine(H)], "SimpleRnnlm"),
    "GRU": ([WORDS, *recurrent(3, D), *affine(H)], "a language model of GRUs"),
    "GRU without biases": ([WORDS, *recurrent(3, D)[:2], *affine(H)], "a language model of GRUs"),
    "an LSTM on a GRU": ([WORDS, *recurrent(3, D), *lstm(H), *affine(H)], "of GRUs"),
    "a classifier": ([*ENCODER, *affine(H, K)], "a classifier"),
    "a classifier of GRUs": ([WORDS, *recurrent(3, D), *affine(H, K)], "a classifier"),
    "a deep classifier": ([*ENCODER, *affine(H, D), *affine(D, K)], "a classifier"),
    "seq2seq": ([*ENCODER, *DECODER], "its 10 arrays .* a seq2seq of chapter 7 or 8"),
    "peeky seq2seq": ([*ENCODER, *PEEKY], "a seq2seq of chapter 7 or 8"),
    "attention": ([*ENCODER, *DECODER[:4], *affine(2 * H)], "a seq2seq of chapter 7 or 8"),
    "no output bias": ([*ENCODER, *DECODER[:-1]], "its 9 arrays .* a seq2seq of chapter 7 or 8"),
    "seq2seq with shared vectors": ([*ENCODER, *DECODER[1:]], "its 9 .* share their word vectors"),
    "seq2seq of GRUs": (
        [WORDS, *recurrent(3, D), WORDS, *recurrent(3, D), *affine(H)],
        "a seq2seq",
    ),
    "an encoder": (ENCODER, "an encoder"),
    "W_in": ([WORDS], "word vectors alone"),
    "word2vec": ([WORDS, WORDS.T], "word2vec"),
    "CBOW": (16 * [WORDS], "word2vec"),
    "two affine layers": ([*affine(2, H), *affine(H, K)], "a network of affine layers"),
    "without the last bias": ([*ENCODER, numbers(H, V)], "lacks its weights or its biases"),
    "tied weights once": ([WIDE, *lstm(H), numbers(V)], "lacks its weights or its biases"),
    "a split softmax": ([*ENCODER, *affine(H), numbers(H), numbers(1)], "a split softmax"),
    "a softmax in clusters": ([*ENCODER, *affine(H), *affine(H, 3)], "a split softmax"),
    "one over tied weights": (
        [*ENCODER, *affine(H, D), WORDS.T, numbers(V), *affine(D, 2)],
        "a split softmax",
    ),
    "LSTMs of two sizes": (
        [*ENCODER, *lstm(H, 6), *affine(6)],
        "LSTMs of 7, 6 units: .* a class of your own loads it, .* rnnlm_cli.book",
    ),
    "an affine between": (
        [*ENCODER, *affine(H, D), *affine(D)],
        "two affine layers over an LSTM: .* a class of your own loads it, .* rnnlm_cli.book",
    ),
    "sizes that do not go together": (
        [WORDS, *lstm(D + 1), *affine(H)],
        "no network that is known",
    ),
    "three axes": ([numbers(2, 3, 4)], "no network that is known"),
    "no array": ([], "those of no model"),
}


@pytest.mark.parametrize(("arrays", "what"), OTHERS.values(), ids=OTHERS)
def test_what_is_no_language_model_is_told_for_what_it_looks_like(
    arrays: list[Floats], what: str, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match=what) as raised:
        loaded(arrays, tmp_path / "m.pkl")
    assert "arrays look like those of " in str(raised.value)
    assert "damaged" not in str(raised.value)
