"""No file takes more than 4 times its size and 50 MB, or 1 s and 20 ms a megabyte, to read.

Measured where it counts: in a process of its own, from the file to the model that a command uses.
"""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats
from rnnlm_cli.pickling import dump_arrays
from tests.checkpoint.headers import header_of, seal
from tests.pickling.children import CAN_MEASURE, measured
from tests.pickling.opcodes import array, content, listed, pickled, text

pytestmark = pytest.mark.skipif(not CAN_MEASURE, reason="no /proc to measure memory with")

SETUP = """
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.scoring.inspection import parameter_table
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.tasks.beginning import start_of
"""
# What inspect, eval and generate do before they inspect, score and draw.
READ = """
loaded = load_checkpoint(path)
parameter_table(loaded.build_model())
if loaded.text is not None:
    start_of(loaded.text, "", SampleConfig())
"""
MEGABYTE = 1 << 20
MUCH = 16 * MEGABYTE


def parts(size: int) -> bytes:
    return b"J" + size.to_bytes(4, "little") + b"\x85"


def latin(data: bytes) -> bytes:
    letters = data.decode("latin-1")
    return b"c_codecs\nencode\n" + text(letters) + text("latin1") + b"\x86R"


def book(V: int, D: int, H: int, dtype: str) -> bytes:
    shapes = [(V, D), (D, 4 * H), (H, 4 * H), (4 * H,), (H, V), (V,)]
    return dump_arrays([np.ones(shape, dtype) for shape in shapes])


PICKLES: dict[str, Callable[[], bytes]] = {
    "a 3 MB tuple in a tuple as a key": lambda: pickled(b"}" + b"N" + 3_000_000 * b"\x85" + b"Ns"),
    "a 3 MB tuple in a tuple": lambda: listed(b"N" + 3_000_000 * b"\x85"),
    "a memo number of 2**31": lambda: pickled(b"]r\xff\xff\xff\x7f"),
    "memo numbers without end": lambda: pickled(b"](" + 8_000_000 * b"\x94"),
    "bytes in the memo": lambda: pickled(b"](" + 3_000_000 * b"C\x00\x94"),
    "tuples of tuples of tuples": lambda: pickled(
        b"N\x94" + b"".join(b"(" + 8 * (b"h" + bytes([i])) + b"t\x94" for i in range(30))
    ),
    "lists of lists of lists": lambda: pickled(
        b"]\x94" + b"".join(b"](" + 9 * (b"h" + bytes([i])) + b"e\x94" for i in range(30))
    ),
    "one array many times": lambda: listed(
        array(shape=parts(1 << 20), numbers=content(bytes(4 << 20))) + b"\x94", 4000 * b"h\x00"
    ),
    "arrays of the same bytes": lambda: listed(
        array(shape=parts(1 << 20), numbers=content(bytes(4 << 20)) + b"\x94"),
        *1000 * [array(shape=parts(1 << 20), numbers=b"h\x00")],
    ),
    "arrays of the same text": lambda: listed(
        array(shape=parts(MUCH // 4), numbers=latin(bytes(MUCH)) + b"\x94"),
        array(shape=parts(MUCH // 4), numbers=b"h\x00"),
    ),
    "a text with one emoji": lambda: listed(text("a" * MUCH + "\U0001f600")),
    "a text that is no array's": lambda: listed(text("a" * MUCH)),
    "many small arrays": lambda: dump_arrays([np.ones(1, "u1")] * 4096),
    "a vocabulary in place of a model": lambda: two_dicts([f"word{i}" for i in range(MOST)]),
    "a dict of arrays": lambda: pickle.dumps({"W": np.ones((1000, 1000))}),
    "a long name": lambda: pickled(text("a" * MUCH), b"\x94", 100 * b"h\x00h\x00\x93"),
    "a length of 2**63": lambda: pickled(b"\x8e" + (1 << 63).to_bytes(8, "little")),
}
BOOKS: dict[str, Callable[[], bytes]] = {
    "a large book in float16": lambda: book(130_000, 77, 77, "f2"),
    "a large book in float32": lambda: book(50_000, 40, 40, "f4"),
    "a large book in float64": lambda: book(50_000, 20, 20, "f8"),
    "word vectors alone in float16": lambda: book(100, 59_999, 1, "f2"),
}


def grown(path: Path, words: int, D: int, **more: Any) -> bytes:
    """The checkpoint at `path` with a large vocabulary, and `more` put into its header."""
    header = header_of(path)
    vocabulary = ["<eos>", *(f"word{i:06}" for i in range(words - 1))]
    header["model"] |= {"vocab_size": words, "wordvec_size": D, "hidden_size": D, "tied": False}
    header["text"]["words"] = vocabulary
    shapes = [(words, D), (D, 4 * D), (D, 4 * D), (4 * D,), (D, words), (words,)]
    arrays: list[Floats] = [np.ones(shape, np.float32) for shape in shapes]
    return seal(arrays, header | more)


HEADERS: dict[str, Callable[[Path], bytes]] = {
    "50,000 words": lambda path: grown(path, 50_000, 2),
    "a million words for small arrays": lambda path: grown(path, 1_000_000, 1),
    "200,000 words, one of them with an emoji": lambda path: grown(
        path, 200_000, 1, libraries={"x": "\U0001f600"}
    ),
    "many lists": lambda path: grown(path, 9, 1, numbers=[[]] * 80_000),
    "many objects": lambda path: grown(path, 9, 1, numbers=[{"": {}}] * 45_000),
    "many numbers": lambda path: grown(path, 9, 1, numbers=list(range(10**6, 10**6 + 120_000))),
    "many texts": lambda path: grown(path, 9, 1, numbers=[f"{i:x}" for i in range(130_000)]),
    "one long text with an emoji": lambda path: grown(
        path, 9, 1, preset="\U0001f600" + "a" * 4_000_000
    ),
    "many lists, too many": lambda path: grown(path, 9, 1, numbers=[[]] * 3_000_000),
    "numbers of 4,300 digits": lambda path: grown(path, 9, 1, numbers=[10**4299] * 900),
}


GOOD = ["50,000 words", *BOOKS]


class Measured(NamedTuple):
    """What one file took."""

    size: float  # megabytes
    outcome: str
    seconds: float
    megabytes: float


@pytest.fixture(scope="module")
def results(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Measured]:
    """All files, read one after the other."""
    folder = tmp_path_factory.mktemp("bounds")
    made = {name: make() for name, make in (PICKLES | BOOKS).items()}
    made |= {name: make(trained) for name, make in HEADERS.items()}
    paths = [folder / f"{index}.pkl" for index in range(len(made))]
    for path, data in zip(paths, made.values(), strict=True):
        path.write_bytes(data)
    sizes = [len(data) / MEGABYTE for data in made.values()]
    found = zip(sizes, measured(SETUP, READ, paths), strict=True)
    return {name: Measured(size, *one) for name, (size, one) in zip(made, found, strict=True)}


@pytest.mark.slow
@pytest.mark.parametrize("name", [*PICKLES, *BOOKS, *HEADERS])
def test_a_file_takes_little_time_and_memory(results: dict[str, Measured], name: str) -> None:
    found = results[name]
    assert found.outcome == "" if name in GOOD else found.outcome.startswith("CheckpointError: ")
    assert found.megabytes < 4 * found.size + 50
    assert found.seconds < 3 + 0.02 * found.size


MOST = 1 << 18  # words in a pickle
READ_WORDS = """
from rnnlm_cli.errors import RnnlmError
try:
    read_words(Path(path), 1 << 18)
except RnnlmError as error:
    assert "many" in path, error
"""


def two_dicts(words: list[str]) -> bytes:
    ids = {word: i for i, word in enumerate(words)}
    return pickle.dumps((ids, dict(enumerate(words))), 2)


VOCABULARIES: dict[str, Callable[[], bytes]] = {
    "words": lambda: two_dicts([f"word{i}" for i in range(MOST)]),
    "emoji": lambda: two_dicts([f"{i:060x}\U0001f600" for i in range(MOST)]),
    "text": lambda: "\n".join(f"word{i}" for i in range(MOST)).encode(),
    "many lines": lambda: b"a" + (16 << 20) * b"\n",
    "too many": lambda: two_dicts([f"{i:x}" for i in range(2 * MOST)]),
    "many remembered": lambda: pickled(b"](" + 3_000_000 * b"\x8c\x02ab\x94"),
}


@pytest.mark.slow
def test_a_vocabulary_takes_little_time_and_memory(tmp_path: Path) -> None:
    made = {tmp_path / name: make() for name, make in VOCABULARIES.items()}
    for path, data in made.items():
        path.write_bytes(data)
    setup = "from pathlib import Path\nfrom rnnlm_cli.corpus.vocab_file import read_words"
    for path, found in zip(made, measured(setup, READ_WORDS, list(made)), strict=True):
        outcome, seconds, megabytes = found
        size = path.stat().st_size / MEGABYTE
        assert (path.name, outcome) == (path.name, "")
        assert megabytes < 4 * size + 50, path.name
        assert seconds < 8 + 0.02 * size, path.name


@pytest.mark.long
def test_a_million_words_beside_arrays_that_are_larger_are_read(
    trained: Path, tmp_path: Path
) -> None:
    path = tmp_path / "m.pkl"
    path.write_bytes(grown(trained, 1_000_000, 16))
    size = path.stat().st_size / MEGABYTE
    ((outcome, seconds, megabytes),) = measured(SETUP, READ, [path])
    assert (outcome, megabytes < 4 * size + 50) == ("", True)
    assert seconds < 3 + 0.02 * size
