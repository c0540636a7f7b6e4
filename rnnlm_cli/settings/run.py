"""A whole training run: the request, as it is asked for, and the plan, where nothing is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.settings.model import ModelConfig, lstm_sizes, residual_lstms
from rnnlm_cli.settings.presets import DEFAULT, PRESETS, Recipe, recipe
from rnnlm_cli.settings.setting import (
    ENCODING,
    Checked,
    Ending,
    Range,
    Setting,
    check_given,
    config_of,
    declared,
    whole,
)
from rnnlm_cli.settings.spelling import option_name
from rnnlm_cli.settings.text import CorpusConfig, GivenWords
from rnnlm_cli.settings.train import IntervalText, TrainConfig

DEFAULT_CHECKPOINT = Path("checkpoints/Rnnlm.pkl")
THREADS = Setting(
    "CPU threads to use. Default: all cores.", whole(1, 1_024), shows_range=True, is_free=True
)

_SECONDS = Range(needed="a finite number of seconds above 0", above=0)
_ABOUT = "; ".join(f"{name}: {preset.about}" for name, preset in PRESETS.items())


def as_listed(given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that were `given`, with a corpus that is named by itself as a list of one."""
    listed = dict(given)
    if isinstance(listed.get("corpus"), str):
        listed["corpus"] = (listed["corpus"],)
    return listed


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFrame(GivenWords):
    """What a run stands in, of which no preset says anything: its text, where its results go, and
    what changes nothing of them."""

    corpus: Annotated[
        tuple[str, ...],
        Setting(
            "pydoc (the default), ptb, shakespeare, neko, a text file (.gz too), - for standard "
            "input, or a folder: with train.txt, valid.txt and test.txt, or with .txt files that "
            "are one text. May be repeated: one text after the other.",
            metavar="NAME|PATH|-",
        ),
    ] = ("pydoc",)
    encoding: Annotated[
        str | None,
        Setting(
            "How its files are written. Default: utf-8.", ENCODING, metavar="NAME", is_free=True
        ),
    ] = None
    out: Annotated[
        Path,
        Setting(
            "Where the best model goes; NAME.last.pkl is the newest state.",
            Ending(".pkl"),
            shows_default=True,
        ),
    ] = DEFAULT_CHECKPOINT
    init_from: Annotated[
        Path | None,
        Setting(
            "Begin with this model, whose words and sizes stay as they are.", metavar="CHECKPOINT"
        ),
    ] = None
    log: Annotated[
        Path | None, Setting("Write the history as JSON lines.", metavar="FILE", is_free=True)
    ] = None
    tensorboard: Annotated[
        Path | None,
        Setting("Write the history as event files for TensorBoard.", metavar="DIR", is_free=True),
    ] = None
    validate_every: Annotated[
        str | None,
        Setting(
            "Validate within an epoch too, after every so many steps (500) or so long (6s, 2m): it "
            "is shown and logged, and changes nothing of the run. Default: at the end of an epoch "
            "alone.",
            IntervalText(),
            metavar="DURATION|STEPS",
            is_free=True,
        ),
    ] = None
    save_every: Annotated[
        float,
        Setting("Seconds between two saves. Default: 60.", _SECONDS, is_free=True),
    ] = 60.0
    # None: on a terminal after each epoch
    sample_every: Annotated[
        int | None,
        Setting(
            "Show a short text of the model after every so many epochs, and log it; 0: never. "
            "Default: after each, on a terminal alone.",
            whole(0),
            metavar="N",
            is_free=True,
        ),
    ] = None
    threads: Annotated[int | None, THREADS] = None


@dataclass(frozen=True, kw_only=True)  # no slots: a cached property needs a dict
class RunRequest(RunFrame, Checked):
    """A training run as it is asked for; training/planning.py chooses what it leaves open."""

    # None: the one that suits the text
    preset: Annotated[
        str | None,
        Setting(f"The recipe. {_ABOUT}.", metavar="NAME"),
    ] = None
    # Fields of CorpusConfig, ModelConfig and TrainConfig in which no preset has a say: what is
    # given, and what a model keeps that the run begins with.
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, preset: str | None = None, **given: Any) -> RunRequest:
        """The run with that preset, changed by what is `given`: fields of any of the configs.

        What is None is not given. Raises ConfigError.
        """
        given = {name: value for name, value in given.items() if value is not None}
        given = as_listed(given)
        frame = {name: given.pop(name) for name in FRAME if name in given}
        return cls(preset=preset, settings=given, **frame)

    @cached_property
    def text(self) -> CorpusConfig:
        """How the text is to be read."""
        return config_of(CorpusConfig, self.settings)

    def _check_across(self) -> None:
        """The settings, each by itself and with the presets."""
        if unknown := self.settings.keys() - _NAMES:
            raise TypeError(f"{min(unknown)} is no setting of a run")
        if self.vocab is not None and self.init_from is None:
            raise ConfigError(
                f"vocab is {quoted(self.vocab)}, but a new model takes its words from its text: "
                "leave that out, or begin with a model whose file has no words (--init-from)"
            )
        check_given(self.settings, *SETTINGS)
        if self.init_from is None:
            _check_unit(self.settings)
        _ = self.recipes  # of which there must be one

    @cached_property
    def recipes(self) -> dict[str, Recipe]:
        """What it may become, by the preset: the one asked for, or each of those that planning
        chooses from with which the settings go together.

        Raises ConfigError, which is of the preset asked for or the default one, for none.
        """
        chosen_from = [name for name, each in PRESETS.items() if each.fewest_passes is not None]
        found, errors = dict[str, Recipe](), dict[str, ConfigError]()
        for name in [self.preset] if self.preset is not None else chosen_from:
            try:
                made = recipe(name, self.settings)
                if self.init_from is None:
                    _check_use(self.settings, made.model)
                found[name] = made
            except ConfigError as error:
                errors[name] = error
        if not found:
            raise errors[DEFAULT if self.preset is None else self.preset]
        return found


def _check_unit(given: Mapping[str, Any]) -> None:
    """Raises ConfigError for a unit that no new model has, and for what does not go with it."""
    unit = given.get("unit")
    if unit == "preprocess":
        raise ConfigError(
            "unit is preprocess, which knows no lines and is for models whose words were made "
            "so: choose another, or begin with such a model (--init-from)"
        )
    if unit != "bpe" and "bpe_size" in given:
        raise ConfigError(
            f"bpe-size is {given['bpe_size']}, but no pieces are learnt: leave it out, or use "
            "--unit bpe"
        )
    for name in ("min_count", "max_vocab"):
        if unit == "bpe" and name in given:
            raise ConfigError(
                f"{option_name(name)} is {given[name]}, but pieces are all kept: leave it "
                "out, or choose how many there are with --bpe-size"
            )


def _check_use(given: Mapping[str, Any], made: ModelConfig) -> None:
    """Raises ConfigError for a setting that is `given` and would be of no use in the model."""
    if given.get("dropout_between") and made.layers == 1:
        raise ConfigError(
            f"dropout-between is {given['dropout_between']:g}, but there is one LSTM alone: "
            "leave it out, or use two --layers"
        )
    if given.get("skip") and not residual_lstms(made):
        alone = made.layers == 1
        sizes = " and ".join(f"{units} units" for _, units in lstm_sizes(made))
        raise ConfigError(
            "skip is for an LSTM above another of its size, but "
            + ("there is one LSTM alone" if alone else f"there is none (they have {sizes})")
            + ": leave it out, or use "
            + ("two --layers" if alone else "more --layers, --projection or --untied")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan(RunFrame):
    """A training run in which nothing is open: it has a batch size, an end, and a unit."""

    preset: str
    text: CorpusConfig
    model: ModelConfig
    train: TrainConfig


FRAME = tuple(declared(RunFrame))
FREE = tuple(name for name, each in declared(RunFrame).items() if each.setting.is_free)
SETTINGS = CorpusConfig, ModelConfig, TrainConfig
# What `rnnlm train` can be asked for, by name.
OPTIONS = {name: each for kind in (RunRequest, *SETTINGS) for name, each in declared(kind).items()}
_NAMES = {name for kind in SETTINGS for name in declared(kind)}
