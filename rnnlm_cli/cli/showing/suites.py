"""Test suites as a table: how many items are right, as a whole and by prediction."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlm_cli.cli.showing.render import add_row, console, percent, table
from rnnlm_cli.tasks.suites import SuiteScore, mean_accuracy


def show_suites(scores: Sequence[SuiteScore]) -> None:
    """A row a suite, and the mean of several, which is what is published of models."""
    shown = table("suite", "items", "right", "95%", "by prediction", "same", "unknown")
    for score in scores:
        share = score.accuracy
        add_row(
            shown,
            score.suite.name,
            f"{share.total:,}",
            percent(share.value),
            "–".join(map(percent, share.interval)),
            " ".join(percent(each.value) for each in score.by_prediction),
            percent(1 - score.accuracy_distinct.total / share.total),
            percent(score.unknown / max(1, score.tokens)),
        )
    if len(scores) > 1:
        shown.add_section()
        items = sum(score.accuracy.total for score in scores)
        distinct = sum(score.accuracy_distinct.total for score in scores)
        unknown = sum(score.unknown for score in scores) / sum(score.tokens for score in scores)
        cells = f"{items:,}", percent(mean_accuracy(scores)), "", "", percent(1 - distinct / items)
        add_row(shown, "mean of the suites", *cells, percent(unknown), style="bold")
    console().print(shown)


def same_note(score: SuiteScore) -> str | None:
    """What is to be said of a suite whose conditions the model cannot tell apart, if there are."""
    if not score.same:
        return None
    item, one, other = score.same[0]
    items = len({number for number, _, _ in score.same})
    return (
        f"{score.suite.name}: {items} of {len(score.items)} items have conditions that are the "
        f"same tokens to the model (item {item}: {one} and {other}), so that no difference between "
        "them can be found"
    )
