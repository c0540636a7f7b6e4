"""Models in ONNX, for runtimes without torch or NumPy.

    input_ids (batch, sequence) int64, h_in, c_in (layers, batch, H)
        -> log_probs (batch, sequence, V), h_out, c_out (layers, batch, H)

Where the last LSTM is narrower than the others, its part of h and c is filled with zeros. ONNX's
gates are i, o, f, c (our g). Opset 17 and IR 8 are read by runtimes of 2023 and later.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlm_cli.arrays import Floats
from rnnlm_cli.checkpoint.exchange.torch_layout import reordered
from rnnlm_cli.errors import CheckpointError, library
from rnnlm_cli.model.sizes import BRANCHES, EMBEDDING
from rnnlm_cli.settings.model import ModelConfig, lstm_sizes, residual_lstms

SUFFIX = ".onnx"
OPSET, IR = 17, 8
_GATES = (2, 3, 0, 1)  # which of our gates f, g, i, o each of i, o, f, c is
_MOST = (2 << 30) - (16 << 20)  # bytes: protobuf has no larger messages; and room for the graph


def packed(named: Mapping[str, Floats], model: ModelConfig, words: Sequence[str]) -> bytes:
    """The file of such a model. Raises MissingExtra, and CheckpointError for one too large."""
    numbers = sum(array.nbytes for array in named.values())
    vocabulary = json.dumps(words)
    if numbers + len(vocabulary) > _MOST:
        raise CheckpointError(
            f"a model of {numbers:,} bytes is too large for a file of ONNX, which ends at "
            f"{_MOST:,}: use .safetensors"
        )
    graph = _Graph()
    hs = _lstms(graph, named, model)
    if model.projection:
        hs = graph.affine(hs, named["projection.W"], named["projection.b"])
    W = graph.add("Transpose", "words", perm=[1, 0]) if model.tied else named["affine.W"]
    log_ps = _log_probabilities(graph, hs, W, named, model)
    graph.add("Transpose", log_ps, perm=[1, 0, 2], out="log_probs")
    return graph.packed(len(words), model, {"vocabulary": vocabulary})


def _lstms(graph: _Graph, named: Mapping[str, Floats], model: ModelConfig) -> str:
    """From input_ids to hs (sequence, batch, H), and h_out and c_out."""
    sizes, ends = lstm_sizes(model), list[list[str]]()
    widest = max(units for _, units in sizes)
    graph.constant(named[EMBEDDING], "words")
    xs = graph.add("Gather", "words", graph.add("Transpose", "input_ids", perm=[1, 0]))
    for k, (_, H) in enumerate(sizes):
        place = [graph.constant(np.array(each)) for each in ([k, 0], [k + 1, H], [0, 2])]
        begin = [graph.add("Slice", state, *place) for state in ("h_in", "c_in")]
        ys, *end = _lstm(
            graph, xs, begin, [named[f"lstm{k + 1}.{each}"] for each in ("Wx", "Wh", "b")]
        )
        xs = graph.add("Add", ys, xs) if k in residual_lstms(model) else ys
        if H < widest:
            filling = graph.constant(np.array([0, 0, 0, 0, 0, widest - H]))
            end = [graph.add("Pad", each, filling) for each in end]
        ends.append(end)
    for name, parts in zip(("h_out", "c_out"), zip(*ends, strict=True), strict=True):
        graph.add("Concat", *parts, axis=0, out=name)
    return xs


def _lstm(graph: _Graph, xs: str, begin: Sequence[str], arrays: Sequence[Floats]) -> list[str]:
    """xs (sequence, batch, D), h and c (1, batch, H) -> ys (sequence, batch, H), and h and c."""
    Wx, Wh, b = (reordered(array.T, _GATES) for array in arrays)
    weights = [graph.constant(array[None]) for array in (Wx, Wh, np.append(b, np.zeros_like(b)))]
    inputs = [xs, *weights, "", *begin]  # "": all streams are as long
    ys, *end = graph.several("LSTM", inputs, 3, hidden_size=Wh.shape[1])
    return [graph.add("Squeeze", ys, graph.constant(np.array([1]))), *end]


def _log_probabilities(
    graph: _Graph, hs: str, W: str | Floats, named: Mapping[str, Floats], model: ModelConfig
) -> str:
    """One softmax, or that of frequent words and branches, and one of the words behind each."""
    ys = graph.affine(hs, W, named["affine.b"])
    if not (C := len(model.edges)):
        return graph.add("LogSoftmax", ys, axis=-1)
    K, V = model.edges[0], len(named["affine.b"])
    s = graph.affine(hs, named[BRANCHES].reshape(-1, C), named["affine.c"])
    head = graph.add("LogSoftmax", graph.add("Concat", graph.part(ys, 0, K), s, axis=-1), axis=-1)
    parts = [graph.part(head, 0, K)]
    for i, words in enumerate(pairwise((*model.edges, V))):
        own = graph.add("LogSoftmax", graph.part(ys, *words), axis=-1)
        parts.append(graph.add("Add", own, graph.part(head, K + i, K + i + 1)))
    return graph.add("Concat", *parts, axis=-1)


class _Graph:
    """Nodes and constants of a graph, each value by its name, each node by that of its first value.

    Onnxruntime 1.20 makes others of nodes without a name, and then finds two of one name.
    """

    def __init__(self) -> None:
        self._helper, self._numbers = library("onnx.helper"), library("onnx.numpy_helper")
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, array: NDArray[Any], name: str = "") -> str:
        """The name of a constant."""
        name = name or f"constant{len(self._constants)}"
        array = np.ascontiguousarray(array)
        self._constants.append(self._numbers.from_array(array, name))
        return name

    def several(self, kind: str, inputs: Sequence[str], outputs: int, **settings: Any) -> list[str]:
        """The names of what a node of this kind gives."""
        names = [f"{kind}{len(self._nodes)}_{k}" for k in range(outputs)]
        self._nodes.append(self._helper.make_node(kind, inputs, names, names[0], **settings))
        return names

    def add(self, kind: str, *inputs: str, out: str = "", **settings: Any) -> str:
        """The name of the one thing that a node of this kind gives: `out`, if that is given."""
        name = out or f"{kind}{len(self._nodes)}"
        self._nodes.append(self._helper.make_node(kind, inputs, [name], name, **settings))
        return name

    def affine(self, xs: str, W: str | Floats, b: Floats) -> str:
        """xs @ W + b"""
        weights = W if isinstance(W, str) else self.constant(W)
        return self.add("Add", self.add("MatMul", xs, weights), self.constant(b))

    def part(self, values: str, start: int, stop: int) -> str:
        """values[..., start:stop]"""
        ends = (start, stop, -1)
        return self.add("Slice", values, *(self.constant(np.array([end])) for end in ends))

    def packed(self, vocab_size: int, model: ModelConfig, metadata: dict[str, str]) -> bytes:
        """The file, with its inputs and outputs declared."""
        make, types = self._helper, library("onnx").TensorProto
        widest = max(units for _, units in lstm_sizes(model))
        places, state = ("batch", "sequence"), (model.layers, "batch", widest)

        def values(**shapes: tuple[object, ...]) -> list[Any]:
            kinds = {"input_ids": types.INT64}
            return [
                make.make_tensor_value_info(name, kinds.get(name, types.FLOAT), shape)
                for name, shape in shapes.items()
            ]

        inputs = values(input_ids=places, h_in=state, c_in=state)
        outputs = values(log_probs=(*places, vocab_size), h_out=state, c_out=state)
        graph = make.make_graph(self._nodes, "rnnlm", inputs, outputs, self._constants)
        opsets = [make.make_opsetid("", OPSET)]
        made = make.make_model(graph, opset_imports=opsets, ir_version=IR, producer_name="rnnlm")
        make.set_model_props(made, metadata)
        data: bytes = made.SerializeToString(deterministic=True)
        return data
