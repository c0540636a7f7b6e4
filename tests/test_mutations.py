"""The tests of safety are tested: with each mutation of the code, one of its tests fails.

`mutations.toml` lists them: the exact text to replace in a file, what comes in its place, and the
tests that must notice. The long mode makes a copy of the tree for each and runs those tests.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
MUTATIONS: list[dict[str, Any]] = tomllib.loads(
    (ROOT / "tests" / "mutations.toml").read_text(encoding="utf-8")
)["mutation"]
TESTS_FAILED = 1  # pytest's exit code; 2 and more are errors of another kind


def mutated(mutation: dict[str, Any], folder: Path) -> str:
    source = (folder / str(mutation["file"])).read_text(encoding="utf-8")
    assert source.count(mutation["old"]) == 1, "the text to replace must be there exactly once"
    return source.replace(str(mutation["old"]), str(mutation["new"]))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m["name"])
def test_a_mutation_fits_the_code_as_it_is(mutation: dict[str, Any]) -> None:
    compile(mutated(mutation, ROOT), mutation["file"], "exec")
    for test in mutation["tests"]:
        path, _, name = test.partition("::")
        assert f"def {name}" in (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.long
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m["name"])
def test_a_mutation_is_noticed(mutation: dict[str, Any], tmp_path: Path) -> None:
    for name in ("rnnlm_cli", "tests", "benchmarks", "scripts"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / mutation["file"]).write_text(mutated(mutation, ROOT), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *mutation["tests"]],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == TESTS_FAILED, done.stdout[-3000:] + done.stderr[-1000:]
