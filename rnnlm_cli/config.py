"""Every setting, its default and its range: frozen dataclasses that check themselves.

A config says what the user wants; facts of the text (vocabulary size, token counts) are not in it.
`None` means "chosen from the text at hand"; `RunConfig.fitted_to` makes that choice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from rnnlm_cli.errors import ConfigError, quoted

MOST = 10**9  # of anything that is counted: memory and time end far below it
MOST_THREADS = 1_024
MOST_LAYERS = 1_000
_LARGEST_SEED = 2**63 - 1

DEFAULT_CHECKPOINT = Path("checkpoints/Rnnlm.pkl")

Unit = Literal["whitespace", "word", "char"]
Optimizer = Literal["sgd", "adam"]
Schedule = Literal["constant", "plateau", "linear"]
Protocol = Literal["stream", "parallel", "book"]
Split = Literal["train", "valid", "test"]


def _need(condition: bool, setting: str, found: object, needed: str) -> None:
    if not condition:
        raise ConfigError(f"{setting} is {found}, but must be {needed}")


def _need_int(setting: str, value: int, least: int, most: int = MOST) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    _need(
        whole and least <= value <= most, setting, value, f"a whole number from {least} to {most:,}"
    )


def _need_choice(setting: str, value: object, choices: Any) -> None:
    names = get_args(choices)
    _need(value in names, setting, repr(value), "one of " + ", ".join(names))


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusConfig:
    """How a text becomes tokens and ids."""

    unit: Unit | None = None  # None: chosen from the text
    min_count: int | None = None  # None: 1 for whitespace, else 2 (tokens seen once -> <unk>)
    max_vocab: int = 50_000
    lower: bool = False

    def __post_init__(self) -> None:
        if self.unit is not None:
            _need_choice("unit", self.unit, Unit)
        if self.min_count is not None:
            _need_int("min-count", self.min_count, 1)
        _need_int("max-vocab", self.max_vocab, 2)


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
        _need_int("wordvec-size", self.wordvec_size, 1)
        _need_int("hidden-size", self.hidden_size, 1)
        _need_int("layers", self.layers, 1, MOST_LAYERS)
        for setting in _DROPOUTS:
            if (share := getattr(self, setting)) is not None:
                _need(0 <= share < 1, setting.replace("_", "-"), share, "in [0, 1)")
        for setting, penalty in (("ar", self.ar), ("tar", self.tar)):
            _need(0 <= penalty < math.inf, setting, penalty, "a finite number of at least 0")
        _need(math.isfinite(self.forget_bias), "forget-bias", self.forget_bias, "a finite number")
        std = self.embedding_std
        _need(0 < std < math.inf, "embedding-std", std, "a finite number above 0")
        if self.head_size is not None:
            _need_int("head-size", self.head_size, 0)
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


# What is chosen for a text plans with these: minutes on two cores.
_PLANNED_TOKENS = 3_000_000  # over all epochs
_PLANNED_SPEED = 12_000  # tokens a second; fixed, so that the choice is the same on every machine
_FEWEST_STEPS = 100  # an epoch over a short text takes at least about so many
_EPOCHS = 2, 16  # with more, a short text is learnt by heart
_FEWEST_TO_SPLIT = 5_000  # words of a vocabulary whose softmax is split
_HEAD_SHARE = 0.15  # of the words, the most frequent ones; on PTB they make 84% of the text


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """How a model is trained: truncated back-propagation through time over parallel streams."""

    batch_size: int | None = None  # parallel streams; None: chosen from the text
    time_size: int = 35  # steps of back-propagation through time
    epochs: int | None = None  # None: unlimited under a budget, else chosen from the text
    budget: float | None = None  # wall-clock seconds
    optimizer: Optimizer = "sgd"
    lr: float = 20.0
    max_grad: float = 0.25  # norm to which all gradients together are clipped
    schedule: Schedule = "linear"
    reset_probability: float = (
        0.02  # per stream and segment: keeps the state near what zero reaches
    )
    restart_epochs: bool = False  # every epoch begins at the first token with a zero state
    patience: int | None = None  # epochs without a better validation perplexity before stopping
    protocol: Protocol = "parallel"  # of the validation after each epoch
    keep: Literal["best", "last"] = "best"
    seed: int = 0

    def __post_init__(self) -> None:
        for setting in ("batch_size", "epochs", "patience"):
            if (value := getattr(self, setting)) is not None:
                _need_int(setting.replace("_", "-"), value, 1)
        _need_int("time-size", self.time_size, 1)
        _need_int("seed", self.seed, 0, _LARGEST_SEED)
        _need_choice("optimizer", self.optimizer, Optimizer)
        _need_choice("schedule", self.schedule, Schedule)
        _need_choice("protocol", self.protocol, Protocol)
        for setting, value in (("lr", self.lr), ("max-grad", self.max_grad)):
            _need(0 < value < math.inf, setting, value, "a finite number above 0")
        if self.budget is not None:
            _need(0 < self.budget <= MOST, "budget", self.budget, "a time of at most 10^9 seconds")
        reset = self.reset_probability
        _need(0 <= reset <= 1, "reset-probability", reset, "in [0, 1]")


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
        _need_int("length", self.length, 1)
        _need_int("samples", self.samples, 1)
        temperature = self.temperature
        _need(0 <= temperature < math.inf, "temperature", temperature, "a number of at least 0")
        if self.top_k is not None:
            _need_int("top-k", self.top_k, 1)
        if self.top_p is not None:
            _need(0 < self.top_p <= 1, "top-p", self.top_p, "in (0, 1]")
        if self.seed is not None:
            _need_int("seed", self.seed, 0, _LARGEST_SEED)


@dataclass(frozen=True, slots=True)
class Preset:
    """A recipe with a name."""

    model: ModelConfig
    train: TrainConfig
    about: str


PRESETS = {
    "default": Preset(
        # Adam, because short runs make few steps; vectors of the book's 0.01 would start tied
        # output weights so small that hardly any gradient reaches the LSTM.
        ModelConfig(
            wordvec_size=200,
            hidden_size=200,
            tied=True,
            dropout=None,
            forget_bias=1.0,
            embedding_std=0.05,
            head_size=None,
        ),
        TrainConfig(time_size=20, optimizer="adam", lr=0.01, max_grad=1.0),
        "200 units, tied, Adam, a few minutes: sizes itself to the text",
    ),
    "book": Preset(
        ModelConfig(),
        TrainConfig(
            batch_size=20,
            epochs=4,
            schedule="constant",
            reset_probability=0.0,
            protocol="book",
            keep="last",
        ),
        "Rnnlm of chapter 6: 100 units, SGD, 4 epochs",
    ),
    "book-better": Preset(
        ModelConfig(wordvec_size=650, hidden_size=650, layers=2, tied=True, dropout=0.5),
        TrainConfig(
            batch_size=20,
            epochs=40,
            schedule="plateau",
            reset_probability=0.0,
            restart_epochs=True,
            protocol="book",
        ),
        "BetterRnnlm of chapter 6: 2 x 650 units, dropout, tied, 40 epochs",
    ),
}


def find_preset(name: str) -> Preset:
    """The preset called `name`. Raises ConfigError with the names there are."""
    if name not in PRESETS:
        raise ConfigError(f"no preset is called {name!r}: use one of {', '.join(PRESETS)}")
    return PRESETS[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """One training run: a text, a recipe, and where the result goes."""

    corpus: str = "pydoc"
    preset: str = "default"
    text: CorpusConfig = CorpusConfig()
    model: ModelConfig = PRESETS["default"].model
    train: TrainConfig = PRESETS["default"].train
    out: Path = DEFAULT_CHECKPOINT
    save_every: float = 60.0  # seconds between two saves of the resumable state
    log: Path | None = None  # JSON lines
    threads: int | None = None  # None: all cores

    def __post_init__(self) -> None:
        _need(self.out.suffix == ".pkl", "out", quoted(self.out), "a file name ending in .pkl")
        every = self.save_every
        _need(0 < every < math.inf, "save-every", every, "a positive number of seconds")
        if self.threads is not None:
            _need_int("threads", self.threads, 1, MOST_THREADS)

    @classmethod
    def from_preset(cls, preset: str = "default", **given: Any) -> RunConfig:
        """The preset of that name, changed by what is `given`: fields of any of the configs.

        A budget alone lifts the preset's limit of epochs, epochs alone its budget.
        Raises ConfigError.
        """
        recipe = find_preset(preset)
        if "budget" in given:
            given.setdefault("epochs", None)
        elif "epochs" in given:
            given["budget"] = None
        parts: dict[str, Any] = {
            "text": CorpusConfig(),
            "model": recipe.model,
            "train": recipe.train,
        }
        for part, config in parts.items():
            mine = {f.name for f in fields(config)} & set(given)
            parts[part] = replace(config, **{key: given.pop(key) for key in mine})
        return cls(preset=preset, **parts, **given)

    def fitted_to(self, train_tokens: int, vocab_size: int) -> RunConfig:
        """The same run with all that was left open chosen for a text of these sizes."""
        model, train = self.model, self.train
        batch_size, epochs = train.batch_size, train.epochs
        if batch_size is None:
            batch_size = min(20, max(1, train_tokens // (train.time_size * _FEWEST_STEPS)))
        if epochs is None and train.budget is None:
            fewest, most = _EPOCHS
            epochs = min(most, max(fewest, round(_PLANNED_TOKENS / max(1, train_tokens))))
        if model.dropout is None:
            # The more often a text is seen, the more it takes not to learn it by heart: on PTB 0.1
            # was best for 3 epochs, on `pydoc` 0.5 for 16.
            passes = epochs or (train.budget or 0) * _PLANNED_SPEED / max(1, train_tokens)
            model = replace(model, dropout=round(min(0.5, 0.1 + 0.03 * max(0, passes - 3)), 2))
        if model.head_size is None:
            # On PTB a head of 1,500 reached in 2 minutes what one softmax takes 3 for; with fewer
            # words the second cluster costs more than it saves.
            split = vocab_size >= _FEWEST_TO_SPLIT
            model = replace(model, head_size=round(_HEAD_SHARE * vocab_size) if split else 0)
        train = replace(train, batch_size=batch_size, epochs=epochs)
        return replace(self, model=model, train=train)
