"""Settings in messages as a program writes them: `min_count=3` for `--min-count 3`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, get_args, get_origin

from rnnlm_cli.errors import RnnlmError
from rnnlm_cli.settings.setting import ENCODING, Declared, declared
from rnnlm_cli.settings.spelling import option_name

_NAME = r"(?<![\w'/.-]){}(?![\w'/-]|\.\w)"
# Names of files, and words: in quotes, or the file that a message begins with.
_FOREIGN = re.compile(r"(\A[^:]*\.[a-z]\w*: |(?<!\w)'.*?'(?!\w))", re.DOTALL)


@contextmanager
def told_as_arguments(*kinds: type) -> Iterator[None]:
    """Inside the block an error names the settings of the classes `kinds` as arguments.

    Errors are worded for the command line, whose options come of the same fields.
    """
    try:
        yield
    except RnnlmError as error:
        told = as_arguments(str(error), *kinds)
        if told == str(error):
            raise
        raise type(error)(told) from error.__cause__


def as_arguments(message: str, *kinds: type) -> str:
    """`message` with the options, and the dashed names, of those settings as arguments.

    Names of files, and what else is in quotes, stay as they are.
    """
    pieces = _FOREIGN.split(message)
    pieces[::2] = [_told(piece, kinds) for piece in pieces[::2]]
    return "".join(pieces)


def _told(message: str, kinds: tuple[type, ...]) -> str:
    for kind in kinds:
        for name, each in declared(kind).items():
            dashed, flags = option_name(name), each.flags.split("/")
            if each.kind is bool:
                for flag, value in zip(flags, ("True", "False"), strict=False):
                    message = re.sub(_NAME.format(re.escape(flag)), f"{name}={value}", message)
            else:
                message = _with_values(message, flags[0], each)
            if dashed != name:
                message = re.sub(_NAME.format(dashed), name, message)
    return message


def _with_values(message: str, flag: str, each: Declared) -> str:
    def told(found: re.Match[str]) -> str:
        word: str = found["word"] or ""
        if word and _is_value(each, word):
            shown = repr(word) if each.kind is str or get_origin(each.kind) is Literal else word
            return f"{each.name}={shown}"
        return f"{each.name}=" + (found["rest"] or "")

    pattern = _NAME.format(re.escape(flag)) + r"(?P<rest> (?P<word>\w+(?:[.-]\w+)*))?"
    return re.sub(pattern, told, message)


def _is_value(each: Declared, word: str) -> bool:
    if get_origin(each.kind) is Literal:
        return word in get_args(each.kind)
    if each.setting.allowed is ENCODING:
        return ENCODING.holds(word)
    return word[0].isdigit()
