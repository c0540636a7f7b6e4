"""Words of one's own: as a reader of the book has them in files."""

import pickle
from pathlib import Path

import pytest

from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.known_words import phrase_ids
from rnnlm_cli.corpus.text_record import encode_given
from rnnlm_cli.corpus.vocab_file import read_words, tokenizer_for, words_record
from rnnlm_cli.corpus.word_lines import line_of
from rnnlm_cli.errors import CorpusError, VocabularyError
from tests.models import pieces_record
from tests.pickling.opcodes import pickled, text

TEXT = "You say goodbye and I say hello.\nThe end. \n\n Mr. Smith  says 3.14.\n"


def preprocess(text: str) -> tuple[list[int], dict[str, int], dict[int, str]]:
    """What the book's function of section 2.3.1 makes of a text, in other words."""
    tokens = text.lower().replace(".", " .").split(" ")
    word_to_id = {word: i for i, word in enumerate(dict.fromkeys(tokens))}
    return [word_to_id[token] for token in tokens], word_to_id, dict(enumerate(word_to_id))


def written(path: Path, found: object, protocol: int = 4) -> Path:
    path.write_bytes(found if isinstance(found, bytes) else pickle.dumps(found, protocol))
    return path


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_text_is_cut_as_the_book_cut_it(protocol: int, tmp_path: Path) -> None:
    corpus, word_to_id, id_to_word = preprocess(TEXT)
    for given in (word_to_id, id_to_word, (word_to_id, id_to_word), [id_to_word, word_to_id]):
        path = written(tmp_path / "words.pkl", given, protocol)
        record = words_record(path, len(word_to_id))
        assert encode_given(record, TEXT, "here").ids.tolist() == corpus
        assert record.tokenizer == Tokenizer("preprocess", lower=True)


def test_another_text_is_cut_at_line_ends_too(tmp_path: Path) -> None:
    _, words, _ = preprocess("You say goodbye and I say hello.")
    record = words_record(written(tmp_path / "words.pkl", words), len(words))
    decoded = record.vocabulary.decode(encode_given(record, "I say\n" + TEXT[:33], "").ids)
    assert decoded == "i say you say goodbye and i say hello .".split()
    assert phrase_ids(record, "You  say", "start") == [words["you"], words["say"]]


@pytest.mark.parametrize("data", [b"you\nsay\n.", b"\xef\xbb\xbfyou\r\nsay\r\n.\r\n"])
def test_a_text_has_a_word_in_each_line(data: bytes, tmp_path: Path) -> None:
    assert read_words(written(tmp_path / "words.txt", data), 3) == ("you", "say", ".")


@pytest.mark.parametrize(
    ("words", "tokenizer"),
    [
        (["you", "<eos>", "<unk>", "N", "mr."], Tokenizer("whitespace")),
        (["you", "mr.", "say"], Tokenizer("whitespace")),
        (["you", "say", ".", ".14"], Tokenizer("preprocess", lower=True)),
        (["You", "say", "<unk>"], Tokenizer("preprocess")),
        (["a", " ", "\n", "<unk>"], Tokenizer("char")),
        (["吾", "輩", "<eos>"], Tokenizer("char")),
        (["吾輩", "は", "猫"], Tokenizer("preprocess", lower=True)),
    ],
)
def test_the_words_say_what_cut_them(words: list[str], tokenizer: Tokenizer) -> None:
    assert tokenizer_for(words) == tokenizer


WRONG: dict[str, tuple[object, int, str]] = {
    "a line twice": (b"you\nsay\nyou\n", 3, "the word 'you' has two ids, 0 and 2"),
    "two blank lines": (b"a\n\n\nb", 4, "the word '' has two ids, 1 and 2"),
    "one id twice": ({"you": 0, "say": 0}, 2, "'you' and 'say' have the same id, 0"),
    "a gap": ({"you": 0, "say": 2}, 2, "'say' has the id 2, but 2 words have the ids from 0 to 1"),
    "from 1 on": ({1: "you", 2: "say"}, 2, "'say' has the id 2, but 2 words"),
    "a negative id": ({-1: "you"}, 1, "'you' has the id -1, but 1 words"),
    "a word twice": ({0: "you", 1: "you"}, 2, "the word 'you' has two ids, 0 and 1"),
    "a key twice": (pickled(b"}(", 2 * (text("a") + b"K\x00"), b"u"), 2, "have the same id, 0"),
    "disagreement": (({"a": 0, "b": 1}, {0: "b", 1: "a"}), 2, "0 is 'a' in the one and 'b' in the"),
    "two sizes": (({"a": 0, "b": 1}, {0: "a"}), 2, "1 words, but the model has 2: it is another"),
    "numbers alone": ([0, 1], 2, "found a list of something else than words"),
    "a call": (pickled(b"cos\nsystem\n", text("true"), b"\x85R"), 1, "found the opcode b'c'"),
    "zeros": (b"a\0b", 1, "looks binary"),
    "white space": (b" \n", 1, "only white space"),
    "another size": (b"you\nsay\n", 1234, "2 words, but the model has 1,234: it is another"),
    "another size, pickled": ({"you": 0}, 2, "1 words, but the model has 2: it is another"),
    "no words": ({}, 1, "0 words, but the model has 1"),
}


@pytest.mark.parametrize(("found", "count", "message"), WRONG.values(), ids=WRONG)
def test_what_is_no_vocabulary_of_the_model_is_told(
    found: object, count: int, message: str, tmp_path: Path
) -> None:
    path = written(tmp_path / "words", found)
    with pytest.raises(CorpusError, match=message) as raised:
        words_record(path, count)
    assert str(raised.value).startswith(f"'{path}'")


def test_a_file_that_is_not_there_or_no_file_is_told(tmp_path: Path) -> None:
    for path, problem in ((tmp_path / "none", "No such file"), (tmp_path, "a folder, a pipe")):
        with pytest.raises(VocabularyError, match=problem):
            read_words(path, 2)


def test_pieces_are_no_words_without_their_merges(tmp_path: Path) -> None:
    words = pieces_record().words
    path = written(tmp_path / "w.txt", "".join(f"{line_of(word)}\n" for word in words).encode())
    assert read_words(path, len(words)) == words
    with pytest.raises(VocabularyError, match=r"w\.txt': these are pieces of words \(bpe\)"):
        words_record(path, len(words))
