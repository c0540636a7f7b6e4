"""The page as its reader sees it, in a Chromium without a window."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.cli.report.gathering import gather
from rnnlm_cli.cli.report.page import write_page
from tests.cli.report.conftest import TEXTS
from tests.cli.test_commands import ok

pytestmark = [pytest.mark.slow, pytest.mark.untraced]

Open = Callable[..., Any]


@pytest.fixture
def opened(browser: Any) -> Iterator[Open]:
    """A page in a new window; afterwards nothing may have been said or asked for."""
    said: list[str] = []
    contexts = []

    def open_page(path: Path, width: int = 1280, **settings: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 800}, **settings)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.on("request", lambda asked: said.append(asked.url) if _is_foreign(asked.url) else None)
        tab.goto(path.as_uri())
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert said == []


def _is_foreign(url: str) -> bool:
    return not url.startswith(("file:", "blob:"))


def test_hover_focus_and_tap_show_the_figures_of_score(
    page: Path, trained: Path, opened: Open
) -> None:
    scores = ok("score", trained, "--text", TEXTS[0], "--text", TEXTS[1], "--guesses", 5)
    rows = list(csv.DictReader(io.StringIO(scores), delimiter="\t", quoting=csv.QUOTE_NONE))
    tab = opened(page, has_touch=True)
    tokens, tip = tab.locator("#text .token"), tab.locator("#tip")
    assert tokens.count() == len(rows) == 15
    ways = [lambda token: token.hover(), lambda token: token.focus(), lambda token: token.tap()]
    for index, row in enumerate(rows):
        ways[index % 3](tokens.nth(index))
        text = tip.inner_text()
        entropy = f"entropy {float(row['entropy']):.2f}"
        assert f"{float(row['surprisal']):.2f} bits · rank {row['rank']} · {entropy}" in text
        guesses = [tip.locator(".guess bdi").nth(k).inner_text().strip("▸ ") for k in range(5)]
        assert guesses == [
            "⏎" if w == "<eos>" else w for w in (row[f"guess{k}"] for k in range(1, 6))
        ]
        assert tip.locator(".itself").count() == 1
        assert f"{100 * float(row['probability1']):.1f}%" in text


def test_the_arrow_keys_walk_along_the_text(page: Path, opened: Open) -> None:
    tab = opened(page)
    tab.locator("#text .token").first.focus()
    tab.keyboard.press("ArrowRight")
    assert tab.locator("#tip h3").inner_text() == "old"
    tab.keyboard.press("Escape")
    assert tab.locator("#tip").is_hidden()


def test_a_threshold_that_is_dragged_changes_the_shares(page: Path, opened: Open) -> None:
    tab = opened(page)

    def shares() -> list[str]:
        return [str(share) for share in tab.locator("#legend .bin").all_inner_texts()]

    before, first = shares(), tab.locator("#legend .handle").first
    box, track = first.bounding_box(), tab.locator("#legend .track").bounding_box()
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tab.mouse.down()
    tab.mouse.move(track["x"], box["y"] + 9)
    tab.mouse.up()
    assert before[0] != "0.0%" == shares()[0]
    assert sum(float(share.strip("%")) for share in shares()) == pytest.approx(100, abs=0.3)
    for _ in range(100):
        first.press("ArrowRight")  # never past the next one
    assert first.get_attribute("aria-valuenow") == "4"
    assert shares()[1] == "0.0%"


@pytest.mark.parametrize("measure", ["entropy", "rank", "p / p max"])
def test_another_measure_colours_otherwise(page: Path, opened: Open, measure: str) -> None:
    tab = opened(page)
    before = tab.locator("#legend").inner_text()
    tab.get_by_role("radio", name=measure, exact=True).click()
    assert tab.locator("#legend").inner_text() != before


def test_search_finds_a_word_and_its_neighbours(page: Path, lm: Any, opened: Open) -> None:
    tab = opened(page)
    tab.locator("#word").fill("cat")
    assert tab.locator("#words text.here").text_content() == "cat"
    near = [each.strip() for each in tab.locator("#near button").all_inner_texts()]
    nearest = [word for word, _ in lm.most_similar("cat", 12)]
    assert [("⏎" if w == "<eos>" else w) for w in nearest][: len(near)] == near
    tab.locator("#word").fill("zebra")
    assert "none of these" in tab.locator("#found").inner_text()


def test_two_sentences_differ_by_their_bits(page: Path, lm: Any, opened: Open) -> None:
    tab = opened(page)
    bits = [sum(each.surprisal for each in lm.token_scores(text)) for text in TEXTS]
    sums = tab.locator("#sums").inner_text()
    assert f"A {bits[0]:.2f} bits, B {bits[1]:.2f} bits: A − B = " in sums
    assert f"{abs(bits[0] - bits[1]):.2f} bits" in sums
    assert tab.locator("#first-text .alone").count() == 4  # old cat sees a
    assert tab.locator("#first-text .token").count() == 7


def test_an_infinite_surprisal_makes_an_infinite_sum(lm: Any, opened: Open, tmp_path: Path) -> None:
    report = gather(lm._lm, TEXTS)
    (reading,) = report.readings
    sums = [sum(bits or 0.0 for bits in line.bits) for line in reading.lines]
    reading.lines[1].bits[2] = None
    write_page(report, tmp_path / "r.html")
    told = opened(tmp_path / "r.html").locator("#sums")
    assert told.inner_text() == f"A {sums[0]:.2f} bits, B ∞ bits: A − B = −∞ bits"
    reading.lines[0].bits[0] = None
    write_page(report, tmp_path / "both.html")
    assert opened(tmp_path / "both.html").locator("#sums").inner_text() == "A ∞ bits, B ∞ bits"


def test_units_above_a_threshold_are_chosen_and_found_again(page: Path, opened: Open) -> None:
    tab = opened(page)
    chosen, least = tab.locator("#chosen"), tab.locator("#threshold").get_attribute("min")
    assert " of 16 units stay above" in chosen.inner_text()  # from the first
    tab.locator("#threshold").fill(least)
    assert "16 of 16 units" in chosen.inner_text()
    assert tab.locator("#passages li").count() == 5
    assert "100.0% of them" in tab.locator("#passages li").first.inner_text()
    tab.locator("#threshold").fill(tab.locator("#threshold").get_attribute("max"))
    assert "No unit" in chosen.inner_text()
    box = tab.locator("#lines").bounding_box()
    tab.mouse.move(box["x"] + 300, box["y"] + 100)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 420, box["y"] + 100)
    assert int(tab.locator("#to").input_value()) > int(tab.locator("#from").input_value())


def test_the_curves_tell_each_epoch(page: Path, lm: Any, opened: Open) -> None:
    tab = opened(page)
    *_, before, last = lm._lm.checkpoint.history
    told = f"training {last.train_perplexity:.2f}, validation {last.valid_perplexity:.2f}"
    assert told in tab.locator("#point").inner_text()
    tab.locator("#curve").press("ArrowLeft")
    assert f"{before.valid_perplexity:.2f}" in tab.locator("#point").inner_text()


def test_the_bars_are_a_picture_and_a_table_to_keep(page: Path, opened: Open) -> None:
    tab = opened(page)
    with tab.expect_download() as download:
        tab.locator("#png").click()
    assert download.value.suggested_filename == "surprisal.png"
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
    tab.locator("#copy").click()
    tab.get_by_text("Copied.").wait_for()
    assert tab.locator("#table tr").count() == 8


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_needs_no_sideways_scrolling(page: Path, opened: Open, scheme: str) -> None:
    tab = opened(page, width=360, color_scheme=scheme)
    assert tab.evaluate("document.documentElement.scrollWidth") == 360
    assert tab.locator("#theme").inner_text() == {"light": "Dark", "dark": "Light"}[scheme]
    before = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.locator("#theme").click()
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") != before


def test_what_a_tap_shows_is_on_the_screen_of_a_phone(page: Path, opened: Open) -> None:
    tab = opened(page, width=360, has_touch=True)
    tab.locator("#text .token").nth(8).tap()
    box = tab.locator("#tip").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert 0 <= box["y"] <= box["y"] + box["height"] <= 800
    assert "below 2: " in tab.locator("#legend .shares").inner_text()


def test_hostile_words_are_words(hostile_page: Path, opened: Open) -> None:
    tab = opened(hostile_page)
    assert tab.evaluate("window.hurt") is None
    assert "<!--" in tab.locator("#text").inner_text()
    assert tab.locator("#text img, #text script, main script, main img").count() == 0
    directions = "lines => lines.map(line => getComputedStyle(line).direction)"
    assert tab.locator("#text p").evaluate_all(directions) == ["ltr", "rtl"]
    tab.locator("#word").fill("</script>")
    assert "number" in tab.locator("#found").inner_text()
