"""Ranks that `mpirun` started: what they say to each other goes through MPI (mpi4py).

Nothing here imports mpi4py before there is a communicator of it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from rnnlm_cli.arrays import Doubles, Floats, Ids
from rnnlm_cli.corpus.kept import IDS_AT_ONCE, chunks, kept_ids
from rnnlm_cli.machine import bound_cores, core_quota
from rnnlm_cli.training.ranks import Heard, Order, Ranks

Value = TypeVar("Value")

_PATIENT, _PAUSE = 0.05, 0.001  # seconds of waiting before a rank lets others have its core


class MPIRanks(Ranks):
    """The processes of `world`, a communicator of mpi4py."""

    def __init__(self, world: Any) -> None:
        from mpi4py import MPI

        self._world, self._in_place = world, MPI.IN_PLACE
        self.rank, self.size = world.Get_rank(), world.Get_size()
        here = world.Split_type(MPI.COMM_TYPE_SHARED)
        self.here = here.Get_size()  # ranks on this machine
        here.Free()
        self._order = np.zeros(3)

    @cached_property
    def threads(self) -> int:
        """As many as this rank has cores to itself."""
        mine, cores = bound_cores(), os.cpu_count() or 1
        share = mine if mine < cores else cores // self.here
        quota = core_quota()  # of the ranks together
        return max(1, share if quota is None else min(share, quota // self.here))

    @property
    def notes(self) -> list[str]:
        """How many they are, and what a rank may use of its machine."""
        threads = f"{self.threads} thread{'s' if self.threads > 1 else ''}"
        bound = ""
        if bound_cores() < (os.cpu_count() or 1) // self.here:
            bound = (
                f", bound by the launcher to {bound_cores()} of {os.cpu_count()} cores: mpirun "
                "--bind-to none lets it have more"
            )
        return [f"{self.size} ranks, {self.here} on this machine; {threads} each{bound}"]

    def order(self, order: Order, first: float = 0.0, second: float = 0.0) -> None:
        """Rank 0 gives an order; of another rank it is no more than what it follows."""
        if self.rank == 0:
            self._order[...] = order, first, second
            self._world.Ibcast(self._order).Wait()

    def heard(self) -> Heard:
        """The next order. A rank that waits long sleeps, for others may need its core."""
        request, began = self._world.Ibcast(self._order), time.perf_counter()
        while not request.Test():
            if time.perf_counter() - began > _PATIENT:
                time.sleep(_PAUSE)
        return Heard(Order(int(self._order[0])), *self._order[1:].tolist())

    def broadcast(self, value: Value) -> Value:
        """The `value` that rank 0 has."""
        found: Value = self._world.bcast(value if self.rank == 0 else None)
        return value if self.rank == 0 else found

    def broadcast_ids(self, ids: Ids) -> Ids:
        """The ids (words,) that rank 0 has, of any number; kept on the disk where they are many."""
        largest = max((int(piece.max()) for piece in chunks(ids)), default=0)
        words, different = self.broadcast((len(ids), largest + 1))
        if self.rank:
            return kept_ids(self._pieces(words), different)
        for piece in chunks(ids):
            self._world.Bcast(np.ascontiguousarray(piece, np.int32))
        return ids

    def _pieces(self, words: int) -> Iterator[Ids]:
        for start in range(0, words, IDS_AT_ONCE):
            piece = np.empty(min(IDS_AT_ONCE, words - start), np.int32)
            self._world.Bcast(piece)
            yield piece

    def broadcast_into(self, array: Floats) -> None:
        """Fill `array` with that of rank 0."""
        self._world.Bcast(array)

    def allreduce(self, array: Floats | Doubles) -> None:
        """Make `array` the sum of those of all ranks."""
        self._world.Allreduce(self._in_place, array)

    def gather(self, rows: Floats) -> Floats:
        """rows (n, .) of each rank -> one below the other, for rank 0."""
        parts = self._world.gather(np.ascontiguousarray(rows))
        return np.concatenate(parts) if parts is not None else rows

    def abort(self, code: int) -> None:
        """End all ranks at once."""
        self._world.Abort(code)
