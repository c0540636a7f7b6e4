"""Encodings: what is read, and what is said of what cannot be."""

import subprocess
from pathlib import Path
from shutil import which

import pytest

from rnnlm_cli.corpus.reading.decoding import decode_text, read_text
from rnnlm_cli.corpus.reading.encodings import TextSource, decode_blocks, guessed
from rnnlm_cli.errors import CorpusError

FRENCH = "Le café est fermé.\nL'été, où l'on goûte la forêt, ça réchauffe le cœur des élèves.\n"
TEXTS = {
    "cp1252": FRENCH,
    "shift_jis": "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。\n" * 3,
    "euc_jp": "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。\n" * 3,
    "gb18030": "床前明月光，疑是地上霜。举头望明月，低头思故乡。我们都是中国人。\n" * 3,
    "cp1251": "Мой дядя самых честных правил, когда не в шутку занемог.\n" * 3,
    "koi8_r": "Мой дядя самых честных правил, когда не в шутку занемог.\n" * 3,
    "cp1250": "Az öreg ház fölött őszi eső hullott, a fűz ága meghajlott.\n",
    "iso8859_2": "Wąska ścieżka wiodła do niego, gałęzie się uginały.\n",
    "cp1254": "Dar bir yol oraya çıkıyordu, güneş batıyor.\n",
    "cp1257": "Stāvēja vecs nams, un ceļš gāja līdz mežam.\n",
    "cp850": "Das Mädchen läuft über die Brücke zur Straße.\n",
    "mac_roman": FRENCH,
    "cp1253": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια.\n" * 3,
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_the_encoding_is_guessed_and_both_ways_out_give_the_text(
    encoding: str, tmp_path: Path
) -> None:
    path, text = tmp_path / "a text.txt", TEXTS[encoding]
    path.write_bytes(text.encode(encoding))
    with pytest.raises(CorpusError, match=f"it seems to be {encoding}, which --encoding") as error:
        read_text(path)
    assert read_text(path, encoding) == text
    command = str(error.value).partition("to make it UTF-8: ")[2]
    if which("iconv"):
        subprocess.run(command, shell=True, check=True)
        assert read_text(f"{path}.utf-8") == text


@pytest.mark.parametrize("times", [1, 100])
def test_of_encodings_that_fit_alike_the_commonest_is_guessed(times: int) -> None:
    data = ("Où est l'été? Ça va, garçon. Noël à la forêt.\n" * times).encode("cp1252")
    assert guessed(data, data) == "cp1252"  # cp1250 makes Oů of it, which is as good a word
    czech = ("Příliš žluťoučký kůň úpěl ďábelské ódy.\n" * times).encode("cp1250")
    assert guessed(czech, czech) == "cp1250"


@pytest.mark.parametrize(
    "text",
    [
        "Le café est à côté",
        "où",
        "Er fährt über die Straße.",
        "“Well,” he said, “don’t—”",
        "não pode criar o directório",
        "f.eks.: søndag",
    ],
)
def test_a_short_text_of_western_europe_is_taken_for_the_commonest_encoding(text: str) -> None:
    assert guessed(data := text.encode("cp1252"), data) == "cp1252"


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"\xe9", "line 1, column 1"),
        (b"one\r\ntwo\rcaf\xe9", "line 3, column 4"),
        ("\ufeff\nx 字\U0001f600".encode() + b"\xff", "line 2, column 5"),
    ],
)
def test_what_does_not_fit_is_found_by_line_and_column(data: bytes, place: str) -> None:
    with pytest.raises(CorpusError, match=f"t.txt, {place}: byte 0x.. is not UTF-8: "):
        decode_text(data, TextSource("t.txt"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_text_of_wide_characters_is_known_by_its_marks_or_nuls(encoding: str) -> None:
    data = "a text of words\n".encode(encoding)
    with pytest.raises(CorpusError, match=f"it seems to be {encoding}, which --encoding"):
        decode_text(data, TextSource("t.txt"))
    assert decode_text(data, TextSource("t.txt", encoding)) == "a text of words\n"


def test_a_wrong_encoding_is_told_as_utf_8_is() -> None:
    with pytest.raises(CorpusError, match=r"t, line 2, column 1: byte 0x81 is not cp1252"):
        decode_text(b"a\n\x81", TextSource("t", "cp1252"))
    with pytest.raises(CorpusError, match=r"t is no text in latin-1 \(it has NULs\): name another"):
        decode_text("text".encode("utf-16"), TextSource("t", "latin-1"))


@pytest.mark.parametrize(
    ("data", "encoding", "message"),
    [
        (b"a b -- c\n!!", "punycode", r"^'t' is not punycode \(.*\): name what it is with --enc"),
        (b"xn--!!!.a\n", "idna", r"^'t' is not idna \("),
        (b"a\r\nb +2AA- c\n", "utf-7", r"^'t', line 2, column 3: half .* \\ud800, .* not utf-7"),
        (b"a\r\nb \\ud800\n", "unicode_escape", r"^'t', line 2, column 3: half a character"),
    ],
)
def test_what_an_encoding_makes_no_characters_of_is_refused(
    data: bytes, encoding: str, message: str
) -> None:
    with pytest.raises(CorpusError, match=message):
        decode_text(data, TextSource("'t'", encoding))
    for blocks in ([data], [bytes([byte]) for byte in data]):
        with pytest.raises(CorpusError, match=message):
            list(decode_blocks(blocks, TextSource("'t'", encoding)))


def test_the_escapes_of_python_are_told_by_the_name_that_was_given() -> None:
    with pytest.raises(CorpusError, match=r"t, line 2, column 3: byte 0x5c is not unicode_escape"):
        decode_text(b"a\nb \\u0", TextSource("t", encoding="unicode_escape"))


def test_a_line_that_ends_with_its_block_is_behind_us() -> None:
    with pytest.raises(CorpusError, match="'t', line 2, column 1: byte 0xe6"):
        list(decode_blocks([b"a\r", b"\xe6", b"b"], TextSource("'t'")))


def test_a_block_without_bytes_is_not_the_end() -> None:
    blocks = [b"caf\xc3", b"", b"\xa9\r", b"", b"\n"]
    assert "".join(decode_blocks(blocks, TextSource("'t'"))) == "café\n"


def test_bytes_that_are_no_text_are_not_guessed() -> None:
    assert guessed(data := bytes(range(1, 256)), data) is None
