"""The acts on blocks: propose, confirm, enter, lift, appeal, decide the appeal, review."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callpolicy.cli.block_many import Do, to_each
from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.governed import (
    Sitting,
    made,
    note_outside,
    read_evidence,
    refusal_line,
    refusal_tree,
    sitting,
)
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
    from callpolicy.lifecycle import Act, Block
    from callpolicy.lists import Subject
    from callpolicy.policy import Term

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Id of the block; see `callpolicy block list`.")]
IdsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="ID...", help="Ids of one block or several; see `callpolicy block list`.",
        # One that is named twice is done once.
        callback=lambda ids: list(dict.fromkeys(ids)),
    ),
]  # fmt: skip
TermOption = Annotated[
    str | None,
    typer.Option(
        "--term", metavar="TERM", show_default=False,
        help="How long: `day`, `week`, `month`, `permanent`, or as `12h`. Left out: what the ladder gives.",
    ),
]  # fmt: skip
EvidenceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--evidence", metavar="DECISION", show_default=False,
        help="Id of a decision that it rests on; must be on record in the store. May be repeated.",
    ),
]  # fmt: skip
EvidenceAtOption = Annotated[
    str | None,
    typer.Option(
        "--evidence-at", metavar="RFC3339", show_default=False,
        help="When those decisions were made that another system has on record.",
    ),
]  # fmt: skip
KeepOption = Annotated[bool, typer.Option("--keep", help="It stays as it is.")]
LiftOption = Annotated[bool, typer.Option("--lift", help="It is lifted.")]
ShortenOption = Annotated[
    str | None, typer.Option("--shorten", metavar="TERM", help="It gets a shorter term.", show_default=False)
]
ExtendOption = Annotated[
    str | None,
    typer.Option("--extend", metavar="TERM", help="Ask for a longer term; another confirms it.", show_default=False),
]


def propose(  # noqa: PLR0913, PLR0917 - the options of a command
    person: ActingOption,
    reason: ReasonOption,
    number: NumberOption = None,
    customer: CustomerOption = None,
    prefix: PrefixOption = None,
    between: RangeOption = None,
    term: TermOption = None,
    evidence: EvidenceOption = None,
    evidence_at: EvidenceAtOption = None,
    role: RoleOption = None,
    at: WhenOption = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    clear: ClearOption = False,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Propose that a caller is blocked. It keeps nobody out before other persons have confirmed and entered it.

    Whom is said by just one of `--number`, `--customer`, `--prefix` and `--range`. Numbers without a country code are
    read in the region of the norm.
    """
    with sitting(store, rules, at=at, as_json=as_json, language=language, clear=clear) as sit:
        _propose(sit, Whom(number, customer, prefix, between), person, role, reason, term, (evidence, evidence_at))


def _propose(
    sit: Sitting, whom: Whom, person: str, role: list[str] | None, reason: str, term: str | None,
    evidence: tuple[list[str] | None, str | None],
) -> None:  # fmt: skip
    from callpolicy.cli.block_texts import said, term_word
    from callpolicy.cli.block_words import term_text
    from callpolicy.cli.whom import read_whom
    from callpolicy.lists import ListName

    desk, actor = sit.act_as(person, role)
    subject, remarks = read_whom(whom, sit.bundle, ListName.BLOCKLIST)
    wanted = None if term is None else read_term(term, "--term")
    rests_on = read_evidence(sit.store, *(evidence[0] or (), evidence[1]))
    before = [each.block for each in sit.store.overlapping(subject) if each.block is not None]
    block = desk.propose(actor, subject, reason=reason, evidence=rests_on, at=sit.at, term=wanted)
    told = term_word(term_text(block.proposal.term), sit.language)
    by_ladder = said("ladder", sit.language, term=told) if wanted is None else ""
    _show_brief(block, sit, by_ladder, term_by="ladder" if wanted is None else "option", remarks=remarks)
    _note_others(before, subject, sit)
    note_outside(block, sit)


def _note_others(others: list[Block], subject: Subject, sit: Sitting) -> None:
    """Say which other blocks cover the caller already."""
    from callpolicy.cli.block_texts import one_line
    from callpolicy.cli.block_words import state_words
    from callpolicy.cli.terminal import note
    from callpolicy.cli.whom import covered_words
    from callpolicy.lifecycle import OVER, state_at

    for other in others:
        if state_at(other, sit.at) not in OVER:
            name, state = one_line(other.block_id), state_words(other, sit)
            note(covered_words(name, other.subject, subject, state, sit.language))


def read_term(text: str, option: str) -> Term | int:
    """A term as it is typed.

    Raises:
        UsageError: it is none.
    """
    from callpolicy.listfiles.fields import fold
    from callpolicy.listfiles.fields import read_term as read
    from callpolicy.rulefile.sources import quoted

    term = read(fold(text))
    if term is None:
        names = "`day`, `week`, `month`, `permanent` or a duration such as `12h`"
        raise UsageError(f"`{option}` takes {names}, not {quoted(text)}")
    return term


def confirm(  # noqa: PLR0913, PLR0917 - the options of a command
    block_ids: IdsArgument,
    person: ActingOption,
    reason: ReasonOption,
    activate: Annotated[bool, typer.Option("--activate", help="Enter it too, if this person may.")] = False,
    role: RoleOption = None,
    evidence: EvidenceOption = None,
    evidence_at: EvidenceAtOption = None,
    at: WhenOption = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Confirm a proposal, a block that the system made, or a longer term; never what one proposed oneself.

    Several ids are several acts, with one reason: what governance refuses holds none of the others back.
    """
    from callpolicy.lifecycle import Activate, Confirm, State, state_at

    with sitting(store, rules, at=at, as_json=as_json, language=language) as sit:
        desk, actor = sit.act_as(person, role)
        if evidence and len(block_ids) > 1:
            raise UsageError("`--evidence` speaks about one caller; confirm that block by itself")
        found = read_evidence(sit.store, evidence or (), evidence_at)

        def do(block_id: str) -> tuple[Block, GovernanceError | None]:
            block = desk.act(block_id, made(Confirm, by=actor, at=sit.at, reason=reason, evidence=found))
            note_outside(block, sit)
            if not activate or state_at(block, sit.at) is State.ACTIVE:
                return block, None
            try:
                _look_whether_confirmed(block, sit)
                return desk.act(block_id, made(Activate, by=actor, at=sit.at, reason=reason)), None
            except GovernanceError as refused:
                return block, refused

        _do(sit, block_ids, do)


def _look_whether_confirmed(block: Block, sit: Sitting) -> None:
    """Refuse to enter what another person must confirm first; the table of moves would say it less plainly."""
    from callpolicy.lifecycle import State, state_at

    if state_at(block, sit.at) is State.PROPOSED:
        message = "not entered: another person must confirm it first"
        raise GovernanceError("second-person-missing", "always.two_persons", message)


def activate(  # noqa: PLR0913, PLR0917 - the options of a command
    block_ids: IdsArgument,
    person: ActingOption,
    reason: ReasonOption,
    role: RoleOption = None,
    at: WhenOption = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Enter a confirmed block: from now on the caller is kept out.

    Several ids are several acts: what governance refuses holds none of the others back.
    """
    from callpolicy.lifecycle import Activate

    with sitting(store, rules, at=at, as_json=as_json, language=language) as sit:
        _act(sit, block_ids, person, role, kind=Activate, reason=reason)


def lift(  # noqa: PLR0913, PLR0917 - the options of a command
    block_ids: IdsArgument,
    person: ActingOption,
    reason: ReasonOption,
    role: RoleOption = None,
    at: WhenOption = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Lift a block, or reject a proposal. It sticks: only new evidence leads to another one.

    Several ids are several acts, with one reason. An entry that was put without a life ends in the same way, alone.
    """
    from callpolicy.cli.block_lifeless import show_lifted
    from callpolicy.lifecycle import Lift
    from callpolicy.runtime.lifeless import lifeless

    with sitting(store, rules, at=at, as_json=as_json, language=language) as sit:
        if len(block_ids) > 1 or lifeless(sit.store.listed(block_ids[0])) is None:
            _act(sit, block_ids, person, role, kind=Lift, reason=reason)
            return
        desk, actor = sit.act_as(person, role)
        show_lifted(sit, desk.lift_entry(actor, block_ids[0], reason=reason, at=sit.at))


def appeal(  # noqa: PLR0913, PLR0917 - the options of a command
    block_id: IdArgument,
    person: ActingOption,
    reason: ReasonOption,
    role: RoleOption = None,
    at: WhenOption = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Take down that a caller objects to a block; somebody who did not decide about it must answer."""
    from callpolicy.lifecycle import Appeal

    with sitting(store, rules, at=at, as_json=as_json, language=language) as sit:
        _act(sit, [block_id], person, role, kind=Appeal, reason=reason)


def decide_appeal(  # noqa: PLR0913, PLR0917 - the options of a command
    block_id: IdArgument,
    person: ActingOption,
    reason: ReasonOption,
    keep: KeepOption = False,
    lift: LiftOption = False,
    shorten: ShortenOption = None,
    role: RoleOption = None,
    at: WhenOption = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Decide an appeal: keep the block, lift it, or shorten its term."""
    from callpolicy.lifecycle import AppealOutcome, DecideAppeal

    with sitting(store, rules, at=at, as_json=as_json, language=language) as sit:
        name, term = _outcome({"keep": keep, "lift": lift}, {"shorten": shorten})
        _act(sit, [block_id], person, role, kind=DecideAppeal, reason=reason, outcome=AppealOutcome(name), term=term)


def review(  # noqa: PLR0913, PLR0917 - the options of a command
    block_id: IdArgument,
    person: ActingOption,
    reason: ReasonOption,
    keep: KeepOption = False,
    lift: LiftOption = False,
    shorten: ShortenOption = None,
    extend: ExtendOption = None,
    role: RoleOption = None,
    at: WhenOption = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Look at a standing block again: keep it, lift it, shorten its term, or ask for a longer one."""
    from callpolicy.lifecycle import Review, ReviewOutcome

    with sitting(store, rules, at=at, as_json=as_json, language=language) as sit:
        name, term = _outcome({"keep": keep, "lift": lift}, {"shorten": shorten, "extend": extend})
        _act(sit, [block_id], person, role, kind=Review, reason=reason, outcome=ReviewOutcome(name), term=term)


def _outcome(flags: Mapping[str, bool], terms: Mapping[str, str | None]) -> tuple[str, Term | int | None]:
    """The one outcome that was chosen, with its term."""
    chosen = [name for name, taken in flags.items() if taken]
    chosen += [name for name, term in terms.items() if term is not None]
    if len(chosen) != 1:
        every = ", ".join(f"`--{name}`" for name in (*flags, *terms))
        raise UsageError(f"say what becomes of it, by just one of {every}")
    term = terms.get(chosen[0])
    return chosen[0], None if term is None else read_term(term, f"--{chosen[0]}")


def _act(
    sit: Sitting, block_ids: list[str], person: str, role: list[str] | None, *, kind: Callable[..., Act], **fields: Any
) -> None:
    desk, actor = sit.act_as(person, role)
    _do(sit, block_ids, lambda each: (desk.act(each, made(kind, by=actor, at=sit.at, **fields)), None))


def _do(sit: Sitting, block_ids: list[str], do: Do) -> None:
    """Do something to one block, and print how it stands; or to each of several."""
    if len(block_ids) > 1:
        to_each(sit, block_ids, do)
        return
    block, refused = do(block_ids[0])
    _show_brief(block, sit, refused=refused)
    if refused is not None:
        raise typer.Exit(FINDINGS)


def _show_brief(
    block: Block, sit: Sitting, term: str = "", *, term_by: str = "", remarks: tuple[str, ...] = (),
    refused: GovernanceError | None = None,
) -> None:  # fmt: skip
    """Print how a block stands after an act, and what it waits for next."""
    from callpolicy.cli.block_story import labelled
    from callpolicy.cli.block_texts import one_line, said
    from callpolicy.cli.block_words import block_tree, brief_rows, state_words
    from callpolicy.cli.terminal import heading, note, show, show_json
    from callpolicy.listfiles import REMARKS

    if sit.as_json:
        tree: dict[str, Any] = {"block": block_tree(block, sit)}
        if term_by:
            tree["term_by"] = term_by
            tree["remarks"] = list(remarks)
        if refused is not None:
            tree["refused"] = refusal_tree(refused, sit.bundle, sit.language)
        show_json(tree)
        return
    show(heading(f"{one_line(block.block_id)}  {state_words(block, sit)}"), *labelled(brief_rows(block, sit, term)))
    for code in remarks:
        words = REMARKS[code]
        note(said("look", sit.language, what=words.what(sit.language), do=words.hint(sit.language)))
    if refused is not None:
        show(said("not_entered", sit.language, why=refusal_line(refused, sit.bundle, sit.language)))
