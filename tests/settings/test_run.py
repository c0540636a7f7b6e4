import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.presets import OPEN, PRESETS
from rnnlm_cli.settings.run import OPTIONS, RunRequest


def test_a_request_holds_what_was_given_and_nothing_else() -> None:
    asked = RunRequest.of(out=Path("m.pkl"), lr=1.0, unit="char", dropout=None, preset=None)
    assert (asked.preset, asked.out) == (None, Path("m.pkl"))
    assert asked.settings == {"lr": 1.0, "unit": "char"}
    assert asked.text.unit == "char"
    assert all("dropout" in recipe.open for recipe in asked.recipes.values())


def test_what_a_text_has_to_say_first_is_open_in_the_presets_of_ours_alone() -> None:
    for name in PRESETS:
        expected = set() if name.startswith("book") else set(OPEN)
        assert RunRequest.of(name).recipes[name].open == expected


def test_a_request_that_is_changed_has_another_recipe() -> None:
    asked = RunRequest.of("book", hidden_size=7)
    assert replace(asked, settings={"hidden_size": 8}).recipes["book"].model.hidden_size == 8


def test_an_unknown_setting_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(TypeError, match="hiden_size is no setting of a run"):
        RunRequest.of(hiden_size=7)


def test_settings_are_checked_with_the_preset_as_they_are_asked_for() -> None:
    with pytest.raises(ConfigError, match="a projection is for tied weights"):
        RunRequest.of("book", projection=True)
    with pytest.raises(ConfigError, match="lr is 0"):
        RunRequest.of(lr=0)
    with pytest.raises(ConfigError, match="no preset is called 'huge'"):
        RunRequest.of("huge")


@pytest.mark.parametrize(
    ("hidden_size", "preset"), [(128, "tiny"), (256, "small"), (300, "medium")]
)
def test_a_request_may_have_the_presets_that_go_with_its_settings(
    hidden_size: int, preset: str
) -> None:
    asked = RunRequest.of(hidden_size=hidden_size, projection=False)
    assert list(asked.recipes) == [preset]


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        ({"budget": 0.0}, "a time above 0, of at most 10^9 seconds"),
        ({"save_every": math.inf}, "a finite number of seconds above 0"),
        (
            {"validate_every": "0"},
            "from 1 to 10^9 steps, as in '500', or a time above 0, of at most",
        ),
        ({"validate_every": str(2 * 10**9)}, "from 1 to 10^9 steps"),
        ({"cluster_edges": (10**9,)}, "whole numbers above 0 and below 10^9 between commas"),
    ],
)
def test_what_a_message_asks_for_leaves_out_what_it_refuses(
    given: dict[str, Any], needed: str
) -> None:
    with pytest.raises(ConfigError, match=f"but must be {re.escape(needed)}"):
        RunRequest.of(**given)


def test_settings_that_go_with_no_preset_are_refused_as_with_the_default_one() -> None:
    with pytest.raises(ConfigError, match="wordvec-size is 256 and hidden-size 77"):
        RunRequest.of(hidden_size=77, projection=False)


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ({"wordvec_size": 64, "hidden_size": 64}, "one LSTM alone: leave it out, or use two --lay"),
        ({}, "one LSTM alone"),
        ({"layers": 2, "projection": False}, "they have 512 units and 256 units"),
    ],
)
def test_skips_that_no_lstm_would_have_are_refused(given: dict[str, Any], advice: str) -> None:
    with pytest.raises(ConfigError, match=advice):
        RunRequest.of(skip=True, **given)


@pytest.mark.parametrize(
    "given", [{"layers": 2}, {"layers": 3, "projection": False}, {"layers": 2, "tied": False}]
)
def test_skips_that_some_lstm_has_are_taken(given: dict[str, Any]) -> None:
    assert RunRequest.of(skip=True, **given).recipes


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"unit": "bpe", "min_count": 2}, "min-count is 2, but pieces are all kept: leave it out"),
        ({"unit": "bpe", "max_vocab": 99}, "max-vocab is 99, but pieces are all kept"),
        ({"bpe_size": 300}, "bpe-size is 300, but no pieces are learnt: .* or use --unit bpe"),
        ({"unit": "word", "bpe_size": 300}, "no pieces are learnt"),
        ({"unit": "bpe", "bpe_size": 255}, "bpe-size is 255, but must be a whole number from 256"),
        ({"unit": "preprocess"}, "unit is preprocess, which knows no lines"),
    ],
)
def test_settings_of_words_and_of_pieces_are_told_apart(
    given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        RunRequest.of(**given)
    if "bpe_size" not in given or given["bpe_size"] > 255:
        RunRequest.of(init_from=Path("m.pkl"), **given)  # a model has them all


@pytest.mark.parametrize("name", ["out", "log", "tensorboard", "init_from"])
def test_an_empty_path_is_not_the_folder_we_are_in(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"^{name.replace('_', '-')} is '', but must be a"):
        RunRequest.of(**{name: OPTIONS[name].given("")})
