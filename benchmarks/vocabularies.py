"""Training as the vocabulary grows: one softmax, one split in two clusters, one split in more.

    python -m benchmarks vocabularies

`tiny` on words spread as by Zipf's law, each contender in a process of its own, on one thread. The
seconds are those of the processor, which depend little on what else a machine does. Memory is
anonymous, of a process that has trained for a step, less what it had before; beside it what the
formula of the preflight says of the same: parameters, gradients, optimiser, layers and softmax.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rich.table import Table

from benchmarks.large_texts import anonymous_megabytes
from benchmarks.measure import Contender, Figure, take_turns
from benchmarks.peer import Peer, answer_turns
from benchmarks.sizes import Size
from benchmarks.works import make_trainer
from rnnlm_cli.cli.showing.render import add_row, table
from rnnlm_cli.model.footprint import layer_bytes, parameter_bytes, softmax_bytes
from rnnlm_cli.model.sizes import ModelSizes
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.spelling import spelt
from rnnlm_cli.threads import set_blas_threads
from rnnlm_cli.training.clusters import cheapest_edges, zipf_counts
from rnnlm_cli.training.optimizers import slots_of

VOCABULARIES = 1_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000
_LARGEST_WHOLE = 100_000  # of one softmax, whose step takes seconds
_HEAD_SHARE = 0.15  # of the words, where there are two clusters
_TINY = ModelConfig(wordvec_size=128, hidden_size=256, projection=True, tied=True)


@dataclass(frozen=True)
class Row:
    """A vocabulary and a split of its softmax: words a second, and megabytes."""

    vocab_size: int
    edges: tuple[int, ...]
    words_per_second: Figure
    times_two: Figure | None  # how many times as fast as two clusters
    megabytes: float
    foretold_megabytes: float


def vocabularies(rounds: int, sizes: tuple[int, ...] = VOCABULARIES) -> Iterator[Row]:
    """The rows of each vocabulary: one softmax where that is not too large, two clusters, more."""
    for V in sizes:
        size = made(V, ())
        R = size.batch_size * size.time_size
        edges = [(round(_HEAD_SHARE * V),), cheapest_edges(zipf_counts(V), R)]
        if V <= _LARGEST_WHOLE:
            edges.append(())
        peers = [Peer("vocabularies", vocab_size=V, edges=each) for each in edges]
        contenders = [
            Contender(spelt(each), peer.turn) for each, peer in zip(edges, peers, strict=True)
        ]
        take_turns(contenders, rounds, warm_up=1)
        two = contenders[0].seconds
        for each, peer, contender in zip(edges, peers, contenders, strict=True):
            seconds, found = contender.seconds, json.loads(peer.name)
            yield Row(
                V,
                each,
                Figure.of([R * found["steps"] / s for s in seconds]),
                Figure.of([a / b for a, b in zip(two, seconds, strict=True)]),
                found["megabytes"],
                foretold(made(V, each)) / (1 << 20),
            )
            peer.close()


def made(vocab_size: int, edges: tuple[int, ...]) -> Size:
    """What is measured."""
    model = replace(_TINY, cluster_edges=edges)
    return Size("tiny", model, vocab_size, batch_size=32, time_size=20, optimizer="adamw")


def foretold(size: Size) -> int:
    """Bytes of its training steps, by the formula."""
    model, R = ModelSizes(size.vocab_size, size.model), size.batch_size * size.time_size
    vectors = 2 + slots_of(size.optimizer)  # as long as the parameters
    return vectors * parameter_bytes(model) + layer_bytes(model, R) + softmax_bytes(model, R)


def shown(rows: list[Row]) -> Table:
    """The rows as a table."""
    found = table("V", "split at", "words/s", "times two clusters", "MB", "by the formula")
    for row in rows:
        add_row(
            found,
            f"{row.vocab_size:,}",
            ", ".join(f"{edge:,}" for edge in row.edges) or "nothing",
            row.words_per_second.show(0),
            row.times_two.show(2) if row.times_two else "",
            f"{row.megabytes:,.0f}",
            f"{row.foretold_megabytes:,.0f}",
        )
    return found


def main() -> None:
    """A contender's process."""
    asked = json.loads(sys.argv[1])
    set_blas_threads(1)
    size = made(asked["vocab_size"], tuple(asked["edges"]))
    ids = size.words(200)  # what makes them is taken before
    before, steps = anonymous_megabytes(os.getpid()), 1 if size.vocab_size > 20_000 else 4
    events = make_trainer(size, threads=1, tokens=50 * 640).run()
    del ids
    next(events)
    megabytes = anonymous_megabytes(os.getpid()) - before
    name = json.dumps({"megabytes": megabytes, "steps": steps})
    answer_turns(name, lambda: [next(events) for _ in range(steps)], time.process_time)


if __name__ == "__main__":
    main()
