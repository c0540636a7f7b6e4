"""The second table: vocabularies are read, and anything else does nothing and is refused."""

import json
import pickle
import pickletools
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.pickling import WordIds, parse_words
from rnnlm_cli.pickling.word_machine import MAX_WORD_BYTES, MAX_WORDS, WordMachine
from tests.clock import within
from tests.pickling.children import run
from tests.pickling.mutants import VOCABULARIES, WORD_IDS, WORD_SEEDS, by_bytes, by_opcodes
from tests.pickling.opcodes import pickled, text, tuple_of

Mutant = Callable[[np.random.Generator, Sequence[bytes]], bytes]
ALLOWED = """PROTO FRAME MARK EMPTY_DICT SETITEM SETITEMS EMPTY_LIST APPEND APPENDS TUPLE TUPLE1
    TUPLE2 TUPLE3 BININT BININT1 BININT2 LONG1 SHORT_BINUNICODE BINUNICODE BINUNICODE8 BINPUT
    LONG_BINPUT MEMOIZE BINGET LONG_BINGET STOP""".split()
# What `pickle` makes of each stream: the items of its dicts, numbers before words in no list.
LOAD = """
import json, pickle, sys
for stream in pickle.load(open(sys.argv[1], "rb")):
    found = pickle.loads(stream)
    parts = [found] if isinstance(found, dict) else list(found)
    if all(isinstance(part, str) for part in parts):
        parts = [{word: i for i, word in enumerate(parts)}] if len(set(parts)) == len(parts) else []
    print(json.dumps([list(part.items()) for part in parts]))
"""


def described(found: tuple[WordIds, ...]) -> Any:
    """The same, of what is read here."""
    if any(part.keys is None and len(set(part.words)) < len(part.words) for part in found):
        return []
    pairs = [
        dict(zip(part.ids, part.words, strict=True)).items()
        if part.keys is int
        else dict(zip(part.words, part.ids, strict=True)).items()
        for part in found
    ]
    return [[list(pair) for pair in part] for part in pairs]


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("given", VOCABULARIES, ids=lambda v: type(v).__name__)
def test_a_vocabulary_is_read_whatever_holds_it(given: object, protocol: int) -> None:
    for found in parse_words(pickle.dumps(given, protocol)):
        assert dict(zip(found.words, found.ids, strict=True)) == WORD_IDS


def test_a_large_vocabulary_is_read() -> None:
    words = {f"word{i}": i for i in range(70_000)}
    first, second = parse_words(pickle.dumps((words, {i: word for word, i in words.items()})))
    assert first.words == second.words == list(words)
    assert list(first.ids) == list(second.ids) == list(words.values())


def test_the_machine_knows_the_listed_opcodes_and_no_other() -> None:
    codes = {opcode.name: opcode.code.encode("latin-1") for opcode in pickletools.opcodes}
    assert set(WordMachine.steps) == {codes[name] for name in ALLOWED} - {codes["PROTO"]}


OTHERS = {
    "a name": b"cbuiltins\ndict\n",
    "None": text("a") + b"N",
    "a truth": text("a") + b"\x88",
    "a float": text("a") + b"G" + bytes(8),
    "bytes": b"C\x01aK\x00",
    "a call": text("a") + b")R",
    "a state": text("a") + b"b",
    "DUP": text("a") + b"2",
    "LONG4": text("a") + b"\x8b\x01\x00\x00\x00\x01",
}
CONTENTS = {
    "a word for a word": text("a") + text("b"),
    "a number for a number": b"K\x00K\x01",
    "a dict as a value": text("a") + b"}",
    "a tuple as a key": tuple_of(text("a")) + b"K\x01",
    "both ways": text("a") + b"K\x00K\x01" + text("b"),
    "half a pair": text("a"),
}
WHOLES = {
    "a word": pickled(text("a")),
    "a number": pickled(b"K\x07"),
    "an empty list": pickled(b"]"),
    "three dicts": pickled(b"}}}\x87"),
    "a dict and a word": pickled(b"}" + text("a") + b"\x86"),
    "a list in a list": pickled(b"]]a"),
    "a list in itself": pickled(b"]\x94h\x00a"),
    "a tuple in a tuple": pickled(text("a") + b"\x85\x85"),
    "numbers in a list": pickled(b"]K\x01a"),
    "items for a list": pickled(b"](" + text("a") + b"K\x00u"),
    "a byte after the end": pickled(b"}") + b"\x00",
    "no byte": b"",
}


def cases(table: dict[str, bytes]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("stream", table.values(), ids=table)


@cases(OTHERS)
def test_other_opcodes_are_refused(stream: bytes) -> None:
    with pytest.raises(CheckpointError, match=r"^byte \d+: found the opcode .* a vocabulary is a"):
        parse_words(pickled(b"}(", stream, b"u"))


@cases(CONTENTS)
def test_other_items_of_a_dict_are_refused(stream: bytes) -> None:
    for whole in (pickled(b"}(", stream, b"u"), pickled(b"}", text("z"), b"K\x09s(", stream, b"u")):
        with pytest.raises(CheckpointError, match=r"^byte \d+: found (a dict of|items for)|tuple"):
            parse_words(whole)


def test_a_dict_stays_a_dict_from_words_or_from_numbers() -> None:
    with pytest.raises(CheckpointError, match="a dict of something else"):
        parse_words(pickled(b"}", text("a"), b"K\x00s", b"K\x01", text("b"), b"s"))


@cases(WHOLES)
def test_anything_else_than_a_vocabulary_is_refused(stream: bytes) -> None:
    with pytest.raises(CheckpointError, match=r"^byte \d+: found"):
        parse_words(stream)


BOMBS = {
    "a long word": b"X\xff\xff\xff\xff",
    "a word too long": text("a" * (MAX_WORD_BYTES + 1)),
    "a word that is not UTF-8": b"\x8c\x01\xff",
    "a surrogate": b"\x8c\x03\xed\xa0\x80",
    "nested tuples": text("a") + 1_000_000 * b"\x85",
    "nested marks": 1_000_000 * b"(",
    "many lists": 1_000_000 * b"]",
    "one word many times": text("a")
    + b"\x94"
    + b"".join(300 * [b"(" + 1000 * b"h\x00K\x00" + b"u"]),
}


@cases(BOMBS)
def test_bombs_are_refused_at_once(stream: bytes) -> None:
    with within(3), pytest.raises(CheckpointError, match=r"^byte \d+: found"):
        parse_words(pickled(b"}", stream))


def test_more_words_than_may_be_are_refused() -> None:
    # one word, remembered, and so often in a dict
    rows = 263 * (b"(" + 1000 * b"h\x00K\x00" + b"u")
    with pytest.raises(CheckpointError, match=f"words, but {MAX_WORDS} are the most"):
        parse_words(pickled(text("a") + b"\x94}", rows))


@pytest.mark.untraced
@pytest.mark.parametrize("mutant", [by_bytes, by_opcodes])
def test_mutants_are_refused_or_read_as_pickle_reads_them(
    mutant: Mutant, tmp_path: Path, long: bool
) -> None:
    results: Counter[bool] = Counter()
    accepted: dict[bytes, Any] = {}
    for seed in range(100_000 if long else 3_000):
        stream = mutant(np.random.default_rng(seed), WORD_SEEDS)
        try:
            accepted[stream] = described(parse_words(stream))
            results[True] += 1
        except CheckpointError:
            results[False] += 1
    assert min(results.values()) > results.total() // 50
    for stream in accepted:
        assert {opcode.name for opcode, _, _ in pickletools.genops(stream)} <= set(ALLOWED)
    (tmp_path / "streams").write_bytes(pickle.dumps(list(accepted)))
    done = run(LOAD, tmp_path / "streams")
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == list(accepted.values())


@pytest.mark.parametrize("seed", WORD_SEEDS[::5])
def test_a_vocabulary_cut_short_anywhere_is_refused(seed: bytes) -> None:
    for end in range(len(seed)):
        with pytest.raises(CheckpointError):
            parse_words(seed[:end])
