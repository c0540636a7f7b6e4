"""Texts in, ids out, one job a module, each knowing those above it.

vocabulary.py   tokens <-> ids
units.py        text -> tokens, and tokens -> text again
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
