from pathlib import Path

from rnnlm_cli.errors import printable, quoted


def test_control_and_bidirectional_characters_are_escaped() -> None:
    assert printable("a\x1b]52;c\x07\u202e\x9b31m\ud800") == (r"a\x1b]52;c\x07\u202e\x9b31m\ud800")


def test_letters_of_every_script_and_the_ideographic_space_stay() -> None:
    assert printable("naïve 吾輩\u3000は") == "naïve 吾輩\u3000は"


def test_long_words_are_cut_in_quotes() -> None:
    assert quoted("x" * 100, limit=5) == "'xx…xx'"
    assert quoted("x" * 100, limit=6) == "'xxx…xx'"
    assert quoted("x" * 6, limit=6) == "'xxxxxx'"
    assert quoted("a\nb") == r"'a\nb'"


def test_the_name_of_a_file_survives_a_long_path() -> None:
    path = "/folder" * 100 + "/m.pkl"
    assert quoted(Path(path)) == f"'{path}'"
    assert quoted(path).startswith("'/folder/")
    assert quoted(path).endswith("/folder/m.pkl'")
    assert len(quoted(path)) == 202
    assert len(quoted(Path("/" + "x" * 9999))) == 4098
