"""What a run asks for of the memory of this machine."""

from typing import Any

import pytest

from rnnlm_cli import machine
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.run import RunPlan, RunRequest
from rnnlm_cli.training.peak import check_training, parts_here, training_parts
from rnnlm_cli.training.planning import TextFacts, fitted
from rnnlm_cli.training.ranks import Alone

V, TOKENS = 500, 1_000


class OneOf(Alone):
    """The first of so many ranks, all of them here."""

    def __init__(self, size: int) -> None:
        self.size = self.here = size


def plan(**settings: Any) -> RunPlan:
    return fitted(RunRequest.of("book", **settings), TextFacts(TOKENS, V))


def needed(config: RunPlan) -> int:
    return sum(training_parts(V, TOKENS, config).values())


def test_what_a_resume_has_read_is_let_go_and_counts_as_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config, held = plan(optimizer="adamw"), 30_000
    monkeypatch.setattr(machine, "free_bytes", lambda: needed(config) - held)
    with pytest.raises(ConfigError, match=r"free: use a smaller --preset"):
        check_training(V, TOKENS, config)
    check_training(V, TOKENS, config, state_bytes=held)
    with pytest.raises(ConfigError, match=r"free: close other programs, or resume it where more"):
        check_training(V, TOKENS, config, state_bytes=held - 1)


def test_ranks_ask_for_the_largest_share_each() -> None:
    found = parts_here(V, TOKENS, plan(batch_size=25), OneOf(4))  # 6, 6, 6 and 7 streams
    largest = training_parts(V, TOKENS, plan(batch_size=7))
    assert found == {name: 4 * size for name, size in largest.items()}


def test_more_ranks_than_streams_ask_for_a_stream_each() -> None:
    """That they are too many is told by the learner."""
    check_training(V, TOKENS, plan(batch_size=2), OneOf(3))
    one = training_parts(V, TOKENS, plan(batch_size=1))
    found = parts_here(V, TOKENS, plan(batch_size=2), OneOf(3))
    assert found == {name: 3 * size for name, size in one.items()}


@pytest.mark.parametrize(("optimizer", "copies"), [("sgd", (2, 2)), ("adamw", (2, 4))])
def test_a_save_copies_the_average_for_the_state_and_for_the_model(
    optimizer: str, copies: tuple[int, int]
) -> None:
    for average, copied in zip((0.0, 0.5), copies, strict=True):
        parts = training_parts(V, TOKENS, plan(optimizer=optimizer, average=average))
        assert parts["copies while saving"] == copied * parts["parameters"]
