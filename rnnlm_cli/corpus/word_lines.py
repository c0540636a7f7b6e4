"""Words one a line, where a word may have white space in it: then its line is JSON.

A line is JSON where it is a string that has white space or begins with a quote; a word that looks
like such a line is written as one.
"""

from __future__ import annotations

import json


def line_of(word: str) -> str:
    """The line of a word."""
    plain = not any(map(str.isspace, word)) and word_of(word) == word
    return word if plain else json.dumps(word)


def word_of(line: str) -> str:
    """The word of a line."""
    if len(line) > 2 and line[0] == line[-1] == '"':
        try:
            word = json.loads(line)
        except ValueError:
            return line
        if isinstance(word, str) and (word[:1] == '"' or any(map(str.isspace, word))):
            return word
    return line
