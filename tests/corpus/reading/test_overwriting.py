import sys
from pathlib import Path

import pytest

from rnnlm_cli.corpus.reading.overwriting import FilesRead, check_not_read
from rnnlm_cli.errors import ConfigError


def test_standard_input_may_be_the_file_that_is_to_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (text := tmp_path / "t.txt").write_text("the old cat\n")
    with text.open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with pytest.raises(ConfigError, match="is read too, and would be gone"):
            check_not_read(text, ["-"])
        check_not_read(tmp_path / "other.txt", ["-", text])


def test_nothing_is_read_that_is_to_be_written_and_nothing_written_that_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        Path(name).touch()
    files = FilesRead(out="a")
    files.add("b", None, "c")
    with pytest.raises(ConfigError, match="'a' is read too"):
        files.add(tmp_path / "a")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    with pytest.raises(ConfigError, match=r"b' is read too"):
        files.check("../b")
    files.check("../c")  # which was not there, and is not
    files.check("b")
