"""The `rnnlm` command: its subcommands, and the one place where errors become exit codes."""

from __future__ import annotations

import errno
import os
import sys
from typing import Annotated, Any, TextIO

import typer
from typer.core import TyperGroup

from rnnlm_cli.__version__ import __version__
from rnnlm_cli.cli.completion import VARIABLE, answer_shells, completion
from rnnlm_cli.cli.eval import eval_
from rnnlm_cli.cli.examples import epilog, exit_codes
from rnnlm_cli.cli.export import export
from rnnlm_cli.cli.generate import generate
from rnnlm_cli.cli.import_ import import_
from rnnlm_cli.cli.inspect import inspect
from rnnlm_cli.cli.meant import command_for
from rnnlm_cli.cli.score import score
from rnnlm_cli.cli.train import train
from rnnlm_cli.cli.usage import Command, look_through, options_of
from rnnlm_cli.errors import RnnlmError, quoted

# How it fails to write to a stream. What is written to a file is told by whoever writes it.
_OF_A_STREAM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}


class _Boundary(TyperGroup):
    """Turns what a command raises into one line on stderr and an exit code."""

    def main(self, *args: Any, **settings: Any) -> Any:
        """Bad usage in one line too: Typer's own box would show what the user typed as it is."""
        try:
            code = super().main(*args, **{**settings, "standalone_mode": False})
            sys.stdout.flush()
        except typer.TyperException as error:
            code = error.exit_code
            if message := str(error):  # none where `rnnlm` alone has shown the help
                _say(message)
        except OSError as error:
            code = _refused(error)
        _let_go_of_stderr()
        sys.exit(code)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Raises typer.BadParameter, a whole sentence, for what stands before the command."""
        if ctx.resilient_parsing:
            return super().parse_args(ctx, args)
        word = next((k for k, arg in enumerate(args) if not arg.startswith("-")), len(args))
        typed, _ = look_through(self.get_params(ctx), args[:word], "", options_of(self))
        if any(each.name in ctx.help_option_names for each in typed):
            return super().parse_args(ctx, args)
        if word < len(args) and args[word] not in self.commands:
            meant = command_for(args[word:], self.commands)
            raise typer.BadParameter(f"rnnlm has no command {quoted(args[word])}: {meant}")
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except RnnlmError as error:
            _say(str(error))
            raise typer.Exit(1) from None
        except MemoryError:
            _say("there is not enough memory: use smaller sizes, a shorter text or fewer samples")
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            _say(None)
            raise typer.Exit(130) from None
        except BrokenPipeError as error:  # Typer would exit with 1
            raise typer.Exit(_refused(error)) from None


def _refused(error: OSError) -> int:
    """The exit code of what the system refused, which is told."""
    _silence_stdout()
    if isinstance(error, BrokenPipeError):
        return 0  # the reader has had enough, as in `rnnlm generate | head -1`
    said = error.strerror or str(error)
    if error.filename:
        _say(f"{quoted(error.filename)} cannot be used ({said})")
    elif error.errno in _OF_A_STREAM:
        _say(f"standard output cannot be written ({said})")
    else:
        _say(f"the system refused what this needs ({said}): free some of it, or raise its limit")
    return 1


def _say(message: str | None) -> None:
    """Tell an error; None: that the command was stopped."""
    from rnnlm_cli.cli.showing.render import say_error, say_stopped

    try:
        say_stopped() if message is None else say_error(message)
    except OSError:  # stderr is full or closed too: the exit code is all that is left to tell it
        _silence(sys.stderr)


def _let_go_of_stderr() -> None:
    """What stderr could not take waits in it, and would fail once more at exit: a code of 120."""
    try:
        sys.stderr.flush()
    except OSError:
        _silence(sys.stderr)


def _silence_stdout() -> None:
    """Keep the interpreter from failing once more when it flushes stdout at exit."""
    _silence(sys.stdout)


def _silence(stream: TextIO) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


app = typer.Typer(
    name="rnnlm",
    cls=_Boundary,
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,  # its options guess the shell, which fails in containers
    epilog=exit_codes(),
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --version: all that the report of a bug needs.")
    ] = False,
) -> None:
    """Train, score, sample and look inside LSTM language models on an ordinary CPU."""
    if version and as_json:
        from rnnlm_cli.cli.facts import facts
        from rnnlm_cli.cli.showing.render import print_json

        print_json(facts())
    elif version:
        typer.echo(f"rnnlm {__version__}")
    elif as_json:
        raise typer.BadParameter("--json goes with --version, or after a command")
    elif context.invoked_subcommand is not None:
        return
    raise typer.Exit


for name, verb in {
    "train": train,
    "eval": eval_,
    "generate": generate,
    "inspect": inspect,
    "score": score,
    "export": export,
    "import": import_,
    "completion": completion,
}.items():
    app.command(name, cls=Command, epilog=epilog(name))(verb)


def main() -> None:
    """The console script."""
    if VARIABLE in os.environ:
        answer_shells()
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        # Closed by the caller, as in `rnnlm eval >&-`: its number would go to the next file opened,
        # and what a library writes to it would go there too.
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))
    errors = {
        "stdin": "surrogateescape",
        "stdout": "backslashreplace",
        "stderr": "backslashreplace",
    }
    for name, how in errors.items():
        stream = getattr(sys, name)
        if hasattr(stream, "reconfigure"):  # no character is a reason to crash in any locale
            stream.reconfigure(errors=how)
    app(prog_name="rnnlm")  # however it was started: it is what a shell completes
