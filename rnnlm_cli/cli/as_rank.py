"""The command as one of several processes that a launcher such as mpirun has started.

Rank 0 is the command; the others do what it orders, and print only why they fail. Whatever ends one
of them ends all: a rank that waits for another would wait for ever.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from typing import NoReturn

from rnnlm_cli.cli.app import main as command
from rnnlm_cli.cli.launched import FORWARDED, is_first, ranks_here
from rnnlm_cli.errors import MissingExtra, RnnlmError
from rnnlm_cli.runs.mpi import MPIRanks
from rnnlm_cli.runs.stop_request import signals_here
from rnnlm_cli.training.ranks import Order
from rnnlm_cli.training.together import follow


def main() -> None:
    """The console script under a launcher."""
    try:
        ranks = ranks_here()
    except MissingExtra as error:
        if is_first():
            sys.stderr.write(f"error: {error}\n")
        sys.exit(1)
    if ranks is None:
        command()
    elif ranks.rank == 0:
        _lead(ranks)
    else:
        _follow(ranks)


def _lead(ranks: MPIRanks) -> NoReturn:
    # Open MPI gives it a terminal for its output, whatever the launcher's own is.
    os.environ.setdefault("TTY_COMPATIBLE", "0")
    code: int | str | None = 1
    try:
        command()
        code = 0
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    number = code if isinstance(code, int) else int(code is not None)
    if number:  # the others may be waiting for what this one can no longer do
        ranks.abort(number)
    ranks.order(Order.END)
    sys.exit(number)


def _follow(ranks: MPIRanks) -> None:
    # What a user sends to the launcher is for rank 0, which says when all stop.
    for number in signals_here(("SIGINT", FORWARDED)):
        signal.signal(number, signal.SIG_IGN)
    try:
        follow(ranks)
    except RnnlmError as error:
        _fail(ranks, f"error: rank {ranks.rank}: {error}\n")
    except BaseException:
        _fail(ranks, f"rank {ranks.rank}:\n{traceback.format_exc()}")


def _fail(ranks: MPIRanks, message: str) -> NoReturn:
    sys.stderr.write(message)
    sys.stderr.flush()
    ranks.abort(1)
    os._exit(1)
