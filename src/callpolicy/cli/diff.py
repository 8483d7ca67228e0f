"""`callpolicy diff` and `callpolicy brief`: what another norm would do."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.options import JsonOption, Language, LanguageOption, language_of_environment
from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from callpolicy.changes import Meaning, Move, RecordedChange, Region
    from callpolicy.points import DecisionPoint
    from callpolicy.policy import Bundle

OldArgument = Annotated[str, typer.Argument(metavar="OLD", help="The norm that holds: a folder, or a revision of git.")]
NewArgument = Annotated[str, typer.Argument(metavar="NEW", help="The norm that is to hold: as OLD.")]
FolderOption = Annotated[
    Path, typer.Option("--rules", metavar="DIR", help="The folder in a revision of git that names none.")
]
MostOption = Annotated[
    int, typer.Option("--most", min=1, help="How many differences are looked for at a decision point.")
]

_TEXTS = {
    "rules": ("Rules", "规则"),
    "added": ("added", "新增"),
    "removed": ("removed", "取消"),
    "changed": ("changed", "改动"),
    "renamed": ("renamed", "改名"),
    "retold": ("worded anew", "仅改文字"),
    "calls": ("Every possible call", "任何可能的来电"),
    "recorded": ("Recorded calls: {changed} of {calls} change", "录音来电：{calls} 通中 {changed} 通有变化"),
    "example": ("e.g.", "例如"),
    "searching": ("comparing", "比较中"),
    "replaying": ("replaying", "回放中"),
}


def diff(  # noqa: PLR0913, PLR0917 - the options of a command
    old: OldArgument,
    new: NewArgument,
    rules: FolderOption = Path("rules"),
    recorded: Annotated[
        Path | None, typer.Option("--recorded", metavar="FILE", help="Recorded calls to put through both norms.")
    ] = None,
    mapping: Annotated[
        str | None, typer.Option("--mapping", metavar="NAME|FILE", help="How the columns of that table become events.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first so many recorded calls.")] = None,
    most: MostOption = 200,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Show every region of calls whose decision a change of the norm changes; exit code 1 if there is any.

    If there is none, that is proved. Texts may differ: what is compared is what is done.
    """
    from callpolicy.analysis.formulas import need_solver
    from callpolicy.changes import compare_meaning
    from callpolicy.cli.norms import norm_of
    from callpolicy.cli.terminal import show_json

    shown = language or language_of_environment()
    if mapping is not None and recorded is None:
        raise UsageError("`--mapping` says how `--recorded FILE` is read; name that file too")
    need_solver()
    before, after = norm_of(old, rules), norm_of(new, rules)
    with _working(shown, as_json) as told:
        meaning = compare_meaning(before, after, most=most, on_progress=told)
    calls = None if recorded is None else _recorded(before, after, recorded, mapping, limit)
    if as_json:
        show_json(_as_dict(before, after, meaning, calls))
    else:
        _show(before, after, meaning, calls, shown)
    if not meaning.proved_same:
        raise typer.Exit(FINDINGS)


def brief(
    old: OldArgument,
    new: NewArgument,
    rules: FolderOption = Path("rules"),
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE.md", help="Write the page into a file.")] = None,
    most: MostOption = 200,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Write one page for team leaders: what changes, why, what to say, examples."""
    from callpolicy.analysis.formulas import need_solver
    from callpolicy.changes import brief as page
    from callpolicy.changes import compare_meaning
    from callpolicy.cli.norms import norm_of
    from callpolicy.cli.outputs import whole_file
    from callpolicy.cli.terminal import note, show_json

    need_solver()
    shown = language or language_of_environment()
    before, after = norm_of(old, rules), norm_of(new, rules)
    with _working(shown, as_json) as told:
        meaning = compare_meaning(before, after, most=most, on_progress=told)
    text = page(before, after, meaning, str(shown))
    if to is not None:
        with whole_file(to) as out:
            out.write(text.encode())
        note(str(to))
    if as_json:
        show_json({"language": str(shown), "old": before.revision, "new": after.revision, "page": text})
    elif to is None:
        typer.echo(text, nl=False)


def _say(key: str, language: Language, **values: object) -> str:
    return _TEXTS[key][language is Language.ZH].format(**values)


def _working(language: Language, quiet: bool) -> AbstractContextManager[Callable[[DecisionPoint, int], None] | None]:
    """Tell how far it has come, if somebody looks at it."""
    import sys

    if quiet or not sys.stderr.isatty():
        return nullcontext()
    return _status(language)


def _status(language: Language) -> AbstractContextManager[Callable[[DecisionPoint, int], None] | None]:
    from contextlib import contextmanager

    from callpolicy.cli.terminal import screen
    from callpolicy.cli.texts import word

    @contextmanager
    def running() -> Iterator[Callable[[DecisionPoint, int], None]]:
        with screen(stderr=True).status(_say("searching", language)) as status:
            yield lambda point, count: status.update(
                f"{_say('searching', language)} {word(str(point), language)} {count}"
            )

    return running()


def _recorded(before: Bundle, after: Bundle, file: Path, mapping: str | None, limit: int | None) -> RecordedChange:
    from callpolicy.changes import compare_recorded
    from callpolicy.cli.recorded import first_calls, read_recorded

    found = read_recorded(file, mapping, after.catalogue)
    events = found.events if limit is None else first_calls(found.events, limit)
    return compare_recorded(before, after, events)


def _show(before: Bundle, after: Bundle, meaning: Meaning, calls: RecordedChange | None, language: Language) -> None:
    from rich.text import Text

    from callpolicy.changes import call_text, move_text, region_text, remarks, same_text
    from callpolicy.cli.terminal import show, show_table
    from callpolicy.cli.texts import text, word
    from callpolicy.reports import Column, Table

    lines = [*_rule_lines(before, after, language)]
    if lines:
        show(Text(_say("rules", language), style="bold"), *lines, "")
    show(Text(_say("calls", language), style="bold"))
    if meaning.same_on_facts:
        style = "bold green" if meaning.proved_same else "yellow"
        show(Text(same_text(meaning, str(language)), style=style))
    for region in meaning.regions:
        show(Text(region_text(region, after.catalogue, str(language)), style="cyan"))
        for move in region.moves:
            show(f"  - {move_text(move, str(language))}")
            example = f"      {_say('example', language)} {call_text(move.values, after.catalogue)}"
            show(Text(example, style="dim"))
        show("")
    for line in remarks(meaning, str(language)):
        show(Text(line, style="yellow"))
    if calls is not None:
        show("", Text(_say("recorded", language, changed=calls.changed, calls=calls.calls), style="bold"))
        columns = (
            Column(text("stage", language)), Column("OLD", whole=True), Column("NEW", whole=True),
            Column(text("calls", language), number=True), Column(_say("example", language)),
        )  # fmt: skip
        rows = tuple(
            (word(stage, language), word(was, language), word(becomes, language), str(count),
             ", ".join(calls.examples[stage, was, becomes]))
            for (stage, was, becomes), count in calls.moves.most_common()
        )  # fmt: skip
        if rows:
            show_table(Table("", columns, rows))


def _rule_lines(before: Bundle, after: Bundle, language: Language) -> Iterator[str]:
    from callpolicy.changes import clause_changes, clause_text, rule_changes

    for key, ids in _rules_by_change(before, after).items():
        if ids:
            yield f"  {_say(key, language)}: {', '.join(ids)}"
    for old, new in rule_changes(before, after).changed:
        for clause in clause_changes(old, new, after.catalogue):
            yield f"    {new.id}: {clause_text(clause, after.catalogue, str(language))}"


def _rules_by_change(before: Bundle, after: Bundle) -> dict[str, list[str]]:
    from callpolicy.changes import rule_changes

    changes = rule_changes(before, after)
    return {
        "added": [rule.id for rule in changes.added],
        "removed": [rule.id for rule in changes.removed],
        "changed": [rule.id for _, rule in changes.changed],
        "renamed": [f"{one.id} → {other.id}" for one, other in changes.renamed],
        "retold": [rule.id for _, rule in changes.retold],
    }


def _as_dict(before: Bundle, after: Bundle, meaning: Meaning, calls: RecordedChange | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "old": before.revision,
        "new": after.revision,
        "same": meaning.proved_same,
        "rules": _rules_by_change(before, after),
        "regions": [_region_dict(each, after) for each in meaning.regions],
        "beyond": list(meaning.beyond),
        "beside": [{"part": each.part, "name": each.name, "old": each.old, "new": each.new} for each in meaning.beside],
        "unsupported": {str(point): list(what) for point, what in meaning.unsupported.items()},
        "unfinished": [str(point) for point in meaning.unfinished],
    }
    if calls is not None:
        found["recorded"] = {
            "calls": calls.calls,
            "changed": calls.changed,
            "moves": [
                {"stage": stage, "old": was, "new": becomes, "calls": count,
                 "examples": calls.examples[stage, was, becomes]}
                for (stage, was, becomes), count in calls.moves.most_common()
            ],
        }  # fmt: skip
    return found


def _region_dict(region: Region, bundle: Bundle) -> dict[str, Any]:
    from callpolicy.audit.showing import may_show
    from callpolicy.changes import region_text

    return {
        "points": [str(each) for each in region.points],
        "where": {str(each): region_text(region, bundle.catalogue, str(each)) for each in Language},
        "facts": [
            {
                "fact": part.fact,
                "ranges": [list(bounds) for bounds in part.ranges] if may_show(part.fact, bundle.catalogue) else [],
                "other": part.other_texts,
                "unknown": part.unknown,
            }
            for part in region.parts
        ],
        "moves": [_move_dict(each, bundle) for each in region.moves],
    }


def _move_dict(move: Move, bundle: Bundle) -> dict[str, Any]:
    from callpolicy.changes import move_text
    from callpolicy.decision import outcome_dict
    from callpolicy.engine.explaining import show as shown

    return {
        "stage": str(move.stage),
        "text": {str(each): move_text(move, str(each)) for each in Language},
        "old": outcome_dict(move.old.outcome),
        "new": outcome_dict(move.new.outcome),
        "call": {name: shown(name, value, bundle.catalogue, "en") for name, value in sorted(move.values.items())},
        "confirmed": move.confirmed,
    }
