"""Every test here has a cache folder of its own, and no corpora but those that it makes."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("RNNLM_CACHE", str(folder))
    return folder


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, empty: `./corpora` and `$RNNLM_CORPORA` hold nothing."""
    monkeypatch.delenv("RNNLM_CORPORA", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path
