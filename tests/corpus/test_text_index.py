"""A text whose files have not changed is not read again; one that may have changed is."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlm_cli.corpus import source, text_index
from rnnlm_cli.corpus.loading import Corpus, load_corpus
from rnnlm_cli.corpus.reading.decoding import read_pieces
from rnnlm_cli.corpus.reading.places import Place
from rnnlm_cli.corpus.vocabulary import Vocabulary
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.settings.text import SPLITS, CorpusConfig

DEFAULT = CorpusConfig()
TEXT = "".join(f"the cat {i % 7} saw a dog\n" for i in range(2_100))


@pytest.fixture(autouse=True)
def _every_text_is_large_and_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_index, "SMALL", 0)
    monkeypatch.setattr(text_index, "_TICK", 0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text(TEXT)
    return path


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read, one after the other."""
    found = list[Path]()

    def noted(path: Path, encoding: str | None) -> object:
        found.append(path)
        return read_pieces(path, encoding)

    monkeypatch.setattr(source, "read_pieces", noted)
    return found


def same(one: Corpus, two: Corpus) -> bool:
    return (
        (one.sha256, one.vocabulary, one.judged, one.seems_records, one.cut)
        == (two.sha256, two.vocabulary, two.judged, two.seems_records, two.cut)
        and one.sizes == two.sizes
        and all(one.ids(split).tolist() == two.ids(split).tolist() for split in SPLITS)
    )


def test_the_second_start_reads_nothing(path: Path, read: list[Path]) -> None:
    first = load_corpus(str(path), DEFAULT)
    assert same(load_corpus(str(path), DEFAULT), first)
    assert read == [path]


def _written(path: Path) -> None:
    path.write_text(TEXT.replace("dog", "cow"))


def _written_with_old_times(path: Path) -> None:
    before = path.stat()
    _written(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _replaced(path: Path) -> None:
    other, before = path.with_name("other"), path.stat()
    _written(other)
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    os.replace(other, path)


@pytest.mark.parametrize("change", [_written, _written_with_old_times, _replaced])
def test_a_file_that_was_changed_is_read(
    path: Path, read: list[Path], change: Callable[[Path], None]
) -> None:
    first = load_corpus(str(path), DEFAULT)
    change(path)
    second = load_corpus(str(path), DEFAULT)
    assert read == [path, path]
    assert second.sha256 != first.sha256
    assert "cow" in second.vocabulary


def test_what_was_written_just_now_is_not_noted(
    path: Path, read: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_index, "_TICK", 3_600_000_000_000)
    for _ in range(2):
        load_corpus(str(path), DEFAULT)
    assert read == [path, path]


def test_a_small_text_is_read(
    path: Path, read: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_index, "SMALL", 1 << 20)
    for _ in range(2):
        load_corpus(str(path), DEFAULT)
    assert read == [path, path]


def test_how_it_is_read_is_part_of_what_is_noted(path: Path, read: list[Path]) -> None:
    hashes = {load_corpus(str(path), CorpusConfig(record=r)).sha256 for r in (None, "line", None)}
    assert len(hashes) == 2
    assert read == [path, path]


@pytest.mark.parametrize(
    "damage",
    [
        lambda b: b[:-9],
        lambda b: b.replace(b"word", b"char"),
        lambda b: b"[]",
        lambda b: b'{"known": 1, "digest": ""}',
    ],
)
def test_a_damaged_note_is_none(
    path: Path, read: list[Path], cache_folder: Path, damage: Callable[[bytes], bytes]
) -> None:
    first = load_corpus(str(path), DEFAULT)
    (note,) = cache_folder.glob("*.json")
    note.write_bytes(damage(note.read_bytes()))
    assert same(load_corpus(str(path), DEFAULT), first)
    assert read == [path, path]


def test_a_known_text_is_read_where_it_must_be_cut_anew(path: Path, read: list[Path]) -> None:
    load_corpus(str(path), DEFAULT)
    assert len(load_corpus(str(path), CorpusConfig(max_vocab=5)).vocabulary) == 5
    assert read == [path, path]


def test_a_text_that_is_written_to_as_it_is_opened_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_corpus(str(path), DEFAULT)

    def written(path: Path, encoding: str | None) -> object:
        _written(path)
        return read_pieces(path, encoding)

    monkeypatch.setattr(source, "read_pieces", written)
    with pytest.raises(CorpusError, match="was written to just now: start again"):
        load_corpus(str(path), CorpusConfig(max_vocab=5))


def test_what_is_asked_later_is_noted_too(path: Path, read: list[Path]) -> None:
    load_corpus(str(path), CorpusConfig(unit="word"))
    judged = load_corpus(str(path), DEFAULT).judged
    assert judged is not None
    assert load_corpus(str(path), DEFAULT).judged == judged
    assert read == [path, path]


def test_words_of_a_model_come_out_of_the_cache(path: Path, read: list[Path]) -> None:
    made = load_corpus(str(path), DEFAULT)
    for words in (made.vocabulary.words, made.vocabulary.words[::-1]):
        given = load_corpus(str(path), DEFAULT, vocabulary=Vocabulary(words))
        for split in SPLITS:
            decoded = given.vocabulary.decode(given.ids(split))
            assert decoded == made.vocabulary.decode(made.ids(split))
    assert read == [path]


@pytest.mark.parametrize("names", [("pydoc", "PATH"), ("PATH", "pydoc")])
def test_a_text_in_no_file_is_part_of_what_is_noted(path: Path, names: tuple[str, ...]) -> None:
    alone = load_corpus(str(path), DEFAULT)
    place = Place(tuple(str(path) if name == "PATH" else name for name in names))
    for _ in range(2):
        assert load_corpus(place, DEFAULT).sha256 != alone.sha256
    assert same(load_corpus(str(path), DEFAULT), alone)


def test_a_corpus_by_name_is_not_noted_as_its_file_in_an_encoding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / name for name in ("a.txt", "b.txt")]
    for path in paths:
        path.write_text(TEXT.replace("dog", "dög"))
    monkeypatch.setattr(source, "find_files", lambda name, stages: {"train": [Path(name)]})
    monkeypatch.setattr(source, "is_registered", lambda name: False)
    place = Place(tuple(map(str, paths)), "latin-1")
    one = load_corpus(place, DEFAULT)
    monkeypatch.setattr(source, "is_registered", lambda name: name == str(paths[0]))
    assert load_corpus(place, DEFAULT).sha256 != one.sha256


def test_the_oldest_notes_go(cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_index, "KEPT", 2)
    known = text_index.KnownText(sha256="0", characters={"train": 1, "valid": 1, "test": 1})
    stamps = [text_index.Stamp(f"{i:064x}", True, (), ()) for i in range(3)]
    for i, stamp in enumerate(stamps):
        text_index.note_text(stamp, known)
        os.utime(cache_folder / f"{stamp.key}.json", (i, i))
    text_index.note_text(stamps[2], known)
    assert [text_index.known_text(stamp) for stamp in stamps] == [None, known, known]
