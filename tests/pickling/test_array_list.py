import base64
import os
import pickle
import pickletools
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.pickling import array_list as pickling
from rnnlm_cli.pickling import (
    begins_as_written,
    dump_arrays,
    parse_arrays,
    read_arrays,
    write_arrays,
)
from rnnlm_cli.pickling.objects import Array

BOOK_CHECKPOINT = os.environ.get("RNNLM_BOOK_CHECKPOINT", "")
PROTOCOLS = (2, 3, 4, 5)
CODES = ("<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "|u1")
SHAPES = ((1,), (7,), (2, 3), (2, 3, 4), (2, 3, 4, 5))

# `pickle.dumps(WRITTEN_BY_NUMPY_1, protocol)` on NumPy 1.26.4, Python 3.11: zlib, base64.
DUMPS_OF_NUMPY_1 = {
    2: (
        "eNplkFtT00AYhjcpgka0KIoHVAp4CCqFYlXUSsP5sDO9+K564zBtGmaZgZQ3bC864wU3tvAv/B0eZ8wP090kjQP9"
        "JrNfMtl9nne/E/MTmO36rcOjdt5tBl7+sHUg92tBUGtbu4HnNv1jGbRcacGId1l+I/4Lk7MvyLi7brPhuceW5+sX"
        "CwNVgzFWx6XqoOoHNbnvFzDYwRDhchdXCJbNDW7yTAdXE2RDto/UyeGqqU7sFXHt7LSL64SszTMRrYSRSqWy81dV"
        "tHAmcaN+Jgaq46xXf07KanXU4+gPvXx1cFMo9SjhlsTtujBEFHpMqCR3CHfTJPdE9vQcLYaUExJLaPc1bZzwQOJh"
        "SnukaROEXEwzO5gUWZ1t9H+uc5QpTZkmPJZ4klKeasozgp1mmhHJQBbwXA/kBeFlbyBLmO0bSD4ayHAkLSnXCltj"
        "6wxz2jZPKEgspLZX2lYkvE4yc6OLNz3fIt5q3yLhnfKJ/tG/j0w5drFyTtztpBcdfND2EuGjxFJqL2u7Q1hW9jiA"
        "wTMSK0mAVgGrOsAaYb134c/Y6IuxmV44/BZ+D3+EP8Nf4W9saeU2YUeC1738PyQ72Cc="
    ),
    3: (
        "eNplkEdPwzAYhp0GCqQFyi677LAKLQXKEEQULkTqwadeEOpCQaLjDc6hEode6PgX/E5WcaaE8slDsv348eum+AAi"
        "F6tGpd6IF2t6OV4xXthzXtfzDelRLxdr1VemG0UmQbBPSdWSvYuASt4hZoQC+tropwjKqqAGVLGFAedoiTXqZQmD"
        "uQAh5CmFoW6nDYkiJKtiTuBrlwhns9n7Hi9rUAnDcKGbiRKrmtd8UHjjvcn7h4IRhtGCJmiWPKJx8xjFuGee0EId"
        "l7aoa5skNj3JMOXR0yY9QxG16UALs1qom4n4qDmGeY9aMKlFiiXPuaw5AZOImQFXKFbdgFdY8wVc5wHDPDu//Ybc"
        "kjuCDYZNT7BlCmSKbedZqtDGjqtIY9dU7FHsc4Xm/704vzxG/lVMsWfZmVMKDhgOPWHCFCYpjrjQdgqqyJBynEYC"
        "x6bzhOLUjfWGtM98xs3Bz6/vn98ezhkuCuX4H1Cfrs4="
    ),
    4: (
        "eNprYJkqyMQABrFTNHpE80pzCyr1kvOLUvVyS3NKMhOLihIrp/TwxBelJufnFZcUlSaXTJk8pYcVrHBKD3teCkTJ"
        "5CneDK1TnBmTprRPCZqi4c3ozeTN3DYlg6WHNaWksiAVpIkpzWRKZwdEnrmH0WaKn5+f138gABPeDCVTkjqdJSCu"
        "abAHEg5ABMQNQLzAYQpQOoM5gw1kTwYHqi0CHTB9YPX2ED0MePUxgfR1OgsQqx5kDy/QD0bIfrDD6gceBgYboGFO"
        "DC4Mrgw47fdmbIeYaIEwMUMQm3kKDChAwQFCa0BpE+xuhljD6M1cAram1BDZ4TVYHc726/efv//+g4xL1QMAsGG2"
        "1g=="
    ),
    5: (
        "eNp1kL9Lw0AUxy8JsWCLiCAUcejgkCmgdHAoNhh18KCDu5QmTbiCScp5GQoOXWwt3Nans3+nv+rrXazR6uPuXuDu"
        "fb+fb8b244FJVF2DI3fSPBmO3DDjkYufER+EIKvdmGdJkMdxxGEOzlOdlGvcxsPDhXuM+9kDaSsd7H0xGkY4JM24"
        "CbOHKVyBQy1ptKDT6VwusNRBiYCAmtSagDR8EPiMWb+NlEFbmxBtxDa/hi7UkNwtBUjyGzHocd5DkFqXR2GW3gqe"
        "hwJ5mC0raV9fzoGSe/CNADSegZrmBLVn/vaaI3IuyWorqhZenJIzck6AVTDmUTnmyb8x2ZYKWWd7S3O2X7KmxlRL"
        "HX9Lseq60Mxv/Pg/pOHp7hS9ucLdKF68vL69fyyUen5YBr37A1TjGNQSBW3kfgJhv7iP"
    ),
}
A = np.arange(6, dtype="<f4").reshape(2, 3)
B = np.arange(24, dtype="<f8").reshape(2, 3, 4)
U = np.arange(250, 256, dtype="u1").reshape(1, 2, 1, 3)
WRITTEN_BY_NUMPY_1 = [A, np.asfortranarray(A), A.T[1:], A.astype(">f2"), B[:, ::2, :1], U]


def layouts(code: str, shape: tuple[int, ...]) -> Iterator[Array]:
    """The same numbers in every way that NumPy may hold them."""
    array = (np.random.default_rng(0).random(shape) * 200).astype(code)
    read_only = array.copy()
    read_only.flags.writeable = False
    yield from (array, array.T, array[::-1], array[..., :1], read_only, np.asfortranarray(array))
    yield array.transpose((*range(1, array.ndim), 0))


def every_array() -> list[Array]:
    return [array for code in CODES for shape in SHAPES for array in layouts(code, shape)]


def assert_same(found: list[Array], expected: list[Array]) -> None:
    """The same numbers, in native arrays that stand on their own."""
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == other.dtype.newbyteorder("=")
        assert one.dtype.isnative
        assert one.flags.c_contiguous
        assert one.flags.writeable
        assert one.flags.owndata
        np.testing.assert_array_equal(one, other, strict=one.dtype == other.dtype)


def test_what_is_written_is_read_back() -> None:
    assert_same(parse_arrays(dump_arrays(every_array())), every_array())


def test_a_list_of_nothing_is_read_back() -> None:
    assert parse_arrays(dump_arrays([])) == []


def test_special_numbers_keep_their_bits() -> None:
    bits = np.array([0x7FC00001, 0xFF800000, 0x80000000, 1], "<u4")
    (found,) = parse_arrays(dump_arrays([bits.view("<f4")]))
    np.testing.assert_array_equal(found.view("=u4"), bits)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_numpy_writes_is_read_as_pickle_reads_it(protocol: int) -> None:
    stream = pickle.dumps(every_array(), protocol)
    assert_same(parse_arrays(stream), pickle.loads(stream))
    assert_same(parse_arrays(pickletools.optimize(stream)), every_array())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_numpy_1_wrote_is_read(protocol: int) -> None:
    stream = zlib.decompress(base64.b64decode(DUMPS_OF_NUMPY_1[protocol]))
    assert_same(parse_arrays(stream), WRITTEN_BY_NUMPY_1)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_arrays_larger_than_a_frame_are_read(protocol: int) -> None:
    arrays = [np.arange(70_000, dtype="f4"), np.arange(300, dtype="u1") % 200]
    assert_same(parse_arrays(pickle.dumps(arrays, protocol)), arrays)
    assert_same(parse_arrays(pickle._dumps(arrays, protocol)), arrays)  # type: ignore[attr-defined]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_array_that_is_listed_twice_is_read_as_two(protocol: int) -> None:
    array = np.arange(1000, dtype="f4")
    first, second = parse_arrays(pickle.dumps([array, array], protocol))
    first[:] = 0
    np.testing.assert_array_equal(second, array)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_bytes_that_python_keeps_once_are_read(protocol: int) -> None:
    # b"b" is also an argument of `_reconstruct`: the memo gives both the same object.
    arrays = [np.frombuffer(b"b", "u1"), np.frombuffer(b"b", "u1")]
    assert_same(parse_arrays(pickle.dumps(arrays, protocol)), arrays)


def test_pickle_reads_what_is_written() -> None:
    for found, expected in zip(
        pickle.loads(dump_arrays(every_array())), every_array(), strict=True
    ):
        np.testing.assert_array_equal(found, expected)


def test_the_bytes_name_the_module_that_numpy_1_and_2_have() -> None:
    stream = dump_arrays([A])
    names = {
        argument for opcode, argument, _ in pickletools.genops(stream) if type(argument) is str
    }
    assert names == {
        "numpy.core.multiarray",
        "_reconstruct",
        "numpy",
        "ndarray",
        "dtype",
        "f4",
        "<",
    }


def test_equal_arrays_give_equal_bytes() -> None:
    copies = [np.asfortranarray(A), A.astype(">f4"), A[::-1][::-1]]
    assert {dump_arrays([copy]) for copy in copies} == {dump_arrays([A])}


def test_the_loading_code_of_the_book_reads_it(tmp_path: Path) -> None:
    params = [np.zeros((2, 3), "f"), np.zeros(4, "f")]
    write_arrays(tmp_path / "Rnnlm.pkl", [A, np.ones(4, "f")])
    with open(tmp_path / "Rnnlm.pkl", "rb") as f:
        loaded = pickle.load(f)
    loaded = [p.astype("f") for p in loaded]
    for i, param in enumerate(params):
        param[...] = loaded[i]
    np.testing.assert_array_equal(params[0], A)


@pytest.mark.book
@pytest.mark.skipif(not BOOK_CHECKPOINT, reason="RNNLM_BOOK_CHECKPOINT names no file")
def test_the_checkpoint_of_the_book_is_read() -> None:
    arrays = read_arrays(BOOK_CHECKPOINT)
    shapes = [(10000, 100), (100, 400), (100, 400), (400,), (100, 10000), (10000,)]
    assert [array.shape for array in arrays] == shapes
    with open(BOOK_CHECKPOINT, "rb") as file:
        assert_same(arrays, pickle.load(file))


@pytest.mark.parametrize(
    "array",
    [np.zeros((0, 2), "f4"), np.zeros((), "f4"), np.zeros((1,) * 5, "f4"), np.zeros(3, "i4")],
    ids=["empty", "no axis", "five axes", "integers"],
)
def test_arrays_that_could_not_be_read_are_not_written(array: Array, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has no place"):
        write_arrays(tmp_path / "a.pkl", [A, array])
    assert list(tmp_path.iterdir()) == []


def test_more_arrays_than_could_be_read_are_not_written() -> None:
    with pytest.raises(CheckpointError, match="4097 arrays"):
        dump_arrays([A] * 4097)
    assert len(parse_arrays(dump_arrays([A] * 4096))) == 4096


def test_the_most_arrays_that_numpy_may_write_are_read() -> None:
    # Protocol 2, four axes and a dtype of its own for each array take the most opcodes.
    arrays = [np.ones((1, 2, 3, 1), np.dtype(A.dtype, copy=True)) for _ in range(4096)]
    assert len(parse_arrays(pickle.dumps(arrays, 2))) == 4096


def test_a_damaged_file_is_named_with_the_place_of_the_damage(tmp_path: Path) -> None:
    path = tmp_path / "Rnnlm\x1b.pkl"
    path.write_bytes(dump_arrays([A])[:-30])
    with pytest.raises(CheckpointError, match=r"Rnnlm\\x1b\.pkl: byte \d+: .*: it is damaged or"):
        read_arrays(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"none\.pkl: cannot be read: No such file"):
        read_arrays(tmp_path / "none.pkl")


def test_folders_pipes_and_devices_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path, tmp_path / "fifo", "/dev/zero"):
        with pytest.raises(CheckpointError, match="found a folder, a pipe or a device"):
            read_arrays(path)


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with open(tmp_path / "large.pkl", "wb") as file:
        file.truncate(pickling.MAX_FILE_BYTES + 1)
    with pytest.raises(CheckpointError, match="found 4294967297 bytes"):
        read_arrays(tmp_path / "large.pkl")


def test_a_file_for_which_memory_is_too_small_is_a_checkpoint_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise MemoryError

    write_arrays(tmp_path / "a.pkl", [A])
    monkeypatch.setattr(np, "frombuffer", full)
    with pytest.raises(CheckpointError, match="not enough memory"):
        read_arrays(tmp_path / "a.pkl")


def test_files_are_closed_whether_they_are_read_or_refused(tmp_path: Path) -> None:
    write_arrays(tmp_path / "a.pkl", [A])
    before = len(os.listdir("/dev/fd"))
    read_arrays(tmp_path / "a.pkl")
    with pytest.raises(CheckpointError):
        read_arrays(tmp_path)
    assert len(os.listdir("/dev/fd")) == before


def test_a_file_of_ours_is_known_by_its_beginning(tmp_path: Path) -> None:
    write_arrays(path := tmp_path / "a.pkl", [A])
    assert begins_as_written(path)
    path.write_bytes(path.read_bytes()[:60])
    assert begins_as_written(path)
    for protocol in range(6):
        path.write_bytes(pickle.dumps([A], protocol))
        assert not begins_as_written(path)
    for other in (tmp_path, Path(os.devnull)):
        with pytest.raises(CheckpointError, match="found a folder, a pipe or a device"):
            begins_as_written(other)
    with pytest.raises(CheckpointError, match=r"^cannot be read: No such file"):
        begins_as_written(tmp_path / "none")
