"""Pickles that run programs or corrupt memory: live in `pickle`, and nothing happens here."""

import copyreg
import io
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.pickling import parse_arrays, parse_words, read_arrays
from tests.pickling.children import run
from tests.pickling.opcodes import (
    NDARRAY,
    array,
    array_state,
    content,
    dtype_state,
    listed,
    new_dtype,
    pickled,
    text,
    tuple_of,
)

MAP, LIST, SYSTEM = b"cbuiltins\nmap\n", b"cbuiltins\nlist\n", b"cos\nsystem\n"
EXTENSION = 0x7FFF_FFF0


def command(path: str) -> bytes:
    return text(f"touch {path}")


# Each makes the file that it is given, when `pickle` reads it.
WEAPONS: dict[str, Callable[[str], bytes]] = {
    "GLOBAL": lambda path: SYSTEM + command(path) + b"\x85R",
    "STACK_GLOBAL": lambda path: text("os") + text("system") + b"\x93" + command(path) + b"\x85R",
    "INST": lambda path: b"(" + command(path) + b"ios\nsystem\n",
    "OBJ": lambda path: b"(" + SYSTEM + command(path) + b"o",
    # list(map.__new__(map, os.system, (command,))), then with keywords, of which there are none
    "NEWOBJ": lambda path: LIST + MAP + SYSTEM + command(path) + b"\x85\x86\x81\x85R",
    "NEWOBJ_EX": lambda path: LIST + MAP + SYSTEM + command(path) + b"\x85\x86}\x92\x85R",
    "BUILD with __setstate__": lambda path: (
        b"ctypes\nSimpleNamespace\n)R}"
        + text("__setstate__")
        + SYSTEM
        + b"s"
        + b"b"
        + command(path)
        + b"b"
    ),
    "EXT1": lambda path: b"\x82\xf0" + command(path) + b"\x85R",
    "EXT2": lambda path: b"\x83\xf0\xff" + command(path) + b"\x85R",
    "EXT4": lambda path: b"\x84\xf0\xff\xff\x7f" + command(path) + b"\x85R",
    "PERSID": lambda path: b"Ptouch " + path.encode() + b"\n",
    "BINPERSID": lambda path: command(path) + b"Q",
    "a dotted name": lambda path: (
        text("numpy") + text("f2py.os.system") + b"\x93" + command(path) + b"\x85R"
    ),
}
OBJECT = new_dtype("O8") + dtype_state("|", sizes=2 * b"J\xff\xff\xff\xff" + b"K\x00") + b"b"
GROWN = dtype_state("|", sizes=b"J\x00\x00\x10\x00K\x01K\x00")
WILD = content(8 * b"A")  # a pointer to nowhere
NUMBERS = content(bytes(64))
CORRUPTIONS = {
    "a dtype of objects with its flag cleared": (
        array(shape=b"K\x01\x85", dtype=OBJECT, numbers=WILD)
    ),
    "an itemsize that a second state raises": (
        array(
            shape=b"K\x08\x85",
            dtype=new_dtype("V8") + dtype_state("|", sizes=b"K\x08K\x01K\x00") + b"b\x94",
            numbers=NUMBERS,
        )
        + b"h\x00"
        + GROWN
        + b"b0"
    ),
    "an array over a buffer that is built anew": (
        array(shape=b"J\x00\x00\x04\x00\x85", numbers=content(bytes(1 << 20)))
        + b"\x94"
        + NDARRAY
        + tuple_of(b"J\x00\x00\x04\x00\x85", new_dtype() + dtype_state() + b"b", b"h\x00")
        + b"R\x94h\x00"
        + array_state(shape=b"J\x00\x00\x04\x00\x85", numbers=content(bytes(1 << 20)))
        + b"b000h\x01"
    ),
}
# What is left of the array when `pickle` has read it: a crash, or memory of others.
LOOK = """
import pickle, sys, numpy, faulthandler
array = pickle.loads(open(sys.argv[1], "rb").read())[0]
array.tolist()
size = array.dtype.itemsize * array.size
print(max(0, size - 64), array.base is not None)
"""
READ = """
import sys
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.pickling import read_arrays
try:
    read_arrays(sys.argv[1])
except CheckpointError as error:
    print("refused:", error)
"""


class _Obedient(pickle.Unpickler):
    def persistent_load(self, pid: Any) -> Any:
        return os.system(pid)


@pytest.fixture
def _extensions() -> Iterator[None]:
    codes = (0xF0, 0xFFF0, EXTENSION)
    for code in codes:
        copyreg._inverted_registry[code] = ("os", "system")  # type: ignore[attr-defined]
    yield
    for code in codes:
        copyreg._inverted_registry.pop(code)  # type: ignore[attr-defined]
        copyreg._extension_cache.pop(code, None)  # type: ignore[attr-defined]


@pytest.mark.usefixtures("_extensions")
@pytest.mark.parametrize("weapon", WEAPONS.values(), ids=WEAPONS)
def test_a_program_in_a_file_does_not_run(weapon: Callable[[str], bytes], tmp_path: Path) -> None:
    folder, path = tmp_path / "markers", tmp_path / "m.pkl"
    folder.mkdir()
    program = weapon(str(folder / "x"))
    vocabulary = pickled(b"}(" + text("you"), program, b"u")
    for stream in (listed(program), listed(array(), program), pickled(program), vocabulary):
        for parse in (parse_arrays, parse_words):
            with pytest.raises(CheckpointError, match=r"^byte \d+: found"):
                parse(stream)
        path.write_bytes(stream)
        with pytest.raises(CheckpointError, match=r"m\.pkl: "):  # which says what it looks like
            read_arrays(path)
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("_extensions")
@pytest.mark.parametrize("weapon", WEAPONS.values(), ids=WEAPONS)
def test_the_same_program_does_run_in_pickle(
    weapon: Callable[[str], bytes], tmp_path: Path
) -> None:
    path = tmp_path / "marker"
    _Obedient(io.BytesIO(listed(array(), weapon(str(path))))).load()
    assert path.exists()


@pytest.mark.parametrize("stream", CORRUPTIONS.values(), ids=CORRUPTIONS)
def test_memory_is_not_corrupted(stream: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m.pkl"
    path.write_bytes(listed(stream))
    done = run(READ, path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"refused: {path}: ")


@pytest.mark.parametrize("stream", CORRUPTIONS.values(), ids=CORRUPTIONS)
def test_the_same_file_corrupts_memory_in_pickle(stream: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.pkl").write_bytes(listed(stream))
    done = run(LOOK, tmp_path / "m.pkl")
    assert done.returncode < 0 or done.stdout.split() != ["0", "False"], done.stderr
