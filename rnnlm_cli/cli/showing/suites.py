"""Test suites as a table: how many items are right, as a whole and by prediction."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlm_cli.cli.showing.render import percent, ranged, show_columns
from rnnlm_cli.tasks.contrasts.suites import MeanScore, SuiteScore

_HEADS = "", "items", "right (95%)", "by prediction", "same", "right if distinct", "unknown"


def show_suites(scores: Sequence[SuiteScore]) -> None:
    """A row a suite, and the mean of several, which is what is published of models."""
    totals = [_mean_cells(MeanScore.of(scores))] if len(scores) > 1 else []
    show_columns(_HEADS, [_cells(score) for score in scores], totals)


def _cells(score: SuiteScore) -> list[str]:
    share, distinct = score.accuracy, score.accuracy_distinct
    return [
        score.suite.name,
        f"{share.total:,}",
        ranged(share.value, share.interval),
        " ".join(percent(each.value) for each in score.by_prediction),
        percent(1 - distinct.total / share.total),
        percent(distinct.value),
        percent(score.unknown_share),
    ]


def _mean_cells(mean: MeanScore) -> list[str]:
    return [
        f"mean of {mean.suites} suites",
        f"{mean.items:,}",
        percent(mean.accuracy),
        "",
        percent(mean.same_share),
        percent(mean.accuracy_distinct),
        percent(mean.unknown_share),
    ]


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
