"""Which facts are known for certain, as far as the product itself makes them.

It holds for a call that is fed event by event (`callpolicy.session`), within the years of the calendar. A decision on
given facts alone knows what it is given, and nothing else.

INVARIANT: what stands here is what the fold does; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from callpolicy.condition import Leaf, Op
from callpolicy.points import KINDS_OF_CLASS, Effect, Stage
from callpolicy.policy import Bundle, Settings

# WHY `caller.allowlisted`: it is unknown only when the store fails, and then nothing restrictive is decided at all.
_ALWAYS: Final = frozenset(
    {
        "caller.identified", "caller.withheld", "caller.number_status", "caller.protected", "caller.allowlisted",
        "call.channel", "call.hour", "call.weekday", "call.holiday",
        "talk.answered", "talk.transfers", "talk.holds", "talk.on_hold",
    }
)  # fmt: skip

_MARKED: Final = frozenset(
    {
        "talk.warnings", "talk.offences_since_warning", "talk.soothings", "talk.explanations",
        "talk.explanations_rejected", "talk.refusals_by_rule", "talk.rejections_since_refusal", "talk.escalations",
        "talk.service_complete", "talk.no_further_needs",
    }
)  # fmt: skip
"""What the marks of agents fill, from the beginning of the call on: all known, or none."""

_OFFENCES: Final = frozenset({"talk.offences", "talk.offence_kinds"})

_TOGETHER: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        **dict.fromkeys((*_MARKED, "talk.since_warning", "talk.judged_class"), _MARKED | _OFFENCES),
        **dict.fromkeys((*_OFFENCES, "talk.since_offence"), _OFFENCES),
        "talk.judged_kind": _MARKED | _OFFENCES | {"talk.judged_class"},
        **dict.fromkeys(("block.count", "block.permanent"), frozenset({"block.count", "block.covered"})),
        "block.until": frozenset({"block.count", "block.covered", "block.permanent"}),
    }
)


def always_known(settings: Settings, stage: Stage) -> frozenset[str]:
    """The built-in facts that are known whenever a stage decides.

    Args:
        settings: whether business hours are declared.
        stage: the stage.
    """
    known = set(_ALWAYS)
    if settings.hours:
        known.add("call.business_hours")
    if stage is not Stage.CLASSIFY:
        known.add("caller.class")
    if stage is Stage.HANGUP:
        known.add("talk.handling_time")
    return frozenset(known)


def known_with(facts: Iterable[str]) -> frozenset[str]:
    """These facts, and those that are known whenever they are.

    >>> "talk.soothings" in known_with({"talk.warnings"}), "talk.warnings" in known_with({"talk.signals"})
    (True, False)
    """
    found = set(facts)
    for fact in tuple(found):
        found |= _TOGETHER.get(fact, frozenset())
    return frozenset(found)


def classes_without_kind(bundle: Bundle) -> Leaf:
    """What is true of the class whenever `caller.kind` is unknown, in the stages after `classify`."""
    classes = {effect for effect, kinds in KINDS_OF_CLASS.items() if not kinds}
    classes |= {each.instead for each in bundle.invariants if each.stage is Stage.CLASSIFY}
    classes |= {rule.then.effect for rule in bundle.rules if rule.stage is Stage.CLASSIFY and rule.then.kind is None}
    return Leaf("caller.class", Op.IN, tuple(str(effect) for effect in Effect if effect in classes))
