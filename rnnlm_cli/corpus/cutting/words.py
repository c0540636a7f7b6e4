"""A text as words and signs that lose nothing: put together, they are the text again.

Whole are words (it's, well-known), numbers with their marks (3.14, 1,000, 12:30, 50%), addresses
(https://a.org/b, me@a.org), @names and #tags, abbreviations (U.S.A.), markup (<start>), names like
C++, a sign repeated (... --), and what a reader takes for one character: emoji of several parts,
flags, letters with their marks. Letters of scripts without blanks between words stand alone. What
goes between the tokens is in spacing.py.
"""

from __future__ import annotations

import re
import unicodedata

from rnnlm_cli.corpus.cutting.scripts import graphemes, is_unspaced
from rnnlm_cli.corpus.cutting.spacing import BLANK, JOIN, Opened, State, Step, kind_of, step_of
from rnnlm_cli.corpus.vocabulary import EOS, UNK

EOS_IN_TEXT = re.compile(f" ?({EOS})[ \n]?")

_IN_WORDS = "\u00ad\u055b\u055c\u055e\u05f3\u05f4\u200c\u200d"  # like marks: in a word anywhere
_BETWEEN = "'’\\-\u058a\u05be\u00b7\u2010\u2011"  # in a word, one at a time, between its letters

# The parts of the pattern.
_NUMBER = (
    r"(?<![:\d])\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?%?"  # 1,000
    r"|\d+(?:\.\d+)+%?"  # 3.14, 12.3.2024
    r"|(?<![,:\d])\d+,\d+(?![,\d])%?"  # 3,14
    r"|(?<![:\d])\d{1,2}:\d\d(?![:\d])"  # 12:30, but no longer clock: few of them come twice
    r"|\d+%"
)
_FLAG = "[\U0001f1e6-\U0001f1ff]{1,2}"  # for a run of them \X would take for ever
_URL = r"[!#-;=?-~]*[\w/=&#~-]"
_EMAIL = r"[A-Za-z0-9_][\w.+-]{0,63}+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_OPERATOR = r"<!--|<?-+>|<-+|[<>!+\-*/:%&|^]=+|=+>"
_SIGN = "|".join(re.escape(sign) + "+" for sign in ",.'\"-;:!?()[]{}<>=*+/\\&|^~`#$%@")
_WHITE = r"\n| {16}| {8}| {4}| {2}|\s"  # a wide indentation is a few tokens, and none is rare
_LINE_END, _STOP = kind_of(EOS), kind_of(".")
_WORD = step_of(kind_of("word"), blank=True)
_SENTENCE_END = re.compile(r"[.;:!?]\n")  # in prose: what was open is forgotten there


def end_lines(text: str) -> str:
    """`text` with a line feed for each literal `<eos>`, and for the blank or the line end at it."""
    return EOS_IN_TEXT.sub("\n", text) if EOS in text else text


def cut_into_words(text: str) -> list[str]:
    """The tokens of `text`, with those that say where blanks are not as expected.

    A literal `<unk>` is a token, a literal `<eos>` a line end. A blank at the very end is left to
    what will follow it.
    """
    return cut_block_into_words(text, frozenset())[0]


def cut_block_into_words(text: str, opened: Opened) -> tuple[list[str], Opened]:
    """The tokens of `text`, before which such quotes are open, and the quotes open after it.

    It stands at the beginning of a line, and it ends with a line unless nothing follows it.
    """
    text, state = end_lines(text), State.start(opened)
    if text[-1:] == BLANK and text[-2:].strip():
        text = text[:-1]
    others = _Others(text)
    tokens: list[str] = []
    known = _Known(others.signs)
    for prose, piece in _pattern(text, others).findall(text):
        if prose:
            told, state = state[_LINE_END if prose[0] == "\n" else _WORD]
            tokens += [told, *_prose_tokens(prose)] if told else _prose_tokens(prose)
            if state.opened and _SENTENCE_END.search(prose):
                state = state[_STOP][1][_LINE_END][1]
            state = state[known[prose[-1]][0][1]][1]
            continue
        for token, step in known[piece]:
            told, state = state[step]
            if told:
                tokens.append(told)
            tokens.append(token)
    return tokens, state.opened


def _prose_tokens(prose: str) -> list[str]:
    prose = prose.replace("\n", f" {EOS} ")
    for sign in ",.;:!?":
        prose = prose.replace(sign, f" {sign}")
    return prose.split()


class _Known(dict[str, list[tuple[str, Step]]]):
    """The tokens of a piece, each with its step: the same for equal pieces, so found once."""

    def __init__(self, signs: str) -> None:
        super().__init__()
        self._signs = frozenset(signs)

    def __missing__(self, piece: str) -> list[tuple[str, Step]]:
        bare = piece if piece.isspace() else piece.removeprefix(BLANK)
        first, *rest = graphemes(bare) if bare[0] in self._signs else [bare]
        found = [(EOS if bare == "\n" else first, step_of(kind_of(first), blank=bare != piece))]
        found += [(part, step_of(kind_of(part), blank=False)) for part in rest]
        if not rest:  # a longer one hardly comes again
            self[piece] = found
        return found


class _Others:
    """The characters of a text beyond ASCII and white space, by what they are in a word."""

    def __init__(self, text: str) -> None:
        found = [] if text.isascii() else [c for c in set(text) if not (c.isascii() or c.isspace())]
        self.marks = "".join(sorted(filter(_is_mark, found)))
        self.letters = "".join(sorted(filter(_is_letter, found)))
        rest = set(found).difference(self.marks, self.letters)
        self.signs = "".join(sorted(c for c in rest if not re.match(_FLAG, c)))


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or character in _IN_WORDS


def _is_letter(character: str) -> bool:
    return character.isalnum() and not is_unspaced(character)


def _pattern(text: str, others: _Others) -> re.Pattern[str]:
    """What a piece of `text` is: what begins alike stands in the order in which it is tried.

    What cannot be in this text is left out, for speed. Characters repeat possessively (`++`), for
    speed too; groups do not, since Python before 3.11.5 then loses matches.
    """
    letter, mark = f"[A-Za-z{others.letters}]", f"[{others.marks}]*" if others.marks else ""
    inside = f"A-Za-z0-9_{others.letters}{others.marks}"
    word = f"[{inside}]"
    kinds = {
        UNK: UNK,
        "://": rf"https?://{_URL}",
        "www.": rf"www\.{_URL}",
        "@": rf"{_EMAIL}|(?<!{word})@{word}+",
        "#": rf"(?<!{word})\#{word}+|{letter}\#(?![{inside}#])",
        "++": rf"{letter}\+\+(?![{inside}+])",
        "<": rf"</?(?!{JOIN[1:]}){letter}[\w:-]{{0,40}} ?/?>",
        ".": rf"(?:{letter}\.){{2,8}}(?!{word})",
    }
    parts = [pattern for sign, pattern in kinds.items() if sign in text]
    parts += [
        r"[!-/:-@\[-^`{-~](?=[A-Za-z0-9\s])",
        f"(?:{_NUMBER})(?!{word})",
        rf"{word}++(?:(?:[{_BETWEEN}]|(?<=\d)\.(?=\d)){word}++)*",
        *([f"[{others.signs}][{others.signs}{others.marks}]*"] if others.signs else []),
        rf"(?:{_FLAG}|{_OPERATOR}|{_SIGN}){mark}|[^\s]",
    ]
    return re.compile(rf"((?:{_prose(letter)})+(?=[ \n]))|( ?(?:{'|'.join(parts)})|{_WHITE})")


def _prose(letter: str) -> str:
    """A word with what is before it and a sign at it, where white space follows.

    Nothing else can be meant. `(...|)` is faster than `(...)?`, and few words have two hyphens.
    """
    return rf"[ \n]{letter}++(?:['-]{letter}++|)[,;:!?.]?+"
