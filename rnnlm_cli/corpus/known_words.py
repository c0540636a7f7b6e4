"""Words that somebody names, as ids of a vocabulary: what is meant, what is told of others."""

from __future__ import annotations

from collections.abc import Iterable

from rnnlm_cli.corpus.cutting.rules import composed
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.corpus.vocabulary import UNK
from rnnlm_cli.errors import ConfigError, VocabularyError, quoted


def phrase_ids(record: TextRecord, phrase: str, option: str) -> list[int]:
    """The ids of the words of a text that goes on, which `option` gave. Raises VocabularyError."""
    cut = record.tokenizer.tokenize_prompt(record.as_read(phrase, open_end=True))
    tokens = record.vocabulary.fitted(record.tokenizer.told(cut, record.vocabulary))
    if record.tokenizer.is_of_pieces:  # the pieces of a word are no words to look up
        return list(map(record.vocabulary.ids.__getitem__, tokens))
    return [word_id(record, token, option) for token in tokens]


def known_spelling(record: TextRecord, word: str) -> str | None:
    """`word` as the vocabulary has it: as it is, or as it would be read in a text; else None.

    Of a piece that is a word, the one with the blank before it is meant, if there is one.
    """
    spellings = (word, composed(word), record.tokenizer.normalize(word))
    tried = (*map(record.set_off, spellings), *spellings)
    return next((each for each in tried if each in record.vocabulary), None)


def word_id(record: TextRecord, word: str, option: str) -> int:
    """The id of `word`. Raises VocabularyError, which names the `option` and words spelt alike."""
    vocabulary = record.vocabulary
    spelling = known_spelling(record, word)
    if spelling is not None:
        return vocabulary.ids[spelling]
    cutter = record.tokenizer
    pieces = cutter.tokenize(word, open_end=True) if cutter.is_of_pieces else []
    alike = pieces or vocabulary.nearest(word)
    how = "its pieces are" if pieces else "spelt alike are"
    advice = f"{how} {', '.join(map(quoted, alike))}" if alike else "use another word"
    raise VocabularyError(
        f"{option}: the word {quoted(word)} is not in the vocabulary of {len(vocabulary):,} words: "
        f"{advice}"
    )


def banned_ids(record: TextRecord, skip: Iterable[str], *, unk: bool) -> set[int]:
    """The ids of the words to `skip`, and of `<unk>` unless `unk`.

    Raises VocabularyError, and ConfigError for an `<unk>` that is to be drawn and skipped.
    """
    skip = list(skip)
    if unk and UNK in skip:
        raise ConfigError(f"{UNK} is to be drawn and to be skipped: say one of them")
    banned = {word_id(record, word, "skip") for word in skip}
    banned |= {record.vocabulary.ids[word] for word in skip if word in record.vocabulary}
    if not unk and record.vocabulary.unk_id is not None:
        banned.add(record.vocabulary.unk_id)
    return banned


def blank_ids(record: TextRecord) -> set[int]:
    """The ids of what adds nothing but white space to a text, but for `<eos>`."""
    tokens = enumerate(record.words)
    blank = {i for i, token in tokens if not record.tokenizer.joined([token]).strip()}
    return blank - {record.vocabulary.eos_id}
