"""rnnlm: train, score, sample and look inside LSTM language models with NumPy.

>>> import rnnlm_cli as rnnlm
>>> lm = rnnlm.train("novel.txt", out="novel.pkl", epochs=2, wordvec_size=8, hidden_size=8)
>>> lm = rnnlm.load("novel.pkl")
>>> lm.evaluate(split="valid").tokens
35
>>> lm.perplexity("the old cat sees a dog") < len(lm.words.vocabulary)
True
>>> lm.score("the old cat") < lm.score("the old cat", eos=False) < 0
True
>>> [score.token for score in lm.token_scores("the old cat", guesses=2)]
['the', 'old', 'cat', '<eos>']
>>> len(lm.score(["the old cat", "a dog"])) == len(lm.conditional_score("the old", ["cat", "dog"]))
True
>>> [row["is_first"] for row in lm.add_surprisal([{"word": "a"}, {"word": "dog"}], word="word")]
[True, False]
>>> lm.compare([("the old cat", "cat old the")]).ties
()
>>> state = lm.state().after("the old")
>>> state.next_words(1) == lm.next_words("the old", n=1)
True
>>> lm.generate("the old", length=3, samples=2, seed=0) == lm.generate(
...     "the old", length=3, samples=2, seed=0
... )
True
>>> (text,) = lm.samples("the old", beam=3, require="dog", length=4, scores=True)
>>> "dog" in text.tokens, len(text.log_probabilities)
(True, 4)
>>> len(lm.most_similar("cat", topn=2)), "cat" in lm, "zebra" in lm
(2, True, False)

What is in `__all__` is public, with the methods of these classes that have no underscore: it is
changed in a release that says so, after one that warned. All else may change with any release.
"""

from typing import TYPE_CHECKING, Any

from rnnlm_cli.__version__ import __version__

if TYPE_CHECKING:
    from rnnlm_cli.errors import RnnlmError, RnnlmWarning
    from rnnlm_cli.scoring.evaluation import Evaluation
    from rnnlm_cli.tasks.continuing import State
    from rnnlm_cli.tasks.contrasts.accuracy import Compared
    from rnnlm_cli.tasks.drawn_texts import DrawnText
    from rnnlm_cli.tasks.scorer import TokenScore
    from rnnlm_cli.trained import Trained, load, train

__all__ = [
    "Compared",
    "DrawnText",
    "Evaluation",
    "RnnlmError",
    "RnnlmWarning",
    "State",
    "TokenScore",
    "Trained",
    "__version__",
    "load",
    "train",
]

# What takes NumPy is loaded when it is first used.
_HOMES = {
    "Compared": "tasks.contrasts.accuracy",
    "DrawnText": "tasks.drawn_texts",
    "Evaluation": "scoring.evaluation",
    "RnnlmError": "errors",
    "RnnlmWarning": "errors",
    "State": "tasks.continuing",
    "TokenScore": "tasks.scorer",
    "Trained": "trained",
    "load": "trained",
    "train": "trained",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
