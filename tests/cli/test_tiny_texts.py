"""Every small text ends in a model or in one clear sentence."""

import random
from pathlib import Path

import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from tests.cli.test_commands import once, run

TINY = "--wordvec-size 3 --hidden-size 3 --batch-size 2 --time-size 3 --epochs 1".split()
LINE = b"the old cat sees a dog\n"
TWENTY = LINE * 20


def words_after(data: bytes, folder: Path, *options: str) -> tuple[str, ...]:
    """The vocabulary of a model that was trained on `data`."""
    (folder / "t.txt").write_bytes(data)
    given = once(*TINY, "--out", folder / "m.pkl", *options)
    result = run("train", "--corpus", folder / "t.txt", *given)
    assert result.exit_code == 0, result.output
    text = load_checkpoint(folder / "m.pkl").text
    assert text is not None
    return text.words


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (TWENTY, "dog"),
        (LINE * 7, "dog"),
        (TWENTY.rstrip(b"\n"), "dog"),
        (TWENTY.replace(b"\n", b"\r\n"), "dog"),
        (TWENTY.replace(b"\n", b"\r"), "dog"),
        (TWENTY.replace(b"\n", b"\n\n\n"), "dog"),
        (b"\n\n" + TWENTY, "dog"),
        (b"\xef\xbb\xbf" + TWENTY, "the"),
        (TWENTY.replace(b"\n", b" ") * 3, "dog"),
        (TWENTY.replace(b"\n", b" <eos>\n"), "dog"),
        (TWENTY.replace(b"dog", b"<unk>"), "<unk>"),
        (TWENTY.replace(b" ", b"\t"), "dog"),
        (TWENTY.replace(b" ", b"\x0b"), "dog"),
        (TWENTY.replace(b" ", b"\x0c"), "dog"),
        (TWENTY.replace(b"a dog", "x\xa0y <unk>".encode()), "x\xa0y"),
        (TWENTY.replace(b"a dog", "x\u3000y <unk>".encode()), "x\u3000y"),
        (TWENTY.replace(b"a dog", "x\u2028y\u2029z\x85 <unk>".encode()), "x\u2028y\u2029z\x85"),
        (TWENTY.replace(b"a dog", b"x\x1cy\x1dz\x1e\x1f <unk>"), "x\x1cy\x1dz\x1e\x1f"),
        (TWENTY.replace(b"dog", b"\x1b]52;c;x\x07 <unk>"), "\x1b]52;c;x\x07"),
        ("吾輩は猫である。\n".encode() * 20, "猫"),
        ("吾輩は猫である。".encode() * 20, "猫"),
        ("e\u0301te\u0301 d\u0301ici\n".encode() * 20, "\xe9t\xe9"),
        (b"x\n" * 40, "x"),
        (b"".join(b"w%d " % (i % 7) for i in range(200)), "w3"),
        (b"".join(b"only%d once%d\n" % (i, i) for i in range(40)), "<unk>"),
    ],
    ids=range(25),
)
def test_a_tiny_text_that_has_enough_becomes_a_model(
    data: bytes, word: str, tmp_path: Path
) -> None:
    words = words_after(data, tmp_path)
    assert word in words
    assert "<eos>" in words
    assert not {"\r", "", "\ufeff", " "} & set(words)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty, but a text with words was needed"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\n\n\n", "only white space"),
        (" \u3000\u2028\xa0".encode(), "only white space"),
        (b"word", "too short to be split for training, validation and test (lines: 1, words: 1)"),
        (b"word\n", "too short to be split"),
        (b"a b c\nd e\n", "too short to be split"),
        (b"a b\n" * 9 + b"a z\n" + b"a b\n" * 10, "'z' is not in the vocabulary of 3 words"),
        (b"a\0b", "looks binary (a NUL byte at offset 1)"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "looks binary (a NUL byte at offset 4)"),
        (b"\x80\x04]\x8c\x15numpy", "column 1: byte 0x80 is not UTF-8: name what it is with --enc"),
        (TWENTY + b"caf\xe9\n", "line 21, column 4: byte 0xe9 is not UTF-8"),
        ("tiny".encode("utf-16"), "is no UTF-8: it seems to be utf-16, which --encoding utf-16"),
        ("tiny".encode("utf-16-be"), "it seems to be utf-16-be"),
        ("tiny".encode("utf-32"), "it seems to be utf-32"),
        (b"\xed\xa0\x80", "line 1, column 1: byte 0xed is not UTF-8"),
    ],
    ids=range(16),
)
def test_a_tiny_text_that_is_none_is_one_clear_sentence(
    data: bytes, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "t.txt").write_bytes(data)
    result = run("train", "--corpus", tmp_path / "t.txt", *TINY, "--out", tmp_path / "m.pkl")
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert result.stderr.startswith(f"error: '{tmp_path}/t.txt'")
    assert result.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["t.txt"]


def test_a_text_shorter_than_a_batch_says_what_would_fit(text_file: Path, tmp_path: Path) -> None:
    result = run("train", "--corpus", text_file, "--batch-size", 50, "--out", tmp_path / "m.pkl")
    assert result.exit_code == 1
    assert "but 50 streams of segments of 20 need 1,001: use a longer text" in result.stderr


@pytest.mark.parametrize("blank", [" ", ""])
def test_a_line_of_ten_megabytes_is_a_text_too(blank: str, tmp_path: Path, long: bool) -> None:
    size = 10_000_000 if long else 1_000_000
    rng = random.Random(0)
    line = blank.join(rng.choices(["ab", "cd", "efg"], k=size // (3 + len(blank))))
    options = ("--budget", "0.2s", "--batch-size", "20", "--time-size", "20")
    words = words_after(line.encode(), tmp_path, *options)
    assert {"ab", "cd", "efg"} <= set(words) if blank else {"a", "b", "g"} <= set(words)
