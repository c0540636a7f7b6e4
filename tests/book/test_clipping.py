import numpy as np

from rnnlm_cli.book import clip_grads


def test_gradients_are_clipped_to_their_norm_together() -> None:
    grads = [np.array([3.0, 0.0]), np.array([[4.0]])]
    clip_grads(grads, 10)
    assert grads[0].tolist() == [3, 0]
    clip_grads(grads, 2.5)
    np.testing.assert_allclose(np.hstack([g.ravel() for g in grads]), [1.5, 0, 2], rtol=1e-6)
