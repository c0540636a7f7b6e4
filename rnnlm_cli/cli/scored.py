"""What `rnnlm score` does with a text, a table, pairs and suites."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, Literal, TextIO

from rnnlm_cli.atomic import whole_text
from rnnlm_cli.checkpoint.own_text import TO_TUNE
from rnnlm_cli.cli.showing.bars import bar, counted
from rnnlm_cli.cli.showing.documents import pairs_document, suites_document
from rnnlm_cli.cli.showing.heat import show_bars, show_heat
from rnnlm_cli.cli.showing.pairs import show_accuracies
from rnnlm_cli.cli.showing.render import print_json, say_note
from rnnlm_cli.cli.showing.rows import write_rows
from rnnlm_cli.cli.showing.suites import same_note, show_suites
from rnnlm_cli.cli.tricks import trick_config
from rnnlm_cli.corpus.given import GivenLines
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.score import Form, ScoreConfig
from rnnlm_cli.settings.setting import config_of, declared, given_of
from rnnlm_cli.settings.table import TableConfig
from rnnlm_cli.settings.tricks import TrickConfig
from rnnlm_cli.tasks.contrasts.accuracy import accuracies
from rnnlm_cli.tasks.contrasts.pair_files import read_pairs
from rnnlm_cli.tasks.contrasts.pairs import score_pairs
from rnnlm_cli.tasks.contrasts.suite_files import read_suites
from rnnlm_cli.tasks.contrasts.suites import score_suite
from rnnlm_cli.tasks.rows import as_asked, as_row, beside, figures, nbest_lines, scored, text_of
from rnnlm_cli.tasks.scorer import ScoredPassage, Scorer
from rnnlm_cli.tasks.tables.scored import table_pieces, write_table
from rnnlm_cli.tasks.tables.table_file import TableFile
from rnnlm_cli.tasks.tricks import passage_with_tricks
from rnnlm_cli.trained import Trained

Kind = Literal["text", "table", "pairs", "suite"]

# Of the options, those that mean something for each kind; of a text all but those of tables.
_OPTIONS: dict[Kind, set[str]] = {
    "text": {"heat", "bars", "all_tricks", "out", *declared(ScoreConfig), *declared(TrickConfig)},
    "table": {"out", "eos", *declared(TableConfig)},
    "pairs": {"json", "eos"},
    "suite": {"json", "eos"},
}


_SETTINGS = declared(ScoreConfig) | declared(TrickConfig) | declared(TableConfig)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be scored, and the options that were given for it, by name."""

    kind: Kind
    what: Any
    checkpoints: Sequence[Path]
    options: Mapping[str, Any]

    @classmethod
    def of(
        cls, kinds: Mapping[Kind, Any], checkpoints: Sequence[Path], options: Mapping[str, Any]
    ) -> Asked:
        """The one of the `kinds` that is given. Raises ConfigError for what contradicts."""
        given = [kind for kind, what in kinds.items() if what]
        names = {"text": "--text or --file", "table": "--table", "pairs": "--pairs"}
        named = " or ".join([*names.values(), "--suite"])
        if not given:
            raise ConfigError(f"nothing to score: give {named}")
        if len(given) > 1:
            raise ConfigError(f"more than one thing to score is given: give one of {named}")
        (kind,) = given
        if strange := [name for name in options if name not in _OPTIONS[kind]]:
            flag = _SETTINGS[strange[0]].setting.flags if strange[0] in _SETTINGS else None
            flag = flag or "--" + strange[0].replace("_", "-")
            raise ConfigError(f"{flag} says nothing of {names.get(kind, '--suite')}: leave it out")
        if kind != "text" and len(checkpoints) > 1:
            raise ConfigError("several models are given, but only the words of a text show two")
        asked = cls(kind, kinds[kind], checkpoints, options)
        if kind == "text":
            asked.check_text()
        elif kind == "table":
            config_of(TableConfig, options)
        return asked

    @property
    def tricks(self) -> TrickConfig:
        """What helps the model. Raises ConfigError."""
        return trick_config(given_of(TrickConfig, self.options), "all_tricks" in self.options)

    @property
    def config(self) -> ScoreConfig:
        """How words are scored; with tricks a text is one stream. Raises ConfigError."""
        config = config_of(ScoreConfig, self.options)
        return replace(config, context="text") if self.tricks.asked else config

    @property
    def out(self) -> Path | None:
        """Where rows go, if not to stdout."""
        path: Path | None = self.options.get("out")
        return path

    def check_text(self) -> None:
        """Raises ConfigError for options that do not go together."""
        config, models = config_of(ScoreConfig, self.options), len(self.checkpoints)
        if models > 2:
            raise ConfigError(f"{models} models are given, but two at most stand side by side")
        plain = not (config.is_nbest or config.guesses)
        if models == 2 and (self.is_drawn or not plain):
            raise ConfigError(
                "heat, bars, guesses and n-best lists are of one model, but two are given: "
                "leave one out"
            )
        if self.is_drawn and (config.form or self.out or not plain or config.by != "token"):
            raise ConfigError(
                "heat and bars draw the tokens: leave out --format, --out, --guesses and --by"
            )
        of_line = self.options.get("context") == "line"
        if self.tricks.asked and (of_line or not plain or models > 1):
            raise ConfigError(
                "tricks score a text of one model as one stream: leave out --context line, "
                "--guesses, n-best lists and a second model"
            )

    @property
    def is_drawn(self) -> bool:
        """Whether the text is shown in place of rows."""
        return "heat" in self.options or "bars" in self.options


def score_text(models: list[Trained], asked: Asked) -> None:
    """Write the rows of a text as its lines are read, or draw it.

    What is wrong with a file is known before the first row; where standard input turns out to be
    bad, or a word has no id, the rows before it have been written to stdout, but no file is there.
    """
    givens: list[GivenLines] = asked.what
    several = any(each.count != 1 for each in givens)
    if several and "context" not in asked.options and not asked.config.is_nbest:
        say_note(
            "tricks score all lines as one text"
            if asked.tricks.asked
            else "each line is scored by itself; --context text scores them as one text"
        )
    if asked.is_drawn:
        scorer, config = models[0].scorer, asked.config
        _draw(
            [as_asked(scorer, each, config) for each in _scored(models[0], asked, asked.what)],
            asked,
        )
        return
    with _opened(asked.out) as target:
        _write(models, asked, target)


@contextmanager
def _opened(out: Path | None) -> Iterator[TextIO]:
    """What rows are written to."""
    if out is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    with whole_text(out) as file:
        yield file


def _scored(lm: Trained, asked: Asked, givens: Iterable[GivenLines]) -> Iterator[ScoredPassage]:
    """The passages of all texts, one after the other."""
    for given in givens:
        lines, where = given.lines, given.where
        if asked.tricks.asked:
            own, tricks, text = lm.texts.trained_on(TO_TUNE), asked.tricks, text_of(lines)
            yield passage_with_tricks(lm.scorer, own, text, where, tricks, say=say_note, stages=bar)
        else:
            yield from counted(scored(lm.scorer, lines, where, asked.config), given.count)


def _draw(found: list[ScoredPassage], asked: Asked) -> None:
    if "heat" in asked.options:
        show_heat(found)
    if "bars" in asked.options:
        show_bars(found)


def _write(models: list[Trained], asked: Asked, target: TextIO) -> None:
    config, out = asked.config, asked.out
    form: Form = config.form_of(out.name if out else None)
    if config.is_nbest:
        for given in asked.what:
            for line in nbest_lines(models[0].scorer, given.lines, given.where, config):
                target.write(f"{line}\n")
        return
    givens = zip(*(given.shared(len(models)) for given in asked.what), strict=True)
    each = [
        chain.from_iterable(figures(lm.scorer, _scored(lm, asked, texts), config))
        for lm, texts in zip(models, givens, strict=True)
    ]
    write_rows(map(as_row, each[0]) if len(each) == 1 else beside(*each), target, form)


def score_table(lm: Trained, asked: Asked) -> None:
    """Write a table with the figures of its rows."""
    config, eos = config_of(TableConfig, asked.options), asked.options.get("eos", True)
    with bar("", 0) as progress:
        if asked.out is not None:
            write_table(lm.scorer, asked.what, asked.out, config, eos=eos, progress=progress)
            return
        table = TableFile.read(asked.what)
        pieces = table_pieces(lm.scorer, table, config, eos=eos, progress=progress)
        sys.stdout.flush()
        for piece in pieces:
            sys.stdout.buffer.write(piece)


def _judge_pairs(scorer: Scorer, files: Sequence[str], *, eos: bool, as_json: bool) -> None:
    found = accuracies(counted(score_pairs(scorer, read_pairs(files, say_note), eos=eos), None))
    if as_json:
        print_json(pairs_document(found))
    else:
        show_accuracies(found)


def _judge_suites(scorer: Scorer, files: Sequence[str], *, eos: bool, as_json: bool) -> None:
    suites = list(read_suites(files))
    scores = [score_suite(scorer, each, eos=eos) for each in counted(suites, len(suites))]
    if as_json:
        print_json(suites_document(scores))
        return
    show_suites(scores)
    for note in filter(None, map(same_note, scores)):
        say_note(note)


_JUDGED: dict[Kind, Callable[..., None]] = {"pairs": _judge_pairs, "suite": _judge_suites}


def judge(lm: Trained, asked: Asked) -> None:
    """Show how often the model is right about pairs or suites."""
    by, options = _JUDGED[asked.kind], asked.options
    by(lm.scorer, asked.what, eos=options.get("eos", True), as_json="json" in options)
