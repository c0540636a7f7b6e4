"""How words are scored, and what is written of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated, Literal

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.setting import Checked, Setting, whole

Context = Literal["line", "text"]
Rows = Literal["token", "word", "line"]
Form = Literal["tsv", "csv", "jsonl", "srilm", "kaldi"]
LogBase = Literal["e", "2", "10"]

_FORMS: dict[str, Form] = {".csv": "csv", ".jsonl": "jsonl"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreConfig(Checked):
    """How words are scored, and what is written of them."""

    context: Annotated[
        Context,
        Setting("Where the state begins anew: each line, or once for the text. Default: line."),
    ] = "line"
    eos: Annotated[bool, Setting("Score line ends too. Default: yes.", flags="--eos/--no-eos")] = (
        True
    )
    by: Annotated[
        Rows, Setting("A row for each token, for what stands between blanks, or for each line.")
    ] = "token"
    guesses: Annotated[
        int, Setting("Write the likeliest tokens at each place, so many.", whole(0, 1000))
    ] = 0
    form: Annotated[
        Form | None,
        Setting(
            "tsv, csv, jsonl; n-best lists: srilm, kaldi. Default: by the name of --out, else tsv.",
            flags="--format",
        ),
    ] = None
    log_base: Annotated[
        LogBase | None, Setting("Of the log probabilities of lines. Default: e; srilm: 10.")
    ] = None

    def _check_across(self) -> None:
        """What there is of tokens alone, and of lines."""
        if self.guesses and self.by != "token":
            raise ConfigError(f"guesses are of tokens, not of a {self.by}: leave one of them out")
        if self.is_nbest and (self.by != "line" or self.context != "line"):
            raise ConfigError(f"{self.form} is of n-best lists, a line each: ask for --by line")
        if self.log_base is not None and self.by != "line":
            raise ConfigError(
                "a base of the logarithm is for lines; surprisals of tokens and words are in bits, "
                "their log probabilities in nats: ask for --by line, or leave --log-base out"
            )

    @property
    def is_nbest(self) -> bool:
        """Whether the lines are those of an n-best list."""
        return self.form in ("srilm", "kaldi")

    def form_of(self, name: str | None) -> Form:
        """The form of a file of that name, where none is given."""
        return self.form or _FORMS.get(PurePath(name or "").suffix.lower(), "tsv")
