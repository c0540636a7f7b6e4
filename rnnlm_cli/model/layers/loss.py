"""TimeSoftmaxWithLoss: softmax and cross entropy (book section 5.4.2)."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.arrays import Floats, Ids, log_softmax
from rnnlm_cli.model.layers.layer import check_sequence


class TimeSoftmaxWithLoss:
    """loss = -mean over the scored places of log softmax(ys[n, t])[ts[n, t]], in nats a token

    ys (N, T, V); ts (N, T) integers, -1 where nothing is scored. Caches log softmax(ys).
    """

    def __init__(self) -> None:
        self.params: dict[str, Floats] = {}
        self.grads: dict[str, Floats] = {}
        self._cache: tuple[Floats, Ids] | None = None

    def forward(self, ys: Floats, ts: Ids) -> float:
        """ys (N, T, V), ts (N, T) -> loss; 0 where no place is scored."""
        check_sequence("ys", ys, "(N, T, V)")
        check_sequence("ts", ts, "(N, T)")
        log_ps = log_softmax(ys)
        self._cache = log_ps, ts
        n, t = np.nonzero(ts >= 0)
        return float(-log_ps[n, t, ts[n, t]].sum(dtype=np.float64) / max(1, len(n)))

    def backward(self, dout: float = 1.0) -> Floats:
        """dys = (softmax(ys) - onehot(ts)) * dout / number of scored places; 0 where not scored."""
        assert self._cache is not None, "backward before forward"
        log_ps, ts = self._cache
        scored = ts >= 0
        n, t = np.nonzero(scored)
        dys: Floats = np.exp(log_ps)
        dys[n, t, ts[n, t]] -= 1
        dys *= (scored * (dout / max(1, len(n))))[..., None].astype(dys.dtype)
        return dys
