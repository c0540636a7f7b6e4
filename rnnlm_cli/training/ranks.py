"""Processes that train one model together: what they say to each other, whoever carries it.

Rank 0 leads: it alone decides, writes and prints. Before each thing that all do together it gives
the others an order, and then all make the same calls. The streams of a batch are dealt to the
ranks, so that each has the gradient of its own, and the sum over all is that of the batch.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import IntEnum, auto
from typing import Any, NamedTuple, TypeVar

import numpy as np

from rnnlm_cli.arrays import Doubles, Floats, Ids
from rnnlm_cli.threads import Cores, in_blocks

Value = TypeVar("Value")


class Order(IntEnum):
    """What all ranks do next."""

    END = 0
    TRAIN = auto()  # begin with a model and a text
    LEARN = auto()  # from a segment, at a rate, counted into the average or not
    BEGIN_EPOCH = auto()
    VALIDATE = auto()
    TAKE_PARAMETERS = auto()
    RESTORE = auto()  # a state
    TELL_STATES = auto()  # of their streams
    SCORE = auto()  # another text, with other weights
    EXCHANGE = auto()  # so many numbers, to see how long that takes


class Heard(NamedTuple):
    """An order, and its two numbers."""

    order: Order
    first: float
    second: float


class Ranks(ABC):
    """One of the processes, and what it says to the others.

    Every method but `order` and `heard` is called by all ranks at once; arrays are contiguous.
    """

    rank: int  # of this process, from 0
    size: int  # of how many
    here: int  # ranks on this machine

    @property
    @abstractmethod
    def threads(self) -> int | None:
        """How many a rank may use; None: all cores."""

    @property
    @abstractmethod
    def notes(self) -> list[str]:
        """How many ranks there are, and where; none for one."""

    @abstractmethod
    def order(self, order: Order, first: float = 0.0, second: float = 0.0) -> None:
        """Rank 0 gives an order; of another rank it is no more than what it follows."""

    @abstractmethod
    def heard(self) -> Heard:
        """The next order; it may be long in coming."""

    @abstractmethod
    def broadcast(self, value: Value) -> Value:
        """The `value` that rank 0 has."""

    @abstractmethod
    def broadcast_ids(self, ids: Ids) -> Ids:
        """The ids (words,) that rank 0 has, of any number; kept on the disk where they are many."""

    @abstractmethod
    def broadcast_into(self, array: Floats) -> None:
        """Fill `array` with that of rank 0."""

    @abstractmethod
    def allreduce(self, array: Floats | Doubles) -> None:
        """Make `array` the sum of those of all ranks."""

    @abstractmethod
    def gather(self, rows: Floats) -> Floats:
        """rows (n, ·) of each rank -> one below the other, for rank 0."""

    def received(self) -> Any:
        """What rank 0 has, for a rank that has nothing to broadcast."""
        return self.broadcast(None)

    def share(self, streams: int) -> slice:
        """Which of so many streams this rank has: as many as the others, or one more."""
        edges = [rank * streams // self.size for rank in (self.rank, self.rank + 1)]
        return slice(*edges)

    # What an evaluation asks: see scoring.streaming.Sharing.

    def has(self, chunk: int) -> bool:
        """Whether this rank scores that chunk of a text."""
        return chunk % self.size == self.rank

    def joined(self, nats: Doubles | None) -> Doubles | None:
        """The surprisals of all ranks, each of which has zeros where the others have theirs.

        None where rank 0 has given up.
        """
        if not self.broadcast(nats is not None):
            return None
        assert nats is not None, "only rank 0 gives up"
        self.allreduce(nats)
        return nats


class Alone(Ranks):
    """Rank 0 of one, which has all streams and nobody to talk to."""

    rank, size, here = 0, 1, 1
    threads = None

    @property
    def notes(self) -> list[str]:
        """There is nothing to know."""
        return []

    def order(self, order: Order, first: float = 0.0, second: float = 0.0) -> None:
        """Nobody hears it."""

    def heard(self) -> Heard:
        """There is nobody to follow."""
        return Heard(Order.END, 0, 0)

    def broadcast(self, value: Value) -> Value:
        """The `value` itself."""
        return value

    def broadcast_ids(self, ids: Ids) -> Ids:
        """The ids themselves."""
        return ids

    def broadcast_into(self, array: Floats) -> None:
        """It is filled already."""

    def allreduce(self, array: Floats | Doubles) -> None:
        """It is the sum already."""

    def gather(self, rows: Floats) -> Floats:
        """The rows themselves."""
        return rows


ALONE = Alone()


def summed(ranks: Ranks, gradient: Floats, loss: float, share: float, cores: Cores) -> float:
    """Make of the mean over the streams of this rank, a `share` of all, that over all streams: of
    the flat `gradient` in place, and of the `loss`, which is returned."""
    weight = gradient.dtype.type(share)

    def weigh(block: slice) -> None:
        np.multiply(gradient[block], weight, out=gradient[block])

    in_blocks(cores, gradient.size, weigh)
    ranks.allreduce(gradient)
    losses = np.array([share * loss])
    ranks.allreduce(losses)
    return float(losses[0])
