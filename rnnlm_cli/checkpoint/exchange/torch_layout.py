"""A model's arrays as torch names and orders them, and back.

    ours              torch's                   shapes
    embedding.W       encoder.weight            (V, D)
    lstm1.Wx          rnn.weight_ih_l0          (D, 4H) -> (4H, D)
    lstm1.Wh          rnn.weight_hh_l0          (H, 4H) -> (4H, H)
    lstm1.b           rnn.bias_ih_l0            (4H,); bias_hh_l0, which is added to it, is 0
    projection.W, b   projection.weight, bias   (H, D) -> (D, H), an nn.Linear behind the LSTMs
    affine.W, b       decoder.weight, bias      (H, V) -> (V, H); not there where weights are tied
    affine.w, c       branch.weight, bias       (H,) -> (1, H) and (1,), or (H, C) -> (C, H) and
                                                (C,), of a split softmax with C branches

encoder, rnn and decoder are so called by the word language model of pytorch/examples, whose layout
colorlessgreenRNNs has too. An nn.LSTM has one size and adds no input to its output: where ours do
otherwise they are a list of such, `rnn.0.weight_ih_l0` and so on. Torch's gates are i, f, g, o.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from rnnlm_cli.arrays import Floats
from rnnlm_cli.errors import CheckpointError, quoted
from rnnlm_cli.model.sizes import BRANCHES, EMBEDDING, OUTPUT
from rnnlm_cli.settings.model import ModelConfig, lstm_sizes, residual_lstms

WORDS, SCORES = "encoder.weight", "decoder.weight"
_LINEAR = {"projection": "projection", "affine": "decoder"}
_TO_TORCH = (2, 0, 1, 3)  # which of our gates f, g, i, o each of i, f, g, o is
_FROM_TORCH = (1, 2, 0, 3)  # the reverse
_LSTM_ARRAY = re.compile(r"rnn\.(weight_ih|weight_hh|bias_ih|bias_hh)_l(\d{1,3})")
_KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def reordered(array: Floats, gates: tuple[int, ...]) -> Floats:
    """array (4H, ...) with its blocks of H in the order `gates`."""
    blocks = np.split(array, 4)
    return np.concatenate([blocks[gate] for gate in gates])


def is_one_lstm(model: ModelConfig) -> bool:
    """Whether the LSTMs are what one nn.LSTM of several layers is."""
    return len({units for _, units in lstm_sizes(model)}) == 1 and not residual_lstms(model)


def to_torch(named: Mapping[str, Floats], model: ModelConfig) -> dict[str, Floats]:
    """A state dict of `named` parameters; tied weights once."""
    tensors: dict[str, Floats] = {WORDS: named[EMBEDDING]}
    one = is_one_lstm(model)
    for k in range(model.layers):
        at, layer = ("rnn.{}_l" + str(k)) if one else f"rnn.{k}.{{}}_l0", f"lstm{k + 1}"
        b = reordered(named[f"{layer}.b"], _TO_TORCH)
        arrays = (
            reordered(named[f"{layer}.Wx"].T, _TO_TORCH),
            reordered(named[f"{layer}.Wh"].T, _TO_TORCH),
            b,
            np.zeros_like(b),
        )
        tensors |= {at.format(kind): array for kind, array in zip(_KINDS, arrays, strict=True)}
    for ours, theirs in _LINEAR.items():
        if f"{ours}.W" in named:
            if not (model.tied and f"{ours}.W" == OUTPUT):
                tensors[f"{theirs}.weight"] = named[f"{ours}.W"].T
            tensors[f"{theirs}.bias"] = named[f"{ours}.b"]
    if C := len(model.edges):
        w = named[BRANCHES].reshape(-1, C).T
        tensors |= {"branch.weight": w, "branch.bias": named["affine.c"]}
    return {name: np.ascontiguousarray(array) for name, array in tensors.items()}


def from_torch(tensors: Mapping[str, Floats]) -> tuple[int, ModelConfig, list[Floats]]:
    """The words' number, the sizes and the arrays, in the book's order, of a state dict.

    Raises CheckpointError, which says what does not fit.
    """
    layers = 1 + max((int(m[2]) for m in map(_LSTM_ARRAY.fullmatch, tensors) if m), default=0)
    _check_names(tensors, layers)
    lstms: list[Floats] = []
    for k in range(layers):
        Wx, Wh, b, b_too = (tensors[f"rnn.{kind}_l{k}"] for kind in _KINDS)
        _check_lstm(k, Wx, Wh, b, b_too)
        both = np.add(b, b_too, dtype=np.float64)  # of float16 the sum may be too large
        lstms += [reordered(each, _FROM_TORCH).T for each in (Wx, Wh, both)]
    E, size = tensors[WORDS], tensors["rnn.weight_hh_l0"].shape[1]
    scores = tensors.get(SCORES, E)
    if E.ndim != 2 or scores.ndim != 2:
        raise CheckpointError(
            f"{WORDS} has shape {E.shape} and {SCORES} {scores.shape}, not (V, D)"
        )
    if SCORES not in tensors and E.shape[1] != size:
        raise CheckpointError(
            f"{SCORES} is missing, and the word vectors of {E.shape[1]} numbers cannot stand for "
            f"it over {size} units: the file is of another model"
        )
    model = ModelConfig(
        wordvec_size=E.shape[1],
        hidden_size=size,
        layers=layers,
        tied=E.shape[1] == size and np.array_equal(E, scores),
    )
    return len(E), model, [E, *lstms, scores.T, tensors["decoder.bias"]]


def _check_names(tensors: Mapping[str, Floats], layers: int) -> None:
    """Raises CheckpointError for an array too few or too many."""
    lstms = {f"rnn.{kind}_l{k}" for k in range(min(layers, len(tensors))) for kind in _KINDS}
    needed = {WORDS, "decoder.bias"} | lstms
    if strange := sorted(tensors.keys() - needed - {SCORES}):
        raise CheckpointError(f"{quoted(strange[0])} {_strange(strange[0])}")
    if missing := sorted(needed - tensors.keys()):
        raise CheckpointError(
            f"{missing[0]} is missing: needed are encoder, rnn (an nn.LSTM with its biases) and "
            "decoder, as in the word language model of pytorch/examples"
        )


def _strange(name: str) -> str:
    """What an array is that has no place here: the end of a sentence."""
    if name.endswith("_reverse"):
        return "is of a bidirectional LSTM, which reads the words that it predicts"
    if name.startswith("rnn.weight_hr"):
        return "is of an nn.LSTM with proj_size, which no layer here is"
    if name.startswith(("branch.", "projection.", "rnn.0.")):
        return "is of a model that rnnlm exported: the checkpoint that it was made of is the model"
    if name.startswith("module."):
        return "has the name of an nn.DataParallel: save the state_dict of its .module"
    return (
        "has no place in an LSTM language model: known are encoder, rnn (an nn.LSTM) and decoder, "
        "as in the word language model of pytorch/examples"
    )


def _check_lstm(k: int, Wx: Floats, Wh: Floats, *biases: NDArray[np.floating]) -> None:
    """Raises CheckpointError where the arrays are not those of an LSTM."""
    shapes = [each.shape for each in (Wx, Wh, *biases)]
    match shapes:
        case [(a, _), (b, H), (c,), (d,)] if a == b == c == d == 4 * H:
            return
        case [_, (rows, H), *_] if rows in (H, 3 * H):
            what = "a GRU" if rows > H else "a plain RNN"
            raise CheckpointError(
                f"layer {k} of rnn is {what}, by its shapes: only LSTMs are known here"
            )
    raise CheckpointError(
        f"layer {k} of rnn has the shapes {', '.join(map(str, shapes))}, but an LSTM of H units "
        "has (4H, D), (4H, H), (4H,) and (4H,): the file is damaged"
    )
