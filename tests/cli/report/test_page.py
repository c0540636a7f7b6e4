import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from rnnlm_cli.cli.report import page
from rnnlm_cli.cli.report.page import data_of
from tests.cli.report.conftest import HOSTILE

STYLE = Path(page.__file__).parent / "template" / "report.css"
PAIR = re.compile(r"--([\w-]+): light-dark\(#(\w{6}), #(\w{6})\);")
LEAST = 4.5  # WCAG 2.2, 1.4.3 at level AA


class Tags(HTMLParser):
    """The elements of a page and what stands in its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.scripts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == "script":
            self.scripts[-1] += data


def test_hostile_words_make_no_element(page: Path, hostile_page: Path) -> None:
    ours, theirs = (Tags(path.read_text("utf-8")) for path in (page, hostile_page))
    assert theirs.tags.count("script") == ours.tags.count("script") == 2
    assert set(theirs.tags) <= set(ours.tags) | {"p"}
    data = json.loads(theirs.scripts[0])
    assert set(HOSTILE) <= set(data["map"]["words"])
    assert not set("<>&\u2028\u2029") & set(theirs.scripts[0])


def test_the_page_asks_nobody(page: Path) -> None:
    text = unescape(page.read_text("utf-8"))
    assert "default-src 'none'; script-src 'sha256-" in text
    assert not re.search(r"""(?:src|href)=["']|url\(|@import|\bimport\b *[({"']""", text)
    linked = set(re.findall(r"https?://[\w./]+", text.replace("http://www.w3.org/2000/svg", "")))
    assert not linked


def luminance(colour: str) -> float:
    """By WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_has_the_contrast_of_wcag_aa(theme: str) -> None:
    colours = {
        name: light if theme == "light" else dark
        for name, light, dark in PAIR.findall(STYLE.read_text("utf-8"))
    }
    pairs = {name: f"on-{name}" for name in colours if f"on-{name}" in colours}
    assert len(pairs) >= 16
    for under, over in pairs.items():
        low, high = sorted(luminance(colours[name]) for name in (under, over))
        assert (high + 0.05) / (low + 0.05) >= LEAST, (theme, under)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_steps_of_colour_go_one_way_in_lightness(theme: str) -> None:
    colours = {name: pair for name, *pair in PAIR.findall(STYLE.read_text("utf-8"))}
    steps = [luminance(colours[f"b{step}"][theme == "dark"]) for step in range(5)]
    assert steps == sorted(steps, reverse=theme == "light")


def test_numbers_that_json_has_not_are_refused() -> None:
    from rnnlm_cli.cli.report.record import Curves

    with pytest.raises(ValueError, match="JSON"):
        data_of(Curves(lines={"train": [(1, float("inf"))]}, steps_per_epoch=1))  # type: ignore[arg-type]
