"""The bytes of a file, packed or not."""

import gzip
from pathlib import Path

import pytest

from rnnlm_cli.corpus.reading.decoding import read_lines, read_text
from rnnlm_cli.corpus.reading.files import read_bytes, shown
from rnnlm_cli.errors import ConfigError, CorpusError


def test_what_is_packed_with_gzip_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    members = (b"\xc3", b"", b"\xa9\r", b"", b"\nc\n")
    path.write_bytes(b"".join(map(gzip.compress, members)) + b"\0")
    assert read_text(path) == "é\nc\n"
    assert list(read_lines(path)) == ["é", "c"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (gzip.compress(b"words and words" * 50, mtime=0)[:-30], "damaged or cut short"),
        (gzip.compress(b"words", mtime=0)[:9], "damaged or cut short"),
        (b"\x1f\x8bwords", "damaged or cut short"),
        (gzip.compress(b"words", mtime=0) + b"more", "other bytes follow"),
        (b"PK\x03\x04...", r"a zip archive, or a document .*\.docx"),
        (b"%PDF-1.4", "is a PDF file, but a text was needed: save it as plain text"),
        (b"\xfd7zXZ\x00...", "packed with xz"),
    ],
)
def test_what_is_no_text_is_called_what_it_is(data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_bytes(data)
    with pytest.raises(CorpusError, match=message):
        read_bytes(path)


def test_a_file_that_unpacks_to_more_than_memory_holds_is_refused_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(40_000_000)))
    monkeypatch.setattr("rnnlm_cli.machine.free_bytes", lambda: 200_000_000)
    with pytest.raises(ConfigError, match=r"unpacking '.*bomb\.gz' needs about .* MB .* free"):
        read_bytes(path)


@pytest.mark.parametrize("path", ["a/" * 1_500, "https://x.org/a.txt", ""])
def test_a_path_is_told_whole_and_as_it_is_spelt(path: str) -> None:
    assert shown(path) == f"'{path}'"
