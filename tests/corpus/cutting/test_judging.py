"""What a text should be cut into, by how it is written."""

import pytest

from rnnlm_cli.corpus.cutting.judging import judge
from rnnlm_cli.corpus.reading.decoding import read_text
from rnnlm_cli.corpus.reading.named import find_named
from rnnlm_cli.settings.text import Unit

ENGLISH = "It was a dark night, and the rain fell. Nobody came.\n"
JAPANESE = "吾輩は猫である。名前はまだ無い。\n"
THAI = "วันนี้ อากาศดี มาก ๆ ครับ ไปเที่ยว กันไหม 😊\n"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        (ENGLISH, "word"),
        (JAPANESE, "char"),
        (JAPANESE + "\u3000新しい Python の ライブラリ numpy を 使う。\n", "char"),
        ("你 是 风\n我 是 沙\n\n缠 绵 到 天 涯\n", "char"),  # lyrics, a blank for a pause
        (THAI, "char"),
        ("1\n00:00:01,000 --> 00:00:02,500\n你好，我们走吧\n\n" * 5, "char"),
        ("1\n00:00:01,000 --> 00:00:02,500\nHello, let us go.\n\n" * 5, "word"),
        ("ပြည်ထောင်စု မြန်မာနိုင်ငံ\nភាសាខ្មែរ គឺជា ភាសា\n", "char"),
        ("ສະບາຍດີ ຂ້ອຍຊື່ ນ້ອຍ\nມື້ນີ້ ອາກາດດີ ຫຼາຍ\n", "char"),
        ("བཀྲ་ཤིས་བདེ་ལེགས། ང་བོད་པ་ཡིན། ཐུགས་རྗེ་ཆེ།\n", "char"),  # a blank after a clause
        ("あめ あめ ふれ ふれ かあさん が\nじゃのめ で おむかえ うれしいな\n", "char"),
        ("한국어는 낱말 사이를 띄어 쓴다.\n", "word"),
        ("שלום, מה שלומך? אני בסדר.\n", "word"),
        (ENGLISH * 5 + JAPANESE, "word"),  # a quotation
        (JAPANESE * 9 + ENGLISH, "char"),  # a title page
        ("the <unk> cat\n", "whitespace"),
        ("a b <eos>", "whitespace"),
        ("the <unk> sat , it ran .\n= A @-@ title =\n" * 9, "whitespace"),
        ("我 爱 <unk>\n他 是 <unk>\n", "whitespace"),
        ("it was , he said , a dark night .\nno , it was n't .\n" * 9, "whitespace"),
        ("我 爱 北京 。\n他 是 学生 ，\n" * 20, "whitespace"),
        (ENGLISH * 30 + "What is <unk> for?\n", "word"),  # one line speaks of it
        ("Use <unk>, or <eos>, for it.\nNo, take <unk> here, and not there!\n" * 9, "word"),
        ("<p>no<unk> <eos>.\n", "word"),  # not words of their own
        ("def f(x):\n    return [1, 2, x]\n", "word"),
        ("lol ok @bob see https://t.co/a #fun 😂\n", "word"),
        ("Quoi ! dit-il ; non , jamais ? Si !\n" * 9, "word"),
        ("anna\nbert\n", "char"),
        ("GATTACA\nCATTAGA\n", "char"),
        ("id,name,town\n1,Ann,Rome\n", "char"),
        ("id\tname\ttown\n1\tAnn\tRome\n", "word"),
        ("x" * 49 + " \n\n\n", "word"),  # 1 in 50; line ends do not count
        ("x" * 50 + " \n", "char"),
    ],
)
def test_the_unit_is_chosen_from_the_text(text: str, unit: Unit) -> None:
    assert judge(text).unit == unit


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("the <unk> cat\n", "<unk> or <eos> in many lines"),
        ("a , b .\n" * 20, "its signs stand free"),
        (JAPANESE, "no blanks between words"),
        ("anna\nbert\n", "hardly any blanks"),
        (ENGLISH, "blanks between its words"),
    ],
)
def test_why_is_said_in_a_few_words(text: str, why: str) -> None:
    assert judge(text).why == why


@pytest.mark.parametrize(
    ("name", "unit"), [("ptb", "whitespace"), ("neko", "char"), ("shakespeare", "word")]
)
def test_a_known_text_has_the_unit_that_it_always_had(name: str, unit: Unit) -> None:
    files = find_named(name)
    if files is None:
        pytest.skip(f"the files of {name} are not in $RNNLM_CORPORA or ./corpora")
    assert judge(read_text(files["train"])).unit == unit
