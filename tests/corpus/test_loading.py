"""load_corpus: every rule of how a text becomes ids."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.corpus import source
from rnnlm_cli.corpus.cutting.judging import Judgement
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.encoded_text import TextSizes
from rnnlm_cli.corpus.loading import Corpus, load_corpus
from rnnlm_cli.corpus.reading import places
from rnnlm_cli.corpus.reading.places import Place
from rnnlm_cli.corpus.vocabulary import EOS, UNK, Vocabulary
from rnnlm_cli.errors import CorpusError, VocabularyError
from rnnlm_cli.settings.text import CorpusConfig, Split

SPLITS: tuple[Split, ...] = ("train", "valid", "test")
DEFAULT = CorpusConfig()


def words(corpus: Corpus, split: Split) -> list[str]:
    return corpus.vocabulary.decode(corpus.ids(split))


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., str]:
    """Makes a folder of these files."""

    def make(prefix: str = "", **texts: str) -> str:
        for split, text in texts.items():
            (tmp_path / f"{prefix}{split}.txt").write_text(text, encoding="utf-8")
        return str(tmp_path)

    return make


@pytest.mark.parametrize("prefix", ["", "ptb."])
def test_a_folder_has_a_file_for_each_split(folder: Callable[..., str], prefix: str) -> None:
    path = folder(prefix, train="b a <unk>\n", valid="a c", test="b\nb\n")
    corpus = load_corpus(path, DEFAULT)
    assert (corpus.name, corpus.place) == (Path(path).name, Place.of(path))
    assert corpus.tokenizer == Tokenizer("whitespace")
    assert corpus.vocabulary.words == ("b", "a", UNK, EOS)  # of the training text alone
    assert [corpus.ids(split).tolist() for split in SPLITS] == [
        [0, 1, 2, 3],
        [1, 2, 3],
        [0, 3, 0, 3],
    ]


def test_ids_are_read_only_int32(folder: Callable[..., str]) -> None:
    for _ in ("made", "out of the cache"):
        corpus = load_corpus(folder(train="a <unk>\n", valid="a\n", test="a\n"), DEFAULT)
        assert all(corpus.ids(split).dtype == np.int32 for split in SPLITS)
        with pytest.raises(ValueError, match="read-only"):
            corpus.ids("train")[0] = 1


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({}, "has no train.txt, nor any .txt: put train.txt, valid.txt and test.txt there"),
        ({"train": "a\n"}, "has 'train.txt' but not 'valid.txt' and 'test.txt': put it there, or"),
        ({"train": "a\n", "valid": "a\n"}, "has 'train.txt' but not 'test.txt'"),
        ({"train": "a\n", "my.train": "a\n"}, "has both 'my.train.txt' and 'train.txt'"),
        ({"train": "a\n", "valid": " \n", "test": "a\n"}, r"valid\.txt' is only white space"),
    ],
)
def test_a_folder_that_lacks_a_file_says_which(
    folder: Callable[..., str], texts: dict[str, str], message: str
) -> None:
    with pytest.raises(CorpusError, match=message):
        load_corpus(folder(**texts), DEFAULT)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "shakespear",
            r"'shakespear' is no file or folder, and no named corpus \(neko, ptb, pydoc",
        ),
        ("", "'' is no file or folder"),
        ("a\0b", r"'a\\x00b' is no file"),
        ("\x1b]52", r"'\\x1b\]52' is no file"),
        ("n" * 300, "cannot be read"),
        ("-", "standard input can be read once"),
        ("/dev/null", "is a pipe or a device"),
    ],
)
def test_what_is_no_corpus_is_refused(name: str, message: str, empty_home: Path) -> None:
    with pytest.raises(CorpusError, match=message):
        load_corpus(name, DEFAULT)


def test_one_file_is_split_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_text("".join(f"a b {i % 2}\n\n" for i in range(23)))
    corpus = load_corpus(str(path), DEFAULT)
    assert corpus.tokenizer.unit == "word"
    assert words(corpus, "valid") == ["a", "b", "1", EOS, EOS]
    assert words(corpus, "test") == ["a", "b", "1", EOS, EOS]
    assert len(corpus.ids("train")) == 21 * 5


def test_a_text_without_line_ends_has_eos_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "line.txt"
    path.write_text(" ".join(f"w{i % 7}" for i in range(140)))
    corpus = load_corpus(str(path), DEFAULT)
    assert EOS in corpus.vocabulary
    assert sum(len(corpus.ids(split)) for split in SPLITS) == 141


@pytest.mark.parametrize("text", ["word", "just a few words\n", "one\ntwo\nthree\n", "字" * 19])
def test_a_text_too_short_to_split_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=r"short\.txt': too short to be split .* 20 lines"):
        load_corpus(str(tmp_path / "short.txt"), DEFAULT)


def test_words_seen_once_become_unk_but_not_in_marked_text(folder: Callable[..., str]) -> None:
    plain = load_corpus(folder(train="a b c a b\n", valid="c d\n", test="a\n"), DEFAULT)
    assert words(plain, "train") == ["a", "b", UNK, "a", "b", EOS]
    assert words(plain, "valid") == [UNK, UNK, EOS]
    marked = load_corpus(folder(train="a b c a b <unk>\n"), DEFAULT)
    assert words(marked, "train") == ["a", "b", "c", "a", "b", UNK, EOS]


def test_rare_words_are_cut_as_the_settings_say(folder: Callable[..., str]) -> None:
    path = folder(train="a a a b b c\n", valid="a\n", test="a\n")
    assert load_corpus(path, CorpusConfig(min_count=3)).vocabulary.words == ("a", UNK, EOS)
    assert load_corpus(path, CorpusConfig(max_vocab=4)).vocabulary.words == ("a", "b", UNK, EOS)


def test_lower_and_unit_are_settings(folder: Callable[..., str]) -> None:
    path = folder(train="To be, to do\n", valid="to\n", test="to\n")
    lower = load_corpus(path, CorpusConfig(lower=True, min_count=1))
    assert words(lower, "train") == ["to", "be", ",", "to", "do", EOS]
    assert lower.tokenizer.lower
    blanks = load_corpus(path, CorpusConfig(unit="whitespace", max_vocab=9, min_count=2))
    assert words(blanks, "valid") == [UNK, EOS]
    assert load_corpus(path, CorpusConfig(unit="char")).tokenizer.unit == "char"


def test_without_unk_an_unknown_word_is_an_error_with_a_remedy(folder: Callable[..., str]) -> None:
    path = folder(train="a b a b a\n", valid="a\n", test="b\na z\n")
    with pytest.raises(
        VocabularyError, match=r"test\.txt', line 2: the word 'z' .*: use --min-count 3,"
    ):
        load_corpus(path, DEFAULT)
    assert words(load_corpus(path, CorpusConfig(min_count=3)), "test") == [UNK, EOS, "a", UNK, EOS]


def test_the_remedy_counts_no_spacing_which_is_never_cut(folder: Callable[..., str]) -> None:
    path = folder(train="the cat\nthe dog\ndog,cat ,\n", valid="a zebra\n", test="a dog\n")
    with pytest.raises(VocabularyError, match="use --min-count 3,"):
        load_corpus(path, CorpusConfig(unit="word"))
    assert UNK in load_corpus(path, CorpusConfig(unit="word", min_count=3)).vocabulary


def test_a_message_names_the_split_of_a_split_text(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_text("a b\n" * 9 + "a z\n" + "a b\n" * 10)
    with pytest.raises(VocabularyError, match=r"t\.txt', valid split, line 1: the word 'z'"):
        load_corpus(str(path), DEFAULT)


def test_a_given_vocabulary_is_used_as_it_is(
    folder: Callable[..., str], cache_folder: Path
) -> None:
    path = folder(train="a b c\n", valid="b\n", test="c\n")
    config = CorpusConfig(unit="whitespace")
    given = Vocabulary((EOS, "b", UNK))
    corpus = load_corpus(path, config, vocabulary=given)
    assert corpus.vocabulary is given
    assert corpus.ids("train").tolist() == [2, 1, 2, 0]
    assert list(cache_folder.iterdir()) == []
    with pytest.raises(VocabularyError, match="no other words than the training text"):
        load_corpus(path, config, vocabulary=Vocabulary((EOS, "b"))).ids("train")


def test_the_hash_is_of_the_text_and_not_of_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_bytes(b"A b. " * 400)  # no lines: here the unit could move the splits
    settings = [
        DEFAULT,
        CorpusConfig(unit="char"),
        CorpusConfig(unit="whitespace", lower=True),
        CorpusConfig(min_count=1, max_vocab=5),
    ]
    hashes = {load_corpus(str(path), config).sha256 for config in settings}
    path.write_bytes(b"\xef\xbb\xbf" + b"A b. " * 400 + b"\r\n")  # the same text
    hashes.add(load_corpus(str(path), DEFAULT).sha256)
    assert len(hashes) == 1
    path.write_bytes(b"b A. " + b"A b. " * 399)
    assert load_corpus(str(path), DEFAULT).sha256 not in hashes


def test_the_hash_tells_where_a_split_ends(folder: Callable[..., str]) -> None:
    one = load_corpus(folder(train="a <unk>\n", valid="a\na\n", test="a\n"), DEFAULT).sha256
    two = load_corpus(folder(train="a <unk>\n", valid="a\n", test="a\na\n"), DEFAULT).sha256
    assert one != two


def test_the_second_loading_is_the_same_out_of_the_cache(
    folder: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder(train="you say <unk>\n", valid="say\n", test="you\n")
    first = load_corpus(path, DEFAULT)
    monkeypatch.setattr(Tokenizer, "cut_block", None)  # it would fail
    second = load_corpus(path, DEFAULT)
    assert (second.vocabulary, second.sha256) == (first.vocabulary, first.sha256)
    for split in SPLITS:
        np.testing.assert_array_equal(second.ids(split), first.ids(split), strict=True)
    with pytest.raises(TypeError):
        load_corpus(path, CorpusConfig(lower=True))


def test_a_split_knows_its_characters_unknown_words_and_cut_types_from_the_cache_too(
    folder: Callable[..., str],
) -> None:
    path = folder(train="A a\r\nb\tb  zebra\n", valid="a wolf", test="b\n\n")
    for config in (CorpusConfig(unit="word"), CorpusConfig(unit="word", lower=True)):
        for _ in range(2):  # the second time out of the cache
            corpus = load_corpus(path, config)
            sizes = [corpus.text(split).sizes for split in SPLITS]
            assert [each.characters for each in sizes] == [15, 7, 3]
            assert [each.unknown for each in sizes] == [
                1 if config.lower else 3,
                2 - config.lower,
                0,
            ]
            assert corpus.cut is not None
            assert (corpus.cut.types, corpus.cut.rare) == ((6, 1) if config.lower else (7, 3))
            assert corpus.cut.unseen == 1
            assert all(corpus.text(split).lower is config.lower for split in SPLITS)


def test_given_words_count_a_text_the_same_and_cut_nothing(folder: Callable[..., str]) -> None:
    path = folder(train="a\n", valid="a\n", test="a  wolf\n")
    corpus = load_corpus(path, CorpusConfig(unit="word"), vocabulary=Vocabulary((EOS, "a", UNK)))
    assert corpus.text("test").sizes == TextSizes(tokens=3, unknown=1, characters=8)
    assert corpus.cut is None


def test_a_damaged_cache_is_made_again(folder: Callable[..., str], cache_folder: Path) -> None:
    path = folder(train="you say <unk>\n", valid="say\n", test="you\n")
    load_corpus(path, DEFAULT)
    (file,) = cache_folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:200])
    assert words(load_corpus(path, DEFAULT), "train") == ["you", "say", UNK, EOS]
    assert file.read_bytes() == whole


def test_a_name_goes_before_a_path(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (empty_home / "ptb").write_text("my own <unk> text\n" * 20)
    monkeypatch.setattr(places, "find_named", lambda name: None)
    monkeypatch.setattr(places, "fetch", lambda name, stages: {"train": Path(f"{name} fetched")})
    with pytest.raises(CorpusError, match="'ptb fetched': no such file"):
        load_corpus("ptb", DEFAULT)
    assert load_corpus("./ptb", DEFAULT).tokenizer.unit == "whitespace"


def test_a_word_that_stands_in_no_training_line_has_a_share_too(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_text("a b a c\n" * 100)
    words = Vocabulary(("a", "b", "c", "<eos>", "never"))
    corpus = load_corpus(str(path), CorpusConfig(unit="whitespace"), vocabulary=words)
    (n,) = set(corpus.counts[[1, 2, 3]].tolist())
    assert corpus.counts.tolist() == [2 * n, n, n, n, 0]
    assert corpus.shares.tolist() == pytest.approx(
        [each / (5 * n + 5) for each in (2 * n + 1, n + 1, n + 1, n + 1, 1)]
    )


def test_words_by_frequency_are_the_same_text(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_text("".join(f"rare{k % 3} often seldom often\n" for k in range(400)))
    corpus = load_corpus(str(path), CorpusConfig())
    sorted_ = corpus.by_frequency()
    counts = np.bincount(sorted_.ids("train"), minlength=len(sorted_.vocabulary))
    assert (np.diff(counts) <= 0).all()
    assert sorted_.vocabulary.words[0] == "often"
    splits: list[Split] = ["train", "valid", "test"]
    for split in splits:
        assert sorted_.text(split).sizes == corpus.text(split).sizes
        assert sorted_.text(split).eos_id == sorted_.vocabulary.eos_id
        words = corpus.vocabulary.decode(corpus.ids(split))
        assert sorted_.vocabulary.decode(sorted_.ids(split)) == words


def test_in_given_words_a_split_is_cut_when_it_is_first_used(
    folder: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder(train="zebra\n", valid="zebra\n", test="a b\n")
    corpus = load_corpus(path, CorpusConfig(unit="word"), vocabulary=Vocabulary((EOS, "a", "b")))
    ids = corpus.ids("test")
    assert ids.tolist() == [1, 2, 0]
    with pytest.raises(VocabularyError, match=r"train\.txt', line 1: the word 'zebra'"):
        corpus.ids("train")
    with pytest.raises(VocabularyError, match="the word 'zebra'"):
        _ = corpus.tokens
    monkeypatch.setattr(Tokenizer, "cut_block", None)  # it would fail
    assert corpus.ids("test") is ids
    with pytest.raises(ValueError, match="read-only"):
        ids[0] = 1


def test_the_tokenizer_of_a_model_goes_before_the_settings(folder: Callable[..., str]) -> None:
    path = folder(train="Aa\n", valid="a\n", test="a\n")
    chars = Tokenizer("char", lower=True)
    corpus = load_corpus(path, CorpusConfig(unit="word", min_count=1), tokenizer=chars)
    assert corpus.tokenizer is chars
    assert words(corpus, "train") == ["a", "a", EOS]


def test_how_a_text_is_written_is_judged_once(
    tmp_path: Path, folder: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def judge(text: str) -> Judgement:
        seen.append(text)
        return Judgement("word", "so it is")

    monkeypatch.setattr(source, "judge", judge)
    one = "".join(f"a b {i}\n" for i in range(20))
    (tmp_path / "t.txt").write_text(one)
    judged = load_corpus(str(tmp_path / "t.txt"), DEFAULT).judged
    assert judged == Judgement("word", "so it is")
    assert [len(text) for text in seen] == [len(one)]
    seen[:] = [one]
    path = folder(train="a a\n", valid="a\n", test="a\n")
    assert load_corpus(path, CorpusConfig(unit="word")).judged is None
    assert seen == [one]
    load_corpus(path, DEFAULT)
    assert seen == [one, "a a\na\na\n"]


VERSES = "the old cat\nsees a dog\na bird sings\n\n" * 200


@pytest.mark.parametrize(
    ("config", "vocabulary", "asked"),
    [
        (DEFAULT, None, True),
        (CorpusConfig(record="paragraph"), None, False),
        (DEFAULT, Vocabulary(("<unk>", EOS)), False),
    ],
)
def test_whether_a_text_seems_made_of_records_is_asked_where_it_is_loaded_anew(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    config: CorpusConfig,
    vocabulary: Vocabulary | None,
    asked: bool,
) -> None:
    texts = list[str]()

    def seems(text: str) -> bool:
        texts.append(text)
        return True

    (tmp_path / "verses.txt").write_text(VERSES)
    monkeypatch.setattr(source, "seems_made_of_paragraphs", seems)
    place = Place.of(str(tmp_path / "verses.txt"))
    corpus = load_corpus(place, config, vocabulary=vocabulary)
    assert corpus.seems_records is asked
    assert len(texts) == asked


def test_a_text_of_line_ends_alone_has_no_rarest_word(folder: Callable[..., str]) -> None:
    path = folder(train="<eos>\n<eos>\n", valid="<eos>\n", test="<eos>\n")
    assert load_corpus(path, DEFAULT).vocabulary.words == (EOS,)
    with pytest.raises(VocabularyError, match=r"the word 'a' .*: train on a text that has words"):
        load_corpus(folder(valid="a\n"), DEFAULT)


@pytest.mark.parametrize("several", [True, False])
def test_a_paragraph_ends_with_its_file(tmp_path: Path, several: bool) -> None:
    for name, poem in (("a.txt", "the cat\nsat\n"), ("b.txt", "a dog\n")):
        (tmp_path / name).write_text(f"{poem}\n" * 20 + poem)
    config = CorpusConfig(record="paragraph", unit="whitespace")
    names = [str(tmp_path / name) for name in ("a.txt", "b.txt")]
    place = Place(tuple(names)) if several else Place((str(tmp_path),))
    read = "".join(
        str(part.text) for part in source.read_source(place, config.record).parts.values()
    )
    assert "sat\na dog" not in read
