"""The words of a model whose file has none: out of a text, or of a pickle as readers make them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rnnlm_cli.corpus.cutting.pieces import spelt
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.reading.decoding import decode_text
from rnnlm_cli.corpus.reading.encodings import TextSource
from rnnlm_cli.corpus.reading.files import shown
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.corpus.vocabulary import EOS, UNK, Vocabulary
from rnnlm_cli.corpus.word_lines import word_of
from rnnlm_cli.errors import CheckpointError, VocabularyError, quoted
from rnnlm_cli.pickling import MAX_WORD_FILE_BYTES, WordIds, parse_words, read_file
from rnnlm_cli.settings.text import CorpusConfig

_PIECE = spelt(b"\x80")  # a byte that is no text is a word only where all bytes are
_PICKLED = b"\x80"  # is no beginning of UTF-8


def words_record(path: Path, vocab_size: int) -> TextRecord:
    """The words in the file `path` and how a text is cut into them, for a model of so many.

    Raises CorpusError: there is no such file, it is no vocabulary, or one of another size.
    """
    words = read_words(path, vocab_size)
    if _PIECE in words:
        raise VocabularyError(
            f"{shown(path)}: these are pieces of words (bpe), which a text is cut into by merges: "
            "use the checkpoint, which has them"
        )
    tokenizer = tokenizer_for(words)
    config = CorpusConfig(unit=tokenizer.unit, lower=tokenizer.lower)
    return TextRecord(corpus="", sha256="", config=config, words=words, rule=tokenizer.rule)


def read_words(path: Path, count: int) -> tuple[str, ...]:
    """So many words by id: a line of a text each, or a pickle as `word_machine` knows it.

    Raises CorpusError.
    """
    where = shown(path)
    try:
        data = read_file(path, MAX_WORD_FILE_BYTES)
        if data.startswith(_PICKLED):
            words = _of_dicts(parse_words(data), count)
        else:
            words = _of_lines(decode_text(data, TextSource(where)), count)
        return Vocabulary(words).words
    except OSError as error:
        raise VocabularyError(f"{where} cannot be read: {error.strerror or error}") from None
    except (CheckpointError, VocabularyError) as error:
        raise VocabularyError(f"{where}: {error}") from None


def tokenizer_for(words: Sequence[str]) -> Tokenizer:
    """What may have cut a text into these words.

    char         where all are single letters
    whitespace   where `<eos>` ends the lines, or a word has a point in it
    preprocess   else: the book's function sets points off, and knows no lines
    """
    others = [word for word in words if word not in (EOS, UNK)]
    if all(len(word) <= 1 for word in others):
        return Tokenizer("char")
    if EOS in words or any("." in word[1:] for word in others):
        return Tokenizer("whitespace")
    return Tokenizer("preprocess", lower=all(word == word.lower() for word in others))


def _of_lines(text: str, count: int) -> tuple[str, ...]:
    text = text.removesuffix("\n")
    _check_count(text.count("\n") + 1, count)  # before there are any number of lines
    return tuple(map(word_of, text.split("\n")))


def _of_dicts(dicts: Sequence[WordIds], count: int) -> tuple[str, ...]:
    """The words by id; word_to_id and id_to_word, should both be there, must agree."""
    for each in dicts:
        _check_count(len(each.words), count)
    first, *others = map(_by_id, dicts)
    for other in others:
        for i, (one, two) in enumerate(zip(first, other, strict=True)):
            if one != two:
                raise VocabularyError(
                    f"its two dicts disagree: {i} is {quoted(one)} in the one and {quoted(two)} in "
                    "the other"
                )
    return first


def _check_count(found: int, needed: int) -> None:
    if found != needed:
        raise VocabularyError(
            f"{found:,} words, but the model has {needed:,}: it is another vocabulary"
        )


def _by_id(found: WordIds) -> tuple[str, ...]:
    count = len(found.words)
    words: list[str | None] = [None] * count
    for word, i in zip(found.words, found.ids, strict=True):
        if not 0 <= i < count:
            raise VocabularyError(
                f"{quoted(word)} has the id {i}, but {count:,} words have the ids from 0 to "
                f"{count - 1:,}"
            )
        if words[i] is not None:
            raise VocabularyError(f"{quoted(words[i])} and {quoted(word)} have the same id, {i}")
        words[i] = word
    return tuple(word for word in words if word is not None)
