import math
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.presets import find_preset
from rnnlm_cli.settings.run import RunPlan, RunRequest
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.settings.table import TableConfig
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.settings.train import BETA1, TrainConfig
from rnnlm_cli.settings.tricks import TrickConfig
from rnnlm_cli.training.planning import TextFacts, fitted


def planned(preset: str, **given: Any) -> RunPlan:
    return fitted(RunRequest.of(preset, **given), TextFacts(929_589, 10_000))


@pytest.mark.parametrize(
    ("kind", "setting", "value"),
    [
        (CorpusConfig, "min_count", 0),
        (CorpusConfig, "max_vocab", 1),
        (CorpusConfig, "unit", "syllable"),
        (ModelConfig, "hidden_size", 0),
        (ModelConfig, "hidden_size", 2.0),
        (ModelConfig, "layers", True),
        (ModelConfig, "dropout", 1.0),
        (ModelConfig, "dropout", -0.1),
        (ModelConfig, "dropout", "0.1"),
        (ModelConfig, "dropout", True),
        (ModelConfig, "tied", "no"),
        (CorpusConfig, "lower", 1),
        (TableConfig, "sep", 7),
        (SampleConfig, "temperature", "1"),
        (ModelConfig, "forget_bias", -1e39),
        (ModelConfig, "embedding_std", 1e39),
        (ModelConfig, "ar", 1e300),
        (ModelConfig, "tar", 1e300),
        (TrainConfig, "batch_size", 0),
        (TrainConfig, "epochs", -1),
        (TrainConfig, "lr", 0.0),
        (TrainConfig, "lr", math.inf),
        (TrainConfig, "lr", math.nan),
        (TrainConfig, "budget", 0.0),
        (TrainConfig, "budget", 2e9),
        (TrainConfig, "seed", 2**63),
        (RunRequest, "threads", 1025),
        (TrainConfig, "max_grad", math.inf),
        (TrainConfig, "reset_probability", 1.5),
        (TrainConfig, "optimizer", "newton"),
        (TrainConfig, "seed", -1),
        (SampleConfig, "temperature", math.nan),
        (SampleConfig, "top_p", 0.0),
        (SampleConfig, "top_k", 0),
        (SampleConfig, "length", 0),
        (TrickConfig, "temperature", 0.0),
        (TrickConfig, "temperature", math.nan),
        (TrickConfig, "cache_window", 0),
        (TrickConfig, "cache_theta", math.inf),
        (TrickConfig, "dynamic_lr", -0.1),
        (TrickConfig, "dynamic_lr", 1e38),
        (TrickConfig, "dynamic_decay", 1e39),
        (TrickConfig, "dynamic_decay", math.nan),
        (RunRequest, "save_every", 0.0),
        (RunRequest, "out", Path("model.bin")),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(
    kind: type[Any], setting: str, value: object
) -> None:
    with pytest.raises(ConfigError, match=f"^{setting.replace('_', '-')} is .*, but must be"):
        kind(**{setting: value})


def test_tied_weights_need_equal_sizes() -> None:
    with pytest.raises(ConfigError, match="wordvec-size is 4 and hidden-size 5"):
        ModelConfig(wordvec_size=4, hidden_size=5, tied=True)


def test_settings_reach_the_config_they_belong_to() -> None:
    asked = RunRequest.of(
        "book", corpus="x.txt", min_count=3, hidden_size=7, lr=1.5, save_every=5.0
    )
    config = planned("book", **asked.settings)
    assert (asked.corpus, asked.save_every) == (("x.txt",), 5.0)
    assert config.text.min_count == asked.text.min_count == 3
    assert config.model == ModelConfig(hidden_size=7)
    assert config.train.lr == 1.5
    assert config.train.batch_size == 20


def test_a_budget_lifts_the_limit_of_epochs_unless_both_are_given() -> None:
    assert planned("book", budget=60.0).train.epochs is None
    both = planned("book", budget=60.0, epochs=2).train
    assert (both.budget, both.epochs) == (60.0, 2)


def test_another_optimizer_comes_with_a_rate_that_suits_it() -> None:
    def rates(preset: str, **given: Any) -> tuple[float, float, float]:
        train = planned(preset, **given).train
        return train.lr, train.max_grad, train.weight_decay

    medium = planned("medium").train
    assert rates("medium", optimizer="adamw") == (medium.lr, medium.max_grad, medium.weight_decay)
    assert rates("medium", optimizer="adam") == (medium.lr, medium.max_grad, 0.0)
    assert rates("medium", optimizer="sgd") == (20.0, 0.25, 0.0)
    assert rates("book", optimizer="momentum", weight_decay=0.1) == (2.0, 0.25, 0.1)
    assert rates("book", optimizer="adam", lr=0.1) == (0.1, 1.0, 0.0)
    assert planned("medium", optimizer="adam").train.beta1 == BETA1
    assert planned("medium", optimizer="adam", beta1=0.0).train.beta1 == 0
    with pytest.raises(ConfigError, match="beta1 is of adam and adamw, but the optimizer is sgd"):
        RunRequest.of("book", beta1=0.1)
    with pytest.raises(ConfigError, match="optimizer is 'adagrad'"):
        RunRequest.of("medium", optimizer="adagrad")


def test_an_unknown_preset_names_the_ones_there_are() -> None:
    with pytest.raises(ConfigError, match="small, medium, book, book-better"):
        find_preset("huge")


def test_the_book_presets_are_the_books_recipes() -> None:
    book, better = planned("book"), planned("book-better")
    assert (book.model.wordvec_size, book.model.hidden_size, book.model.layers) == (100, 100, 1)
    assert (better.model.hidden_size, better.model.layers, better.model.tied) == (650, 2, True)
    assert (better.model.dropout, book.model.dropout) == (0.5, 0.0)
    for recipe, epochs, schedule in ((book, 4, "constant"), (better, 40, "plateau")):
        train = recipe.train
        assert (train.batch_size, train.time_size, train.lr) == (20, 35, 20.0)
        assert (train.max_grad, train.epochs, train.schedule) == (0.25, epochs, schedule)
        assert (train.optimizer, train.reset_probability) == ("sgd", 0.0)


def test_a_value_asks_for_its_trick_as_the_flag_does() -> None:
    assert TrickConfig().asked == ()
    assert TrickConfig(temperature=1.1, ngram=True).asked == ("temper", "ngram")
    assert TrickConfig(cache_theta=0.0, dynamic_decay=0.0).asked == ("cache", "dynamic")


def test_a_mixture_has_a_share_for_the_model_and_each_thing_to_mix_it_with() -> None:
    assert TrickConfig(cache=True, ngram=True, mixture=(0.5, 0.3, 0.2)).components == (
        *("model", "cache", "ngram"),
    )
    with pytest.raises(ConfigError, match="mixture is 1, but there is nothing to mix"):
        TrickConfig(temper=True, mixture=(1.0,))
    with pytest.raises(ConfigError, match=r"mixture is 0\.5,0\.3, but must be 2 shares"):
        TrickConfig(ngram=True, mixture=(0.5, 0.3))


def test_a_row_of_some_tricks_has_their_values_alone() -> None:
    config = TrickConfig(temper=True, cache_window=9, mixture=(0.5, 0.5))
    assert config.only(("cache",)) == TrickConfig(cache=True, cache_window=9)
    assert config.only(config.asked).mixture == (0.5, 0.5)
    assert not config.is_complete
