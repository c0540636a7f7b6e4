"""Words that somebody names, as ids of a vocabulary: what is meant, what is told of others."""

from __future__ import annotations

from collections.abc import Iterable

from rnnlm_cli.corpus.cutting.rules import composed
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.corpus.vocabulary import UNK
from rnnlm_cli.errors import ConfigError, VocabularyError, quoted


def phrase_ids(words: TextRecord, phrase: str, option: str) -> list[int]:
    """The ids of the words of a text that goes on, which `option` gave. Raises VocabularyError."""
    cut = words.tokenizer.tokenize_prompt(words.as_read(phrase, open_end=True))
    tokens = words.vocabulary.fitted(words.tokenizer.told(cut, words.vocabulary))
    if words.tokenizer.is_of_pieces:  # the pieces of a word are no words to look up
        return list(map(words.vocabulary.ids.__getitem__, tokens))
    return [word_id(words, token, option) for token in tokens]


def known_spelling(words: TextRecord, word: str) -> str | None:
    """`word` as the vocabulary has it: as it is, or as it would be read in a text; else None.

    Of a piece that is a word, the one with the blank before it is meant, if there is one.
    """
    spellings = (word, composed(word), words.tokenizer.normalize(word))
    tried = (*map(words.set_off, spellings), *spellings)
    return next((each for each in tried if each in words.vocabulary), None)


def word_id(words: TextRecord, word: str, option: str) -> int:
    """The id of `word`. Raises VocabularyError, which names the `option` and words spelt alike."""
    vocabulary = words.vocabulary
    spelling = known_spelling(words, word)
    if spelling is not None:
        return vocabulary.ids[spelling]
    tokenizer = words.tokenizer
    pieces = tokenizer.tokenize(word, open_end=True) if tokenizer.is_of_pieces else []
    alike = pieces or vocabulary.nearest(word)
    how = "its pieces are" if pieces else "spelt alike are"
    advice = f"{how} {', '.join(map(quoted, alike))}" if alike else "use another word"
    raise VocabularyError(
        f"{option}: the word {quoted(word)} is not in the vocabulary of {len(vocabulary):,} words: "
        f"{advice}"
    )


def banned_ids(words: TextRecord, skip: Iterable[str], *, unk: bool) -> set[int]:
    """The ids of the words to `skip`, and of `<unk>` unless `unk`.

    Raises VocabularyError, and ConfigError for an `<unk>` that is to be drawn and skipped.
    """
    skip = list(skip)
    if unk and UNK in skip:
        raise ConfigError(f"{UNK} is to be drawn and to be skipped: say one of them")
    banned = {word_id(words, word, "skip") for word in skip}
    banned |= {words.vocabulary.ids[word] for word in skip if word in words.vocabulary}
    if not unk and words.vocabulary.unk_id is not None:
        banned.add(words.vocabulary.unk_id)
    return banned


def blank_ids(words: TextRecord) -> set[int]:
    """The ids of what adds nothing but white space to a text, but for `<eos>`."""
    tokens = enumerate(words.words)
    blank = {i for i, token in tokens if not words.tokenizer.joined([token]).strip()}
    return blank - {words.vocabulary.eos_id}
