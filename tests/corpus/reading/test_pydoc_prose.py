"""What of the language reference is prose, and how it is made plain."""

import sys

import pytest

from rnnlm_cli.corpus.cutting.judging import judge
from rnnlm_cli.corpus.reading.pydoc_prose import prose, pydoc_text
from rnnlm_cli.errors import CorpusError

TOPIC = """The "assert" statement
**********************

Assert statements are a convenient way to insert debug-
ging assertions into a *program*:  see

   assert_stmt ::= "assert" expression ["," expression]

   >>> assert 1 == 1

The object’s “name” is **bound** to "*args" once more. [1]

It ends here.Then it goes on as before.

* If the target is a name, it is
  bound in the current scope.

  A nested paragraph of an item has its own line.

     x = [0, 1]
     print(x)

+------+---------------------------+
| Sign | Meaning of the sign here. |
+------+---------------------------+

See also:

  **PEP 3132** - Extended Iterable Unpacking
     The specification for the "*target" feature.
"""


def test_only_prose_is_kept_one_paragraph_a_line() -> None:
    assert prose({"assert": TOPIC}).splitlines() == [
        'The object\'s "name" is bound to "*args" once more.',
        "It ends here. Then it goes on as before.",
        "If the target is a name, it is bound in the current scope.",
        "A nested paragraph of an item has its own line.",
        'The specification for the "*target" feature.',
    ]


def test_a_word_hyphenated_at_the_end_of_a_line_is_one_word() -> None:
    assert (
        prose({"a": "The left-\nhand side comes first.\n"}) == "The left-hand side comes first.\n"
    )


def test_topics_are_sorted_and_a_paragraph_comes_once() -> None:
    topics = {
        "b": "This one stands in both.\n\nOnly b has this one.\n",
        "a": "This one stands in both.",
    }
    assert prose(topics) == "This one stands in both.\nOnly b has this one.\n"


def test_this_python_has_a_text_to_train_on() -> None:
    text = pydoc_text()
    lines = text.splitlines()
    assert len(text.split()) > 30_000
    assert len(set(lines)) == len(lines) > 1_000
    assert judge(text).unit == "word"
    assert not any(sign in text for sign in ("::=", ">>>", "|=", "***", "\t", "  "))


def test_a_python_without_the_topics_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    with pytest.raises(CorpusError, match=r"without pydoc_data\.topics: choose another --corpus"):
        pydoc_text()
