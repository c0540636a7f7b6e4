from typing import Any

import pytest

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.table import TableConfig, read_names


def test_names_of_columns_stand_between_commas() -> None:
    assert read_names("item") == ("item",)
    assert read_names("item,a story") == ("item", "a story")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"word_column": "word"}, "word-column is given beside text-column"),
        ({"group_by": ("item",)}, "group-by is given beside text-column"),
        ({"order_by": "zone"}, "order-by is given beside text-column"),
        ({"punctuation": "ignore"}, "punctuation is ignore, but in a text it always counts"),
        ({"sep": ""}, "sep stands between the words of several rows"),
    ],
)
def test_a_text_a_row_has_no_words_to_group(given: dict[str, Any], message: str) -> None:
    TableConfig(**given)
    with pytest.raises(ConfigError, match=message):
        TableConfig(text_column="text", **given)


def test_a_way_to_take_punctuation_that_there_is_not_is_refused() -> None:
    wrong: Any = "drop"
    with pytest.raises(ConfigError, match=r"punctuation is 'drop', but must be one of count,"):
        TableConfig(punctuation=wrong)
