"""The commands on blocks: who is kept out, who judged it, who entered it, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Final

import typer

from callpolicy.cli.block_acts import (
    IdArgument,
    TermOption,
    activate,
    appeal,
    confirm,
    decide_appeal,
    lift,
    propose,
    read_term,
    review,
)
from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.governed import sitting
from callpolicy.cli.grouping import FileArgument, FormatOption, RowReasonOption, WriteOption, register
from callpolicy.cli.list_import import import_blocks
from callpolicy.cli.options import (
    ActingOption,
    JsonOption,
    LanguageOption,
    RoleOption,
    RulesOption,
    StoreOption,
    WhenOption,
)
from callpolicy.cli.whom import ClearOption, CustomerOption, NumberOption, Whom


class Asked(StrEnum):
    """What `block list` can be asked for."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    ACTIVE = "active"
    UNDER_REVIEW = "under_review"
    LIFTED = "lifted"
    EXPIRED = "expired"
    DUE = "due"
    OVERDUE = "overdue"


def list_blocks(  # noqa: PLR0913, PLR0917 - the options of a command
    state: Annotated[
        Asked | None,
        typer.Option("--state", help="Only these; those that are open or hold if left out.", show_default=False),
    ] = None,
    number: NumberOption = None,
    customer: CustomerOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 50,
    at: WhenOption = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    clear: ClearOption = False,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """List blocks; those that are open or hold, unless asked otherwise.

    `--state due` is the morning report: all that waits for a person now, what has waited longest first. It holds
    proposals to be confirmed, confirmed blocks to be entered, blocks of the system that nobody has confirmed,
    extensions, appeals, and reviews that are due. `--state overdue` is what nobody has seen to in time, with the
    outcome.
    """
    from callpolicy.cli.block_list import show_blocks
    from callpolicy.cli.whom import read_whom
    from callpolicy.lists import ListName

    with sitting(store, rules, at=at, as_json=as_json, language=language, clear=clear) as sit:
        whom = Whom(number, customer, None, None)
        # WHY as for an allowlist: looking is fine for protected numbers too.
        subject = None if whom == Whom(None, None, None, None) else read_whom(whom, sit.bundle, ListName.ALLOWLIST)[0]
        show_blocks(sit, state, subject, limit)


def show_block(
    block_id: IdArgument,
    at: WhenOption = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    clear: ClearOption = False,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Show the whole life of a block: each act, who, when, why, on what evidence, and the deadlines to come."""
    from callpolicy.cli.block_story import show_story

    with sitting(store, rules, at=at, as_json=as_json, language=language, clear=clear) as sit:
        show_story(sit, block_id)


def import_list(  # noqa: PLR0913, PLR0917 - the options of a command
    file: FileArgument,
    person: ActingOption,
    format: FormatOption = None,
    write: WriteOption = False,
    term: TermOption = None,
    reason: RowReasonOption = None,
    role: RoleOption = None,
    at: WhenOption = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Propose blocks for everybody whom a file names. Without `--write` it only says what would come of it.

    Each row rests on `FILE:LINE`, at the instant that the row gives. Exit code 1 if rows were refused.
    """
    with sitting(store, rules, at=at, as_json=as_json, language=language) as sit:
        wanted = None if term is None else read_term(term, "--term")
        desk, actor = sit.act_as(person, role)
        if import_blocks(sit, desk, actor, file, format, wanted, reason, write=write):
            raise typer.Exit(FINDINGS)


block = typer.Typer(
    name="block", rich_markup_mode=None,
    help="Propose, confirm, enter, review and lift blocks, and see what waits for whom.",
    epilog="\b\nExamples:\n  callpolicy block list --state due\n  callpolicy block list --state overdue",
)  # fmt: skip

_DO: Final = "--reason … --as wang --role quality_desk"
_COMMANDS: Final[Mapping[str, tuple[Callable[..., None], str, tuple[str, ...]]]] = {
    "propose": (
        propose,
        "Propose that a caller is blocked.",
        (
            'callpolicy block propose --number "+86 138 0013 8000" --term week --evidence c17#4 \\',
            '    --reason "abuse after two warnings" --as li --role team_leader',
            'callpolicy block propose --prefix "+86 1380 0138" --evidence c17#4 --reason … --as li --role team_leader',
        ),
    ),
    "confirm": (
        confirm,
        "Confirm a proposal of somebody else.",
        (
            f"callpolicy block confirm block-kvtrmzqhpdbw {_DO}",
            f"callpolicy block confirm block-kvtrmzqhpdbw block-wcxqhgfpjrmt --activate {_DO}",
        ),
    ),
    "activate": (
        activate,
        "Enter a confirmed block.",
        ("callpolicy block activate block-kvtrmzqhpdbw --reason … --as zhao --role ivr_operator",),
    ),
    "lift": (lift, "Lift a block, or reject a proposal.", (f"callpolicy block lift block-kvtrmzqhpdbw {_DO}",)),
    "appeal": (
        appeal,
        "Take down that the caller objects.",
        ("callpolicy block appeal block-kvtrmzqhpdbw --reason … --as sun --role complaint_desk",),
    ),
    "decide-appeal": (
        decide_appeal,
        "Decide an appeal.",
        (f"callpolicy block decide-appeal block-kvtrmzqhpdbw --shorten day {_DO}",),
    ),
    "review": (
        review,
        "Look at a standing block again.",
        (f"callpolicy block review block-kvtrmzqhpdbw --keep {_DO}",),
    ),
    "list": (
        list_blocks,
        "List blocks: open, holding, due, overdue.",
        (
            "callpolicy block list --state due",
            "callpolicy block list --state overdue",
            'callpolicy block list --number "138 0013 8000"',
        ),
    ),
    "show": (show_block, "Show the whole life of a block.", ("callpolicy block show block-kvtrmzqhpdbw",)),
    "import": (
        import_list,
        "Propose everybody whom a file names.",
        (
            "callpolicy block import old-list.csv --as li --role team_leader",
            "callpolicy block import old-list.csv --write --term month --as li --role team_leader",
        ),
    ),
}

register(block, _COMMANDS)
