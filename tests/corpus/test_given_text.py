import gzip
import itertools
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from rnnlm_cli.corpus.given_text import given_lines, given_texts
from rnnlm_cli.corpus.reading import files
from rnnlm_cli.corpus.reading.decoding import read_lines
from rnnlm_cli.corpus.reading.encodings import TextSource, decode, decode_blocks
from rnnlm_cli.errors import CorpusError

TEXTS = [b"a\r\nb c\r\rd", "\ufeffé\n\n ü\n".encode(), b"\n \n\nlast", b"one\n", b"x" * 40]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("piece", [2, 5, 1000])
def test_the_lines_are_those_of_the_text_that_is_read_whole(
    text: bytes, piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_PIECE", piece)
    packed = gzip.compress(text[:3]) + gzip.compress(text[3:])
    (tmp_path / "a.txt.gz").write_bytes(packed)
    (tmp_path / "b.txt").write_bytes(text)
    for path in [tmp_path, *tmp_path.iterdir()]:
        (whole,), (lines,) = given_texts([], [str(path)]), given_lines([], [str(path)])
        assert whole is not None
        found = list(lines.lines)
        assert found == whole.as_records(None).removesuffix("\n").split("\n")
        assert lines.count == len(found)


@pytest.mark.parametrize(
    "data", [b"a\nb\xff", b"\xef\xbb\xbfa\r\n\r\nb\xe9t\xe9 c", b"a\n\xc3", b"a\n\0"]
)
def test_what_does_not_fit_is_told_with_the_place_that_it_has_in_the_whole(data: bytes) -> None:
    with pytest.raises(CorpusError) as whole:
        decode(data, TextSource("x"))
    place = str(whole.value).partition(": ")[0]
    for piece in (1, 2, 3):
        blocks = (data[start : start + piece] for start in range(0, len(data), piece))
        with pytest.raises(CorpusError) as found:
            list(decode_blocks(blocks, TextSource("x")))
        assert str(found.value).partition(": ")[0] == place


def test_a_text_with_a_byte_order_mark_of_two_bytes_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes("a\r\nb".encode("utf-16"))
    assert list(read_lines(tmp_path / "t.txt", "utf-16")) == ["a", "b"]


@pytest.mark.parametrize("data", [b"", b" \n\n\t\n"])
def test_a_text_without_words_has_no_lines(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes(data)
    with pytest.raises(CorpusError, match=r"only white space|empty"):
        next(read_lines(tmp_path / "t.txt"))


@pytest.mark.parametrize("cut", [5, -3])
def test_packed_text_that_is_cut_short_is_refused(
    cut: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_PIECE", 4)
    (tmp_path / "t.gz").write_bytes(gzip.compress(b"the old cat\n" * 20)[:cut])
    with pytest.raises(CorpusError, match="cut short"):
        list(read_lines(tmp_path / "t.gz"))


class Counting(BytesIO):
    """A text without an end, which counts what is taken of it."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        assert size
        assert size > 0, "read to its end"
        self.taken += size
        return (b"the old cat\n" * size)[:size]


def test_of_standard_input_no_more_is_read_than_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = Counting()
    monkeypatch.setattr("sys.stdin", TextIOWrapper(endless))
    (given,) = given_lines([], ["-"])
    one, other = given.shared(2)
    for each in (one, other):
        assert sum(1 for _ in itertools.islice(each.lines, 1000)) == 1000
    assert given.count is None
    assert endless.taken <= 2 * files._PIECE


def test_the_texts_of_a_folder_end_their_records(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a\nb\n")
    (tmp_path / "b.txt").write_text("c")
    (given,) = given_texts([], [str(tmp_path)])
    assert given is not None
    assert given.as_records("paragraph") == "a\nb\n\nc"
    assert given.as_records("line") == given.text == "a\nb\nc"
