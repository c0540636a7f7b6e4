"""What is published with the code says the same as the code."""

import re
from pathlib import Path

from rnnlm_cli import __version__

ROOT = Path(__file__).parent.parent


def test_the_citation_is_of_this_version() -> None:
    told = re.findall(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    assert told == [__version__]


def test_the_workflows_run_steps_that_there_are() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    steps = set(re.findall(r"^    (\w+)\)$", script, re.MULTILINE))
    (default,) = re.findall(r"\|\| set -- (.+)$", script, re.MULTILINE)
    assert set(default.split()) == steps
    for workflow in (ROOT / ".github" / "workflows").iterdir():
        called = re.findall(r"run: \.ci/run (.+)$", workflow.read_text(), re.MULTILINE)
        assert called
        assert set(" ".join(called).split()) <= steps


def test_the_workflows_try_each_python_that_the_package_names() -> None:
    named = set(re.findall(r'Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text()))
    tried = re.findall(r"python: \[(.+)\]", (ROOT / ".github/workflows/tests.yml").read_text())
    assert tried
    assert all(named <= set(re.findall(r"3\.\d+", line)) for line in tried)
