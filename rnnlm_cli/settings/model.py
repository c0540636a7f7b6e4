"""The sizes and the noise of a model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.settings.setting import (
    LARGEST,
    SHARE,
    Checked,
    Range,
    Rising,
    Setting,
    between,
    refuse_setting,
    whole,
)
from rnnlm_cli.settings.spelling import typed_value

MOST_LAYERS = 1_000

_PANEL = "The model"
EDGES = Rising(
    needed="whole numbers above 0 and below 10^9 between commas, each above the one before it"
)
_POSITIVE = Range(needed="a number above 0, of at most 1e+30", above=0, most=LARGEST)


def read_edges(text: str) -> tuple[int, ...]:
    """The whole numbers of "800,5000"; of "none" there are none. Raises ConfigError."""
    if text == "none":
        return ()
    if re.fullmatch(r"\d{1,9}(,\d{1,9})*", text, re.ASCII):
        return tuple(map(int, text.split(",")))
    refuse_setting("cluster-edges", quoted(text), EDGES.needed + ", as in 800,5000, or none")


def write_edges(edges: tuple[int, ...]) -> str:
    """What `read_edges` reads as these."""
    return typed_value(edges) or "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig(Checked):
    """One stack: embedding, `layers` LSTMs, affine output. Sizes are numbers of units."""

    wordvec_size: Annotated[
        int, Setting("Units of a word vector.", whole(1), _PANEL, shapes=True)
    ] = 100
    hidden_size: Annotated[
        int, Setting("Units of an LSTM layer.", whole(1), _PANEL, shapes=True)
    ] = 100
    layers: Annotated[int, Setting("LSTM layers.", whole(1, MOST_LAYERS), _PANEL, shapes=True)] = 1
    # Press & Wolf 1608.05859
    tied: Annotated[
        bool,
        Setting(
            "Share the weights of embedding and output.",
            panel=_PANEL,
            flags="--tied/--untied",
            shapes=True,
        ),
    ] = False
    # 1707.05589; without it 1708.02182
    projection: Annotated[
        bool,
        Setting(
            "Tied weights of other sizes: a linear map from the last LSTM to a word vector. "
            "Without it the last of several LSTMs is as narrow as a word vector.",
            panel=_PANEL,
            flags="--projection/--no-projection",
            shapes=True,
        ),
    ] = False
    # 1609.08144
    skip: Annotated[
        bool,
        Setting(
            "LSTMs above the first add to inputs of the same size.",
            panel=_PANEL,
            flags="--skip",
            shapes=True,
        ),
    ] = False
    # The three places of Zaremba et al. 1409.2329
    dropout: Annotated[
        float,
        Setting(
            "Share of units to drop of word vectors, between LSTMs and before the output.",
            SHARE,
            _PANEL,
        ),
    ] = 0.0
    # The same by place; None: as `dropout`.
    dropout_in: Annotated[float | None, Setting("Of word vectors instead.", SHARE, _PANEL)] = None
    dropout_between: Annotated[
        float | None,
        Setting("Between LSTMs instead.", SHARE, _PANEL),
    ] = None
    dropout_out: Annotated[
        float | None,
        Setting("Before the output instead.", SHARE, _PANEL),
    ] = None
    # Gal & Ghahramani 1512.05287, from here to `word_dropout`, which is of their section 4.2: of a
    # segment a word is dropped at all its places
    locked: Annotated[
        bool,
        Setting(
            "Drop the same units at all steps of a segment.", None, _PANEL, "--locked/--unlocked"
        ),
    ] = False
    dropout_hidden: Annotated[
        float, Setting("Share of h to drop on its way to the next step.", SHARE, _PANEL)
    ] = 0.0
    word_dropout: Annotated[float, Setting("Share of words to drop.", SHARE, _PANEL)] = 0.0
    # Merity et al. 1708.02182
    weight_drop: Annotated[
        float,
        Setting("Share of recurrent weights to drop.", SHARE, _PANEL),
    ] = 0.0
    # alpha and beta of Merity et al. 1708.01009
    ar: Annotated[
        float,
        Setting("Penalty on large activations.", between(0, LARGEST), _PANEL),
    ] = 0.0
    tar: Annotated[
        float, Setting("Penalty on changes of activations.", between(0, LARGEST), _PANEL)
    ] = 0.0
    # Jozefowicz et al. 2015
    forget_bias: Annotated[
        float, Setting("First bias of the forget gates.", between(-LARGEST, LARGEST), _PANEL)
    ] = 0.0
    unigram_bias: Annotated[
        bool,
        Setting(
            "Begin the biases of the output at the log shares of the words in the training text.",
            panel=_PANEL,
            flags="--unigram-bias/--no-unigram-bias",
        ),
    ] = False
    # The book's value
    embedding_std: Annotated[
        float, Setting("Of the first word vectors.", _POSITIVE, is_option=False)
    ] = 0.01
    # 1609.04309, here and below
    head_size: Annotated[
        int,
        Setting(
            "Split the softmax: so many frequent words, and one branch for all others; exact. "
            "0: one softmax.",
            whole(0),
            _PANEL,
            shapes=True,
        ),
    ] = 0
    cluster_edges: Annotated[
        tuple[int, ...],
        Setting(
            "Split it in more clusters instead, at these words by frequency, as in "
            "800,5000,20000; none: do not.",
            EDGES,
            _PANEL,
            metavar="EDGES",
            read=read_edges,
            write=write_edges,
            is_later=True,
            shapes=True,
        ),
    ] = ()

    def _check_across(self) -> None:
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
        if self.head_size and self.cluster_edges:
            raise ConfigError(
                f"head-size is {self.head_size:,}, but cluster-edges say where the softmax is "
                "split too: use one of them"
            )

    @property
    def edges(self) -> tuple[int, ...]:
        """Where, of the words by frequency, the clusters of a split softmax begin that are behind
        its head; none of one softmax."""
        return self.cluster_edges or ((self.head_size,) if self.head_size else ())

    def dropout_at(self, place: Literal["in", "between", "out"]) -> float:
        """The share that is dropped there."""
        share: float | None = getattr(self, f"dropout_{place}")
        return self.dropout if share is None else share


def lstm_sizes(model: ModelConfig) -> list[tuple[int, int]]:
    """(inputs, units) of each LSTM, from the bottom up.

    Tied output weights read vectors of D = wordvec_size numbers: the last LSTM has so many units
    (Merity et al. 1708.02182), unless a projection makes them of H (Melis et al. 1707.05589).
    """
    units = [model.hidden_size] * model.layers
    if model.tied and not model.projection:
        units[-1] = model.wordvec_size
    return list(zip([model.wordvec_size, *units[:-1]], units, strict=True))


def residual_lstms(model: ModelConfig) -> list[int]:
    """The numbers, from 0, of the LSTMs that add to their input: those above another that can."""
    if not model.skip:
        return []
    return [i for i, (inputs, units) in enumerate(lstm_sizes(model)) if i and inputs == units]
