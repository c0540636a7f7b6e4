"""The names that a script gets."""

import numpy as np
import pytest

from rnnlm_cli import book
from rnnlm_cli.errors import ConfigError


def test_a_star_gives_every_name() -> None:
    names: dict[str, object] = {}
    exec("from rnnlm_cli.book import *\nfrom rnnlm_cli.book import ptb", names)
    assert set(names) - {"__builtins__"} == set(book.__all__)
    assert names["np"] is np
    assert names["ptb"] is book.ptb


def test_there_is_no_gpu() -> None:
    assert not book.config.GPU
    assert book.to_cpu([1, 2]).tolist() == [1, 2]
    x = np.ones(2)
    assert book.to_cpu(x) is x
    with pytest.raises(ConfigError, match=r"leave config\.GPU at False"):
        book.to_gpu(x)
