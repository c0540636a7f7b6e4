"""The same work in torch, in a process of its own: one line in, one turn, its seconds out.

python -m benchmarks.torch_worker '{"work": "train", "size": "Rnnlm", "onednn": true, …}'
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn.functional import cross_entropy, softmax

from benchmarks.peer import answer_turns
from benchmarks.sizes import Size, find_size, words
from rnnlm_cli.model.sizes import output_size


class Model(nn.Module):
    """Embedding, nn.LSTM, perhaps a projection, linear output.

    With `clusters` torch's adaptive softmax stands in place of the output, as wide behind the
    head as in it, and untied, for it cannot be tied. Dropout is torch's, wherever ours is.
    """

    def __init__(self, size: Size, *, clusters: bool = False) -> None:
        super().__init__()
        D, H, L = size.model.wordvec_size, size.model.hidden_size, size.model.layers
        dropout, out = size.model.dropout, output_size(size.model)
        self.embedding = nn.Embedding(size.vocab_size, D)
        self.dropout = nn.Dropout(dropout)
        self.lstm = nn.LSTM(D, H, L, dropout=dropout if L > 1 else 0.0)
        self.projection = nn.Linear(H, out) if size.model.projection else nn.Identity()
        if clusters:
            cutoffs = list(size.model.edges)
            self.output: Any = nn.AdaptiveLogSoftmaxWithLoss(out, size.vocab_size, cutoffs, 1.0)
            return
        self.output = nn.Linear(out, size.vocab_size)
        if size.model.tied:
            self.output.weight = self.embedding.weight

    def states(self, xs: Any, state: Any) -> Any:
        """xs (T, N) -> what the output reads (T, N, out) and the state."""
        hs, state = self.lstm(self.dropout(self.embedding(xs)), state)
        return self.dropout(self.projection(hs)), state

    def forward(self, xs: Any, state: Any) -> Any:
        """xs (T, N) -> scores (T, N, V) and the state."""
        hs, state = self.states(xs, state)
        return self.output(hs), state

    def loss(self, xs: Any, ts: Any, state: Any) -> Any:
        """xs (T, N), ts (T*N,) -> the mean nats and the state."""
        hs, state = self.states(xs, state)
        flat = hs.flatten(0, 1)
        if isinstance(self.output, nn.AdaptiveLogSoftmaxWithLoss):
            return self.output(flat, ts).loss, state
        return cross_entropy(self.output(flat), ts), state


OPTIMIZERS: dict[str, Any] = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}


def train(size: Size, steps: int, *, clusters: bool = False) -> Callable[[], None]:
    """`steps` training steps a turn."""
    model = Model(size, clusters=clusters)
    lr = 1.0 if size.optimizer == "sgd" else 1e-3
    optimizer = OPTIMIZERS[size.optimizer](model.parameters(), lr=lr)
    N, T = size.batch_size, size.time_size
    ids = torch.tensor(size.words(2 * N * T), dtype=torch.long)
    xs, ts = ids[: N * T].view(T, N), ids[N * T :]
    state: Any = None

    def turn() -> None:
        nonlocal state
        for _ in range(steps):
            optimizer.zero_grad()
            loss, state = model.loss(xs, ts, state)
            state = tuple(part.detach() for part in state)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.25)
            optimizer.step()

    return turn


def generate(size: Size, length: int, samples: int) -> Callable[[], None]:
    """`length` words of each of `samples` texts a turn."""
    model = Model(size).eval()

    def turn() -> None:
        ids, state = torch.zeros(1, samples, dtype=torch.long), None
        for _ in range(length):
            ys, state = model(ids, state)
            ids = torch.multinomial(softmax(ys[0], dim=-1), 1).t()

    return turn


def stream(size: Size, tokens: int, chunk: int) -> Callable[[], None]:
    """A text of `tokens`, scored as one stream in chunks, a turn."""
    model = Model(size).eval()
    ids = torch.tensor(words(size.vocab_size, tokens + 1), dtype=torch.long)

    def turn() -> None:
        state: Any = None
        for start in range(0, tokens, chunk):
            xs, ts = ids[start : start + chunk], ids[start + 1 : start + chunk + 1]
            xs = xs[: len(ts)]
            ys, state = model(xs[:, None], state)
            cross_entropy(ys[:, 0], ts, reduction="sum")

    return turn


WORK: dict[str, Callable[..., Callable[[], None]]] = {
    "train": train,
    "generate": generate,
    "stream": stream,
}


def main() -> None:
    asked = json.loads(sys.argv[1])
    torch.set_num_threads(asked.pop("threads"))
    work, size, onednn = asked.pop("work"), find_size(asked.pop("size")), asked.pop("onednn")
    name = f"torch {torch.__version__}" + ", no oneDNN" * (not onednn)
    name += f", chunks of {asked['chunk']}" if "chunk" in asked else ""
    name += ", adaptive softmax" * asked.get("clusters", False)
    with torch.backends.mkldnn.flags(enabled=onednn):
        turn = WORK[work](size, **asked)
        with torch.enable_grad() if work == "train" else torch.no_grad():
            answer_turns(name, turn)


if __name__ == "__main__":
    main()
