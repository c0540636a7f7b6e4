"""A list of arrays <-> a pickle file: a reader that runs nothing, and a writer that loses nothing.

array_list   the public functions, and the writer
machine      the opcodes: a small stack machine over those that a list of arrays needs
objects      what names, calls and states in the stream may mean: bytes, dtypes and arrays
"""

from rnnlm_cli.pickling.array_list import (
    begins_as_written,
    dump_arrays,
    parse_arrays,
    read_arrays,
    write_arrays,
)

__all__ = [
    "begins_as_written",
    "dump_arrays",
    "parse_arrays",
    "read_arrays",
    "write_arrays",
]
