"""How a block stands, in words and as JSON: its state, what it waits for, who may do that, by when."""

from __future__ import annotations

from typing import Any, Final

from callpolicy.cli.block_texts import free_text, one_line, said, term_word
from callpolicy.cli.block_waits import Overtaken, Wait, overtaken_by, waits_now, waits_of, who_made
from callpolicy.cli.governed import Sitting, role_words
from callpolicy.cli.whom import shown, subject_tree
from callpolicy.instants import duration_text, instant_text
from callpolicy.lifecycle import HOLDING, OVER, Block, Missed, Move, State, ended_at, footing_at, missed, state_at
from callpolicy.policy import Term
from callpolicy.reports.times import local_minute

_MINUTE: Final = 60_000_000
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_VERBS: Final = {
    "confirm": "confirm", "confirm_two": "confirm", "extension": "confirm", "activate": "activate",
    "review": "review", "appeal": "decide-appeal",
}  # fmt: skip


def term_text(term: Term | int) -> str:
    """A term as it is written."""
    return str(term) if isinstance(term, Term) else duration_text(term)


def age_words(since: int, sitting: Sitting) -> str:
    """How long ago that was: whole days, or hours, or minutes."""
    length = max(0, sitting.at - since)
    unit, size = next((each for each in (("d", _DAY), ("h", _HOUR)) if length >= each[1]), ("min", _MINUTE))
    return said(f"age.{unit}", sitting.language, count=length // size)


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
    told = said(f"waits.{wait.what}", language, roles=roles, term=_wanted(wait, sitting))
    if wait.barred:
        comma = "、" if language == "zh-CN" else ", "
        told += said("not_by", language, persons=comma.join(one_line(each) for each in wait.barred))
    if wait.by is not None:
        told += said("by_lifts" if wait.lifts else "by_stays", language, by=clock(wait.by, sitting))
    if wait.ends is not None:
        told += said("ends_anyway", language, until=clock(wait.ends, sitting))
    return told


def _wanted(wait: Wait, sitting: Sitting) -> str:
    return "" if wait.term is None else term_word(term_text(wait.term), sitting.language)


def wait_word(wait: Wait, sitting: Sitting) -> str:
    """What a block waits for, in a word, and by when; of a longer term, when the block ends without it."""
    what = said(f"wait.{wait.what}", sitting.language, term=_wanted(wait, sitting))
    if wait.ends is not None:
        return what + said("ends_anyway", sitting.language, until=clock(wait.ends, sitting))
    return what if wait.by is None else said("wait.until", sitting.language, what=what, by=clock(wait.by, sitting))


def overtaken_word(block: Block, sitting: Sitting) -> str:
    """That a lift has overtaken a block, in a word; empty if none has."""
    return "" if overtaken_by(block, sitting) is None else said("overtaken", sitting.language)


def _overtaken_sentence(block: Block, lift: Overtaken, sitting: Sitting) -> str:
    state = state_at(block, sitting.at)
    key = str(state) if state in {State.PROPOSED, State.CONFIRMED} else "holds"
    values = {"id": one_line(lift.block_id), "at": clock(lift.at, sitting)}
    return said("overtaken.lift", sitting.language, **values) + said(f"overtaken.{key}", sitting.language)


def commands_for(block: Block, sitting: Sitting, lift: Overtaken | None) -> tuple[str, ...]:
    """The commands by which what it waits for is done, as far as they can succeed.

    Args:
        block: the block.
        sitting: see there.
        lift: the lift that has overtaken it, if one has.
    """
    waits = waits_now(block, sitting)
    name, made = one_line(block.block_id), []
    for wait in waits:
        verb = _VERBS[wait.what]
        role = f" --role {wait.roles[0]}" if wait.roles and not sitting.governance.staff else ""
        # WHY: governance takes no review before the appeal is decided.
        if verb == "review" and any(each.what == "appeal" for each in waits):
            continue
        more = {"review": " --keep", "decide-appeal": " --keep", "confirm": " --evidence …" if lift else ""}.get(
            verb, ""
        )
        if lift is None or verb != "activate":
            made.append(f"callpolicy block {verb} {name}{more} --reason … --as …{role}")
        if lift is not None and state_at(block, sitting.at) not in HOLDING:
            made.append(f"callpolicy block lift {name} --reason … --as …{role}")
    return tuple(made)


def by_words(block: Block, sitting: Sitting) -> str:
    """Who proposed a block and who confirmed it."""
    proposer = block.proposal.by.person
    judges = who_made(block, Move.CONFIRM_FIRST, Move.CONFIRM, Move.CONFIRM_EXTENSION)
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
        "confirmed_by": list(who_made(block, Move.CONFIRM_FIRST, Move.CONFIRM, Move.CONFIRM_EXTENSION)),
        "waits_for": [_wait_tree(each) for each in waits_of(block, at, sitting.governance)],
        "overdue": [missed_tree(each) for each in missed(block, at)],
        "overtaken_by": _overtaken_tree(overtaken_by(block, sitting)),
        "reason": free_text(block.proposal.reason),
        "evidence": [one_line(each) for each in evidence_at(block, at)],
    }


def evidence_at(block: Block, at: int) -> tuple[str, ...]:
    """The decisions that a block rests on by an instant, each once."""
    known = (step.act for step in block.steps if step.act.at <= at)
    return tuple(dict.fromkeys(each.decision_id for act in known for each in act.evidence))


def _overtaken_tree(lift: Overtaken | None) -> dict[str, Any] | None:
    return None if lift is None else {"id": one_line(lift.block_id), "lifted_at": instant_text(lift.at)}


def _wait_tree(wait: Wait) -> dict[str, Any]:
    return {
        "what": wait.what.removesuffix("_two"),
        "persons": 2 if wait.what == "confirm_two" else 1,
        "roles": list(wait.roles),
        "not_by": list(wait.barred),
        "due": instant_text(wait.due),
        "by": _instant(wait.by),
        "lifts": wait.lifts,
        "term": None if wait.term is None else term_text(wait.term),
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
        rows.append(("waits", _nothing_now(block, sitting)))
    lift = overtaken_by(block, sitting)
    if lift is not None:
        rows.append(("mark", _overtaken_sentence(block, lift, sitting)))
    rows += [("next", each) for each in commands_for(block, sitting, lift)]
    return [(said(label, language), told) for label, told in rows]


def _nothing_now(block: Block, sitting: Sitting) -> str:
    """What to say of a block that waits for nobody now: its next review, else its end."""
    footing = footing_at(block, sitting.at)
    reviews = [each.due for each in waits_of(block, sitting.at, sitting.governance) if each.what == "review"]
    if reviews:
        return said("waits_nothing", sitting.language, due=clock(reviews[0], sitting))
    if footing is None or footing.until is None:
        return said("waits_for_ever", sitting.language)
    return said("waits_for_end", sitting.language, until=clock(footing.until, sitting))
