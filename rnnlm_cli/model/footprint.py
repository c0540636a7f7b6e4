"""What a model takes in memory, estimated from its sizes before anything is allocated.

All numbers are float32, 4 bytes. V, D, H, L: words, word vector, hidden units, layers; R = N * T:
the places of a batch.
"""

from __future__ import annotations

from rnnlm_cli.memory import need
from rnnlm_cli.model.layers.cluster import BUFFER_BYTES
from rnnlm_cli.model.sizes import lstm_sizes, output_size, parameter_count
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.run import RunPlan
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.settings.train import OPTIMIZERS
from rnnlm_cli.settings.tricks import CACHE_WINDOWS, TrickConfig
from rnnlm_cli.threads import usable_cores

_SMALLER = "use a smaller --hidden-size, --wordvec-size, --layers"
_SCORING = 20 * 35  # places of a batch when a text is scored in parallel
_STREAM = 256  # and as one stream


def training_parts(vocab_size: int, tokens: int, config: RunPlan) -> dict[str, int]:
    """Bytes of a run at its highest point, by what they are for."""
    model, train = config.model, config.train
    P = 4 * parameter_count(vocab_size, model)
    slots = OPTIMIZERS[train.optimizer].slots + (train.average > 0)
    return {
        "parameters": P,
        "gradients": P,
        "optimiser": slots * P,
        # A save copies the optimiser's vectors; at the end the best model is read, file and arrays.
        "copies while saving": max(slots, 2) * P,
        "layers": _layer_bytes(model, max(_SCORING, train.batch_size * train.time_size)),
        "softmax": _softmax_bytes(vocab_size, train.batch_size * train.time_size),
        "text": 3 * 4 * tokens,
    }


def scoring_parts(vocab_size: int, tokens: int, model: ModelConfig) -> dict[str, int]:
    """Bytes that it takes to score a text with a model that has been read."""
    P = 4 * parameter_count(vocab_size, model)
    places = max(_STREAM, _SCORING)
    return {
        "parameters": P,
        "gradients": P,
        "copies while building": 2 * P,
        "layers": _layer_bytes(model, places),
        "text": 28 * tokens,
    }


def sampling_parts(vocab_size: int, sample: SampleConfig, model: ModelConfig) -> dict[str, int]:
    """Bytes that it takes to draw texts from a model that has been read."""
    P, N = 4 * parameter_count(vocab_size, model), sample.samples
    # Scores and shares, sorted for top-k and top-p; a generator, a text and a state of 16 H each.
    sorts = 10 if sample.top_k or sample.top_p else 2
    return {
        "parameters": P,
        "gradients": P,
        "copies while building": 2 * P,
        "scores": 4 * sorts * N * vocab_size,
        "texts": N * (4_000 + 20 * sample.length + 64 * model.layers * model.hidden_size),
    }


def check_training(vocab_size: int, tokens: int, config: RunPlan) -> None:
    """Raises ConfigError if a run over `tokens` tokens cannot fit in memory."""
    advice = f"{_SMALLER}, --batch-size, --time-size or --max-vocab"
    need("this run", training_parts(vocab_size, tokens, config), advice)


def check_scoring(vocab_size: int, tokens: int, model: ModelConfig) -> None:
    """Raises ConfigError if scoring `tokens` tokens cannot fit in memory."""
    need("scoring", scoring_parts(vocab_size, tokens, model), "score a shorter text")


def adapting_parts(
    vocab_size: int, tokens: int, train_tokens: int, model: ModelConfig, tricks: TrickConfig
) -> dict[str, int]:
    """Bytes that it takes beside that to score a text of so many tokens with `tricks`."""
    asked, parts = tricks.asked, {"states": (4 * output_size(model) + 160) * tokens}
    if "dynamic" in asked:
        # The trained weights, what their gradients are scaled by, and the two factors of a step.
        parts["dynamic evaluation"] = 4 * 4 * parameter_count(vocab_size, model)
    if "ngram" in asked:
        parts["n-grams"] = 200 * train_tokens
    if "cache" in asked:
        parts["cache"] = 128 * 16 * max(*CACHE_WINDOWS, tricks.cache_window or 0) * usable_cores()
    return parts


def check_adapting(
    vocab_size: int, tokens: int, train_tokens: int, model: ModelConfig, tricks: TrickConfig
) -> None:
    """Raises ConfigError if `tokens` tokens cannot be scored with `tricks` in memory."""
    parts = adapting_parts(vocab_size, tokens, train_tokens, model, tricks)
    need("scoring with tricks", parts, "ask for fewer of them, or score a shorter text")


def check_sampling(vocab_size: int, sample: SampleConfig, model: ModelConfig) -> None:
    """Raises ConfigError if drawing texts cannot fit in memory."""
    parts = sampling_parts(vocab_size, sample, model)
    need("drawing", parts, "draw fewer or shorter --samples")


def _layer_bytes(model: ModelConfig, R: int) -> int:
    """Caches and workspaces of all layers below the softmax."""
    D, last = model.wordvec_size, output_size(model)
    # gates, steps and all steps 4H each; c, tanh(c), dh/dc, h, dh: 5H; and the weights by rows
    lstms = sum(17 * H * R + 4 * H * H + D * R for D, H in lstm_sizes(model))
    masks = sum(2 * D * R for D, _ in lstm_sizes(model)) + 2 * last * R
    return 4 * (lstms + 4 * D * R + (masks if _drops(model) else 0) + 4 * last * R)


def _drops(model: ModelConfig) -> bool:
    return any(model.dropout_at(place) for place in ("in", "between", "out"))


def _softmax_bytes(vocab_size: int, R: int) -> int:
    return min(BUFFER_BYTES, 4 * vocab_size * R) + (8 << 20)
