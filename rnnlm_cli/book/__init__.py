"""The book's API for its readers: a script of chapters 5 to 7.1 changes its import lines alone.

*Deep Learning from Scratch 2* has these names in `common/`, `dataset/`, `ch05` to `ch07`; which is
where says docs/book.md. The layers are those of rnnlm_cli.model.layers under the book's signatures:
`params` and `grads` are lists, the arrays those that were given, and an optimiser changes them in
place. Here alone random numbers come from NumPy's global generator, in the book's order, so that
`np.random.seed` means what it means there.
"""

import numpy as np

from rnnlm_cli.arrays import sigmoid, softmax
from rnnlm_cli.book import config, ptb
from rnnlm_cli.book.base_model import BaseModel
from rnnlm_cli.book.clipping import clip_grads
from rnnlm_cli.book.config import to_cpu, to_gpu
from rnnlm_cli.book.evaluation import eval_perplexity
from rnnlm_cli.book.layers import Affine, Embedding, Softmax, SoftmaxWithLoss
from rnnlm_cli.book.optimizers import SGD, Adam
from rnnlm_cli.book.preprocessing import preprocess
from rnnlm_cli.book.ptb import load_data
from rnnlm_cli.book.rnnlm import BetterRnnlm, Rnnlm, SimpleRnnlm
from rnnlm_cli.book.rnnlm_gen import BetterRnnlmGen, RnnlmGen
from rnnlm_cli.book.sharing import remove_duplicate
from rnnlm_cli.book.time_layers import (
    TimeAffine,
    TimeDropout,
    TimeEmbedding,
    TimeLSTM,
    TimeSoftmaxWithLoss,
)
from rnnlm_cli.book.time_rnn import TimeRNN
from rnnlm_cli.book.trainer import RnnlmTrainer, Trainer

__all__ = [
    "SGD",
    "Adam",
    "Affine",
    "BaseModel",
    "BetterRnnlm",
    "BetterRnnlmGen",
    "Embedding",
    "Rnnlm",
    "RnnlmGen",
    "RnnlmTrainer",
    "SimpleRnnlm",
    "Softmax",
    "SoftmaxWithLoss",
    "TimeAffine",
    "TimeDropout",
    "TimeEmbedding",
    "TimeLSTM",
    "TimeRNN",
    "TimeSoftmaxWithLoss",
    "Trainer",
    "clip_grads",
    "config",
    "eval_perplexity",
    "load_data",
    "np",
    "preprocess",
    "ptb",
    "remove_duplicate",
    "sigmoid",
    "softmax",
    "to_cpu",
    "to_gpu",
]
