"""The facts that a report of a bug needs."""

import json
import os
import platform
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli import __version__
from rnnlm_cli.cli.facts import DEPENDENCIES, facts
from rnnlm_cli.machine import usable_cores
from rnnlm_cli.threads import blas_name
from tests.cli.test_commands import ok, run

ROOT = Path(__file__).parents[2]


def test_the_command_prints_them_as_one_document() -> None:
    told = json.loads(ok("--version", "--json"))
    assert told == json.loads(ok("--json", "--version")) | {"free_memory": told["free_memory"]}
    assert told["rnnlm"] == __version__
    assert told["python"].endswith(platform.python_version())
    assert told["numpy"] == told["dependencies"]["numpy"] == np.__version__
    assert told["cores"] == {"usable": usable_cores(), "all": os.cpu_count()}
    assert told["free_memory"] is None or told["free_memory"] > 0


def test_each_blas_is_told_with_its_kernels_and_threads() -> None:
    names = [f"{blas['name']} {blas['version']} {blas['kernel']}" for blas in facts()["blas"]]
    assert "; ".join(names) == blas_name()
    assert all(blas["threads"] >= 1 for blas in facts()["blas"])


def test_every_dependency_is_told() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert [re.split("[>=<]", needed)[0] for needed in project["dependencies"]] == [*DEPENDENCIES]


def test_the_folders_are_those_that_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RNNLM_CACHE", "kept")
    monkeypatch.setenv("RNNLM_CORPORA", str(tmp_path / "texts"))
    paths = facts()["paths"]
    assert paths["cache"] == str(tmp_path / "kept")
    assert paths["corpora"] == [str(tmp_path / "texts"), str(tmp_path / "corpora")]
    assert paths["package"] == str(ROOT / "rnnlm_cli")


def test_of_the_environment_nothing_else_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Sandybridge")
    monkeypatch.setenv("RNNLM_TOKEN", "secret")
    told = facts()["environment"]
    assert told["OPENBLAS_CORETYPE"] == "Sandybridge"
    assert "RNNLM_TOKEN" not in told


@pytest.mark.parametrize("arguments", [["--json"], ["--json", "inspect"]])
def test_json_without_version_is_bad_usage(arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--json goes with --version, or after a command" in result.stderr
