"""What a model takes in memory, from its sizes: in bytes, of float32.

V, D, H: words, word vector, hidden units; R = N * T: the places of a batch. The layers say what
they hold; who works with a model adds what he needs beside it.
"""

from __future__ import annotations

import math

from rnnlm_cli.model.layers.affine import affine_numbers
from rnnlm_cli.model.layers.cluster import SCRATCH, cluster_bytes
from rnnlm_cli.model.layers.dropout import dropout_numbers
from rnnlm_cli.model.layers.embedding import embedding_numbers
from rnnlm_cli.model.layers.lstm import lstm_numbers
from rnnlm_cli.model.layers.lstm_step import step_numbers
from rnnlm_cli.model.layers.output import output_numbers
from rnnlm_cli.model.layers.penalty import penalty_numbers
from rnnlm_cli.model.layers.residual import residual_numbers
from rnnlm_cli.model.sizes import ModelSizes, output_size
from rnnlm_cli.settings.model import ModelConfig, lstm_sizes, residual_lstms

_FLOAT = 4


def parameter_bytes(model: ModelSizes) -> int:
    """The parameters: all that a model takes that is built; their gradients are as many."""
    return _FLOAT * model.parameters()


def layer_bytes(whole: ModelSizes, R: int) -> int:
    """What all layers below the softmax hold of R places."""
    model = whole.config
    sizes, last = lstm_sizes(model), output_size(model)
    hidden, weights = model.dropout_hidden > 0, model.weight_drop > 0
    V, D = whole.vocab_size, model.wordvec_size
    numbers = embedding_numbers(V, D, R, drops=model.word_dropout > 0)
    numbers += sum(lstm_numbers(*size, R, drops=hidden, weight_drop=weights) for size in sizes)
    if any(model.dropout_at(place) for place in ("in", "between", "out")):
        numbers += sum(dropout_numbers(D, R) for D, _ in sizes) + dropout_numbers(last, R)
    numbers += sum(residual_numbers(sizes[index][1], R) for index in residual_lstms(model))
    if model.projection:
        numbers += affine_numbers(model.hidden_size, last, R)
    numbers += penalty_numbers(last, R) * (model.ar > 0 or model.tar > 0)
    return _FLOAT * (numbers + output_numbers(last, R))


def step_bytes(model: ModelConfig, N: int = 1) -> int:
    """What the LSTMs take to go through N texts by single steps."""
    return _FLOAT * sum(step_numbers(D, H, N) for D, H in lstm_sizes(model))


def softmax_bytes(model: ModelSizes, R: int) -> int:
    """What the softmax takes to learn from R places, some of which need more than the head."""
    parts = model.clusters()
    held = sum(cluster_bytes(words, math.ceil(share * R), _FLOAT) for words, share in parts)
    return held + SCRATCH  # they work one after the other
