"""Small bundles in memory, for tests of the engine and of what stands on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any as AnyValue

from callpolicy.condition import Condition, Leaf, Op
from callpolicy.facts.builtin import BUILTIN
from callpolicy.identity import IdentityKind
from callpolicy.points import STAGE_OF, Effect
from callpolicy.policy import (
    DAY,
    Bundle,
    By,
    Governance,
    Invariant,
    Obligation,
    Outcome,
    Pilot,
    Rule,
    Settings,
    Status,
    Term,
    TermRules,
)
from callpolicy.windows import Window

ALWAYS = Leaf("call.channel", Op.IS, "phone")


def rule(
    rule_id: str,
    effect: Effect,
    when: Condition = ALWAYS,
    *,
    priority: int = 50,
    status: Status = Status.ENFORCED,
    do: Iterable[Obligation] = (),
    pilot: Pilot | None = None,
    **then: AnyValue,
) -> Rule:
    """A rule of the stage of its effect; `then` takes kind, by, term, wait, to, script."""
    return Rule(
        id=rule_id,
        stage=STAGE_OF[effect],
        title={"zh-CN": "规则", "en": rule_id},
        status=status,
        owner="service-quality",
        review_by=date(2027, 5, 1),
        priority=priority,
        when=when,
        then=Outcome(effect, **then),
        obligations=tuple(do),
        because={"zh-CN": "提醒 {talk.warnings} 次", "en": "warned {talk.warnings} times"},
        pilot=pilot,
    )


def never(invariant_id: str, effects: Iterable[Effect], when: Condition, instead: Effect) -> Invariant:
    """An invariant of the stage of its replacement."""
    return Invariant(
        invariant_id, {"zh-CN": "不变", "en": invariant_id}, STAGE_OF[instead], frozenset(effects), when, instead
    )


def lenient_governance(**more: AnyValue) -> Governance:
    """Lets the system block for up to a month, and gives people ten years to confirm it."""
    roles = TermRules(judge=("judge",), operate=("operator",), maintain=("keeper",), review_every=3_650 * DAY)
    return Governance(
        **{
            "roles": {name: {"zh-CN": name, "en": name} for name in ("judge", "operator", "keeper")},
            "terms": dict.fromkeys(Term, roles),
            "longest_automatic_term": Term.MONTH,
            "confirm_within": 3_650 * DAY,
            "time_zone": "Asia/Shanghai",
            **more,
        }
    )


def bundle(
    *rules: Rule,
    invariants: Iterable[Invariant] = (),
    windows: Iterable[Window] = (),
    more: Mapping[str, AnyValue] | None = None,
    catalogue: AnyValue = BUILTIN,
    governance: Governance | None = None,
) -> Bundle:
    """A bundle of those rules, with the built-in facts."""
    settings = Settings(
        "test",
        "CN",
        "Asia/Shanghai",
        ("zh-CN", "en"),
        **{"list_identities": (IdentityKind.NUMBER, IdentityKind.CUSTOMER), **(more or {})},
    )
    return Bundle(
        "sha256:test",
        settings,
        catalogue,
        tuple(sorted(rules, key=lambda each: each.id)),
        tuple(invariants),
        tuple(windows),
        governance=governance or lenient_governance(),
    )


def block_rule(rule_id: str, when: Condition, term: Term | int = Term.DAY, **more: AnyValue) -> Rule:
    """A rule of `blocklist` by which the system blocks."""
    return rule(rule_id, Effect.BLOCK, when, by=By.SYSTEM, term=term, **more)
