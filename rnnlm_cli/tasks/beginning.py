"""How a text that a model writes begins, and what it ends with."""

from __future__ import annotations

from rnnlm_cli.corpus.known_words import phrase_ids
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.generating.start import Start
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.settings.text import Record


def end_of(words: TextRecord, config: SampleConfig) -> Record | None:
    """The record that ends a text; None: its length. Raises ConfigError for one without `<eos>`."""
    if words.vocabulary.eos_id is not None:
        return config.ends_with(words.config.record)
    if config.ends_with():
        given = "stop-at-eos" if config.stop_at_eos else f"record {config.record}"
        raise ConfigError(f"{given} is set, but the model knows no <eos>: leave that out")
    return None


def start_of(words: TextRecord, start: str, config: SampleConfig) -> Start:
    """The words of `start`, read as if a line, or the paragraph that a text is, had just ended.

    Without an `<eos>` there is nothing before them. Raises VocabularyError, with the words spelt
    most like it, for a word that has no id, and ConfigError for no word and no `<eos>`.
    """
    line_ends, eos_id = 2 if end_of(words, config) == "paragraph" else 1, words.vocabulary.eos_id
    before = [] if eos_id is None else [eos_id] * line_ends
    return Start(before + phrase_ids(words, start, "start"), len(before))
