"""The picture of the house is that of the house."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
MOST_FILES, MOST_FOLDERS, MOST_LINES = 8, 12, 300


def test_contributing_shows_the_floors_that_are_checked() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "floors")]
    drawn = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert drawn in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_house_stays_one_that_can_be_seen() -> None:
    package = ROOT / "rnnlm_cli"
    flat = [path for path in package.glob("*.py") if not path.name.startswith("__")]
    folders = [path for path in package.iterdir() if (path / "__init__.py").exists()]
    assert len(flat) <= MOST_FILES
    assert len(folders) <= MOST_FOLDERS
    for path in package.rglob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES, path
