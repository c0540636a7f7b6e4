"""`rnnlm inspect --html` as a user types it."""

import sys
from pathlib import Path

import pytest

from tests.cli.test_commands import ok, run


def test_a_report_is_one_small_file(trained: Path, tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    out = tmp_path / "report.html"
    ok("inspect", trained, "--html", out, "--text", "the old cat", "--beside", trained)
    page = out.read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert len(page.encode()) < 2_000_000
    assert '"the"' in page


def test_nothing_but_a_page_is_written_over(trained: Path) -> None:
    before = trained.read_bytes()
    result = run("inspect", trained, "--html", trained)
    assert result.exit_code == 2
    assert "must be a file name ending in .html" in result.stderr
    assert trained.read_bytes() == before


def test_what_a_report_alone_has_needs_one(trained: Path) -> None:
    result = run("inspect", trained, "--beside", "m.pkl")
    assert result.exit_code == 2
    assert "--beside goes with --html: give one, or leave it out" in result.stderr


def test_without_its_library_a_report_says_what_to_install(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    result = run("inspect", trained, "--html", tmp_path / "report.html")
    assert result.exit_code == 1
    assert "pip install jinja2, or rnnlm-cli[report]" in result.stderr
    assert not list(tmp_path.iterdir())
