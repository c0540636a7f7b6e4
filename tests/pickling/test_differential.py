"""What is read is what `pickle.load` reads, in a process of its own."""

import hashlib
import json
import pickle
import pickletools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.pickling import dump_arrays, parse_arrays
from rnnlm_cli.pickling.objects import Array
from tests.pickling.children import run
from tests.pickling.mutants import SEEDS, by_bytes, by_opcodes
from tests.pickling.test_array_list import PROTOCOLS, every_array
from tests.pickling.test_machine import ALLOWED

pytestmark = pytest.mark.untraced

NAMES = {
    *("numpy ndarray", "numpy dtype", "_codecs encode"),
    *(f"numpy.{core}.multiarray _reconstruct" for core in ("core", "_core")),
    *(f"numpy.{core}.numeric _frombuffer" for core in ("core", "_core")),
}
LOAD = """
import hashlib, json, pickle, sys, warnings
import numpy as np
warnings.simplefilter("ignore")
described = []
for stream in pickle.load(open(sys.argv[1], "rb")):
    arrays = pickle.loads(stream)
    assert type(arrays) is list
    arrays = [np.ascontiguousarray(a, a.dtype.newbyteorder("=")) for a in arrays]
    described.append(
        [[a.dtype.str, list(a.shape), hashlib.sha256(a.tobytes()).hexdigest()] for a in arrays]
    )
print(json.dumps(described))
"""


def described(arrays: list[Array]) -> list[list[object]]:
    return [[a.dtype.str, list(a.shape), hashlib.sha256(a.tobytes()).hexdigest()] for a in arrays]


def as_pickle_reads(streams: list[bytes], folder: Path) -> list[list[list[object]]]:
    (folder / "streams").write_bytes(pickle.dumps(streams))
    done = run(LOAD, folder / "streams")
    assert done.returncode == 0, done.stderr
    found: list[list[list[object]]] = json.loads(done.stdout)
    return found


def harmless(stream: bytes) -> bool:
    """Whether all opcodes and all names of a pickle are those of a list of arrays.

    Told by pickletools, not by the reader: else this would prove the reader by itself.
    """
    known = set(" ".join(NAMES).split())
    texts: list[str] = []
    for opcode, argument, _ in pickletools.genops(stream):
        if isinstance(argument, str):
            texts.append(argument)
        named = set(str(argument).split() if opcode.name == "GLOBAL" else ())
        if opcode.name == "STACK_GLOBAL":
            named = {text for text in texts if "." in text}  # every module is dotted or numpy
        if opcode.name not in ALLOWED or not named <= known:
            return False
    return True


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_benign_files_are_read_as_pickle_reads_them(protocol: int, tmp_path: Path) -> None:
    streams = [pickle.dumps([array], protocol) for array in every_array()]
    streams += [pickletools.optimize(stream) for stream in streams[::5]]
    streams += [dump_arrays([array]) for array in every_array()[::3]]
    streams += SEEDS
    mine = [described(parse_arrays(stream)) for stream in streams]
    assert as_pickle_reads(streams, tmp_path) == mine


@pytest.mark.parametrize("mutant", [by_bytes, by_opcodes])
def test_mutants_that_are_read_are_read_as_pickle_reads_them(
    mutant: Callable[[np.random.Generator], bytes], tmp_path: Path, long: bool
) -> None:
    accepted: dict[bytes, list[list[object]]] = {}
    for seed in range(100_000 if long else 3_000):
        stream = mutant(np.random.default_rng(10**6 + seed))
        try:
            arrays = parse_arrays(stream)
        except CheckpointError:
            continue
        assert harmless(stream)
        accepted[stream] = described(arrays)
    assert len(accepted) > 30
    assert as_pickle_reads(list(accepted), tmp_path) == list(accepted.values())
