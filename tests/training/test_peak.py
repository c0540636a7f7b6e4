"""What a run asks for of the memory of this machine."""

from typing import Any

import pytest

from rnnlm_cli import memory
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.run import RunPlan, RunRequest
from rnnlm_cli.training.peak import check_training, training_parts
from rnnlm_cli.training.planning import TextFacts, fitted

V, TOKENS = 500, 1_000


def plan(**settings: Any) -> RunPlan:
    return fitted(RunRequest.of("book", **settings), TextFacts(TOKENS, V))


def needed(config: RunPlan) -> int:
    return sum(training_parts(V, TOKENS, config).values())


def test_what_a_resume_has_read_is_let_go_and_counts_as_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config, held = plan(optimizer="adamw"), 30_000
    monkeypatch.setattr(memory, "free_bytes", lambda: needed(config) - held)
    with pytest.raises(ConfigError, match=r"free: use a smaller --preset"):
        check_training(V, TOKENS, config)
    check_training(V, TOKENS, config, state_bytes=held)
    with pytest.raises(ConfigError, match=r"free: close other programs, or resume it where more"):
        check_training(V, TOKENS, config, state_bytes=held - 1)
