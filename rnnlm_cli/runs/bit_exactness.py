"""What is not as a run has left it: what computes, and how its text is cut."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.runs.setup import Setup


def not_bit_exact(saved: Checkpoint, run: Setup) -> list[str]:
    """Notes of what lets a `run` that goes on from `saved` come to other digits."""
    changes = [*_libraries(saved, run)], [*_tokens(saved, run)]
    return [f"not bit-exact with the run so far: {'; '.join(each)}" for each in changes if each]


def _libraries(saved: Checkpoint, run: Setup) -> Iterator[str]:
    """Python itself computes nothing."""
    for name, value in run.libraries.items():
        if name != "python" and saved.libraries.get(name) != value:
            yield f"{name} was {saved.libraries.get(name, 'unknown')}, now {value}"


def _tokens(saved: Checkpoint, run: Setup) -> Iterator[str]:
    """The text is cut into the same words, but not into as many."""
    for split, was in saved.text.splits.items() if saved.text else ():
        if was.tokens != (now := len(run.corpus.ids(split))):
            yield f"the {split} split was {was.tokens:,} tokens, now {now:,}"
