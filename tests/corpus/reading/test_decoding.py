"""Texts piece by piece: what is blank before the first word."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlm_cli.corpus.reading import decoding
from rnnlm_cli.corpus.reading.decoding import read_pieces


def test_a_long_blank_beginning_is_looked_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path := tmp_path / "x.txt").write_bytes(b"\xef\xbb\xbf" + b"\n" * 5_000 + b"\xef\xbb\xbfa b\n")
    monkeypatch.setattr("rnnlm_cli.corpus.reading.files._PIECE", 100)
    looked = list[str]()

    def noted(text: str) -> bool:
        looked.append(text)
        return not text.strip("\n")

    monkeypatch.setattr(decoding, "is_blank", noted)
    assert "".join(read_pieces(path)) == "\n" * 5_000 + "\ufeffa b\n"
    assert sum(map(len, looked)) <= 5_100
