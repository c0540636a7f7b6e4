"""The sizes and the noise of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.setting import _LARGEST, need, need_int

MOST_LAYERS = 1_000


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
