"""How a block stands, in words and as JSON: its state, what it waits for, who may do that, by when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from callpolicy.cli.block_texts import one_line, said, term_word
from callpolicy.cli.governed import Sitting, role_words
from callpolicy.cli.whom import shown, subject_tree
from callpolicy.errors import GovernanceError
from callpolicy.instants import duration_text, instant_text
from callpolicy.lifecycle import (
    HOLDING,
    OVER,
    Block,
    Footing,
    Missed,
    Move,
    State,
    ended_at,
    footing_at,
    missed,
    state_at,
)
from callpolicy.lifecycle.guards import persons, rules_of
from callpolicy.policy import Governance, Term
from callpolicy.reports.times import local_minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What a block waits for.

    Args:
        what: `confirm`, `confirm_two`, `activate`, `review`, `appeal` or `extension`.
        roles: who may do it.
        barred: persons who may not, whatever their roles.
        due: since when, or from when on; `None` for as soon as may be.
        by: first instant at which it is overdue; `None` if it never is.
        lifts: whether the block is lifted then.
        term: the longer term that waits for a confirmation.
    """

    what: str
    roles: tuple[str, ...]
    barred: tuple[str, ...] = ()
    due: int | None = None
    by: int | None = None
    lifts: bool = False
    term: str = ""


def waits_of(block: Block, at: int, governance: Governance) -> tuple[Wait, ...]:
    """What a block waits for at an instant, the reviews to come too; what is due first."""
    footing, state = footing_at(block, at), state_at(block, at)
    if footing is None or state is None or state in OVER:
        return ()
    if state is State.PROPOSED:
        return (_confirmation(block, footing, governance),)
    if state is State.CONFIRMED:
        return (Wait(what="activate", roles=_roles(footing.term, "operate", governance)),)
    return tuple(sorted(_while_it_holds(block, footing, governance), key=lambda each: each.due or 0))


def _confirmation(block: Block, footing: Footing, governance: Governance) -> Wait:
    behind = persons(block, frozenset({Move.PROPOSE, Move.CONFIRM_FIRST, Move.CONFIRM}))
    two = governance.needs_four_eyes(footing.term) and not behind
    judges = _roles(footing.term, "judge", governance)
    what = "confirm_two" if two else "confirm"
    return Wait(what=what, roles=judges, barred=_who(block, Move.PROPOSE, Move.CONFIRM_FIRST))


def _while_it_holds(block: Block, footing: Footing, governance: Governance) -> Iterator[Wait]:
    if not footing.confirmed:
        wait = _confirmation(block, footing, governance)
        yield Wait(what=wait.what, roles=wait.roles, barred=wait.barred, due=0, by=footing.confirm_by, lifts=True)
    if footing.appeal is not None:
        yield Wait(
            what="appeal", roles=_roles(footing.term, "judge", governance), barred=_deciders(block),
            due=footing.appeal.due, by=footing.appeal.by, lifts=footing.appeal.lifts,
        )  # fmt: skip
    if footing.extension is not None:
        yield Wait(
            what="extension", roles=_roles(footing.extension, "judge", governance),
            barred=_who(block, Move.REVIEW_EXTEND)[-1:], due=0, term=term_text(footing.extension),
        )  # fmt: skip
    if footing.review is not None:
        due, by, lifts = footing.review.due, footing.review.by, footing.review.lifts
        roles = _roles(footing.term, "maintain", governance)
        yield Wait(what="review", roles=roles, due=due, by=by, lifts=lifts)


def _roles(term: Term | int, duty: str, governance: Governance) -> tuple[str, ...]:
    try:
        rules = rules_of(term, governance)[1]
    except GovernanceError:
        return ()
    every = {"judge": rules.judge, "operate": rules.operate, "maintain": rules.maintain}
    return every[duty]


def _who(block: Block, *moves: Move) -> tuple[str, ...]:
    made = (step.act.by.person for step in block.steps if step.move in moves)
    return tuple(dict.fromkeys(each for each in made if each is not None))


def _deciders(block: Block) -> tuple[str, ...]:
    from callpolicy.lifecycle.guards import DECIDING

    return tuple(dict.fromkeys((*_who(block, *sorted(DECIDING)), *_who(block, Move.APPEAL)[-1:])))


def term_text(term: Term | int) -> str:
    """A term as it is written."""
    return str(term) if isinstance(term, Term) else duration_text(term)


def state_words(block: Block, sitting: Sitting) -> str:
    """The state of a block in words."""
    state = state_at(block, sitting.at)
    return said(str(state or State.PROPOSED), sitting.language)


def clock(at: int, sitting: Sitting) -> str:
    """An instant on the clocks of the centre."""
    return local_minute(at, sitting.bundle.settings.time_zone)


def until_words(block: Block, sitting: Sitting) -> str:
    """Until when it holds, or when it ended; empty for what has not begun."""
    end = ended_at(block, sitting.at)
    footing = footing_at(block, sitting.at)
    if end is not None:
        return clock(end.at, sitting)
    if footing is None or footing.since is None:
        return ""
    return said("no_end", sitting.language) if footing.until is None else clock(footing.until, sitting)


def wait_sentence(wait: Wait, sitting: Sitting) -> str:
    """What a block waits for, who may do it and by when, in one sentence."""
    language = sitting.language
    roles = role_words(wait.roles, sitting.governance, language)
    told = said(f"waits.{wait.what}", language, roles=roles, term=term_word(wait.term, language))
    if wait.barred:
        comma = "、" if language == "zh-CN" else ", "
        told += said("not_by", language, persons=comma.join(one_line(each) for each in wait.barred))
    if wait.by is not None:
        told += said("by_lifts" if wait.lifts else "by_stays", language, by=clock(wait.by, sitting))
    return told


def wait_word(wait: Wait, sitting: Sitting) -> str:
    """What a block waits for, in a word, and by when."""
    what = said(f"wait.{wait.what}", sitting.language, term=term_word(wait.term, sitting.language))
    return what if wait.by is None else said("wait.until", sitting.language, what=what, by=clock(wait.by, sitting))


def waits_now(block: Block, sitting: Sitting) -> tuple[Wait, ...]:
    """What it waits for at this instant."""
    return tuple(
        each
        for each in waits_of(block, sitting.at, sitting.governance)
        if each.due is None or each.due <= sitting.at
    )  # fmt: skip


def commands_for(block: Block, sitting: Sitting) -> tuple[str, ...]:
    """The commands by which what it waits for is done."""
    made = []
    for wait in waits_now(block, sitting):
        verb = {
            "confirm": "confirm", "confirm_two": "confirm", "extension": "confirm", "activate": "activate",
            "review": "review", "appeal": "decide-appeal",
        }[wait.what]  # fmt: skip
        keep = " --keep" if verb in {"review", "decide-appeal"} else ""
        role = f" --role {wait.roles[0]}" if wait.roles and not sitting.governance.staff else ""
        made.append(f"callpolicy block {verb} {one_line(block.block_id)}{keep} --reason … --as …{role}")
    return tuple(made)


def by_words(block: Block, sitting: Sitting) -> str:
    """Who proposed a block and who confirmed it."""
    proposer = block.proposal.by.person
    judges = _who(block, Move.CONFIRM_FIRST, Move.CONFIRM, Move.CONFIRM_EXTENSION)
    first = said("system", sitting.language) if proposer is None else one_line(proposer)
    return " → ".join((first, *(one_line(each) for each in judges)))


def block_tree(block: Block, sitting: Sitting) -> dict[str, Any]:
    """How a block stands, as JSON takes it."""
    at = sitting.at
    footing = footing_at(block, at) or block.steps[0].footing
    state, end = state_at(block, at), ended_at(block, at)
    return {
        "id": block.block_id,
        "state": None if state is None else str(state),
        "holds": state in HOLDING,
        "subject": subject_tree(block.subject, sitting.clear),
        "term": term_text(footing.term),
        "confirmed": footing.confirmed,
        "since": _instant(footing.since),
        "until": _instant(footing.until),
        "ended": None if end is None else {"at": instant_text(end.at), "state": str(end.state), "why": str(end.why)},
        "proposed_by": block.proposal.by.person,
        "confirmed_by": list(_who(block, Move.CONFIRM_FIRST, Move.CONFIRM, Move.CONFIRM_EXTENSION)),
        "waits_for": [_wait_tree(each) for each in waits_of(block, at, sitting.governance)],
        "overdue": [missed_tree(each) for each in missed(block, at)],
    }


def _wait_tree(wait: Wait) -> dict[str, Any]:
    return {
        "what": wait.what.removesuffix("_two"),
        "persons": 2 if wait.what == "confirm_two" else 1,
        "roles": list(wait.roles),
        "not_by": list(wait.barred),
        "due": _instant(wait.due or None),
        "by": _instant(wait.by),
        "lifts": wait.lifts,
        "term": wait.term or None,
    }


def missed_tree(each: Missed) -> dict[str, Any]:
    """What nobody has seen to in time, as JSON takes it."""
    return {"what": str(each.what), "since": instant_text(each.since), "lifted": each.lifted}


def _instant(at: int | None) -> str | None:
    return None if at is None else instant_text(at)


def brief_rows(block: Block, sitting: Sitting, term: str = "") -> list[tuple[str, str]]:
    """How a block stands, as labels and texts.

    Args:
        block: the block.
        sitting: see there.
        term: what to say of its term instead of the term itself.
    """
    language = sitting.language
    footing = footing_at(block, sitting.at) or block.steps[0].footing
    rows = [
        ("whom", shown(block.subject, language, sitting.clear)),
        ("term", term or term_word(term_text(footing.term), language)),
    ]
    if footing.since is not None:
        over = state_at(block, sitting.at) in OVER
        rows += [("since", clock(footing.since, sitting)), ("ended" if over else "until", until_words(block, sitting))]
    waits = waits_now(block, sitting)
    rows += [("waits", wait_sentence(each, sitting)) for each in waits]
    if not waits and state_at(block, sitting.at) not in OVER:
        review = footing.review
        due = "" if review is None else clock(review.due, sitting)
        rows.append(("waits", said("waits_nothing" if due else "waits_for_ever", language, due=due)))
    rows += [("next", each) for each in commands_for(block, sitting)]
    return [(said(label, language), told) for label, told in rows]
