"""Every JSON document of the verbs: what `--json` prints, as a dict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnlm_cli.checkpoint.contents import Checkpoint
    from rnnlm_cli.corpus.named import CorpusInfo
    from rnnlm_cli.runs import RunFinished
    from rnnlm_cli.scoring.adapting import Adapted
    from rnnlm_cli.scoring.evaluation import Evaluation
    from rnnlm_cli.scoring.inspection import ParameterRow

Neighbours = dict[str, list[tuple[str, float]]]


def run_document(event: RunFinished) -> dict[str, Any]:
    """What `train` prints."""
    from rnnlm_cli.checkpoint.header import pack_history, pack_run, pack_timings
    from rnnlm_cli.memory import peak_megabytes

    run = pack_run(event.checkpoint.run)
    tests = run.pop("test_perplexity", {})
    return {
        "checkpoint": str(event.path),
        "run": _by_name(run) | {"test_perplexity": tests},
        "history": pack_history(event.checkpoint.history),
        "timings": pack_timings(event.checkpoint),
        "test_perplexity": tests,
        "seconds": event.seconds,
        "peak_megabytes": peak_megabytes(),
    }


def inspection_document(
    path: Path, checkpoint: Checkpoint, rows: Sequence[ParameterRow], neighbours: Neighbours
) -> dict[str, Any]:
    """What `inspect` prints."""
    from rnnlm_cli.checkpoint.header import pack_history, pack_run, pack_timings

    text = asdict(checkpoint.text) if checkpoint.text else None
    if text is not None:
        del text["words"]  # ten thousand of them: the vocabulary is not what one looks for here
    return {
        "checkpoint": str(path),
        "model": {"vocab_size": checkpoint.vocab_size, **asdict(checkpoint.model)},
        "parameters": [asdict(row) for row in rows],
        "text": text,
        "run": _by_name(pack_run(checkpoint.run)),
        "history": _by_name(pack_history(checkpoint.history)),
        "timings": _by_name(pack_timings(checkpoint)) if checkpoint.text else {},
        "nearest": neighbours,
    }


def _by_name(value: Any) -> Any:
    """`value` with the keys in order, as a file has them."""
    if isinstance(value, dict):
        return {key: _by_name(value[key]) for key in sorted(value)}
    return [_by_name(item) for item in value] if isinstance(value, list) else value


def evaluation_document(
    checkpoint: Path, corpus: str, split: str | None, result: Evaluation
) -> dict[str, Any]:
    """What `eval` prints of one checkpoint."""
    return {
        "checkpoint": str(checkpoint),
        "corpus": corpus,
        "split": split,
        "protocol": result.protocol,
        "tokens": result.tokens,
        "unknown": result.unknown,
        **_figures(result),
        "words_per_second": result.words_per_second,
    }


def adapted_document(adapted: Adapted) -> dict[str, Any]:
    """What `eval` prints of tricks; `settings` are those of their values."""
    return {
        "tricks": list(adapted.tricks),
        **_figures(adapted.evaluation),
        "settings": adapted.settings.values,
    }


def _figures(result: Evaluation) -> dict[str, float]:
    return {
        "nats_per_token": result.nats_per_token,
        "bits_per_token": result.bits_per_token,
        "perplexity": result.perplexity,
        "standard_error": result.standard_error,
        "perplexity_known": result.perplexity_known,
        "seconds": result.seconds,
    }


def samples_document(start: str, seed: int | None, samples: Sequence[str]) -> dict[str, Any]:
    """What `generate` prints."""
    return {"start": start, "seed": seed, "samples": samples}


def corpora_document(corpora: Sequence[CorpusInfo]) -> list[dict[str, Any]]:
    """What `train --list-corpora` prints."""
    return [asdict(info) | {"where": info.where and str(info.where)} for info in corpora]
