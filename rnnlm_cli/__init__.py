"""rnnlm: train, score, sample and look inside LSTM language models with NumPy."""

__version__ = "0.1.0"
