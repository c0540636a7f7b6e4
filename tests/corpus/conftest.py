"""No corpora but those that a test makes."""

from pathlib import Path

import pytest


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, empty: `./corpora` and `$RNNLM_CORPORA` hold nothing."""
    monkeypatch.delenv("RNNLM_CORPORA", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path
