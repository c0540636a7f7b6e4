"""A process that cuts blocks of a text for another one.

`python -m rnnlm_cli.corpus.cutting.worker` reads the tokenizer and then, for each block, the quotes
that are open before it and its text; it writes the quotes that are open after it and its tokens.
Each of these is a frame: its length, and its bytes. The end of the input, which is that of the
other process too, ends this one.
"""

from __future__ import annotations

import json
import signal
import sys
from contextlib import suppress
from struct import Struct
from typing import IO

from rnnlm_cli.corpus.cutting.cut_block import CutBlock
from rnnlm_cli.corpus.cutting.units import Tokenizer

_LENGTH = Struct("<Q")


def send(stream: IO[bytes], *frames: bytes) -> None:
    """Write these frames. Raises OSError where nobody reads them."""
    for frame in frames:
        stream.write(_LENGTH.pack(len(frame)))
        stream.write(frame)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes:
    """The next frame. Raises EOFError where there is none, or not the whole of it."""
    head = stream.read(_LENGTH.size)
    size = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
    frame = stream.read(size)
    if len(head) < _LENGTH.size or len(frame) < size:
        raise EOFError
    return frame


def main() -> None:
    """Cut what comes, until nothing does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks for blocks hears a Ctrl-C too
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    with suppress(EOFError, BrokenPipeError):
        unit, lower, rule, merges = json.loads(receive(source))
        tokenizer = Tokenizer(unit, lower, rule, tuple((one, other) for one, other in merges))
        while True:
            opened = frozenset(json.loads(receive(source)))
            tokens, opened = tokenizer.cut_block(receive(source).decode(), opened)
            send(sink, json.dumps(sorted(opened)).encode(), CutBlock.of(tokens).packed())


if __name__ == "__main__":
    main()
