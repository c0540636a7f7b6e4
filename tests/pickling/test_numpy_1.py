"""Files go both ways between this program and NumPy 1.26, in an environment of its own."""

import pickle
import subprocess
import venv
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.pickling import dump_arrays, parse_arrays
from tests.pickling.test_array_list import assert_same, every_array
from tests.pickling.test_differential import LOAD, described

pytestmark = pytest.mark.long

WRITE = """
import pickle, sys
import numpy as np
assert np.__version__ == "1.26.4"
arrays = pickle.load(open(sys.argv[1], "rb"))
arrays += [np.asfortranarray(a[::-1]).astype(a.dtype.newbyteorder(">")) for a in arrays]
for protocol in (2, 3, 4, 5):
    with open(sys.argv[2] + str(protocol), "wb") as file:
        pickle.dump(arrays, file, protocol)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has NumPy 1.26."""
    folder = tmp_path_factory.mktemp("numpy1")
    venv.create(folder, with_pip=True)
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "numpy==1.26.4"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"NumPy 1.26.4 cannot be installed here: {done.stderr.splitlines()[-1:]}")
    return folder / "bin" / "python"


def test_numpy_1_reads_what_is_written(python: Path, tmp_path: Path, trained: Path) -> None:
    streams = [dump_arrays([array]) for array in every_array()] + [trained.read_bytes()]
    (tmp_path / "streams").write_bytes(pickle.dumps(streams))
    command = [str(python), "-c", LOAD, str(tmp_path / "streams")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    expected = str([described(parse_arrays(stream)) for stream in streams])
    assert done.stdout.replace('"', "'").strip() == expected
    assert load_checkpoint(trained).params


def test_what_numpy_1_writes_is_read(python: Path, tmp_path: Path) -> None:
    given = every_array()
    (tmp_path / "given").write_bytes(dump_arrays(given))
    native = [np.ascontiguousarray(a, a.dtype.newbyteorder("=")) for a in given]
    native += [a[::-1] for a in native]
    command = [str(python), "-c", WRITE, str(tmp_path / "given"), str(tmp_path / "written")]
    subprocess.run(command, check=True)
    for protocol in (2, 3, 4, 5):
        assert_same(parse_arrays((tmp_path / f"written{protocol}").read_bytes()), native)
