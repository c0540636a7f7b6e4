"""Weights that stand in several places of a model (section 6.5.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rnnlm_cli.arrays import Floats


class Shared(NamedTuple):
    """`params[again]` is the memory of `params[first]`, `turned` if transposed."""

    again: int
    first: int
    turned: bool


def shared_weights(params: Sequence[Floats]) -> list[Shared]:
    """Which of `params` are another before them: the same memory, as it is or transposed.

    The book compares numbers instead, to which two matrices that are equal by chance are one.
    """
    places: dict[object, int] = {}
    shared = []
    for index, param in enumerate(params):
        memory = param.__array_interface__["data"]
        place = memory, param.shape, param.strides
        as_it_is = places.get(place)
        turned = places.get((memory, param.shape[::-1], param.strides[::-1]))
        if as_it_is is not None:
            shared.append(Shared(index, as_it_is, turned=False))
        elif turned is not None:
            shared.append(Shared(index, turned, turned=True))
        else:
            places[place] = index
    return shared


def remove_duplicate(
    params: Sequence[Floats], grads: Sequence[Floats]
) -> tuple[list[Floats], list[Floats]]:
    """Both lists with each weight once, its gradient the sum, in place, over where it stands."""
    shared = {weight.again: weight for weight in shared_weights(params)}
    for weight in shared.values():
        first, again = grads[weight.first], grads[weight.again]
        first += again.T if weight.turned else again
    kept = [index for index in range(len(params)) if index not in shared]
    return [params[index] for index in kept], [grads[index] for index in kept]
