"""A trained model with its words, its text and its file: what verbs and Python users work with."""

from rnnlm_cli.trained.trained import Trained, load
from rnnlm_cli.trained.training import train

__all__ = ["Trained", "load", "train"]
