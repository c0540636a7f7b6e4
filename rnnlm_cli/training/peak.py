"""What a run takes in memory at its highest point."""

from __future__ import annotations

from dataclasses import replace

from rnnlm_cli.corpus.kept import IDS_AT_ONCE, SMALL
from rnnlm_cli.machine import has_room, need, shown_size
from rnnlm_cli.model.footprint import layer_bytes, parameter_bytes, softmax_bytes
from rnnlm_cli.model.sizes import ModelSizes
from rnnlm_cli.scoring.evaluation import MOST_PLACES
from rnnlm_cli.settings.run import RunPlan
from rnnlm_cli.training.optimizers import slots_of
from rnnlm_cli.training.ranks import ALONE, Ranks

PROGRAM = 70 << 20  # bytes of Python, NumPy and the BLAS
_TOKEN = 3 * 4  # bytes of a token of the text: its id, and what is made of it on the way
_SCORED = 3 * 8  # of one of a text that is too large to be held: it is scored, if it is not trained


def training_parts(vocab_size: int, tokens: int, config: RunPlan) -> dict[str, int]:
    """Bytes of a run by what they are for."""
    model, train = ModelSizes(vocab_size, config.model), config.train
    P, R = parameter_bytes(model), train.batch_size * train.time_size
    averages = train.average > 0
    slots = slots_of(train.optimizer) + averages
    return {
        "parameters": P,
        "gradients": P,
        "optimiser": slots * P,
        # A save copies these vectors, and the average once more, for the model; at the end the best
        # model is read, file and arrays.
        "copies while saving": max(slots + averages, 2) * P,
        "layers": layer_bytes(model, max(MOST_PLACES, R)),
        "softmax": softmax_bytes(model, R),
        "text": _text_bytes(tokens),
    }


def _text_bytes(tokens: int) -> int:
    """The ids of a large text are read from a file, a tenth of it scored, part by part."""
    held = _TOKEN * SMALL // 4
    return min(_TOKEN * tokens, held + _SCORED * min(tokens // 10, IDS_AT_ONCE))


def parts_here(vocab_size: int, tokens: int, config: RunPlan, ranks: Ranks) -> dict[str, int]:
    """The same of all `ranks` that are on this machine, each with as many streams as any has."""
    most = -(-config.train.batch_size // ranks.size)
    share = replace(config.train, batch_size=most)
    parts = training_parts(vocab_size, tokens, replace(config, train=share))
    return {name: ranks.here * size for name, size in parts.items()}


def fits(vocab_size: int, tokens: int, config: RunPlan, ranks: Ranks = ALONE) -> bool:
    """Whether a run over `tokens` tokens has room in the memory of this machine."""
    return has_room(parts_here(vocab_size, tokens, config, ranks))


def check_training(
    vocab_size: int,
    tokens: int,
    config: RunPlan,
    ranks: Ranks = ALONE,
    *,
    state_bytes: int = 0,
) -> None:
    """Raises ConfigError if a run over `tokens` tokens cannot fit in the memory of this machine.

    One that goes on keeps its sizes. It holds a state of `state_bytes` until its first step.
    """
    advice = (
        "use a smaller --preset, --hidden-size, --wordvec-size, --layers, --batch-size, "
        "--time-size or --max-vocab"
    )
    if state_bytes:
        fewer = "use fewer ranks here, " if ranks.here > 1 else ""
        advice = f"{fewer}close other programs, or resume it where more memory is free"
    parts = parts_here(vocab_size, tokens, config, ranks)
    need("this run", parts, advice, held=state_bytes)


def told_memory(vocab_size: int, tokens: int, config: RunPlan, ranks: Ranks = ALONE) -> str:
    """How much of the memory of this machine a run takes, for a note."""
    total = PROGRAM * ranks.here + sum(parts_here(vocab_size, tokens, config, ranks).values())
    where = f" on this machine, by {ranks.here} ranks" if ranks.here > 1 else ""
    return f"about {shown_size(total)} of memory{where}"
