from dataclasses import replace
from pathlib import Path

import pytest

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.presets import OPEN, PRESETS
from rnnlm_cli.settings.run import RunRequest


def test_a_request_holds_what_was_given_and_nothing_else() -> None:
    asked = RunRequest.of(out=Path("m.pkl"), lr=1.0, unit="char", dropout=None, preset=None)
    assert (asked.preset, asked.out) == (None, Path("m.pkl"))
    assert asked.settings == {"lr": 1.0, "unit": "char"}
    assert asked.text.unit == "char"
    assert "dropout" not in asked.recipe


def test_what_a_text_has_to_say_first_is_open_in_the_presets_of_ours_alone() -> None:
    for name in PRESETS:
        expected = set() if name.startswith("book") else set(OPEN)
        assert set(OPEN) - RunRequest.of(name).recipe.keys() == expected


def test_a_request_that_is_changed_has_another_recipe() -> None:
    asked = RunRequest.of("book", hidden_size=7)
    assert replace(asked, settings={"hidden_size": 8}).recipe["hidden_size"] == 8


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
