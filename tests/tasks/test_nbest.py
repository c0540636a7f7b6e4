import pytest

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.settings.score import Form
from rnnlm_cli.tasks.nbest import Hypothesis


@pytest.mark.parametrize(
    ("form", "line", "scored"),
    [
        ("kaldi", "utt-1 the old  cat", "utt-1 2.5"),
        ("kaldi", "utt-1", "utt-1 2.5"),
        ("kaldi", "", ""),
        ("kaldi", "utt\u00a01 the cat", "utt\u00a01 2.5"),
        ("srilm", "-1.5 -3 3 the old  cat ", "-1.5 -2.5 3 the old  cat "),
        ("srilm", " -1.5\t-3  3 a\u3000b\u00a0 c", " -1.5\t-2.5  3 a\u3000b\u00a0 c"),
        ("srilm", "-1.5 -3 0", "-1.5 -2.5 0"),
    ],
)
def test_a_line_gets_its_score_and_keeps_its_id(form: Form, line: str, scored: str) -> None:
    assert Hypothesis.read(line, form, "x").scored(-2.5, form) == scored


def test_the_fields_before_the_words_are_no_words() -> None:
    assert Hypothesis.read("utt-1 the old cat", "kaldi", "x").words == "the old cat"
    assert Hypothesis.read("-1 -2 2 old cat", "srilm", "x").words == "old cat"
    assert Hypothesis.read("utt-1", "kaldi", "x").words == ""
    assert Hypothesis.read("utt-1 \u3000a\u00a0b", "kaldi", "x").words == "\u3000a\u00a0b"


@pytest.mark.parametrize("line", ["the old cat sees", "-1 -2", "-1 -2 x old"])
def test_what_is_no_line_of_srilm_is_said_with_its_place(line: str) -> None:
    with pytest.raises(CorpusError, match=r"list\.txt, line 7.*nwords"):
        Hypothesis.read(line, "srilm", "list.txt, line 7")
