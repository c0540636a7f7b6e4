"""What a finished run leaves on stdout: its figures, and what to try next."""

from __future__ import annotations

import shlex
from pathlib import Path

from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.cli.showing import render
from rnnlm_cli.cli.showing.epochs import share_made, shown_perplexity
from rnnlm_cli.cli.showing.figure_cells import pairs_of_tests, share_unknown
from rnnlm_cli.machine import peak_megabytes
from rnnlm_cli.runs import RunFinished, model_path
from rnnlm_cli.settings.run import DEFAULT_CHECKPOINT
from rnnlm_cli.training.reports import kept_epoch

_STARTS = ("you", "the", "The", "It", "吾輩")  # words to try, the first that the model knows


def show_summary(event: RunFinished) -> None:
    """The table at the end of `rnnlm train`."""
    path = event.path
    words = event.checkpoint.text.words if event.checkpoint.text else ()
    start = next((f' --start "{word}"' for word in _STARTS if word in words), "")
    render.show_pairs(
        [
            *(pairs_of_tests(event.checkpoint.run) if event.checkpoint.run else []),
            ("validation perplexity", _validation(event.checkpoint)),
            ("time", render.duration(event.seconds)),
            *_memory(),
            ("checkpoint", path),
            (
                "try",
                f"rnnlm generate{'' if path == DEFAULT_CHECKPOINT else f' {_shell(path)}'}{start}",
            ),
            ("", f"rnnlm eval {_shell(path)}"),
        ]
    )


def _memory() -> list[tuple[str, object]]:
    peak = peak_megabytes()
    return [] if peak is None else [("memory", f"at most {peak:,.0f} MB")]


def _validation(kept: Checkpoint) -> str:
    """The figure of the epoch whose weights were kept."""
    row = kept_epoch(kept.history, kept.run.train.keep) if kept.run else None
    if row is None:  # not written by a run
        return "—"
    part = "" if row.part is None else f", {share_made(row)} of it"
    shown = f"{shown_perplexity(row.valid_nats)} (epoch {row.epoch} of {len(kept.history)}{part})"
    sizes = kept.text.splits.get("valid") if kept.text else None
    return f"{shown}, {share_unknown(sizes.unknown_share)} unknown" if sizes else shown


def _shell(path: Path) -> str:
    """`path` as a shell takes it."""
    return shlex.quote(str(path))


def resume_command(state: Path) -> str:
    """The command that goes on from the file `NAME.last.pkl`."""
    out = model_path(state)
    return "rnnlm train --resume" + ("" if out == DEFAULT_CHECKPOINT else f" --out {_shell(out)}")
