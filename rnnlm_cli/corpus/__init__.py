"""Texts in, ids out, one job a module, each knowing those above it.

vocabulary.py   tokens <-> ids
scripts.py      what Unicode says of a character
spacing.py      where blanks stand between words and signs
words.py        text -> words and signs that lose nothing
units.py        text -> tokens, and tokens -> text again, for each unit and rule
judging.py      which unit suits a text
reading.py      bytes -> text
splitting.py    one text -> training, validation, test
pydoc_prose.py  the embedded corpus
named.py        the registry of named corpora; download.py fetches their files
encoded_text.py a text as ids, with what they do not tell of it
encoded.py      ids kept on disk, so that a text is cut into tokens once
places.py       a name or a path -> the files of a corpus
source.py       a corpus as text
loading.py      a corpus as ids
record.py       what a model knows of its text
batches.py      ids -> batches
"""
