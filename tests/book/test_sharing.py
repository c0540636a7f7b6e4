from typing import Any

import numpy as np
import pytest

from rnnlm_cli.book import BetterRnnlm, remove_duplicate
from tests.models import better_rnnlm

V, D = 7, 4
XS = np.array([[0, 3, 3], [6, 3, 1]])


def test_weights_that_are_shared_are_kept_once_and_their_gradients_added() -> None:
    W, b = np.arange(6.0).reshape(2, 3), np.zeros(3)
    grads = [np.ones((2, 3)), np.ones(3), np.full((3, 2), 2.0), np.full((2, 3), 4.0)]
    params, summed = remove_duplicate([W, b, W.T, W], grads)
    assert params[0] is W
    assert params[1] is b
    assert len(params) == 2
    assert summed[0] is grads[0]
    assert (summed[0] == 7).all()


def test_square_weights_are_added_the_way_they_stand() -> None:
    W, g = np.eye(2), np.array([[0.0, 1.0], [0.0, 0.0]])
    _, (as_is,) = remove_duplicate([W, W], [g.copy(), g.copy()])
    _, (turned,) = remove_duplicate([W, W.T], [g.copy(), g.copy()])
    assert as_is.tolist() == [[0, 2], [0, 0]]
    assert turned.tolist() == [[0, 1], [1, 0]]


def test_weights_that_are_equal_by_chance_stay_two() -> None:
    zeros = [np.zeros((2, 2)), np.zeros((2, 2))]
    assert len(remove_duplicate(zeros, [np.ones((2, 2))] * 2)[0]) == 2


def by_value(params: list[Any], grads: list[Any]) -> list[Any]:
    """What the book does: one weight is another if its numbers are those, transposed."""
    (first, second) = (i for i, p in enumerate(params) if p.shape in ((V, D), (D, V)))
    assert np.array_equal(params[first].T, params[second])
    return [grads[first] + grads[second].T, *(g for i, g in enumerate(grads) if g.ndim == 1)]


@pytest.mark.parametrize("merged", [by_value, lambda p, g: remove_duplicate(p, g)[1]])
def test_the_tied_gradient_is_the_same_of_both_models_and_by_both_rules(merged: Any) -> None:
    book, ours = BetterRnnlm(V, D, D, 0.0), better_rnnlm(V, D, D, 0.0)
    ours.assign(book.params)
    for model in (book, ours):
        model.forward(XS, XS)
        model.backward()
    found = merged(book.params, book.grads)[0]
    whole = ours.network.grads.named["embedding.W"]
    np.testing.assert_allclose(found, whole, rtol=1e-4, atol=1e-7)
