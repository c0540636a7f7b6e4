"""Whether a launcher such as mpirun has started several processes, and the way to the others.

mpi4py is imported only where a launcher has started several processes: it calls MPI_Init, which a
process by itself must not.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from rnnlm_cli.errors import MissingExtra

if TYPE_CHECKING:
    from rnnlm_cli.runs.mpi import MPIRanks

# Of Open MPI, of MPICH and Slurm: how many processes there are, and which this one is.
_SIZES = "OMPI_COMM_WORLD_SIZE", "PMI_SIZE"
_NUMBERS = "OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK"

FORWARDED = "SIGUSR1"  # what mpirun passes on to its ranks and lets them live


def launched(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a launcher has started this process as one of several, or may have."""
    sizes = [environment[name] for name in _SIZES if name in environment]
    return any(size != "1" for size in sizes) if sizes else "PMIX_RANK" in environment


def is_first(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the launcher calls this process number 0, as far as it tells."""
    numbers = [environment[name] for name in _NUMBERS if name in environment]
    return not numbers or numbers[0] == "0"


@cache
def ranks_here() -> MPIRanks | None:
    """The ranks of which this process is one; None where no launcher has started several.

    Raises MissingExtra where they cannot talk to each other.
    """
    if not launched():
        return None
    try:
        import mpi4py

        mpi4py.rc.thread_level = "funneled"  # only the main thread calls
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise MissingExtra(
            "a launcher such as mpirun has started several processes, and they need the library "
            f"mpi4py, which cannot be used here ({reason}): pip install 'rnnlm-cli[mpi]', or start "
            "rnnlm without a launcher"
        ) from None
    if MPI.COMM_WORLD.Get_size() == 1:
        return None
    from rnnlm_cli.runs.mpi import MPIRanks

    return MPIRanks(MPI.COMM_WORLD)
