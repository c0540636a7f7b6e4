"""Texts in, ids out: reading, splitting, tokenising, the vocabulary, the named corpora.

text.py         bytes -> text -> unit, splits, tokens, and tokens -> text again
vocabulary.py   tokens <-> ids
pydoc_prose.py  the embedded corpus
named.py        the registry of named corpora; download.py fetches their files
cache.py        encoded corpora kept on disk
corpus.py       load_corpus, encode_text: all of it together
"""
