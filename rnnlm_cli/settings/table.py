"""What of a table of words or texts is scored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.setting import Checked, Setting
from rnnlm_cli.settings.spelling import option_name

Punctuation = Literal["count", "ignore", "missing"]

_TABLES = "Tables"


def read_names(text: str) -> tuple[str, ...]:
    """The names of "item,story"."""
    return tuple(text.split(","))


@dataclass(frozen=True, slots=True, kw_only=True)
class TableConfig(Checked):
    """What of a table is scored: a word a row, or a text a row."""

    word_column: Annotated[
        str | None, Setting("The column that has a word a row. Default: word.", None, _TABLES)
    ] = None
    group_by: Annotated[
        tuple[str, ...],
        Setting(
            "The columns that tell a text from the next, as in item,story. Default: all is one.",
            None,
            _TABLES,
            metavar="COLUMNS",
            read=read_names,
        ),
    ] = ()
    order_by: Annotated[
        str | None,
        Setting(
            "The column that tells the order of the words of a text. Default: as they stand.",
            None,
            _TABLES,
            metavar="COLUMN",
        ),
    ] = None
    text_column: Annotated[
        str | None, Setting("The column that has a text a row, in place of words.", None, _TABLES)
    ] = None
    punctuation: Annotated[
        Punctuation,
        Setting(
            "Signs at the edges of a word: count, ignore, or missing: it has no figures then. "
            "Default: count.",
            None,
            _TABLES,
        ),
    ] = "count"
    sep: Annotated[
        str,
        Setting("What stands between the words of a text. Default: a blank.", None, _TABLES),
    ] = " "

    def _check_across(self) -> None:
        """A text a row has no words to group."""
        if self.text_column is None:
            return
        for name in ("word_column", "group_by", "order_by"):
            if getattr(self, name):
                raise ConfigError(
                    f"{option_name(name)} is given beside text-column, by which each row is a "
                    "text of its own: leave one of them out"
                )
        if self.punctuation != "count":
            raise ConfigError(
                f"punctuation is {self.punctuation}, but in a text it always counts: leave it out"
            )
        if self.sep != " ":
            raise ConfigError(
                "sep stands between the words of several rows, and beside text-column each row is "
                "a text of its own: leave it out"
            )
