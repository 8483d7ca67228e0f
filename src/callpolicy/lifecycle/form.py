"""A block as JSON and back, with its whole life: what a store keeps, and what is carried from one system to another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any, Final, TypeVar

import rfc8785

from callpolicy.identity import Identity, IdentityKind
from callpolicy.instants import instant_text, parse_instant
from callpolicy.lifecycle.acts import (
    SYSTEM,
    Act,
    Activate,
    Actor,
    Appeal,
    AppealOutcome,
    Confirm,
    DecideAppeal,
    Evidence,
    Lift,
    Propose,
    Review,
    ReviewOutcome,
    look_at_term,
)
from callpolicy.lifecycle.block import Block, Deadline, Footing, Step, state_at
from callpolicy.lifecycle.transitions import TRANSITIONS, Move, State
from callpolicy.lists import Subject
from callpolicy.policy import Term

VERSION: Final = 1
"""Version of the form; a form of another version is refused."""

_ACTS: Final[Mapping[str, type[Act]]] = {
    each.name: each for each in (Propose, Confirm, Activate, Review, Appeal, DecideAppeal, Lift)
}
_MOVES: Final[Mapping[str, frozenset[Move]]] = {
    Propose.name: frozenset({Move.PROPOSE}),
    Confirm.name: frozenset({Move.CONFIRM_FIRST, Move.CONFIRM, Move.CONFIRM_EXTENSION}),
    Activate.name: frozenset({Move.ACTIVATE, Move.ACTIVATE_AUTOMATICALLY}),
    Review.name: frozenset({Move.REVIEW_KEEP, Move.REVIEW_LIFT, Move.REVIEW_SHORTEN, Move.REVIEW_EXTEND}),
    Appeal.name: frozenset({Move.APPEAL}),
    DecideAppeal.name: frozenset({Move.APPEAL_KEEP, Move.APPEAL_LIFT, Move.APPEAL_SHORTEN}),
    Lift.name: frozenset({Move.LIFT}),
}
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


def block_bytes(block: Block) -> bytes:
    """The canonical bytes of a block: equal blocks have equal bytes.

    Source: RFC 8785 (canonical JSON).
    """
    return rfc8785.dumps(block_to_dict(block))


def block_to_dict(block: Block) -> dict[str, Any]:
    """A block as JSON: instants as RFC 3339 text in UTC, durations in microseconds, the unknown as null."""
    return {
        "version": VERSION,
        "block_id": block.block_id,
        "subject": _subject_to(block.subject),
        "steps": [
            {"act": _act_to(step.act), "move": str(step.move), "footing": _footing_to(step.footing)}
            for step in block.steps
        ],
    }


def block_from_dict(tree: object) -> Block:
    """A block from its JSON.

    Raises:
        ValueError: a key is unknown or missing, a value is none that a block can have, or its steps are no life that
            the table of transitions knows. The message names the place, never the value.
    """
    keys = _keys(tree, "the block", "version", "block_id", "subject", "steps")
    if keys["version"] != VERSION or isinstance(keys["version"], bool):
        raise ValueError(f"the block: `version` is not {VERSION}")
    subject = _subject_from(keys["subject"], "subject")
    steps = _list(keys["steps"], "steps", _step_from)
    block_id = _text(keys["block_id"], "block_id")
    first = steps[0].act if steps else None
    if not isinstance(first, Propose) or (first.block_id, first.subject) != (block_id, subject):
        raise ValueError("steps: the first one does not propose this block")
    block = Block(block_id, subject, ())
    for position, step in enumerate(steps):
        if position and step.act.at < steps[position - 1].act.at:
            raise ValueError(f"steps[{position}]: it comes before the one ahead of it")
        before = state_at(block, step.act.at) if position else None
        if TRANSITIONS[before].get(step.move) is not step.footing.state:
            raise ValueError(f"steps[{position}]: no block goes on like this")
        block = Block(block_id, subject, (*block.steps, step))
    return block


def _subject_to(subject: Subject) -> dict[str, Any]:
    identity = subject.identity
    return {
        "kind": str(identity.kind),
        "value": identity.value,
        "prefix": subject.prefix,
        "last": subject.last,
    }


def _subject_from(tree: object, place: str) -> Subject:
    keys = _keys(tree, place, "kind", "value", "prefix", "last")
    if not isinstance(keys["prefix"], bool):
        raise ValueError(f"{place}: `prefix` is neither true nor false")
    identity = Identity(_word(keys["kind"], f"{place}.kind", IdentityKind), _text(keys["value"], f"{place}.value"))
    return _made(place, lambda: Subject(identity, keys["prefix"], _maybe(keys["last"], f"{place}.last", _text)))


def _actor_to(actor: Actor) -> dict[str, Any]:
    return {"person": actor.person, "roles": sorted(actor.roles)}


def _actor_from(tree: object, place: str) -> Actor:
    keys = _keys(tree, place, "person", "roles")
    person = _maybe(keys["person"], f"{place}.person", _text)
    roles = frozenset(_list(keys["roles"], f"{place}.roles", _text))
    return SYSTEM if person is None and not roles else _made(place, lambda: Actor(person, roles))


def _act_to(act: Act) -> dict[str, Any]:
    tree: dict[str, Any] = {"act": act.name}
    for each in fields(act):
        value = getattr(act, each.name)
        match value:
            case Actor():
                tree[each.name] = _actor_to(value)
            case Subject():
                tree[each.name] = _subject_to(value)
            case tuple():
                tree[each.name] = [{"decision_id": one.decision_id, "at": instant_text(one.at)} for one in value]
            case _:
                tree[each.name] = instant_text(value) if each.name == "at" else value
    return tree


def _act_from(tree: object, place: str) -> Act:
    name = tree.get("act") if isinstance(tree, dict) else None
    kind = _ACTS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ValueError(f"{place}: `act` is none that there is")
    names = [each.name for each in fields(kind)]
    keys = _keys(tree, place, "act", *names)
    readers: dict[str, Callable[[object, str], object]] = {
        "by": _actor_from,
        "at": _instant,
        "reason": _text,
        "evidence": lambda value, where: tuple(_list(value, where, _evidence_from)),
        "block_id": _text,
        "subject": _subject_from,
        "term": _term if kind is Propose else lambda value, where: _maybe(value, where, _term),
        "outcome": lambda value, where: _word(value, where, ReviewOutcome if kind is Review else AppealOutcome),
    }
    read: dict[str, Any] = {each: readers[each](keys[each], f"{place}.{each}") for each in names}
    return _made(place, lambda: kind(**read))


def _evidence_from(tree: object, place: str) -> Evidence:
    keys = _keys(tree, place, "decision_id", "at")
    decision_id, at = _text(keys["decision_id"], f"{place}.decision_id"), _instant(keys["at"], f"{place}.at")
    return _made(place, lambda: Evidence(decision_id, at))


def _footing_to(footing: Footing) -> dict[str, Any]:
    def at(instant: int | None) -> str | None:
        return None if instant is None else instant_text(instant)

    def deadline(each: Deadline | None) -> dict[str, Any] | None:
        return None if each is None else {"due": at(each.due), "by": at(each.by), "lifts": each.lifts}

    return {
        "state": str(footing.state),
        "term": footing.term,
        "confirmed": footing.confirmed,
        "since": at(footing.since),
        "until": at(footing.until),
        "confirm_by": at(footing.confirm_by),
        "review": deadline(footing.review),
        "appeal": deadline(footing.appeal),
        "extension": footing.extension,
    }


def _footing_from(tree: object, place: str) -> Footing:
    keys = _keys(tree, place, *(each.name for each in fields(Footing)))
    if not isinstance(keys["confirmed"], bool):
        raise ValueError(f"{place}: `confirmed` is neither true nor false")
    return Footing(
        state=_word(keys["state"], f"{place}.state", State),
        term=_term(keys["term"], f"{place}.term"),
        confirmed=keys["confirmed"],
        since=_maybe(keys["since"], f"{place}.since", _instant),
        until=_maybe(keys["until"], f"{place}.until", _instant),
        confirm_by=_maybe(keys["confirm_by"], f"{place}.confirm_by", _instant),
        review=_maybe(keys["review"], f"{place}.review", _deadline),
        appeal=_maybe(keys["appeal"], f"{place}.appeal", _deadline),
        extension=_maybe(keys["extension"], f"{place}.extension", _term),
    )


def _deadline(tree: object, place: str) -> Deadline:
    keys = _keys(tree, place, "due", "by", "lifts")
    if not isinstance(keys["lifts"], bool):
        raise ValueError(f"{place}: `lifts` is neither true nor false")
    return Deadline(_instant(keys["due"], f"{place}.due"), _maybe(keys["by"], f"{place}.by", _instant), keys["lifts"])


def _step_from(tree: object, place: str) -> Step:
    keys = _keys(tree, place, "act", "move", "footing")
    act = _act_from(keys["act"], f"{place}.act")
    move = _word(keys["move"], f"{place}.move", Move)
    if move not in _MOVES[act.name]:
        raise ValueError(f"{place}: `move` is none of this act")
    return Step(act, move, _footing_from(keys["footing"], f"{place}.footing"))


def _keys(tree: object, place: str, *names: str) -> dict[str, Any]:
    if not isinstance(tree, dict):
        raise ValueError(f"{place}: it is no object")
    if missing := [name for name in names if name not in tree]:
        raise ValueError(f"{place}: `{missing[0]}` is missing")
    if len(tree) != len(names):
        raise ValueError(f"{place}: it has a key that is not known")
    return tree


def _list(value: object, place: str, read: Callable[[object, str], T]) -> list[T]:
    if not isinstance(value, list):
        raise ValueError(f"{place}: it is no list")
    return [read(each, f"{place}[{position}]") for position, each in enumerate(value)]


def _maybe(value: object, place: str, read: Callable[[object, str], T]) -> T | None:
    return None if value is None else read(value, place)


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{place}: it is no text")
    return value


def _word(value: object, place: str, words: type[E]) -> E:
    if not isinstance(value, str) or value not in {str(each) for each in words}:
        raise ValueError(f"{place}: it is none of {', '.join(words)}")
    return words(value)


def _instant(value: object, place: str) -> int:
    try:
        at = parse_instant(_text(value, place))
    except (ValueError, OverflowError):
        raise ValueError(f"{place}: it is no instant in RFC 3339") from None
    if instant_text(at) != value:
        raise ValueError(f"{place}: it is not written in UTC with microseconds")
    return at


def _term(value: object, place: str) -> Term | int:
    if isinstance(value, int) and not isinstance(value, bool):
        _made(place, lambda: look_at_term(value))
        return value
    return _word(value, place, Term)


def _made(place: str, make: Callable[[], T]) -> T:
    try:
        return make()
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None
