"""What is recorded of a decision and of an act of a person, with what is personal set apart.

What is personal is what the catalogue says is, what it does not declare, and whatever shows such a value again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, cast

from callpolicy.audit.canonical import Tree
from callpolicy.audit.record import Body, Draft
from callpolicy.audit.showing import shown_names
from callpolicy.audit.snapshots import course_tree, value_tree
from callpolicy.decision import Decision
from callpolicy.errors import AuditError
from callpolicy.facts import Catalogue, Value
from callpolicy.numbering import digits_of

DECISION: Final = "decision"
"""Kind of the record of a decision."""

ACT: Final = "act"
"""Kind of the record of an act of a person."""

SHORTEST_TELLING: Final = 6
"""A personal value shorter than this is not searched for in what may be shown: it stands there by chance too."""

_SHORT: Final = 10 ** (SHORTEST_TELLING - 1)
_NUMBER_END: Final = 8
_AS_THEY_ARE: Final = frozenset({bool, str})
_UNKNOWN_FACT: Final = "unknown-fact"


def decision_draft(
    decision: Decision,
    catalogue: Catalogue,
    *,
    clear: Collection[str] = frozenset(),
    looked_at: Collection[str] | None = None,
) -> Draft:
    """What is recorded of a decision: its JSON form and the snapshot it was made from.

    Args:
        decision: with its snapshot.
        catalogue: says which facts are personal.
        clear: personal facts that the bundle declares may stand in clear text.
        looked_at: the facts that a leaf of this decision point looks at; how others go on is not recorded, for nothing
            depends on it. `None` records all.

    Raises:
        AuditError: it cannot be masked. The write must stop; the call goes on.
    """
    try:
        return _decision_draft(decision, catalogue, clear, looked_at)
    except AuditError:
        raise
    except Exception as error:  # INVARIANT: whatever fails here, nothing is written, and one kind of error says so
        raise AuditError(f"the record could not be masked ({type(error).__name__}); it is not written") from None


def _decision_draft(
    decision: Decision, catalogue: Catalogue, clear: Collection[str], looked_at: Collection[str] | None
) -> Draft:
    snapshot = decision.snapshot
    if snapshot is None or (snapshot.at, snapshot.input_faults) != (decision.at, decision.input_faults):
        raise AuditError("the decision does not carry the snapshot that it was made from")
    hidden = (snapshot.values.keys() | snapshot.courses.keys()) - shown_names(catalogue)
    hidden.difference_update(clear)
    texts = {
        name: found
        for name, value in snapshot.values.items()
        # WHY here already: most facts are flags and counts, and this is asked for every fact of every decision.
        if type(value) is not bool and (type(value) is not int or not -_SHORT < value < _SHORT)
        if (found := _searched(value))
    }
    telling = _telling(texts, hidden, clear)
    if telling:
        hidden |= {name for name in texts if name not in clear and _tells(texts[name], telling)}
        if _tells((decision.call_id, decision.decision_id), telling):
            raise AuditError(
                "the id of the call or decision shows a personal value: give calls ids that name nobody, "
                "or declare the fact clear; the record is not written"
            )
    tree = cast("dict[str, Tree]", decision.to_dict())
    body: Body = {"decision": tree, "facts": {}, "courses": {}}
    personal: Body = {"decision": {}, "facts": {}, "courses": {}}
    own, shown = personal["facts"], body["facts"]
    for name, value in snapshot.values.items():
        tree_of = cast(Tree, value) if type(value) in _AS_THEY_ARE else value_tree(value)
        (own if name in hidden else shown)[name] = tree_of
    for name, course in snapshot.courses.items():
        if looked_at is not None and name not in looked_at:
            continue
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
    words: Mapping[str, Tree] | None = None,
) -> Draft:
    """What is recorded of an act of a person.

    Args:
        act: what was done, e.g. `confirm`.
        by: who did it: an account, no name of a caller.
        subject: id of the block or case it was done to.
        at: when.
        details: what may be shown of it, by name.
        personal: what may not, by name: the caller's identity.
        words: what may not either, but says nothing of the caller by itself: a reason in free text. WHY apart: a reason
            that is one word, such as `permanent`, may well be found in what is shown.

    Raises:
        AuditError: what may be shown shows a personal value again.
    """
    shown: Body = {"act": {**(details or {}), "act": act, "by": by}}
    telling = {each for text in _texts(list((personal or {}).values())) for each in _needles(text)}
    if _tells((subject, *_texts(shown["act"])), frozenset(telling)):
        raise AuditError(f"what may be shown of `{_word(act)}` shows a personal value; the record is not written")
    hidden = {**(personal or {}), **(words or {})}
    return Draft(at=at, kind=ACT, subject=subject, body=shown, personal={"act": hidden} if hidden else {})


def _telling(texts: Mapping[str, Collection[str]], hidden: Collection[str], clear: Collection[str]) -> frozenset[str]:
    """What must not be found in what is shown."""
    # WHY without those: a value that is declared clear under one name hides nothing under another.
    declared = {text for name in clear for text in texts.get(name, ())}
    own = {text for name in hidden for text in texts.get(name, ())}
    return frozenset(each for text in own - declared for each in _needles(text))


def _tells(texts: Iterable[str], telling: Collection[str]) -> bool:
    return any(each in text or each in digits_of(text) for text in texts for each in telling)


def _searched(value: Value) -> tuple[str, ...]:
    """The texts of a value that are long enough to show another one."""
    found = _texts(value)
    return tuple(text for text in found if len(text) >= SHORTEST_TELLING)


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
