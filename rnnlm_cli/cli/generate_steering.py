"""`rnnlm generate --interactive`: what a person types becomes words of a text, or a command."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from textwrap import fill
from typing import Any, get_args

import typer

from rnnlm_cli.atomic import whole_text
from rnnlm_cli.cli.showing.steered import Desk
from rnnlm_cli.errors import ConfigError, RnnlmError, quoted
from rnnlm_cli.settings.kinds import TYPES
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.settings.setting import MOST, declared
from rnnlm_cli.settings.spelling import option_name
from rnnlm_cli.tasks.steered import SteeredText

_PROMPT = "> "
_CHANGED = {n: each for n, each in declared(SampleConfig).items() if each.setting.steers}
_COMMANDS = """\
1, 2, ...       take that word            Enter           draw one
any words       write them                :draw 20        draw 20 (Ctrl-C stops)
:undo 3         take 3 words back, or 1   :line           end the line
:show 20        list 20 words             :settings       how words are drawn
:save FILE      write the text            :quit, Ctrl-D   end, and print the text
:type 7         write what would else be taken for a number or a command
"""
HELP = _COMMANDS + fill(
    ", ".join(f":{option_name(name)}" for name in _CHANGED)
    + " and a number: how words are drawn; with no number: as in the beginning",
    width=79,
    break_on_hyphens=False,
)


def steer(text: SteeredText) -> None:
    """Write with a person, or with what comes through a pipe; at its end print the text."""
    session = _Session(text, Desk())
    try:
        code = session.run()
    finally:
        session.desk.end(text.text)
    if code:
        raise typer.Exit(code)


class _Session:
    def __init__(self, text: SteeredText, desk: Desk) -> None:
        self.text, self.desk = text, desk
        self._first = text.config
        self._shown = 9
        self._failed = False
        self._commands: dict[str, Callable[[str], object]] = {
            "draw": self._draw,
            "undo": self._undo,
            "line": lambda _: self.text.end_line(),
            "type": self.text.type,
            "show": self._show,
            "settings": lambda _: self.desk.say(self._settings()),
            "save": self._save,
            "help": lambda _: self.desk.say(HELP),
            **{option_name(name): self._change(name) for name in _CHANGED},
        }

    def run(self) -> int:
        """The exit code."""
        self.desk.begin("numbers take a word, Enter draws one, :help tells the rest")
        try:
            for line in self._lines():
                if line.strip() in (":quit", ":q", ":exit"):
                    break
                try:
                    self._obey(line)
                except RnnlmError as error:
                    self._failed = True
                    self.desk.refuse(str(error))
        except KeyboardInterrupt:
            return 130
        return 1 if self._failed and not self.desk.is_watched else 0

    def _lines(self) -> Iterator[str]:
        while True:
            if self.desk.is_watched:
                self._show_list()
            try:
                yield self.desk.ask(_PROMPT)
            except EOFError:
                return

    def _show_list(self) -> None:
        try:
            listed = self.text.candidates(self._shown)
        except RnnlmError as error:  # no word is left: what was set or written can be taken back
            self.desk.refuse(str(error))
            listed = []
        self.desk.show(self.text.text, listed, blanks=self.text.blanks == "inside")

    def _obey(self, line: str) -> None:
        said = line.strip()
        if not said and line != " ":
            self.text.draw()
        elif said.isdecimal():
            self._take(said)
        elif said.startswith(":"):
            name, _, rest = said[1:].partition(" ")
            if name not in self._commands:
                known = ", ".join(f":{each}" for each in self._commands)
                raise ConfigError(
                    f"there is no command {quoted(':' + name)}, but {known} and :quit; "
                    f":type {said} writes it"
                )
            self._commands[name](rest.strip())
        else:
            self.text.type(line if self.text.blanks == "themselves" else said)

    def _take(self, said: str) -> None:
        number, listed = _whole(said), self.text.candidates(self._shown)
        if number is None or not 1 <= number <= len(listed):
            raise ConfigError(f"there is no word {quoted(said)} in the list: :type writes it")
        self.text.add(listed[number - 1].id)

    def _draw(self, rest: str) -> None:
        with suppress(KeyboardInterrupt):
            for _ in range(_count(rest, "draw")):
                self.text.draw()

    def _undo(self, rest: str) -> None:
        if not self.text.undo(_count(rest, "undo")):
            raise ConfigError("there is nothing to take back: the start stays")

    def _show(self, rest: str) -> None:
        self._shown = _count(rest, "show", 9)

    def _change(self, name: str) -> Callable[[str], None]:
        def change(rest: str) -> None:
            value: Any = _value(name, rest) if rest else getattr(self._first, name)
            self.text.config = replace(self.text.config, **{name: value})
            self.desk.say(self._settings())

        return change

    def _settings(self) -> str:
        config = self.text.config
        named = {option_name(name): getattr(config, name) for name in _CHANGED}
        return ", ".join(f"{n} {v:g}" for n, v in named.items() if v is not None)

    def _save(self, rest: str) -> None:
        if not rest:
            raise ConfigError(":save needs the name of a file")
        if os.path.lexists(rest):
            raise ConfigError(f"{quoted(rest)} is there already: use another name")
        with whole_text(rest) as file:
            file.write(self.text.text.rstrip("\n") + "\n")
        self.desk.say(f"saved {rest}")


def _count(said: str, command: str, default: int = 1) -> int:
    if not said:
        return default
    if not (number := _whole(said)):
        raise ConfigError(
            f":{command} is followed by {quoted(said)}, but needs a whole number from 1 to {MOST:,}"
        )
    return number


def _whole(said: str) -> int | None:
    """The whole number, if that is one, and not beyond what anything is counted to."""
    number = int(said) if said.isdecimal() and len(said) <= len(str(MOST)) else None
    return number if number is not None and number <= MOST else None


def _value(name: str, said: str) -> int | float:
    """A number for a setting; whether it may be that one, the config checks."""
    kind = _CHANGED[name].kind
    kind = next(iter(get_args(kind)), kind)
    needed = TYPES[kind][1]
    try:
        number: int | float = kind(said)
    except ValueError:
        raise ConfigError(f"{option_name(name)} is {quoted(said)}, but must be {needed}") from None
    return number
