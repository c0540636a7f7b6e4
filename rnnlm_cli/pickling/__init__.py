"""Pickle files: readers that run nothing, and a writer that loses nothing.

array_list      a list of arrays <-> a file: the public functions, and the writer
array_machine   the opcodes of a list of arrays
objects         what names, calls and states in it may mean: bytes, dtypes and arrays
word_machine    the opcodes of a vocabulary: dicts of words and numbers
machine         what both machines share: bytes, frames, the stack, the memo
foreign         what a file is that neither reads
regular_files   opening a regular file, and no pipe
"""

from rnnlm_cli.pickling.array_list import (
    arrays_of,
    begins_as_written,
    dump_arrays,
    parse_arrays,
    read_arrays,
    write_arrays,
)
from rnnlm_cli.pickling.regular_files import read_file
from rnnlm_cli.pickling.word_machine import MAX_WORD_FILE_BYTES, WordIds, parse_words

__all__ = [
    "MAX_WORD_FILE_BYTES",
    "WordIds",
    "arrays_of",
    "begins_as_written",
    "dump_arrays",
    "parse_arrays",
    "parse_words",
    "read_arrays",
    "read_file",
    "write_arrays",
]
