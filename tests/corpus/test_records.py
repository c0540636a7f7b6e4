"""Texts made of records."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli.corpus.reading.decoding import all_ended
from rnnlm_cli.corpus.records import (
    as_records,
    between_texts,
    record_starts,
    seems_made_of_paragraphs,
)
from rnnlm_cli.corpus.splitting import split_text
from rnnlm_cli.settings.text import Record


@pytest.mark.parametrize(
    ("text", "record", "made"),
    [
        ("a\n\nb\n", None, "a\n\nb\n"),
        ("a\nb\n", "line", "a\nb\n"),
        ("\n\na\n \t\n\n  b c \n\n", "line", "a\n  b c \n"),
        ("a\nb\n\nc\n", "paragraph", "a\nb\n\nc\n\n"),
        ("\n \n  a\nb\n\n\n \nc\n\n\n", "paragraph", "  a\nb\n\nc\n\n"),
    ],
)
def test_a_record_is_ended_by_one_mark(text: str, record: Record | None, made: str) -> None:
    assert as_records(text, record) == made


@given(
    text=st.text(st.sampled_from("a \t\n\u3000"), max_size=40).map("a{}\n".format),
    record=st.sampled_from(["line", "paragraph"]),
)
def test_records_lose_nothing_but_blank_lines(text: str, record: Record) -> None:
    made = as_records(text, record)
    assert [x for x in made.split("\n") if x.strip()] == [x for x in text.split("\n") if x.strip()]
    assert as_records(made, record) == made
    starts = record_starts(made, record)
    assert all(made[start:].split("\n")[0].strip() for start in starts)
    assert len(starts) == made.count("\n" if record == "line" else "\n\n")


def test_a_record_ends_where_its_file_does() -> None:
    texts = ["a\nb\n"], ["c\n", "\n"], ["d"]

    def joined(texts: Iterable[list[str]], record: Record | None) -> str:
        return "".join(all_ended(texts, between_texts(record)))

    assert as_records(joined(texts, "paragraph"), "paragraph") == "a\nb\n\nc\n\nd\n\n"
    assert as_records(joined(texts, "line"), "line") == "a\nb\nc\nd\n"
    assert joined(texts, None) == "a\nb\nc\n\nd\n"


PROSE = "\n".join(["the cat sat on the mat and saw that"] * 5) + "\nit was good\n\n"
CODE = "    def f(x):\n        return x\n\n    y = 1\n    z = 2\n\n"


@pytest.mark.parametrize(
    ("text", "seems"),
    [
        ("X:1\nK:D\n|:dff cee|def gfe|\nafaf bee:|\n\n" * 60, True),  # tunes
        ("Roses are red,\n  violets are blue\nand so on and on\n \n\nAnd\nmore\n\n" * 30, True),
        ("1\n00:00:01,000 --> 00:00:02,500\n- No!\n- Yes.\n\n" * 60, True),
        ("word\nn. a thing\n\n" * 49, False),  # too few to tell
        (PROSE * 60, False),
        ("A long paragraph on one line, as editors wrap it.\n\n" * 60, False),
        (CODE * 60, False),
        ("# Head\n\n" + PROSE + "- a\n- b\n\n", False),
        ("no blank line\n" * 200, False),
        ("\n" * 200, False),
        ("", False),
    ],
)
def test_verses_tunes_and_entries_seem_to_be_records_and_prose_does_not(
    text: str, seems: bool
) -> None:
    assert seems_made_of_paragraphs(text) is seems


def test_a_split_cuts_no_record() -> None:
    poems = [f"poem {i}\n" + "line\n" * (i % 5 + 1) + "\n" for i in range(230)]
    pieces = split_text("".join(poems), "word", "paragraph")
    found = [poem for split in pieces.values() for poem in split.split("\n\n") if poem]
    assert sorted(found) == sorted(poem.rstrip("\n") for poem in poems)
    assert pieces["valid"].startswith("poem 18\n")  # a block has two of them
    lines = split_text("".join(f"post {i}\n" for i in range(20)), "word", "line")
    assert (lines["valid"], lines["test"]) == ("post 9\n", "post 19\n")
