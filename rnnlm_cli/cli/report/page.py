"""The report as one HTML file that asks nobody for anything.

What runs in it is known by its hash (Content Security Policy, level 2), so that no text of a model
can become a script or a request, whatever it looks like.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from rnnlm_cli.__version__ import __version__
from rnnlm_cli.atomic import whole_text
from rnnlm_cli.cli.report.record import Report
from rnnlm_cli.errors import library

_library = partial(library, what="reports", extra="report")
# In the order in which they run.
_SCRIPTS = (
    "dom theme legend tip text heat bars compare units curves words samples main".split()  # .js
)
# What a JSON string may hold, and HTML or old readers of JavaScript would take for markup.
_ESCAPED = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def check_page() -> None:
    """Raises MissingExtra where the library that writes the page is not installed."""
    _library("jinja2")


def write_page(report: Report, path: Path) -> int:
    """Write the page of a report, whole or not at all; returns its bytes.

    Raises MissingExtra, and CorpusError where the system refuses.
    """
    page = page_of(report)
    with whole_text(path) as file:
        file.write(page)
    return path.stat().st_size


def page_of(report: Report) -> str:
    """The page of a report. Raises MissingExtra."""
    jinja2 = _library("jinja2")
    style, script = _file("report.css"), "\n".join(_file(f"{name}.js") for name in _SCRIPTS)
    page = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    rendered: str = page.from_string(_file("report.html.j2")).render(
        card=report.card,
        text=report.text,
        words=f"{len(report.map.words):,}",
        share=f"{report.map.share:.0%}",
        least=report.least,
        version=__version__,
        policy=_policy(style, script),
        **{
            name: _as_it_is(text)
            for name, text in {"style": style, "script": script, "data": data_of(report)}.items()
        },
    )
    return rendered


def data_of(report: Report) -> str:
    """The record as JSON that no HTML can be made of: ASCII, and no < in it."""
    return json.dumps(asdict(report), allow_nan=False, separators=(",", ":")).translate(_ESCAPED)


def _policy(style: str, script: str) -> str:
    """Nothing may be asked for, and nothing run but these two."""
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _as_it_is(text: str) -> Any:
    """Text that is not to be escaped: our own, or JSON that is."""
    return _library("markupsafe").Markup(text)


def _file(name: str) -> str:
    return files("rnnlm_cli.cli.report").joinpath("template", name).read_text(encoding="utf-8")
