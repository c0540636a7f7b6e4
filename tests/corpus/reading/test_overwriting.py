import sys
from pathlib import Path

import pytest

from rnnlm_cli.corpus.reading.overwriting import check_not_read
from rnnlm_cli.errors import ConfigError


def test_standard_input_may_be_the_file_that_is_to_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (text := tmp_path / "t.txt").write_text("the old cat\n")
    with text.open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with pytest.raises(ConfigError, match="is read too, and would be gone"):
            check_not_read(text, ["-"])
        check_not_read(tmp_path / "other.txt", ["-", text, None])
