"""What is not as a run has left it: what computes, and how its text is cut."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlm_cli.runs.saved_state import SavedState
from rnnlm_cli.runs.setup import Setup


def not_bit_exact(saved: SavedState, run: Setup) -> list[str]:
    """Notes of what lets a `run` that goes on from `saved` come to other digits."""
    changes = [*_libraries(saved, run)], [*_tokens(saved, run)]
    return [f"not bit-exact with the run so far: {'; '.join(each)}" for each in changes if each]


def _libraries(saved: SavedState, run: Setup) -> Iterator[str]:
    """Python itself computes nothing."""
    for name, value in run.libraries.items():
        if name != "python" and saved.checkpoint.libraries.get(name) != value:
            yield f"{name} was {saved.checkpoint.libraries.get(name, 'unknown')}, now {value}"


def _tokens(saved: SavedState, run: Setup) -> Iterator[str]:
    """The text is cut into the same words, but not into as many."""
    for split, was in saved.text.splits.items():
        if was.tokens != (now := len(run.corpus.ids(split))):
            yield f"the {split} split was {was.tokens:,} tokens, now {now:,}"
