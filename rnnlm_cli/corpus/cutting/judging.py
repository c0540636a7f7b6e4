"""What a text should be cut into, judged by how it is written.

Each line has a say, as long as it is: a title page or a line in another language decides nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rnnlm_cli.corpus.cutting.scripts import spaced_words, unspaced_letters
from rnnlm_cli.corpus.vocabulary import EOS, UNK
from rnnlm_cli.settings.text import Unit

_GOOD_SHARE = 0.1  # of the lines: so many with <unk> or <eos> are no accident
_MOST = 0.8  # of the commas and full stops: so many stand free where a tokenizer ran
_FEWEST_SIGNS = 20  # that say anything about it
_FEWEST_BLANKS = 0.02  # of the characters but line ends: with fewer there are no words

_LINE = re.compile(r"\S.*")
# A look back stands behind the sign that is looked for: to find that is much faster.
_MARKED_LINE = re.compile(r"<(?:eos|unk)>(?<!\S.{5})(?!\S).*")
_SIGNS = {  # standing free, and at a word
    ",;!?": (re.compile(r"[,;!?](?<!\S.)(?!\S)"), re.compile(r"[,;!?](?<=\w.)(?!\S)")),
    ",.": (
        re.compile(r"[,.，、。](?<!\S.)(?!\S)"),
        re.compile(r"[,.，、。](?<=\w.)(?:(?!\S)|(?<=[，、。]))"),
    ),
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A unit, and why it is that one: in a few words."""

    unit: Unit
    why: str

    @property
    def note(self) -> str:
        """What was chosen, why, and how to choose otherwise."""
        return f"unit {self.unit} ({self.why}): --unit chooses another"


def judge(text: str) -> Judgement:
    """What to cut `text` into.

    whitespace   it is tokenised already: `<unk>` or `<eos>` stand free in a tenth of the lines
                 and its commas do too, or nearly all its commas and full stops do
    char         most of it is lines with more letters of scripts without blanks between words
                 than words of other scripts, or next to nothing in it is a blank
    word         all else
    """
    if _is_marked(text):
        return Judgement("whitespace", f"{UNK} or {EOS} in many lines")
    if _is_tokenised(text):
        return Judgement("whitespace", "its signs stand free")
    if _is_mostly_unspaced(text):
        return Judgement("char", "no blanks between words")
    if _has_no_blanks(text):
        return Judgement("char", "hardly any blanks")
    return Judgement("word", "blanks between its words")


def _is_marked(text: str) -> bool:
    if UNK not in text and EOS not in text:
        return False
    free, attached = _signs(text, ",;!?")
    marked = _count(_MARKED_LINE, text)
    return marked >= _GOOD_SHARE * _count(_LINE, text) and attached <= free


def _is_tokenised(text: str) -> bool:
    free, attached = _signs(text, ",.")
    return free >= max(_FEWEST_SIGNS, _MOST * (free + attached))


def _is_mostly_unspaced(text: str) -> bool:
    if not unspaced_letters(text):
        return False
    unspaced = whole = 0
    for line in text.split("\n"):
        letters, words = sum(map(len, unspaced_letters(line))), len(spaced_words(line))
        unspaced += len(line) * (letters > words)
        whole += len(line) * (letters + words > 0)
    return 2 * unspaced > whole


def _has_no_blanks(text: str) -> bool:
    return blanks_in(text) < _FEWEST_BLANKS * (len(text) - text.count("\n"))


def blanks_in(text: str) -> int:
    """How much white space `text` has, but for line ends."""
    return sum(map(text.count, filter(str.isspace, set(text) - {"\n"})))


def _signs(text: str, which: str) -> tuple[int, int]:
    free, attached = _SIGNS[which]
    return _count(free, text), _count(attached, text)


def _count(pattern: re.Pattern[str], text: str) -> int:
    return len(pattern.findall(text))
