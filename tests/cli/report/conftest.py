"""A report of the small model, and one of a model whose words are hostile."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint, save_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.cli.report.gathering import gather
from rnnlm_cli.cli.report.page import write_page
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.corpus.vocabulary import EOS
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.trained import Trained, load

TEXTS = ["the old cat sees a dog", "a small dog hears the red bird"]
HOSTILE = [
    EOS,
    "</script><script>window.hurt=1</script>",
    "<!--",
    "<script>",
    "\u2028",
    "\u202e",
    "\ud800",
    "<img/src=http://127.0.0.1:9/x/onerror=window.hurt=1>",
    "]]>",
    "猫",
    "שלום",
    "${hurt}",
    "&lt;",
    "{{card}}",
]


@pytest.fixture(scope="session")
def lm(trained: Path) -> Trained:
    """The small model."""
    return load(trained)


@pytest.fixture(scope="session")
def page(lm: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its report over two sentences."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    pytest.importorskip("jinja2")
    write_page(gather(lm._lm, TEXTS), path)
    return path


@pytest.fixture(scope="session")
def hostile_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file whose words and names would be markup."""
    model = LanguageModel(len(HOSTILE), ModelConfig(wordvec_size=5, hidden_size=6))
    text = TextRecord(
        corpus="</script><b>",
        sha256="0" * 64,
        config=CorpusConfig(unit="whitespace"),
        words=tuple(HOSTILE),
    )
    made = Checkpoint(vocab_size=len(HOSTILE), model=model.config, params=model.params, text=text)
    path = tmp_path_factory.mktemp("hostile") / "<b onclick=x>&amp;.pkl"
    save_checkpoint(path, made)
    assert load_checkpoint(path).text is not None
    return path


@pytest.fixture(scope="session")
def hostile_page(hostile_model: Path) -> Path:
    """Its report, in which it reads all its words."""
    pytest.importorskip("jinja2")
    path = hostile_model.with_name("hostile.html")
    read = " ".join(word for word in HOSTILE[1:] if not word.isspace())
    write_page(gather(load(hostile_model)._lm, [read, "שלום שלום 猫"]), path)
    return path


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The system's Chromium, without a window."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (dev)")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("needs chromium on the path (Debian: apt-get install chromium)")
    with playwright.sync_playwright() as started:
        # Its sandbox needs rights that a container may not give, and the page is our own.
        opened = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()
