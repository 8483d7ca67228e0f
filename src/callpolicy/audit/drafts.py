"""What is recorded of a decision and of an act of a person, with what is personal set apart.

What is personal is what the catalogue says is, what it does not declare, and whatever shows such a value again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, cast

from callpolicy.audit.canonical import Tree
from callpolicy.audit.record import Body, Draft
from callpolicy.audit.showing import may_show
from callpolicy.audit.snapshots import course_tree, value_tree
from callpolicy.decision import Decision
from callpolicy.errors import AuditError
from callpolicy.facts import Catalogue, Snapshot

DECISION: Final = "decision"
"""Kind of the record of a decision."""

ACT: Final = "act"
"""Kind of the record of an act of a person."""

SHORTEST_TELLING: Final = 6
"""A personal value shorter than this is not searched for in what may be shown: it stands there by chance too."""

_NUMBER_END: Final = 8
_UNKNOWN_FACT: Final = "unknown-fact"


def decision_draft(decision: Decision, catalogue: Catalogue, *, clear: Collection[str] = frozenset()) -> Draft:
    """What is recorded of a decision: its JSON form and the snapshot it was made from.

    Args:
        decision: with its snapshot.
        catalogue: says which facts are personal.
        clear: personal facts that the bundle declares may stand in clear text.

    Raises:
        AuditError: it cannot be masked. The write must stop; the call goes on.
    """
    try:
        return _decision_draft(decision, catalogue, clear)
    except AuditError:
        raise
    except Exception as error:  # INVARIANT: whatever fails here, nothing is written, and one kind of error says so
        raise AuditError(f"the record could not be masked ({type(error).__name__}); it is not written") from None


def _decision_draft(decision: Decision, catalogue: Catalogue, clear: Collection[str]) -> Draft:
    snapshot = decision.snapshot
    if snapshot is None or (snapshot.at, snapshot.input_faults) != (decision.at, decision.input_faults):
        raise AuditError("the decision does not carry the snapshot that it was made from")
    hidden = {
        name for name in (*snapshot.values, *snapshot.courses) if name not in clear and not may_show(name, catalogue)
    }
    telling = _telling(snapshot, hidden)
    if telling:
        hidden |= {name for name in snapshot.values if name not in clear and _tells(snapshot, name, telling)}
        if any(each in text for each in telling for text in (decision.call_id, decision.decision_id)):
            raise AuditError(
                "the id of the call or decision shows a personal value: give calls ids that name nobody, "
                "or declare the fact clear; the record is not written"
            )
    tree = cast("dict[str, Tree]", decision.to_dict())
    body: Body = {"decision": tree, "facts": {}, "courses": {}}
    personal: Body = {"decision": {}, "facts": {}, "courses": {}}
    for name, value in snapshot.values.items():
        (personal if name in hidden else body)["facts"][name] = value_tree(value)
    for name, course in snapshot.courses.items():
        (personal if name in hidden else body)["courses"][name] = course_tree(course)
    if any(fault.code == _UNKNOWN_FACT for fault in decision.input_faults):
        # WHY: such a name came from outside, and may be anything.
        personal["decision"]["input_faults"] = tree.pop("input_faults")
    if (personal["facts"] or personal["courses"]) and decision.digest is not None:
        # WHY: all else of the snapshot stands in the record, so whoever has the key would find an erased number from
        # this digest by trying all numbers.
        personal["decision"]["digest"] = tree.pop("digest")
    return Draft(
        at=decision.at,
        kind=DECISION,
        subject=decision.call_id,
        body=body,
        personal={section: items for section, items in personal.items() if items},
    )


def act_draft(
    act: str,
    by: str,
    subject: str,
    at: int,
    *,
    details: Mapping[str, Tree] | None = None,
    personal: Mapping[str, Tree] | None = None,
) -> Draft:
    """What is recorded of an act of a person.

    Args:
        act: what was done, e.g. `confirm`.
        by: who did it: an account, no name of a caller.
        subject: id of the block or case it was done to.
        at: when.
        details: what may be shown of it, by name.
        personal: what may not, by name: the caller's identity, words of the caller, a reason in free text.

    Raises:
        AuditError: what may be shown shows a personal value again.
    """
    shown: Body = {"act": {**(details or {}), "act": act, "by": by}}
    telling = {each for text in _texts(list((personal or {}).values())) for each in _needles(text)}
    texts = [subject, *_texts(shown["act"])]
    if any(each in text for each in telling for text in texts):
        raise AuditError(f"what may be shown of `{_word(act)}` shows a personal value; the record is not written")
    return Draft(at=at, kind=ACT, subject=subject, body=shown, personal={"act": dict(personal)} if personal else {})


def _telling(snapshot: Snapshot, hidden: Iterable[str]) -> frozenset[str]:
    """What must not be found in what is shown."""
    clear = {text for name, value in snapshot.values.items() if name not in hidden for text in _texts(value)}
    own = {text for name in hidden for text in _texts(snapshot.values.get(name))}
    # WHY without the clear ones: a value that is declared clear under one name hides nothing under another.
    return frozenset(each for text in own - clear for each in _needles(text))


def _tells(snapshot: Snapshot, name: str, telling: Collection[str]) -> bool:
    return any(each in text for text in _texts(snapshot.values[name]) for each in telling)


def _needles(text: str) -> Iterator[str]:
    if len(text) >= SHORTEST_TELLING:
        yield text
    # WHY the end: a number may be shown without its country code or its plus.
    if text.startswith("+") and len(text) > _NUMBER_END:
        yield text[-_NUMBER_END:]


def _texts(tree: object) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, Mapping):
        for key, item in tree.items():
            yield str(key)
            yield from _texts(item)
    elif isinstance(tree, list | tuple | frozenset):
        for item in tree:
            yield from _texts(item)
    elif isinstance(tree, int | float) and not isinstance(tree, bool):
        yield str(tree)


def _word(text: str) -> str:
    return text if text.isascii() and text.replace("_", "").isalpha() else "the act"
