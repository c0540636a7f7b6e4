"""What is no list of arrays is told for what it looks like, and never for damaged."""

import collections
import gzip
import io
import pickle
import re
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.pickling import dump_arrays, read_arrays
from tests.clock import within
from tests.pickling.opcodes import array, listed, pickled, text

A = np.ones((2, 3), "f4")
WORDS = {"you": 0, "say": 1}
PICKLED: dict[str, tuple[object, str]] = {
    "word_to_id": (WORDS, "a vocabulary"),
    "id_to_word": (dict(enumerate(WORDS)), "a vocabulary"),
    "both": ((WORDS, dict(enumerate(WORDS))), "a vocabulary"),
    "both in a list": ([WORDS, dict(enumerate(WORDS))], "a vocabulary"),
    "word2vec": ({"word_vecs": A, "word_to_id": WORDS}, "a dict that begins with .*'word_vecs'"),
    "a measurement": ({"loss": 0.5}, "a dict that begins with the key 'loss'"),
    "an empty dict": ({}, "a dict, and no list"),
    "a dict of a class": (collections.OrderedDict(WORDS), "an object of 'collections.OrderedDict'"),
    "ids of NumPy": ([np.arange(3)], "arrays of the dtype i8"),
    "words in an array": ([np.array(["you"])], "arrays of the dtype U3"),
    "objects": ([np.array([None])], "arrays of the dtype O8"),
    "an array": (A, "an array or a tuple, and no list"),
    "a tuple of arrays": (6 * (A,), "an array or a tuple, and no list"),
    "a number of NumPy": ([np.float32(1)], "an object of 'numpy.*scalar'"),
    "lists of arrays": ([[A], [A]], "a list in a list"),
    "parameters and words": ([A, WORDS], "a dict beside the arrays"),
    "lists of numbers": ([[1.5, 2.5]], "something else than arrays"),
    "words": (["you", "say"], "something else than arrays"),
    "a text": ("you", "something else than arrays"),
    "nothing": (None, "something else than arrays"),
}
CUPY, MODEL = "arrays of cupy.*with to_cpu", "an object of '__main__.Rnnlm'.*model.params"
# As cupy's __reduce__ has it: a function of cupy, called with an array of NumPy.
ON_A_GPU = array() + b"\x85R"
BY_HAND = {
    "cupy": (listed(b"ccupy._core.core\narray\n" + ON_A_GPU), CUPY),
    "cupy, protocol 4": (
        listed(text("cupy._core.core") + text("array") + b"\x93" + ON_A_GPU),
        CUPY,
    ),
    "cupy of old": (listed(b"ccupy.core.core\narray\n" + ON_A_GPU), CUPY),
    "cupy in a dict": (
        pickled(b"}", text("W"), b"ccupy._core.core\narray\n" + ON_A_GPU, b"s"),
        CUPY,
    ),
    "cupy out of the memo": (
        pickled(
            b"]", text("cupy._core.core"), b"\x94", text("f"), b"0h\x00", text("array"), b"\x93"
        ),
        CUPY,
    ),
    "torch": (listed(b"ctorch._utils\n_rebuild_tensor_v2\n)R"), "tensors of torch"),
    "a model": (pickled(b"c__main__\nRnnlm\n)\x81}", text("params"), b"]sb"), MODEL),
    "a model, protocol 4": (pickled(text("__main__"), text("Rnnlm"), b"\x93)\x81}b"), MODEL),
    "protocol 0": (pickle.dumps([A], 0), "a pickle of protocol 0 or 1"),
    "protocol 1": (pickle.dumps([A], 1), "a pickle of protocol 0 or 1"),
    "a vocabulary, protocol 0": (pickle.dumps(WORDS, 0), "a pickle of protocol 0 or 1"),
    "a pair, protocol 1": (pickle.dumps((WORDS, WORDS), 1), "a pickle of protocol 0 or 1"),
    "zip": (b"PK\x03\x04" + bytes(50), "a zip file"),
    "gzip": (gzip.compress(b"x", mtime=0), "a gzip file"),
    "HDF5": (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    "a page": (b"<!DOCTYPE html>\n<html>", "a web page"),
    "LFS": (b"version https://git-lfs.github.com/spec/v1\noid", "what Git LFS keeps"),
    "a text": ("You say goodbye.\n吾輩は猫である。".encode(), "a text, and no model"),
    "an empty file": (b"", "nothing: it is empty"),
}


def told(data: bytes, folder: Path) -> str:
    """What is said of a file with these bytes."""
    (path := folder / "m.pkl").write_bytes(data)
    with pytest.raises(CheckpointError) as raised:
        read_arrays(path)
    return str(raised.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize(("found", "what"), PICKLED.values(), ids=PICKLED)
def test_a_pickle_of_something_else_is_told(
    found: object, what: str, protocol: int, tmp_path: Path
) -> None:
    message = told(pickle.dumps(found, protocol), tmp_path)
    assert re.match(f"found {what}", message)
    assert "damaged" not in message


@pytest.mark.parametrize(("data", "what"), BY_HAND.values(), ids=BY_HAND)
def test_what_no_pickle_of_arrays_begins_like_is_told(
    data: bytes, what: str, tmp_path: Path
) -> None:
    message = told(data, tmp_path)
    assert re.match(f"found {what}", message)
    assert "damaged" not in message


def test_bytes_that_are_no_letters_are_no_text(tmp_path: Path) -> None:
    assert "damaged or not a checkpoint" in told(bytes(100 * [255]), tmp_path)


def test_an_array_of_np_save_is_told(tmp_path: Path) -> None:
    np.save(file := io.BytesIO(), A)
    assert told(file.getvalue(), tmp_path).startswith("found an array that np.save wrote")


@pytest.mark.parametrize("end", [4, 30, 60, 150, -1])
def test_what_may_be_damaged_is_told_with_the_place(end: int, tmp_path: Path) -> None:
    for data in (dump_arrays([A]), pickle.dumps([A], 2), pickle.dumps([A], 4)):
        assert re.match(
            r"byte \d+: .*it is damaged or not a checkpoint$", told(data[:end], tmp_path)
        )


def test_a_file_of_ours_is_never_taken_for_another(tmp_path: Path) -> None:
    data = dump_arrays([A]).replace(b"ndarray", b"matrix_")
    assert re.match(r"byte \d+: found the name 'numpy' 'matrix_'.*damaged", told(data, tmp_path))


@pytest.mark.parametrize("part", [b"(", b"h\x00", b"cx\ny\n"])
def test_to_tell_takes_no_longer_for_a_large_file(part: bytes, tmp_path: Path) -> None:
    with within(2):
        told(b"\x80\x04\x8c\x00\x94}" + 300_000 * part, tmp_path)


def test_names_of_a_file_are_short_and_harmless_in_a_message(tmp_path: Path) -> None:
    name = text("\x1b[2J" * 1000)
    for data in (listed(name + name + b"\x93"), pickled(b"}", name, b"K\x01", name, b"s")):
        message = told(data, tmp_path)
        assert "\x1b" not in message
        assert len(message) < 400
