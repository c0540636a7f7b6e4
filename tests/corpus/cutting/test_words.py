"""Words that lose nothing: whole tokens, and the same text again."""

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rnnlm_cli.corpus.cutting import words
from rnnlm_cli.corpus.cutting.spacing import JOIN, Joiner
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.reading.named import find_named
from rnnlm_cli.corpus.reading.pydoc_prose import pydoc_text
from tests.clock import within

# What makes a cutter stumble, beside all of Unicode.
SCRAPS = [
    *"aB1_ \n\t\xa0\u3000\u2028\x1c.,:;!?'\"`*-/\\()[]{}<>=+&|^~#$%@",
    *("  ", "   ", " " * 17, "--", "...", "''", "``", "**", "->", "==", "::", "1,000", "3.14"),
    *(
        "https://a.org/b?c=d",
        "www.a.b",
        "me@a.org",
        "@b",
        "#c",
        "U.S.A.",
        "C++",
        "<b>",
        "</b>",
        JOIN,
    ),
    *"“”„‘’‚«»‹›—–…¿¡€₹°·¶•«»֊־׳՞՛՜։،؛؟٪।॥。、，「」・ー々",
    *"éßжلא\u05b4\u064eक\u094d\u093eกำ\u0e34ཀ་ကខ្មែ字かカ한\u1100\u1161\u0301\u200b\u200c\u200d\ufe0f\ufeff\x00\x7f",
    *("👨\u200d👩\u200d👧", "🇩🇪", "👍🏽", "1\ufe0f\u20e3", "#\ufe0f\u20e3", "❤️", "😂", "🏴󠁧󠁢"),
]
texts = st.lists(st.sampled_from(SCRAPS) | st.characters(), max_size=30).map("".join)


def lossless(text: str) -> str:
    """`text` as it can come back: composed, its last line ended, without what stands for marks."""
    text = unicodedata.normalize("NFC", text)
    return text if not text or text.endswith("\n") else text + "\n"


def joined(tokens: list[str]) -> str:
    return "".join(map(Joiner().feed, tokens))


@given(texts)
@example("  a\n\n \n\t b  c \n")
@example("a <join> b <join>")
@example('"a "b" \'c\' "\n" d"')
def test_any_text_comes_back(text: str) -> None:
    assert joined(Tokenizer("word").tokenize(text)) == lossless(text)


@given(texts)
def test_no_token_but_its_own_says_that_a_blank_is_missing(text: str) -> None:
    for piece in Tokenizer("word").tokenize(text):
        assert piece == JOIN or JOIN not in piece or piece.startswith(("http", "www"))
        assert piece.isspace() or not any(c in " \n" for c in piece) or piece[0] == "<"


@given(texts)
def test_prose_that_is_cut_at_once_is_cut_as_if_piece_by_piece(text: str) -> None:
    tokens = words.cut_into_words(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words, "_prose", lambda letter: "(?!)")
        assert words.cut_into_words(text) == tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Hello, world!", "Hello|,|world|!"),
        ("It's a well-known o'clock.", "It's|a|well-known|o'clock|."),
        ("yes... -- no", "yes|...| |--|no"),
        ("torch.nn.optim", "torch|.|<join>|nn|.|<join>|optim"),
        ("https://t.co/abc, (see www.a.b/c.)", "https://t.co/abc|,|(|see|www.a.b/c|.|)"),
        ("mail me@a.org or jo.e+x@b.c-d.de.", "mail|me@a.org|or|jo.e+x@b.c-d.de|."),
        ("@bob :) #tag #1", "@bob| |:|)|#tag|#1"),
        (
            "3.14 1,000,000 12:30 50% 3,5 v3.8 12.3.2024",
            "3.14|1,000,000|12:30|50%|3,5|v3.8|12.3.2024",
        ),
        ("1, 2,3,4 1,2345", "1|,|2|,|<join>|3|,|<join>|4|1,2345"),
        (
            "00:01:02,500 --> 00:01:04,100",
            "00|:|01|:|02|,|<join>|500|-->|00|:|01|:|04|,|<join>|100",
        ),
        ("$5, 5 € and 20°C", "$|5|,|5|€|and|20|°|<join>|C"),
        ("U.S.A., e.g. z.B. J. Doe", "U.S.A.|,|e.g.|z.B.|J|.|Doe"),
        ("C++ and C# or i++", "C++|and|C#|or|i++"),
        ("<start> x</b> <br/> <join>", "<start>|x|</b>|<br/>|<|<join>|join|<join>|>"),
        (
            "👨\u200d👩\u200d👧🇩🇪🇫🇷 1\ufe0f\u20e3 👍🏽!",
            "👨\u200d👩\u200d👧|🇩🇪|🇫🇷|1\ufe0f\u20e3|👍🏽|!",
        ),
        ("    x = [1]\n\ty", "    |x|=|[|1|]|<eos>|\t|y"),
        ("a   b \n", "a|  | |b| "),
        ("„Ja“, »nein« «oui» ”niin”", "„|Ja|“|,|»|nein|«|«|oui|»|”|niin|”"),
        ("«\xa0Oui\xa0», dit-il\xa0!", "«|\xa0|Oui|\xa0|»|,|dit-il|\xa0|!"),
        ("¿Qué? ¡No! —Sí", "¿|Qué|?|¡|No|!| |—|<join>|Sí"),
        ("Ի՞նչ։ Այո՛, «բարև»", "Ի՞նչ|։|Այո՛|,|«|բարև|»"),
        ("ג׳ צה״ל תל־אביב שָׁלוֹם", "ג׳|צה״ל|תל־אביב|שָׁלוֹם"),
        ("مرحبا، كيف؟ مُدَرِّس", "مرحبا|،|كيف|؟|مُدَرِّس"),
        ("हिन्दी में। क्षत्रिय", "हिन्दी|में|।|क्षत्रिय"),
        ("AIの時代。「はい」", "AI|の|時|代|。|「|は|い|」"),
        ("我用 Python 写。", "我|用| |Python| |写|。"),
        ("ที่นี่ ทำ", "ที่|นี่| |ทำ"),
        ("한국어는 좋다.", "한국어는|좋다|."),
        ("col·lega", "col·lega"),
        ("a <unk>, b<unk>", "a|<unk>|,|b|<join>|<unk>"),
    ],
)
def test_what_belongs_together_is_one_token(text: str, tokens: str) -> None:
    found = Tokenizer("word").tokenize(unicodedata.normalize("NFC", text), open_end=True)
    expected = unicodedata.normalize("NFC", tokens).split("|")
    assert found[: len(expected)] == expected
    assert found[len(expected) :] in ([], ["<eos>"])


def test_a_run_of_flags_takes_no_longer_than_any_other() -> None:
    with within(3):
        assert len(Tokenizer("word").tokenize("🇩🇪" * 50_000)) == 50_001


@pytest.mark.parametrize("text", ["a <eos>\nb\n", "a<eos>b\n", "a <eos> b\n"])
def test_a_literal_line_end_is_one(text: str) -> None:
    assert Tokenizer("word").tokenize(text) == ["a", "<eos>", "b", "<eos>"]


def test_a_blank_at_the_end_of_a_prompt_is_left_to_what_follows() -> None:
    assert Tokenizer("word").tokenize("once upon ", open_end=True) == ["once", "upon"]


def grimm() -> str:
    path = Path(os.environ.get("RNNLM_DATA", ""), "grimm", "2591.txt")
    if not path.is_file():
        pytest.skip("grimm/2591.txt is not in $RNNLM_DATA")
    return path.read_bytes().decode().replace("\r\n", "\n")


@pytest.mark.parametrize("name", ["shakespeare", "neko", "ptb"])
def test_a_corpus_comes_back_whole(name: str) -> None:
    files = find_named(name)
    if files is None:
        pytest.skip(f"the files of {name} are not in $RNNLM_CORPORA or ./corpora")
    path = files.get("valid", files["train"])
    text = path.read_bytes().decode().replace("\r\n", "\n")
    if name == "ptb":
        assert Tokenizer("word").tokenize(text).count("<unk>") == text.count("<unk>")
    assert joined(Tokenizer("word").tokenize(text)) == lossless(text)


def test_the_prose_of_python_comes_back_whole() -> None:
    text = pydoc_text()
    assert joined(Tokenizer("word").tokenize(text)) == lossless(text)


def test_the_tales_come_back_whole() -> None:
    assert joined(Tokenizer("word").tokenize(grimm())) == lossless(grimm())


def share_of_more(text: str) -> float:
    """By how much there are more tokens than by the rule that forgot what stood between them."""
    return len(Tokenizer("word").tokenize(text)) / len(Tokenizer("word", rule=1).tokenize(text)) - 1


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ('said|"|he|.|<eos>|She|said|"|no|"|.', 'She said "no".'),
        ("it|is|'|off|:|<eos>|the|'|other|'|one", "the 'other' one"),
        ('echo|"|$x|<eos>|    |if|"|$y|"', '    if "$y"'),
        ("a|=|'|b|;|<eos>|b|=|'|c|'|<eos>|c", "b = 'c'\nc"),
        ('a|"|b|<eos>|c|<join>|=|"|d|"|e|<join>|=|"|f|"', 'c="d" e="f"'),
    ],
)
def test_a_quote_that_is_never_closed_turns_those_of_its_own_line_alone(
    tokens: str, text: str
) -> None:
    assert joined(tokens.split("|")).partition("\n")[2] == text


def test_a_quotation_goes_on_where_a_sentence_goes_on_in_the_next_line() -> None:
    text = "he said, 'It will be a\ndroll thing, a\nvery droll, of 9\npounds,' so he left.\n"
    assert JOIN not in Tokenizer("word").tokenize(text)
    assert JOIN in Tokenizer("word").tokenize(text.replace(", a\nvery", ".\nVery"))


def test_what_is_expected_is_what_english_has() -> None:
    files = find_named("shakespeare")
    if files is None:
        pytest.skip("the files of shakespeare are not in $RNNLM_CORPORA or ./corpora")
    assert share_of_more(files["train"].read_text()) < 0.001
    assert share_of_more(grimm()) < 0.005
