import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pytest

from rnnlm_cli.errors import ConfigError, CorpusError
from rnnlm_cli.settings.calls import Options, checked
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.settings.setting import ENCODING, whole

FilePath = str | os.PathLike[str]


@checked
def public(
    text: str = "",
    *,
    n: Annotated[int, whole(1, 9)] = 1,
    share: float = 0.5,
    flag: bool = True,
    choice: Literal["a", "b"] | None = None,
    encoding: Annotated[str | None, ENCODING] = None,
    path: FilePath | None = None,
    corpus: FilePath | Sequence[FilePath] = "ptb",
    texts: str | Iterable[str] = "",
    names: str | Collection[str] = (),
    pairs: Iterable[tuple[str, str]] = (),
    table: Any = None,
    **settings: Annotated[Any, Options((SampleConfig,))],
) -> dict[str, Any]:
    return {**locals(), **settings}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"text": None}, "text is None, but must be text"),
    ({"text": ["a"]}, "text is of type list, but must be text"),
    ({"n": 0}, "n is 0, but must be a whole number from 1 to 9"),
    ({"n": True}, "n is True, but must be a whole number from 1 to 9"),
    ({"n": np.arange(2)}, "n is of type ndarray, but must be a whole number from 1 to 9"),
    ({"share": "1"}, "share is '1', but must be a number"),
    ({"flag": 1}, "flag is 1, but must be True or False"),
    ({"choice": np.array(["a", "b"])}, "choice is of type ndarray, but must be one of a, b"),
    ({"encoding": "utf-9"}, "encoding is 'utf-9', but must be the name of an encoding"),
    ({"path": -3}, "path is -3, but must be the path of a file"),
    ({"path": ""}, "path is '', but must be the path of a file"),
    ({"path": "a\0b"}, r"path is 'a\\x00b', but must be the path of a file"),
    ({"path": "\ud800"}, r"path is '\\ud800', but must be the path of a file"),
    ({"corpus": None}, "corpus is None, but must be a name or a path, or several of them"),
    ({"corpus": []}, "corpus is empty, but must be a name or a path, or several of them"),
    ({"corpus": {"a", "b"}}, "corpus is of type set, but must be a name or a path, or a list of"),
    ({"corpus": ["a", 3]}, r"corpus\[1\] is 3, but must be a name or a path"),
    ({"texts": b"a"}, "texts is of type bytes, but must be text, or several texts"),
    ({"texts": {"a": 1}}, "texts is of type dict, but must be text, or several texts"),
    ({"names": ["a", float("nan")]}, r"names\[1\] is nan, but must be text"),
    ({"pairs": 3}, "pairs is 3, but must be pairs of texts"),
    ({"length": "2"}, "length is '2', but must be a whole number from 1 to"),
    ({"lenght": 2}, "there is no setting 'lenght': did you mean length?"),
    ({"nosuch": 2}, "there is no setting 'nosuch': see docs/options.md"),
]


@pytest.mark.parametrize(("given", "message"), WRONG)
def test_what_a_hint_does_not_allow_is_told_by_the_name_of_the_argument(
    given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=f"^{message}"):
        SampleConfig(length=public(**given)["length"])


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"n": np.int64(3), "share": np.float32(0.25), "flag": np.bool_(False)}, (3, 0.25, False)),
        ({"names": "a", "path": Path("b"), "choice": None}, (("a",), Path("b"), None)),
        ({"names": np.array(["a", "b"]), "corpus": (Path("c"),)}, (("a", "b"), [Path("c")])),
        ({"seed": np.uint8(3), "table": np.pi}, (3, np.pi)),
    ],
)
def test_what_stands_for_a_value_of_python_is_taken_for_it(
    given: dict[str, Any], read: tuple[Any, ...]
) -> None:
    found = public(**given)
    assert tuple(found[name] for name in given) == read
    assert not any(isinstance(found[name], np.generic) for name in given)


def test_several_texts_are_looked_at_as_they_are_taken() -> None:
    given: list[Any] = ["a", 3]
    texts = public(texts=iter(given))["texts"]
    assert next(texts) == "a"
    with pytest.raises(ConfigError, match=r"^texts\[1\] is 3, but must be text"):
        next(texts)


def test_a_call_that_python_refuses_is_refused_by_python() -> None:
    @checked
    def one(text: str) -> str:
        return text

    with pytest.raises(TypeError, match=r"one\(\) missing 1 required positional argument: 'text'"):
        one()  # type: ignore[call-arg]


def test_an_error_of_the_command_line_names_arguments() -> None:
    @dataclass
    class Model:
        text: str

        @property
        @checked
        def words(self) -> str:
            raise CorpusError(f"{self.text}, which --encoding cp1252 reads")

    with pytest.raises(CorpusError, match=r"^a text, which encoding='cp1252' reads$"):
        _ = Model("a text").words
