"""What makes two runs the same one: the id that their files and logs tell them by."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

from rnnlm_cli.corpus.loading import Corpus
from rnnlm_cli.settings.run import RunPlan
from rnnlm_cli.settings.setting import declared


def run_identity(corpus: Corpus, config: RunPlan, start_sha256: str | None = None) -> str:
    """12 hex digits over text, start and all settings but the length: equal ids, equal runs."""
    train = _used(config.train) | {"epochs": None, "steps": None, "budget": None}
    settings: list[Any] = [corpus.sha256, _used(config.text), _used(config.model), train]
    if corpus.tokenizer.unit == "word" and corpus.tokenizer.rule > 1:
        settings.append(corpus.tokenizer.rule)  # other units cut as they always did
    if start_sha256 is not None:
        settings.append(start_sha256)
    if config.vocab is not None:
        settings.append(corpus.vocabulary.words)  # which are neither of the text nor of the start
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:12]


def _used(config: Any) -> dict[str, Any]:
    """The settings of a config by name, but later ones that are not used: at their defaults."""
    known = declared(type(config))
    return {
        name: value
        for name, value in asdict(config).items()
        if not (known[name].setting.is_later and value == known[name].default)
    }
