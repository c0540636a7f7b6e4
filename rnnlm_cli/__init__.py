"""rnnlm: train, score, sample and look inside LSTM language models with NumPy.

>>> import rnnlm_cli as rnnlm
>>> lm = rnnlm.train("novel.txt", out="novel.pkl", epochs=2, wordvec_size=8, hidden_size=8)
>>> lm = rnnlm.load("novel.pkl")
>>> lm.evaluate(split="valid").tokens
35
>>> lm.perplexity("the old cat sees a dog") < len(lm.words.vocabulary)
True
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnlm_cli.trained import Trained, load, train

__version__ = "0.1.0"
__all__ = ["Trained", "__version__", "load", "train"]


def __getattr__(name: str) -> Any:
    """What takes NumPy is loaded when it is first used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from rnnlm_cli import trained

    return getattr(trained, name)


def __dir__() -> list[str]:
    return __all__
