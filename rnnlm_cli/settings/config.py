"""Every setting, its default and its range: frozen dataclasses that check themselves.

A config says what the user wants; facts of the text (vocabulary size, token counts) are not in it.
`None` means "chosen from the text at hand": by `fitted`, in planning.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

from rnnlm_cli.errors import ConfigError

MOST = 10**9  # of anything that is counted: memory and time end far below it
MOST_THREADS = 1_024
MOST_LAYERS = 1_000
_LARGEST = 1e30  # of what goes into float32, which ends at 3e38: a product must not leave it
_LARGEST_SEED = 2**63 - 1

Unit = Literal["whitespace", "word", "char"]
Optimizer = Literal["sgd", "momentum", "rmsprop", "adam", "adamw"]
Schedule = Literal["constant", "plateau", "linear", "cosine", "one-cycle"]
Protocol = Literal["stream", "parallel", "book"]
Split = Literal["train", "valid", "test"]
Trick = Literal["temper", "cache", "ngram", "dynamic"]


def need(condition: bool, setting: str, found: object, needed: str) -> None:
    """Raises ConfigError where a setting is out of range."""
    if not condition:
        raise ConfigError(f"{setting} is {found}, but must be {needed}")


def need_int(setting: str, value: int, least: int, most: int = MOST) -> None:
    """The same for whole numbers."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    need(
        whole and least <= value <= most, setting, value, f"a whole number from {least} to {most:,}"
    )


def need_choice(setting: str, value: object, choices: Any) -> None:
    """The same for one of the words of a Literal."""
    names = get_args(choices)
    need(value in names, setting, repr(value), "one of " + ", ".join(names))


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusConfig:
    """How a text becomes tokens and ids."""

    unit: Unit | None = None  # None: chosen from the text
    min_count: int | None = None  # None: 1 for whitespace, else 2 (tokens seen once -> <unk>)
    max_vocab: int = 50_000
    lower: bool = False

    def __post_init__(self) -> None:
        if self.unit is not None:
            need_choice("unit", self.unit, Unit)
        if self.min_count is not None:
            need_int("min-count", self.min_count, 1)
        need_int("max-vocab", self.max_vocab, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """One stack: embedding, `layers` LSTMs, affine output. Sizes are numbers of units."""

    wordvec_size: int = 100
    hidden_size: int = 100
    layers: int = 1
    tied: bool = False  # output weights are the transposed embedding: Press & Wolf 1608.05859
    # Tied and of other sizes: a linear map from the last LSTM to a word vector, 1707.05589; without
    # it the last LSTM is as narrow as a word vector, 1708.02182.
    projection: bool = False
    skip: bool = False  # LSTMs add to their input where the sizes are equal: 1609.08144
    # Share of units dropped at the three places of Zaremba et al. 1409.2329; None: from the text.
    dropout: float | None = 0.0
    # The same by place: word vectors, between LSTMs, before the output; None: as `dropout`.
    dropout_in: float | None = None
    dropout_between: float | None = None
    dropout_out: float | None = None
    locked: bool = False  # one mask for all steps of a segment: Gal & Ghahramani 1512.05287
    dropout_hidden: float = 0.0  # of h on its way to the next step, always locked: the same paper
    word_dropout: float = 0.0  # of words, at all their places in a segment: the same, section 4.2
    weight_drop: float = 0.0  # of the recurrent weights: Merity et al. 1708.02182
    ar: float = 0.0  # alpha of the activation penalty, and
    tar: float = 0.0  # beta of that of its changes: Merity et al. 1708.01009
    forget_bias: float = 0.0  # initial bias of the forget gate: Jozefowicz et al. 2015
    embedding_std: float = 0.01  # of the initial word vectors; the book's value
    # Words of the head of a softmax in two clusters, 1609.04309; 0: one softmax over all; None:
    # from the vocabulary.
    head_size: int | None = 0

    def __post_init__(self) -> None:
        need_int("wordvec-size", self.wordvec_size, 1)
        need_int("hidden-size", self.hidden_size, 1)
        need_int("layers", self.layers, 1, MOST_LAYERS)
        for setting in _DROPOUTS:
            if (share := getattr(self, setting)) is not None:
                need(0 <= share < 1, setting.replace("_", "-"), share, "in [0, 1)")
        for setting, penalty in (("ar", self.ar), ("tar", self.tar)):
            need(0 <= penalty <= _LARGEST, setting, penalty, "a number from 0 to 1e+30")
        bias, std = self.forget_bias, self.embedding_std
        need(abs(bias) <= _LARGEST, "forget-bias", bias, "a number from -1e+30 to 1e+30")
        need(0 < std <= _LARGEST, "embedding-std", std, "a number above 0, of at most 1e+30")
        if self.head_size is not None:
            need_int("head-size", self.head_size, 0)
        self._check_tying()

    def _check_tying(self) -> None:
        """Output weights that are word vectors need something of their size below them."""
        if self.projection and not self.tied:
            raise ConfigError("a projection is for tied weights: use --tied with --projection")
        if self.tied and self.layers == 1 and self.wordvec_size != self.hidden_size:
            if not self.projection:
                raise ConfigError(
                    f"tied weights need equal sizes, but wordvec-size is {self.wordvec_size} and "
                    f"hidden-size {self.hidden_size}: make them equal, or use --projection, "
                    "--untied or two --layers"
                )

    def dropout_at(self, place: Literal["in", "between", "out"]) -> float:
        """The share that is dropped there."""
        share: float | None = getattr(self, f"dropout_{place}")
        return (self.dropout or 0.0) if share is None else share


_DROPOUTS = (
    *("dropout", "dropout_in", "dropout_between", "dropout_out"),
    *("dropout_hidden", "word_dropout", "weight_drop"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """How a model is trained: truncated back-propagation through time over parallel streams."""

    batch_size: int | None = None  # parallel streams; None: chosen from the text
    time_size: int = 35  # steps of back-propagation through time
    # The end of the run, and of its schedule: whichever comes first.
    epochs: int | None = None  # None: unlimited under a budget or steps, else chosen from the text
    steps: int | None = None
    budget: float | None = None  # wall-clock seconds
    optimizer: Optimizer = "sgd"
    lr: float = 20.0
    max_grad: float = 0.25  # norm to which all gradients together are clipped
    weight_decay: float = 0.0  # L2, or of AdamW: see optim.py
    schedule: Schedule = "linear"
    warmup: float = 0.0  # share of the run over which the rate rises: 1706.02677
    reset_probability: float = (
        0.02  # per stream and segment: keeps the state near what zero reaches
    )
    random_offsets: bool = False  # an epoch begins up to a segment further on: other segments
    average: float = 0.0  # share of the run, at its end, whose weights are averaged: 1708.02182
    restart_epochs: bool = False  # every epoch begins at the first token with a zero state
    patience: int | None = None  # epochs without a better validation perplexity before stopping
    protocol: Protocol = "parallel"  # of the validation after each epoch
    keep: Literal["best", "last"] = "best"
    seed: int = 0

    def __post_init__(self) -> None:
        for setting in ("batch_size", "epochs", "steps", "patience"):
            if (value := getattr(self, setting)) is not None:
                need_int(setting.replace("_", "-"), value, 1)
        need_int("time-size", self.time_size, 1)
        need_int("seed", self.seed, 0, _LARGEST_SEED)
        need_choice("optimizer", self.optimizer, Optimizer)
        need_choice("schedule", self.schedule, Schedule)
        need_choice("protocol", self.protocol, Protocol)
        for setting, value in (("lr", self.lr), ("max-grad", self.max_grad)):
            need(0 < value < math.inf, setting, value, "a finite number above 0")
        if self.budget is not None:
            need(0 < self.budget <= MOST, "budget", self.budget, "a time of at most 10^9 seconds")
        reset = self.reset_probability
        need(0 <= reset <= 1, "reset-probability", reset, "in [0, 1]")
        need(0 <= self.warmup < 1, "warmup", self.warmup, "in [0, 1)")
        need(0 <= self.average <= 1, "average", self.average, "in [0, 1]")
        decay = self.weight_decay
        need(0 <= decay < 1, "weight-decay", decay, "in [0, 1)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleConfig:
    """How words are drawn from a model's distribution."""

    length: int = 100
    temperature: float = 1.0  # 0: always the likeliest word
    top_k: int | None = None
    top_p: float | None = None
    samples: int = 1
    seed: int | None = None  # None: another text each time
    stop_at_eos: bool = False

    def __post_init__(self) -> None:
        need_int("length", self.length, 1)
        need_int("samples", self.samples, 1)
        temperature = self.temperature
        need(0 <= temperature < math.inf, "temperature", temperature, "a number of at least 0")
        if self.top_k is not None:
            need_int("top-k", self.top_k, 1)
        if self.top_p is not None:
            need(0 < self.top_p <= 1, "top-p", self.top_p, "in (0, 1]")
        if self.seed is not None:
            need_int("seed", self.seed, 0, _LARGEST_SEED)


CACHE_WINDOWS = 100, 300, 1000, 2000, 5000  # of which the best is found where none is given


@dataclass(frozen=True, slots=True, kw_only=True)
class TrickConfig:
    """What helps a trained model to score a text; `None`: tuned on the validation split.

    A value asks for its trick, as the flag of that name does.
    """

    temper: bool = False
    temperature: float | None = None  # the model's scores are divided by it
    cache: bool = False
    cache_window: int | None = None  # words that the cache remembers
    cache_theta: float | None = None  # how much more the likest of its states count
    ngram: bool = False
    dynamic: bool = False
    dynamic_lr: float | None = None  # of a step, in units of a weight's typical gradient
    dynamic_decay: float | None = None  # share of the way back to the trained weights, a step
    # Shares of the model, the cache and the n-grams: those that are asked for, in this order.
    mixture: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if (T := self.temperature) is not None:
            need(0.01 <= T <= 100, "temperature", T, "a number from 0.01 to 100")
        if self.cache_window is not None:
            need_int("cache-window", self.cache_window, 1, 100_000)
        if (theta := self.cache_theta) is not None:
            need(0 <= theta < math.inf, "cache-theta", theta, "a finite number of at least 0")
        for name, value in (("lr", self.dynamic_lr), ("decay", self.dynamic_decay)):
            if value is not None:
                need(0 <= value <= MOST, f"dynamic-{name}", value, "a number from 0 to 1e+09")
        if self.mixture is not None:
            self._check_mixture(self.mixture)

    def _check_mixture(self, shares: tuple[float, ...]) -> None:
        parts, shown = self.components, ",".join(f"{share:g}" for share in shares)
        if len(parts) == 1:
            raise ConfigError(
                f"mixture is {shown}, but there is nothing to mix: use --cache or --ngram"
            )
        right = len(shares) == len(parts) and all(0 <= share <= 1 for share in shares)
        one = right and abs(sum(shares) - 1) < 1e-3
        needed = f"{len(parts)} shares that add up to 1, of {', '.join(parts)}"
        need(one, "mixture", shown, needed)

    @property
    def asked(self) -> tuple[Trick, ...]:
        """The tricks that are asked for, by flag or value."""
        return tuple(
            trick
            for trick in _VALUES
            if getattr(self, trick) or any(getattr(self, v) is not None for v in _VALUES[trick])
        )

    @property
    def components(self) -> tuple[str, ...]:
        """What is mixed: the model alone, or with the cache, the n-grams or both."""
        return ("model", *(trick for trick in ("cache", "ngram") if trick in self.asked))

    def only(self, tricks: tuple[Trick, ...]) -> TrickConfig:
        """The same for these `tricks` alone; a mixture belongs to all that are asked."""
        kept = {name: getattr(self, name) for trick in tricks for name in _VALUES[trick]}
        mixture = self.mixture if tricks == self.asked else None
        return TrickConfig(**kept, **dict.fromkeys(tricks, True), mixture=mixture)

    @property
    def is_complete(self) -> bool:
        """Whether every value is given, so that there is nothing to tune."""
        values = [getattr(self, name) for trick in self.asked for name in _VALUES[trick]]
        return None not in values and (len(self.components) == 1 or self.mixture is not None)

    @property
    def values(self) -> dict[str, Any]:
        """The values that are known, by name."""
        names = [*(name for trick in self.asked for name in _VALUES[trick]), "mixture"]
        return {name: value for name in names if (value := getattr(self, name)) is not None}


_VALUES: dict[Trick, tuple[str, ...]] = {
    "temper": ("temperature",),
    "cache": ("cache_window", "cache_theta"),
    "ngram": (),
    "dynamic": ("dynamic_lr", "dynamic_decay"),
}
