import pytest

from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.settings.text import CorpusConfig, Record
from rnnlm_cli.tasks.beginning import start_of


def record_of(*words: str, record: Record | None = None) -> TextRecord:
    config = CorpusConfig(unit="word", record=record)
    return TextRecord(corpus="c", sha256="0", config=config, words=words)


@pytest.mark.parametrize(
    ("trained_on", "asked", "line_ends"),
    [
        (None, {}, 1),
        ("line", {}, 1),
        ("paragraph", {}, 2),
        ("paragraph", {"record": "none"}, 1),
        ("paragraph", {"stop_at_eos": True}, 1),
        (None, {"record": "paragraph"}, 2),
    ],
)
def test_a_text_begins_as_if_a_line_or_its_paragraph_had_just_ended(
    trained_on: Record | None, asked: dict[str, str], line_ends: int
) -> None:
    words = record_of("the", "old", "<eos>", record=trained_on)
    for start, ids in (("the old", [0, 1]), ("", [])):
        begun = start_of(words, start, SampleConfig(**asked))  # type: ignore[arg-type]
        assert (begun.read, begun.words) == ([2] * line_ends + ids, ids)


def test_without_line_ends_it_begins_with_its_first_word() -> None:
    words = record_of("the", "old", record="paragraph")
    begun = start_of(words, "the", SampleConfig())
    assert (begun.read, begun.words) == ([0], [0])
    with pytest.raises(ConfigError, match="at least one start word: give a start"):
        start_of(words, "", SampleConfig())
