"""What all tests have: small runs as fixtures, a cache folder each, the marks of long ones."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest

from rnnlm_cli import threads
from rnnlm_cli.runs import RunFinished
from tests.small_runs import simple_text, small_run, train

pytest_plugins = ["tests.processes"]

# A background job of a shell ignores Ctrl-C, one of nohup a closed terminal, and the commands that
# the tests start do as they do.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# What a user's terminal and shell say of colours and widths: a test that is about them says it.
for name in ("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
    os.environ.pop(name, None)

# Examples that failed are printed, not kept: a checkout may be one that cannot be written. How long
# one takes depends on what else the machine does.
hypothesis.settings.register_profile("rnnlm", database=None, deadline=None)
hypothesis.settings.load_profile("rnnlm")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the long modes of the heavy proofs")


@pytest.hookimpl(tryfirst=True)  # before a choice by -m
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    skip = pytest.mark.skip(reason="a long mode: run it with --long")
    for item in items:
        if "long" in getattr(item, "fixturenames", ()):
            item.add_marker("longer")
        if item.get_closest_marker("long") and not config.getoption("--long"):
            item.add_marker(skip)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Takes coverage off an untraced test: its own mark, `no_cover`, does nothing in a worker."""
    if item.get_closest_marker("untraced") is None:
        return (yield)
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)


@pytest.fixture(scope="session")
def long(pytestconfig: pytest.Config) -> bool:
    """Whether a proof that counts its trials is to make many times as many."""
    return bool(pytestconfig.getoption("--long"))


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache of this test alone."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("RNNLM_CACHE", str(folder))
    return folder


@pytest.fixture(autouse=True)
def _no_wait_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test cuts the power; where fsync is called is tested, and it may take 20 ms a call."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    """The simple text in a file."""
    path = tmp_path / "simple.txt"
    path.write_text(simple_text(), encoding="utf-8")
    return path


@pytest.fixture
def blas(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of threads that a BLAS, which had 5, was given one after the other."""
    given = [5]

    class Library:
        @property
        def num_threads(self) -> int:
            return given[-1]

        def set_num_threads(self, number: int) -> None:
            given.append(number)

        def info(self) -> dict[str, object]:
            return {}

    monkeypatch.setattr(threads, "_blas_libraries", lambda: [Library()])
    monkeypatch.setattr(threads, "_blocks", threads._BlasBlocks())
    return given


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of a small model that has learnt the simple text."""
    folder = tmp_path_factory.mktemp("trained")
    text = folder / "simple.txt"
    text.write_text(simple_text(600), encoding="utf-8")
    config = small_run(text, folder / "m.pkl", epochs=12, hidden_size=16, wordvec_size=16)
    assert isinstance(list(train(config))[-1], RunFinished)
    return folder / "m.pkl"
