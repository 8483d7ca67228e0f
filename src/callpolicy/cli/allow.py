"""The commands on the allowlist: whom no rule and no block keeps out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.governed import Sitting, sitting
from callpolicy.cli.grouping import FileArgument, FormatOption, RowReasonOption, WriteOption, register
from callpolicy.cli.list_import import end_missing, import_allowed
from callpolicy.cli.options import (
    ActingOption,
    JsonOption,
    LanguageOption,
    ReasonOption,
    RoleOption,
    RulesOption,
    StoreOption,
    WhenOption,
)
from callpolicy.cli.whom import ClearOption, CustomerOption, NumberOption, PrefixOption, RangeOption, Whom
from callpolicy.errors import GovernanceError, UsageError

if TYPE_CHECKING:
    from callpolicy.lists import Entry

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Id of the entry; see `callpolicy allow list`.")]
OwnerOption = Annotated[
    str, typer.Option("--owner", metavar="PERSON", help="Who answers for the entry.", show_default=False)
]
UntilOption = Annotated[
    str | None,
    typer.Option("--until", metavar="DATE", help="Until when: the end of a day, or an instant.", show_default=False),
]
ForOption = Annotated[
    str | None, typer.Option("--for", metavar="DURATION", help="For how long, as `30d`.", show_default=False)
]


def add(  # noqa: PLR0913, PLR0917 - the options of a command
    person: ActingOption,
    reason: ReasonOption,
    owner: OwnerOption,
    number: NumberOption = None,
    customer: CustomerOption = None,
    prefix: PrefixOption = None,
    between: RangeOption = None,
    until: UntilOption = None,
    lasting: ForOption = None,
    role: RoleOption = None,
    at: WhenOption = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    clear: ClearOption = False,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Put a caller on the allowlist: no rule and no block keeps them out while the entry holds.

    Whom is said by just one of `--number`, `--customer`, `--prefix` and `--range`.
    """
    from callpolicy.cli.whom import read_whom
    from callpolicy.lists import ListName
    from callpolicy.runtime.allowing import look_at_keeper

    with sitting(store, rules, at=at, as_json=as_json, language=language, clear=clear) as sit:
        desk, actor = sit.act_as(person, role)
        subject, _ = read_whom(Whom(number, customer, prefix, between), sit.bundle, ListName.ALLOWLIST)
        end = read_end(sit, until, lasting)
        look_at_texts(sit, reason, owner)
        look_at_keeper(actor, reason, owner, sit.governance)
        if end is None and (lacks := end_missing(sit)) is not None:
            raise lacks
        entry = desk.allow(actor, subject, reason=reason, owner=owner, at=sit.at, until=end)
        _show_entry(entry, sit, "allowed")


def read_end(sit: Sitting, until: str | None, lasting: str | None) -> int | None:
    """When an entry ends, as it was typed.

    Raises:
        UsageError: it is no date or duration, or both were given.
    """
    from callpolicy.instants import LATEST, parse_duration
    from callpolicy.listfiles.fields import fold, read_instant
    from callpolicy.rulefile.sources import quoted

    if until is not None and lasting is not None:
        raise UsageError("say until when, or for how long: `--until` or `--for`, not both")
    if lasting is not None:
        try:
            return min(sit.at + parse_duration(lasting), LATEST)
        except ValueError as error:
            raise UsageError(f"`--for`: {error}") from None
    if until is None:
        return None
    end = read_instant(fold(until), sit.bundle.settings.time_zone, None, last=True)
    if end is None:
        raise UsageError(f"`--until` takes a date such as `2027-01-01`, or an instant with a zone, not {quoted(until)}")
    return end


def look_at_texts(sit: Sitting, reason: str, owner: str) -> None:
    """Refuse a reason and an owner that no record can hold, and the lack of an owner.

    Raises:
        GovernanceError: there is no owner.
        UsageError: there are control characters in them, or the owner is no line of text or a telephone number.
    """
    from callpolicy.cli.governed import look_at_person, made
    from callpolicy.lifecycle import SYSTEM, Actor, Lift

    if not owner.strip():
        raise GovernanceError("owner-missing", "always.owner", "an allowlist entry needs somebody who answers for it")
    look_at_person(owner, "--owner")
    made(Actor, person=owner)
    made(Lift, by=SYSTEM, at=sit.at, reason=reason)


def end(  # noqa: PLR0913, PLR0917 - the options of a command
    entry_id: IdArgument,
    person: ActingOption,
    reason: ReasonOption,
    role: RoleOption = None,
    at: WhenOption = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """End an entry: from now on rules and blocks hold for the caller again."""
    from callpolicy.cli.governed import made
    from callpolicy.lifecycle import SYSTEM, Lift

    with sitting(store, rules, at=at, as_json=as_json, language=language) as sit:
        desk, actor = sit.act_as(person, role)
        made(Lift, by=SYSTEM, at=sit.at, reason=reason)
        _show_entry(desk.disallow(actor, entry_id, reason=reason, at=sit.at), sit, "ended_allow")


def list_entries(  # noqa: PLR0913, PLR0917 - the options of a command
    number: NumberOption = None,
    customer: CustomerOption = None,
    every: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 50,
    at: WhenOption = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    clear: ClearOption = False,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """List the allowlist: who is on it, until when, and who answers for it."""
    from callpolicy.cli.allow_list import show_entries
    from callpolicy.cli.whom import read_whom
    from callpolicy.lists import ListName

    with sitting(store, rules, at=at, as_json=as_json, language=language, clear=clear) as sit:
        whom = Whom(number, customer, None, None)
        subject = None if whom == Whom(None, None, None, None) else read_whom(whom, sit.bundle, ListName.ALLOWLIST)[0]
        show_entries(sit, subject, every, limit)


def show_entry(
    entry_id: IdArgument,
    at: WhenOption = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    clear: ClearOption = False,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Show an entry: whom it covers, why, who answers for it, and who put it there and ended it."""
    from callpolicy.cli.allow_list import show_whole

    with sitting(store, rules, at=at, as_json=as_json, language=language, clear=clear) as sit:
        show_whole(sit, entry_id)


def import_list(  # noqa: PLR0913, PLR0917 - the options of a command
    file: FileArgument,
    person: ActingOption,
    owner: OwnerOption,
    format: FormatOption = None,
    write: WriteOption = False,
    reason: RowReasonOption = None,
    until: UntilOption = None,
    lasting: ForOption = None,
    role: RoleOption = None,
    at: WhenOption = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Put everybody on the allowlist whom a file names. Without `--write` it only says what would come of it."""
    with sitting(store, rules, at=at, as_json=as_json, language=language) as sit:
        desk, actor = sit.act_as(person, role)
        last = read_end(sit, until, lasting)
        look_at_texts(sit, reason or "", owner)
        if import_allowed(sit, desk, actor, file, format, last, reason, owner, write=write):
            raise typer.Exit(FINDINGS)


def _show_entry(entry: Entry, sit: Sitting, key: str) -> None:
    from callpolicy.cli.allow_list import entry_rows, entry_tree
    from callpolicy.cli.block_story import labelled
    from callpolicy.cli.block_texts import one_line, said
    from callpolicy.cli.block_words import clock
    from callpolicy.cli.terminal import heading, show, show_json

    if sit.as_json:
        tree: dict[str, Any] = {"entry": entry_tree(entry, sit)}
        show_json(tree)
        return
    until = clock(sit.at if entry.until is None else entry.until, sit)
    head = said(key, sit.language, id=one_line(entry.entry_id), at=until)
    show(heading(head), *labelled(entry_rows(entry, sit)))


allow = typer.Typer(
    name="allow", rich_markup_mode=None,
    help="Keep the allowlist: callers whom no rule and no block keeps out.",
    epilog="\b\nExamples:\n  callpolicy allow list",
)  # fmt: skip

_AS: Final = "--as wang --role quality_desk"
_COMMANDS: Final[Mapping[str, tuple[Callable[..., None], str, tuple[str, ...]]]] = {
    "add": (
        add,
        "Put a caller on the allowlist.",
        (
            'callpolicy allow add --number "+86 138 0013 8000" --until 2027-01-01 --owner wang \\',
            f'    --reason "a hospital that calls often" {_AS}',
        ),
    ),
    "end": (end, "End an entry.", (f'callpolicy allow end allow-kvtrmzqhpdbw --reason "moved" {_AS}',)),
    "list": (list_entries, "List the allowlist.", ("callpolicy allow list", "callpolicy allow list --all")),
    "show": (show_entry, "Show an entry.", ("callpolicy allow show allow-kvtrmzqhpdbw",)),
    "import": (
        import_list,
        "Put everybody on it whom a file names.",
        (
            f"callpolicy allow import hospitals.csv --owner wang --for 365d {_AS}",
            f"callpolicy allow import hospitals.csv --write --owner wang --for 365d {_AS}",
        ),
    ),
}

register(allow, _COMMANDS)
