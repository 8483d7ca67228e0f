"""All commands under one name, and what an exception means to whoever called: the exit codes of law 5."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from callpolicy import __version__
from callpolicy.cli.allow import allow
from callpolicy.cli.audit import audit
from callpolicy.cli.bench import BENCH
from callpolicy.cli.block import block
from callpolicy.cli.card import card
from callpolicy.cli.case_desk import cases
from callpolicy.cli.check import check
from callpolicy.cli.decide import decide
from callpolicy.cli.declared import facts, init, mappings, schema, version
from callpolicy.cli.demo import demo
from callpolicy.cli.exits import BUG, FINE, INTERRUPTED, PIPE_CLOSED, USAGE
from callpolicy.cli.explain import explain
from callpolicy.cli.new_rule import new
from callpolicy.cli.protected import protected
from callpolicy.cli.replay import replay
from callpolicy.cli.scenario import scenario
from callpolicy.cli.simulate import simulate
from callpolicy.cli.store import stores
from callpolicy.cli.terminal import fault
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
            return _told(error, debug)
        except KeyboardInterrupt:
            fault("interrupted")
            return INTERRUPTED
        return code if isinstance(code, int) else FINE

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a pipe that was closed is not for click to judge."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _let_go_of_stdout()
            raise typer.Exit(PIPE_CLOSED) from None


def _let_go_of_stdout() -> None:
    """Let nothing more be written where nobody reads. Source: Python documentation, note on SIGPIPE."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return


def _told(error: Exception, debug: bool) -> int:
    """Say what an exception means, and give the exit code."""
    if debug and not isinstance(error, _ClickError):
        traceback.print_exception(error)
    match error:
        case BrokenPipeError():
            _let_go_of_stdout()
            return PIPE_CLOSED
        case typer.Abort():
            fault("interrupted")
            return INTERRUPTED
        case RuleFileError():
            for finding in error.findings:
                fault(str(finding))
            return USAGE
        case CallEventError() | CallpolicyError():
            fault(str(error))
            return USAGE
        case OSError(filename=None):
            # WHY: files are written by `whole_file`, which names them; what has no name is where the answer goes.
            _let_go_of_stdout()
            fault(f"standard output cannot be written: {(error.strerror or type(error).__name__).lower()}")
            return USAGE
        case OSError():
            fault(f"{error.strerror or type(error).__name__}: `{Path(str(error.filename or '')).name}`")
            return USAGE
        case _ClickError():
            return _usage(error)
        case _:
            again = "" if debug else f"; run it again with `{_DEBUG}` for the traceback"
            fault(f"this is a bug of callpolicy, not of your input: {type(error).__name__}{again}")
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


def _usage(error: Any) -> int:
    after = _after_the_command(error)
    line = after or " ".join(str(error.format_message()).split()).rstrip(".").replace("Value error, ", "")
    path = getattr(getattr(error, "ctx", None), "command_path", "callpolicy")
    fault(f"{line[:1].lower()}{line[1:]}; see `{path} --help`")
    return USAGE


app = typer.Typer(
    name="callpolicy", cls=Commands, add_completion=False, invoke_without_command=True, rich_markup_mode=None,
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


_EXAMPLES: Final[Mapping[Callable[..., None], tuple[str, ...]]] = {
    check: ("callpolicy check my-norm", "callpolicy check my-norm --cross-check --json"),
    decide: (
        "callpolicy decide --point in_call --fact talk.judged_class=nuisance \\",
        "    --fact caller.protected=false --fact caller.allowlisted=false \\",
        "    --fact talk.warnings=1 --fact talk.offences_since_warning=1",
        "callpolicy decide --point offered --facts facts.json --at 2026-03-02T09:00:00+08:00",
    ),
    explain: (
        "callpolicy explain --point in_call --fact talk.judged_class=nuisance --fact talk.warnings=1",
        "callpolicy explain --scenario abuse_on_chat --step 5",
        "callpolicy explain --events calls.jsonl --call c17 --seq 4 --why-not RULE",
    ),
    scenario: ("callpolicy scenario", "callpolicy scenario --list"),
    replay: (
        "callpolicy replay calls.csv --mapping generic_csv",
        "callpolicy replay calls.jsonl --decisions decisions.jsonl",
        "callpolicy replay calls.csv --mapping generic_csv --save-case c17 --to rules/scenarios/late_offence.yaml",
    ),
    card: (
        'callpolicy card K-7 --caller "+1 212 555 0142"',
        "callpolicy card K-7 --call c17 --language zh-CN",
    ),
    facts: ("callpolicy facts", "callpolicy facts --markdown > facts.md"),
    schema: ("callpolicy schema rule", "callpolicy schema --out schemas"),
    protected: ("callpolicy protected", "callpolicy protected CN", "callpolicy protected US --json"),
    init: ("callpolicy init my-norm",),
    simulate: ("callpolicy simulate --seed 7 --out events.jsonl --truth truth.json",),
    demo: ("callpolicy demo",),
    version: ("callpolicy version",),
}

_SHORT: Final[Mapping[Callable[..., None], str]] = {
    check: "Check a norm: files, rules, examples, scenarios.",
    decide: "Decide on given facts.",
    explain: "Say why a decision is what it is, or why a rule did not match.",
    scenario: "Run scenarios and show each as a timeline.",
    replay: "Put recorded calls through the norm.",
    card: "Show what the next handler of a case must know.",
    facts: "List every fact that conditions may name.",
    schema: "Print a JSON Schema of the files of a norm.",
    protected: "List public service numbers that a norm can protect.",
    init: "Start a norm of your own from the starter norm.",
    simulate: "Simulate calls of a centre from a seed.",
    demo: "See it all at work on a simulated day.",
    version: "Print the version.",
}


def _register(name: str, command: Callable[..., None], short: str, examples: Sequence[str]) -> None:
    # Source: click's documentation: `\b` alone on a line keeps the lines of a paragraph as they are.
    epilog = "\b\nExamples:\n" + "\n".join(f"  {line}" for line in examples)
    app.command(name, epilog=epilog, short_help=short)(command)


for _command, _lines in _EXAMPLES.items():
    _register(_command.__name__, _command, _SHORT[_command], _lines)
for _name, _entry in BENCH.items():
    _register(_name, *_entry)
app.add_typer(cases, name="case", short_help="Complaint cases: list, show, record a result.")
app.add_typer(block, name="block", short_help="Propose, confirm, enter, review and lift blocks.")
app.add_typer(allow, name="allow", short_help="Keep the allowlist: callers whom nothing keeps out.")
app.add_typer(audit, name="audit", short_help="The audit trail: verify, show, make again, export.")
app.add_typer(stores, name="store", short_help="The store: make, migrate, prune, statistics.")
app.add_typer(new, name="new", short_help="Start a new rule in a norm.")
app.add_typer(mappings, name="mappings", short_help="List the mappings that come along, or print one.")


def run(args: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    command = typer.main.get_command(app)
    code: int = command.main(args, standalone_mode=False)
    return code
