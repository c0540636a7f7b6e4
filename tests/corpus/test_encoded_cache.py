"""Encoded corpora on disk: whole and right, or absent."""

import hashlib
import os
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.corpus import encoded_cache
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.encoded_cache import (
    KEPT,
    Encoded,
    cache_key,
    load_encoded,
    load_merges,
    merges_key,
    store_encoded,
    store_merges,
)
from rnnlm_cli.corpus.vocabulary import Lost

KEY = cache_key("0" * 64, Tokenizer("word"), 2, 50)
ENCODED = Encoded(
    ("<eos>", "猫", '"'),
    Lost(types=9, rare=5, beyond=1, capitals=2, unseen=4),
    {
        "train": np.array([1, 2, 0], np.int32),
        "valid": np.array([2, 0], np.int32),
        "test": np.array([1], np.int32),
    },
)


def test_what_was_stored_comes_back() -> None:
    store_encoded(KEY, ENCODED)
    found = load_encoded(KEY)
    assert found is not None
    assert found.words == ENCODED.words
    assert found.cut == ENCODED.cut
    for split, ids in ENCODED.ids.items():
        np.testing.assert_array_equal(found.ids[split], ids, strict=True)


def test_what_was_not_stored_is_none() -> None:
    assert load_encoded(KEY) is None


def test_every_setting_has_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {
        KEY,
        cache_key("1" * 64, Tokenizer("word"), 2, 50),
        cache_key("0" * 64, Tokenizer("char"), 2, 50),
        cache_key("0" * 64, Tokenizer("word", lower=True), 2, 50),
        cache_key("0" * 64, Tokenizer("word", rule=1), 2, 50),
        cache_key("0" * 64, Tokenizer("word"), 3, 50),
        cache_key("0" * 64, Tokenizer("word"), 2, 51),
        cache_key("0" * 64, Tokenizer("bpe"), 2, 50),
        cache_key("0" * 64, Tokenizer("bpe", merges=((97, 98),)), 2, 50),
        merges_key("0" * 64, Tokenizer("bpe"), 300),
        merges_key("1" * 64, Tokenizer("bpe"), 300),
        merges_key("0" * 64, Tokenizer("bpe", lower=True), 300),
        merges_key("0" * 64, Tokenizer("bpe"), 301),
    }
    monkeypatch.setattr(encoded_cache, "tables", lambda: "of another Unicode")
    keys.add(cache_key("0" * 64, Tokenizer("word"), 2, 50))
    assert len(keys) == 14


def test_a_damaged_file_is_none_wherever_the_damage_is(cache_folder: Path) -> None:
    store_encoded(KEY, ENCODED)
    path = cache_folder / f"{KEY}.npy"
    whole = path.read_bytes()
    for i in range(0, len(whole), 7):
        path.write_bytes(whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1 :])
        assert load_encoded(KEY) is None
        path.write_bytes(whole[:i])
        assert load_encoded(KEY) is None


COUNTS = np.arange(5)


def forged(words: bytes, *ids: Any, end: bytes = b"", counts: Any = COUNTS) -> bytes:
    """A file with these arrays and the digest that belongs to them."""
    stream = BytesIO()
    for array in (np.frombuffer(words, np.uint8), counts, *ids):
        np.save(stream, array)
    body = stream.getvalue() + end
    return body + hashlib.sha256(KEY.encode() + body).digest()


GOOD = np.array([1, 0], np.uint16)


def headed(header: bytes) -> bytes:
    """An array with that header, and with no numbers."""
    return b"\x93NUMPY\x01\x00v\x00" + header.ljust(117) + b"\n"


HUGE = headed(b"{'descr': '<u2', 'fortran_order': False, 'shape': (%d,), }" % (1 << 45))


@pytest.mark.parametrize(
    "data",
    [
        forged(b"not json", GOOD, GOOD, GOOD),
        forged(b"\xff", GOOD, GOOD, GOOD),
        forged(b"7", GOOD, GOOD, GOOD),
        forged(b'{"<eos>": 1}', GOOD, GOOD, GOOD),
        forged(b'["<eos>", 7]', GOOD, GOOD, GOOD),
        forged(b'["a", "b"]', GOOD, GOOD, GOOD),
        forged(b'["<eos>", "<eos>"]', GOOD, GOOD, GOOD),
        forged(b"[" * 100_000, GOOD, GOOD, GOOD),
        forged(b'["<eos>", "a"]', GOOD, GOOD),
        forged(b'["<eos>", "a"]', GOOD, GOOD, GOOD + 1),
        forged(b'["<eos>", "a"]', GOOD, GOOD, GOOD - 1),
        forged(b'["<eos>", "a"]', GOOD, GOOD, GOOD.astype(np.int64)),
        forged(b'["<eos>", "a"]', GOOD, GOOD, GOOD[None]),
        forged(b'["<eos>", "a"]', GOOD, GOOD, np.array(0, np.int32)),
        forged(b'["<eos>", "a"]', GOOD, GOOD, np.array([None])),  # pickled
        forged(b'["<eos>", "a"]', GOOD, GOOD, GOOD, counts=COUNTS[1:]),
        forged(b'["<eos>", "a"]', GOOD, GOOD, GOOD, counts=COUNTS - 1),
        forged(b'["<eos>", "a"]', GOOD, GOOD, GOOD, counts=COUNTS * 1.0),
        forged(b'["<eos>", "a"]', GOOD, GOOD, GOOD, counts=COUNTS[None]),
        forged(b'["<eos>", "a"]', GOOD, GOOD, GOOD, counts=GOOD),  # of an earlier version
        forged(b'["<eos>", "a"]', GOOD, GOOD, end=HUGE),
        forged(b'["<eos>", "a"]', GOOD, GOOD, end=HUGE.replace(b"<u2", b"|O8")),
        forged(b'["<eos>", "a"]', GOOD, GOOD, end=HUGE.replace(b"7208", b"7208" + b"9" * 9)),
        forged(b'["<eos>", "a"]', GOOD, GOOD, end=headed(b"{'descr': (")),
        forged(b'["<eos>", "a"]', GOOD, GOOD, end=headed(b"{'shape': (0L,), }")),
        b"",
        b"PK\x03\x04",
    ],
)
def test_a_forged_file_is_none(data: bytes, cache_folder: Path) -> None:
    (cache_folder / f"{KEY}.npy").write_bytes(data)
    assert load_encoded(KEY) is None


def test_a_forged_file_can_be_a_good_one(cache_folder: Path) -> None:
    data = forged(b'["<eos>", "a"]', GOOD, GOOD, GOOD[:0])
    (cache_folder / f"{KEY}.npy").write_bytes(data)
    assert load_encoded(KEY) is not None


@pytest.mark.parametrize("merges", [(), ((97, 98), (32, 256))])
def test_merges_that_were_stored_come_back(merges: tuple[tuple[int, int], ...]) -> None:
    assert load_merges(KEY) is None
    store_merges(KEY, merges)
    assert load_merges(KEY) == merges
    assert load_encoded(KEY) is None
    store_encoded(KEY, ENCODED)
    assert load_merges(KEY) is None


@pytest.mark.parametrize("merges", [GOOD, GOOD[:, None], np.array([[97.0, 98.0]])])
def test_forged_merges_are_none(merges: Any, cache_folder: Path) -> None:
    stream = BytesIO()
    np.save(stream, merges)
    body = stream.getvalue()
    data = body + hashlib.sha256(KEY.encode() + body).digest()
    (cache_folder / f"{KEY}.npy").write_bytes(data)
    assert load_merges(KEY) is None


def test_a_pipe_in_the_cache_is_none(cache_folder: Path) -> None:
    os.mkfifo(cache_folder / f"{KEY}.npy")
    assert load_encoded(KEY) is None


def test_a_file_under_another_key_is_none(cache_folder: Path) -> None:
    store_encoded(KEY, ENCODED)
    other = cache_key("1" * 64, Tokenizer("word"), 2, 50)
    os.replace(cache_folder / f"{KEY}.npy", cache_folder / f"{other}.npy")
    assert load_encoded(other) is None


def test_the_first_array_of_a_file_opens_without_pickle(cache_folder: Path) -> None:
    store_encoded(KEY, ENCODED)
    words = np.load(cache_folder / f"{KEY}.npy", allow_pickle=False)
    assert words.tobytes().decode() == '["<eos>", "猫", "\\""]'


@pytest.mark.parametrize("where", ["file", "file/below"])
def test_a_folder_that_cannot_be_written_is_not_used(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("RNNLM_CACHE", str(tmp_path / where))
    store_encoded(KEY, ENCODED)
    assert load_encoded(KEY) is None


def test_a_write_that_fails_leaves_nothing(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    store_encoded(KEY, ENCODED)
    assert list(cache_folder.iterdir()) == []


def test_the_oldest_files_go_and_foreign_ones_stay(cache_folder: Path) -> None:
    orphan = cache_folder / f".{KEY}.npy.0123456789abcdef.rnnlm-tmp"
    for path in (orphan, cache_folder / "notes.npy"):
        path.touch()
        os.utime(path, (0, 0))
    keys = [cache_key(f"{i:064}", Tokenizer("char"), 1, 9) for i in range(KEPT + 3)]
    for i, key in enumerate(keys):
        store_encoded(key, ENCODED)
        os.utime(cache_folder / f"{key}.npy", (9 + i, 9 + i))
    store_encoded(KEY, ENCODED)
    left = {path.name for path in cache_folder.iterdir()}
    assert left == {f"{key}.npy" for key in [*keys[4:], KEY]} | {"notes.npy"}


def test_without_a_setting_the_cache_is_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RNNLM_CACHE")
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name, appauthor: tmp_path / name)
    store_encoded(KEY, ENCODED)
    assert [path.name for path in (tmp_path / "rnnlm").iterdir()] == [f"{KEY}.npy"]
