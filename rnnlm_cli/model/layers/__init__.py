"""The layers of an LSTM language model: five of the book's and more that it has not, a file each.

The book's are TimeEmbedding, TimeLSTM, TimeAffine, TimeSoftmaxWithLoss and TimeDropout, of its
chapters 5 and 6; with its own signatures, and its TimeRNN, they stand in rnnlm_cli.book.

Notation, the same in every file:

    N batch (parallel streams)   T time   D word vector   H hidden   V vocabulary
    xs, hs, ts   sequences, the time axis second: xs (N, T, D), hs (N, T, H), ts (N, T)
    x, h, c      one time step: x (N, D), h (N, H), c (N, H)
    da           the gradient of the loss with respect to a: same shape as a

A layer has `forward`, `backward`, `stepped` (itself without a way back, a step at a time) and two
dicts with the same keys, `params` and `grads`; `backward` overwrites `grads` in place. What only
training does depends on the `train_flg` that `forward` is given. Sequences are (N, T, ·) to a
reader; how they lie in memory, see layer.py.
"""

from rnnlm_cli.model.layers.affine import TimeAffine
from rnnlm_cli.model.layers.dropout import Dealt, TimeDropout
from rnnlm_cli.model.layers.embedding import TimeEmbedding
from rnnlm_cli.model.layers.layer import InnerLayer, Layer, LSTMState, Output, Step
from rnnlm_cli.model.layers.loss import TimeSoftmaxWithLoss
from rnnlm_cli.model.layers.lstm import TimeLSTM
from rnnlm_cli.model.layers.output import FusedOutput
from rnnlm_cli.model.layers.penalty import TimeAR, TimeTAR
from rnnlm_cli.model.layers.projection import Projection
from rnnlm_cli.model.layers.residual import TimeResidual
from rnnlm_cli.model.layers.split import FusedSplitOutput, TimeSplitAffine

__all__ = [
    "Dealt",
    "FusedOutput",
    "FusedSplitOutput",
    "InnerLayer",
    "LSTMState",
    "Layer",
    "Output",
    "Projection",
    "Step",
    "TimeAR",
    "TimeAffine",
    "TimeDropout",
    "TimeEmbedding",
    "TimeLSTM",
    "TimeResidual",
    "TimeSoftmaxWithLoss",
    "TimeSplitAffine",
    "TimeTAR",
]
