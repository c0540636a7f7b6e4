import pickle
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats
from rnnlm_cli.book import BaseModel, BetterRnnlm, Rnnlm, SimpleRnnlm
from rnnlm_cli.errors import CheckpointError


class Own(BaseModel):
    def __init__(self, *params: Floats) -> None:
        self.params = list(params)


def test_a_file_has_the_name_of_the_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for model in (Own(np.ones(3)), BetterRnnlm(7, 4, 4), SimpleRnnlm(7, 4, 5)):
        model.save_params()
        model.load_params()
    files = [path.name for path in sorted(tmp_path.iterdir())]
    assert files == ["BetterRnnlm.pkl", "Own.pkl", "SimpleRnnlm.pkl"]


def test_numbers_stay_as_they_are(tmp_path: Path) -> None:
    saved, path = Own(np.random.default_rng(0).random((3, 4))), tmp_path / "own.pkl"
    saved.save_params(path)
    other = Own(np.zeros((3, 4)))
    other.load_params(path)
    np.testing.assert_array_equal(other.params[0], saved.params[0])


def test_a_file_of_the_book_in_float16_loads(tmp_path: Path) -> None:
    model = Rnnlm(7, 4, 5)
    halves = [param.astype(np.float16) for param in model.params]
    (tmp_path / "Rnnlm.pkl").write_bytes(pickle.dumps(halves, protocol=4))
    model.load_params(tmp_path / "Rnnlm.pkl")
    for param, half in zip(model.params, halves, strict=True):
        np.testing.assert_array_equal(param, half)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ([np.ones(3)], "found 1 arrays, but this model has 2"),
        (
            [np.ones(3), np.ones((1, 1))],
            r"array 1 has shape \(1, 1\), but params\[1\] .* has \(1, 2\)",
        ),
        ([np.ones(3), np.full((1, 2), np.nan)], "array 1 holds numbers that are not finite"),
    ],
)
def test_other_arrays_are_refused_and_change_nothing(
    arrays: list[Floats], message: str, tmp_path: Path
) -> None:
    Own(*arrays).save_params(tmp_path / "m.pkl")
    model = Own(np.zeros(3), np.zeros((1, 2)))
    with pytest.raises(CheckpointError, match=message):
        model.load_params(tmp_path / "m.pkl")
    assert not any(param.any() for param in model.params)


def test_shared_weights_must_agree_in_a_file(tmp_path: Path) -> None:
    W = np.zeros((2, 3))
    Own(np.ones((2, 3)), np.ones((3, 2)), np.ones(1)).save_params(tmp_path / "m.pkl")
    tied = Own(W, W.T)  # arrays after the parameters are not looked at: rnnlm's header is one
    tied.load_params(tmp_path / "m.pkl")
    assert W.all()
    Own(np.ones((2, 3)), np.zeros((3, 2))).save_params(tmp_path / "m.pkl")
    with pytest.raises(CheckpointError, match="arrays 0 and 1 differ, but are the same weights"):
        tied.load_params(tmp_path / "m.pkl")
    assert W.all()


def test_a_file_that_is_not_there_is_told_as_the_book_tells_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.pkl: no such file"):
        Rnnlm(7, 4, 5).load_params(tmp_path / "none.pkl")


def test_a_model_has_to_say_how_it_computes() -> None:
    with pytest.raises(NotImplementedError, match="Own has no forward"):
        Own().forward([[0]], [[0]])
    with pytest.raises(NotImplementedError, match="Own has no backward"):
        Own().backward()
