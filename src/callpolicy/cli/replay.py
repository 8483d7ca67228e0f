"""`callpolicy replay`: recorded calls through the norm."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from callpolicy.cli.exits import FINDINGS, INTERRUPTED
from callpolicy.cli.options import JsonOption, Language, LanguageOption, RulesOption, language_of_environment
from callpolicy.cli.texts import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callpolicy.decision import Decision
    from callpolicy.events import Event
    from callpolicy.policy import Bundle
    from callpolicy.replay import Summary


@dataclass(slots=True)
class Run:
    """A replay that was made.

    Args:
        summary: what it came to.
        seconds: how long it took, reading included.
        taken: what was kept of some calls: the events that were taken in, with their decisions.
    """

    summary: Summary
    seconds: float = 0.0
    taken: list[tuple[Event, Decision]] = field(default_factory=list)


def replay(  # noqa: PLR0913, PLR0917 - the options of a command
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A table, or `.jsonl` with one event a line.")],
    mapping: Annotated[
        str | None,
        typer.Option("--mapping", metavar="NAME|FILE", help="How the columns of a table become events."),
    ] = None,
    rules: RulesOption = None,
    decisions: Annotated[
        Path | None, typer.Option("--decisions", metavar="OUT.jsonl", help="Write every decision, one a line.")
    ] = None,
    save_case: Annotated[
        str | None, typer.Option("--save-case", metavar="CALL", help="Write a call as a masked scenario.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE.yaml", help="The file of that scenario.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first so many calls.")] = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Put recorded calls through the norm and add up what it decides."""
    from callpolicy.cli.case import Saving
    from callpolicy.cli.inputs import norm_folder, read_norm
    from callpolicy.cli.recorded import first_calls, read_recorded
    from callpolicy.cli.replay_tables import replay_dict, show_replay
    from callpolicy.cli.terminal import note, show_json

    begin = perf_counter()
    bundle = read_norm(rules)
    saving = Saving.prepare(save_case, to, norm_folder(rules))
    shown = language or language_of_environment()
    recorded = read_recorded(file, mapping, bundle.catalogue)
    if limit is not None:
        recorded.events = first_calls(recorded.events, limit)
        recorded.calls = min(limit, recorded.calls)
    kept = saving.calls_needed(recorded.events, bundle) if saving else ()
    engine, run = run_replay(bundle, recorded.events, decisions, kept, None if as_json else shown)
    run.seconds = perf_counter() - begin
    # WHY first what is written: whoever reads the tables may stop reading, and the files must be there all the same.
    if decisions is not None:
        note(text("written", shown, file=decisions))
    saved = saving.write(bundle, engine, run.taken) if saving else None
    if saving and saved:
        note(text("saved", shown, file=saving.path, calls=saved.calls, steps=saved.steps))
    if as_json:
        show_json(replay_dict(file, recorded, run, bundle))
    else:
        show_replay(file, recorded, run, bundle, shown)
    if saving and not saved:
        raise typer.Exit(FINDINGS)


def run_replay(
    bundle: Bundle, events: Sequence[Event], decisions: Path | None, kept: Sequence[str], language: Language | None
) -> tuple[Any, Run]:
    """Replay events; returns the engine that was fed and what it came to.

    Args:
        bundle: the norm.
        events: in event-time order.
        decisions: where to write the decisions, or `None`.
        kept: calls of which the events and decisions are kept.
        language: language of the progress bar; `None` for no bar.

    Raises:
        typer.Exit: it was interrupted; it says how far it came.
        UsageError: the decisions cannot be written.
    """
    from callpolicy.cli.outputs import whole_file
    from callpolicy.cli.recorded import replayed
    from callpolicy.cli.terminal import note
    from callpolicy.replay import Replay
    from callpolicy.runtime import Engine

    # WHY: `recheck_at` costs time, and only somebody who reads the decisions sees it.
    engine = Engine(bundle, with_recheck=decisions is not None)
    wanted = frozenset(kept)
    with _progress(len(events), language) as on_progress:
        replay = Replay(engine, on_progress)
        run = Run(replay.summary)
        try:
            with whole_file(decisions) if decisions else nullcontext() as out:
                for event, decision in replayed(replay, events):
                    _write(out, decision)
                    if event.call_id in wanted:
                        run.taken.append((event, decision))
        except KeyboardInterrupt:
            told = language or language_of_environment()
            note(text("interrupted", told, done=run.summary.events, total=len(events)))
            raise typer.Exit(INTERRUPTED) from None
    return engine, run


def _write(out: BinaryIO | None, decision: Decision) -> None:
    if out is not None:
        out.write(decision.to_json() + b"\n")


@contextmanager
def _progress(total: int, language: Language | None) -> Iterator[Callable[[int], None] | None]:
    """A bar on standard error, if somebody looks at it."""
    if language is None or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from callpolicy.cli.terminal import screen

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen(stderr=True), transient=True) as progress:
        task = progress.add_task(text("replaying", language), total=total)
        yield lambda done: progress.update(task, completed=done)
