"""All commands under one name, and what an exception means to whoever called: the exit codes of law 5."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from callpolicy import __version__
from callpolicy.cli.exits import BUG, FINE, INTERRUPTED, PIPE_CLOSED, USAGE
from callpolicy.cli.listed import LISTED, Shelf
from callpolicy.errors import CallEventError, CallpolicyError, RuleFileError

_DEBUG: Final = "--debug"
# WHY by way of the bases: typer brought click along in one version and carries its own copy in another.
_ClickError: Final[Any] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")


class Commands(TyperGroup):
    """The group of all commands, with exit codes instead of tracebacks."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **more: Any,
    ) -> int:
        """Run one command; returns the exit code, or leaves with it in standalone mode."""
        words = list(sys.argv[1:] if args is None else args)
        debug = _DEBUG in words
        code = self._run([each for each in words if each != _DEBUG], prog_name or "callpolicy", debug, more)
        if standalone_mode:
            sys.exit(code)
        return code

    def _run(self, words: list[str], name: str, debug: bool, more: dict[str, Any]) -> int:
        for stream in (sys.stdout, sys.stderr):
            # WHY: a terminal that cannot show a character must not cost the answer.
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="backslashreplace")
        try:
            code = super().main(words, name, standalone_mode=False, **more)
            sys.stdout.flush()
        except Exception as error:
            return _told(error, debug, words)
        except KeyboardInterrupt:
            fault("interrupted", words)
            return INTERRUPTED
        return code if isinstance(code, int) else FINE

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a pipe that was closed is not for click to judge."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _let_go_of_stdout()
            raise typer.Exit(PIPE_CLOSED) from None


def fault(line: str, words: Sequence[str], counted: Container[str] = ()) -> None:
    """As `callpolicy.cli.terminal.fault`, which loads what only a screen needs; in the language that was asked for."""
    from callpolicy.cli import terminal
    from callpolicy.cli.usage_texts import in_words, language_of

    terminal.fault(in_words(line, language_of(words)), counted)


def _let_go_of_stdout() -> None:
    """Let nothing more be written where nobody reads. Source: Python documentation, note on SIGPIPE."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return


def _told(error: Exception, debug: bool, words: Sequence[str]) -> int:
    """Say what an exception means, and give the exit code."""
    if debug and not isinstance(error, _ClickError):
        traceback.print_exception(error)
    match error:
        case BrokenPipeError():
            _let_go_of_stdout()
            return PIPE_CLOSED
        case typer.Abort():
            fault("interrupted", words)
            return INTERRUPTED
        case RuleFileError():
            for finding in error.findings:
                fault(str(finding), words)
            return USAGE
        case CallEventError() | CallpolicyError():
            fault(str(error), words)
            return USAGE
        case OSError(filename=None):
            # WHY: files are written by `whole_file`, which names them; what has no name is where the answer goes.
            _let_go_of_stdout()
            fault(f"standard output cannot be written: {(error.strerror or type(error).__name__).lower()}", words)
            return USAGE
        case OSError():
            fault(f"{error.strerror or type(error).__name__}: `{Path(str(error.filename or '')).name}`", words)
            return USAGE
        case _ClickError():
            return _usage(error, words)
        case _:
            again = "" if debug else f"; run it again with `{_DEBUG}` for the traceback"
            fault(f"this is a bug of callpolicy, not of your input: {type(error).__name__}{again}", words)
            return BUG


def _after_the_command(error: Any) -> str:
    """What to say of an option that stands before the command it belongs to; empty of any other fault."""
    option = getattr(error, "option_name", None)
    group = getattr(getattr(error, "ctx", None), "command", None)
    if not isinstance(group, Commands):
        return ""
    takers = sorted(name for name, each in group.commands.items() if any(option in own.opts for own in each.params))
    if not takers:
        return ""
    taker = next((name for name in ("check", "replay") if name in takers), takers[0])
    return f"`{option}` goes after the command, as in `callpolicy {taker} {option}`"


def _usage(error: Any, words: Sequence[str]) -> int:
    after = _after_the_command(error)
    line = after or " ".join(str(error.format_message()).split()).rstrip(".").replace("Value error, ", "")
    path = getattr(getattr(error, "ctx", None), "command_path", "callpolicy")
    # WHY the bounds of the option alone: what else stands there was typed, and may be anybody's number.
    bounds = {str(bound) for bound in _bounds(error.__cause__)}
    fault(f"{line[:1].lower()}{line[1:]}; see `{path} --help`", words, bounds)
    return USAGE


def _bounds(cause: BaseException | None) -> Iterator[object]:
    """The bounds of an option that a value was held against. Source: pydantic documentation, validation errors."""
    told = getattr(cause, "errors", None)
    for each in told() if callable(told) else ():
        yield from each.get("ctx", {}).values()


class AllCommands(Commands):
    """Every command of `callpolicy`, each loaded when it is first asked for."""

    def __init__(self, *words: Any, **more: Any) -> None:
        super().__init__(*words, **more)
        self.commands = Shelf()

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order in which `--help` shows them."""
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write what each command does in a line, without loading it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, listed.short) for name, listed in LISTED.items()])


app = typer.Typer(
    name="callpolicy", cls=AllCommands, add_completion=False, invoke_without_command=True, rich_markup_mode=None,
    pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip


def _say_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"callpolicy {__version__}\n")
        raise typer.Exit


@app.callback()
def callpolicy(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option(_DEBUG, help="Show the traceback of a bug; may stand anywhere.")] = False,
) -> None:
    """When an agent may hang up and which callers are kept out: a norm as rules, decided with reasons.

    Exit codes: 0 fine, 1 findings or failed cases, 2 wrong usage or unreadable input, 3 a bug of callpolicy.
    """
    if ctx.invoked_subcommand is None:
        sys.stdout.write(ctx.get_help() + "\n")


def run(args: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    command = typer.main.get_command(app)
    code: int = command.main(args, standalone_mode=False)
    return code
