"""Ranks that are threads of one process: what MPI does for processes, for tests without it."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any, TypeVar

import numpy as np

from rnnlm_cli.arrays import Doubles, Floats, Ids
from rnnlm_cli.training.ranks import Heard, Order, Ranks
from rnnlm_cli.training.together import follow

Value = TypeVar("Value")
_SECONDS = 60.0  # after which a rank that waits for another gives up


class _World:
    def __init__(self, size: int) -> None:
        self.size = size
        self.barrier = Barrier(size, timeout=_SECONDS)
        self.places: list[Any] = [None] * size

    def exchanged(self, rank: int, value: Any) -> list[Any]:
        """What all ranks have brought, each in its own call."""
        self.places[rank] = value
        self.barrier.wait()
        values = list(self.places)
        self.barrier.wait()
        return values


class ThreadedRanks(Ranks):
    threads, notes = 1, list[str]()

    def __init__(self, world: _World, rank: int) -> None:
        self._world, self.rank, self.size = world, rank, world.size
        self.here = world.size
        self.orders: list[Order] = []

    def order(self, order: Order, first: float = 0.0, second: float = 0.0) -> None:
        if self.rank == 0:
            self.orders.append(order)
            self._world.exchanged(0, Heard(order, first, second))

    def heard(self) -> Heard:
        heard: Heard = self._world.exchanged(self.rank, None)[0]
        return heard

    def broadcast(self, value: Value) -> Value:
        found: Value = self._world.exchanged(self.rank, pickle.dumps(value))[0]
        return value if self.rank == 0 else pickle.loads(found)  # type: ignore[arg-type]

    def broadcast_ids(self, ids: Ids) -> Ids:
        return self.broadcast(ids).copy()

    def broadcast_into(self, array: Floats) -> None:
        array[...] = self._world.exchanged(self.rank, array.copy())[0]

    def allreduce(self, array: Floats | Doubles) -> None:
        array[...] = np.sum(self._world.exchanged(self.rank, array.copy()), axis=0)

    def gather(self, rows: Floats) -> Floats:
        return np.concatenate(self._world.exchanged(self.rank, rows.copy()))


def led(size: int, lead: Callable[[ThreadedRanks], Value]) -> Value:
    """What `lead` returns, which is rank 0 of so many; the others follow it until it is over."""
    world, failures = _World(size), list[BaseException]()

    def run(rank: int) -> None:
        try:
            follow(ThreadedRanks(world, rank))
        except BaseException as error:
            failures.append(error)
            world.barrier.abort()

    others = [Thread(target=run, args=(rank,)) for rank in range(1, size)]
    for each in others:
        each.start()
    ranks = ThreadedRanks(world, 0)
    try:
        result = lead(ranks)
        ranks.order(Order.END)
    except BaseException:
        world.barrier.abort()
        raise
    finally:
        for each in others:
            each.join()
        if failures:
            raise failures[0]
    return result
