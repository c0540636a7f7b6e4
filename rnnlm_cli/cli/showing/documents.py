"""JSON documents of the verbs: what `--json` prints, as a dict.

Those that share figures with what is shown stand beside it: see sweeps.py, inside.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnlm_cli.checkpoint.contents import Checkpoint
    from rnnlm_cli.checkpoint.exchange.exporting import Exported
    from rnnlm_cli.checkpoint.texts import ScoredText
    from rnnlm_cli.corpus.reading.named import CorpusInfo
    from rnnlm_cli.corpus.text_record import TextRecord
    from rnnlm_cli.generating.copies import Copies
    from rnnlm_cli.runs import RunFinished
    from rnnlm_cli.scoring.adapting import Adapted
    from rnnlm_cli.scoring.difference import Difference
    from rnnlm_cli.scoring.evaluation import Evaluation
    from rnnlm_cli.scoring.inspection import ParameterRow
    from rnnlm_cli.scoring.intervals import Share
    from rnnlm_cli.tasks.contrasts.accuracy import Accuracy
    from rnnlm_cli.tasks.contrasts.pairs import PairScore
    from rnnlm_cli.tasks.contrasts.suites import ItemScore, SuiteScore
    from rnnlm_cli.tasks.drawn_texts import DrawnText

Neighbours = dict[str, list[tuple[str, float]]]


def run_document(event: RunFinished) -> dict[str, Any]:
    """What `train` prints. What files of earlier versions do not tell is left out."""
    from rnnlm_cli.checkpoint.header import pack_history, pack_timings
    from rnnlm_cli.machine import peak_megabytes

    run = _run(event.checkpoint)
    tests, text = run.pop("test_perplexity", {}), event.checkpoint.text
    return {
        "checkpoint": str(event.path),
        **({"text": _sizes(text)} if text else {}),
        "run": _by_name(run) | {"test_perplexity": tests},
        "history": pack_history(event.checkpoint.history),
        "timings": pack_timings(event.checkpoint),
        "test_perplexity": tests,
        "tests": _tests(event.checkpoint),
        "seconds": event.seconds,
        "peak_megabytes": peak_megabytes(),
    }


def inspection_document(
    path: Path, checkpoint: Checkpoint, rows: Sequence[ParameterRow], neighbours: Neighbours
) -> dict[str, Any]:
    """What `inspect` prints. What files of earlier versions do not tell is left out."""
    from rnnlm_cli.checkpoint.header import pack_history, pack_timings

    text = asdict(checkpoint.text) if checkpoint.text else None
    if text is not None and checkpoint.text is not None:
        del text["words"]  # ten thousand of them: the vocabulary is not what one looks for here
        del text["splits"], text["cut"]
        text |= _sizes(checkpoint.text)
    return {
        "checkpoint": str(path),
        "model": {"vocab_size": checkpoint.vocab_size, **asdict(checkpoint.model)},
        "parameters": [asdict(row) for row in rows],
        "text": text,
        "run": _by_name(_run(checkpoint)),
        "tests": _tests(checkpoint),
        "history": _by_name(pack_history(checkpoint.history)),
        "timings": _by_name(pack_timings(checkpoint)) if checkpoint.text else {},
        "nearest": neighbours,
    }


def export_document(model: Path, exported: Exported) -> dict[str, Any]:
    """What `export` prints."""
    return {
        "checkpoint": str(model),
        "out": str(exported.path),
        "form": exported.what,
        "bytes": exported.size,
        "note": exported.note,
        "loader": exported.loader,
    }


def import_document(file: Path, out: Path, checkpoint: Checkpoint) -> dict[str, Any]:
    """What `import` prints."""
    return {
        "file": str(file),
        "checkpoint": str(out),
        "model": {"vocab_size": checkpoint.vocab_size, **asdict(checkpoint.model)},
    }


def _by_name(value: Any) -> Any:
    """`value` with the keys in order, as a file has them."""
    if isinstance(value, dict):
        return {key: _by_name(value[key]) for key in sorted(value)}
    return [_by_name(item) for item in value] if isinstance(value, list) else value


def _run(checkpoint: Checkpoint) -> dict[str, Any]:
    """Its run as it is saved, but for what `_tests` tells."""
    from rnnlm_cli.checkpoint.header import pack_run

    return {key: value for key, value in pack_run(checkpoint.run).items() if key != "tests"}


def _tests(checkpoint: Checkpoint) -> dict[str, Any]:
    """Every figure of the tests of a run, by protocol."""
    tests = checkpoint.run.tests if checkpoint.run else {}
    return {protocol: found.named() for protocol, found in tests.items()}


def _sizes(text: TextRecord) -> dict[str, Any]:
    """The counts of its splits, and of the types that its vocabulary leaves out."""
    splits = {
        split: asdict(sizes)
        | {
            "unknown_share": sizes.unknown_share,
            "characters_per_token": sizes.characters_per_token,
        }
        for split, sizes in text.splits.items()
    }
    document: dict[str, Any] = {"splits": splits} if splits else {}
    if (cut := text.cut) is not None:
        document |= {"types": cut.types}
        document |= {"types_cut": {"min_count": cut.rare, "max_vocab": cut.beyond}}
    return document


def evaluation_document(
    checkpoint: Path, words: TextRecord, scored: ScoredText, result: Evaluation
) -> dict[str, Any]:
    """What `eval` prints of one checkpoint."""
    return {
        "checkpoint": str(checkpoint),
        "corpus": scored.name,
        "split": scored.split,
        "corpus_sha256": scored.sha256,
        "vocabulary": {
            "unit": words.tokenizer.unit,
            "lower": words.tokenizer.lower,
            "rule": words.tokenizer.rule,
            "words": len(words.words),
            "sha256": words.vocabulary.sha256,
        },
        "protocol": result.protocol,
        **_figures(result),
        "words_per_second": result.words_per_second,
    }


def adapted_document(adapted: Adapted) -> dict[str, Any]:
    """What `eval` prints of tricks; `settings` are those of their values."""
    return {
        "tricks": list(adapted.settings.tricks),
        **_figures(adapted.evaluation),
        "settings": adapted.settings.values,
    }


def _figures(result: Evaluation) -> dict[str, Any]:
    return result.named() | {"seconds": result.seconds}


def difference_document(first: Path, found: Difference) -> dict[str, Any]:
    """How a model compares with the `first` one on the lines of a text."""
    return {
        "to": str(first),
        "nats_per_line": found.nats_per_line,
        "interval": list(found.interval),
        "p": found.p,
        "lines": found.lines,
        "blocks": found.blocks,
    }


def pairs_document(found: Sequence[Accuracy]) -> dict[str, Any]:
    """What `score` prints of minimal pairs."""
    from rnnlm_cli.tasks.contrasts.accuracy import pooled

    return {
        "paradigms": [
            _accuracy(row) | {"tied": [_tie(score) for score in row.ties]} for row in found
        ],
        "all": [_accuracy(row) for row in pooled(found)],
    }


def _accuracy(row: Accuracy) -> dict[str, Any]:
    return {
        "uid": row.uid,
        "method": row.method,
        "pairs": row.pairs,
        "accuracy": row.accuracy.value,
        "interval": list(row.accuracy.interval),
        "ties": len(row.ties),
        "share_same": row.share_same,
        "share_unknown": row.share_unknown,
        "pairs_known": row.accuracy_known.total,
        "accuracy_known": row.accuracy_known.value,
        "interval_known": list(row.accuracy_known.interval),
    }


def _tie(score: PairScore) -> dict[str, Any]:
    pair = score.pair
    return {
        "line": pair.line,
        "good": pair.good.text,
        "bad": pair.bad.text,
        "same": score.same,
        "log_probability": score.good,
    }


def suites_document(scores: Sequence[SuiteScore]) -> dict[str, Any]:
    """What `score` prints of test suites."""
    from rnnlm_cli.tasks.contrasts.suites import MeanScore

    mean = asdict(MeanScore.of(scores))
    return {"suites": [_suite(score) for score in scores], "mean": mean}


def _suite(score: SuiteScore) -> dict[str, Any]:
    formulas = zip(score.suite.predictions, score.by_prediction, strict=True)
    return {
        "suite": score.suite.name,
        **_share(score.accuracy),
        "distinct": _share(score.accuracy_distinct),
        "predictions": [{"formula": formula.text, **_share(share)} for formula, share in formulas],
        "same": [list(each) for each in score.same],
        "tokens": score.tokens,
        "unknown": score.unknown,
        "items": [_item(item) for item in score.items],
    }


def _share(share: Share) -> dict[str, Any]:
    """Of `total` trials."""
    return {"total": share.total, "accuracy": share.value, "interval": list(share.interval)}


def _item(item: ItemScore) -> dict[str, Any]:
    bits: dict[str, dict[str, float]] = {}
    for (region, condition), value in item.bits.items():
        bits.setdefault(condition, {})[region] = value
    return {"item": item.number, "holds": list(item.holds), "bits": bits}


def samples_document(start: str, seed: int | None, samples: Sequence[str]) -> dict[str, Any]:
    """What `generate` prints."""
    return {"start": start, "seed": seed, "samples": samples}


def drawn_document(start: str, seed: int | None, texts: Sequence[DrawnText]) -> dict[str, Any]:
    """The same with what is told of the texts: a list beside them for each thing."""
    told = samples_document(start, seed, [text.text for text in texts])
    if all(text.log_probabilities is not None for text in texts):
        told["scores"] = [
            [{"token": token, "log_probability": log_p} for token, log_p in text.scored]
            for text in texts
        ]
    if found := [_copied(text, text.copies) for text in texts if text.copies is not None]:
        told["novelty"] = found
    return told


def _copied(text: DrawnText, copies: Copies) -> dict[str, Any]:
    """Runs count tokens from the first of the start on."""
    runs = [
        {"begin": begin, "end": end, "text": "".join(text.pieces[begin:end]).strip()}
        for begin, end in copies.runs
    ]
    return {
        "copied_from": copies.least,
        "tokens": copies.tokens,
        "copied": copies.copied,
        "share": copies.share,
        "longest": copies.longest,
        "runs": runs,
    }


def corpora_document(corpora: Sequence[CorpusInfo]) -> list[dict[str, Any]]:
    """What `train --list-corpora` prints."""
    return [asdict(info) | {"where": info.where and str(info.where)} for info in corpora]
