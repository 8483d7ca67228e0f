"""What the tests of `check` share: rules and a bundle in which nothing is wrong, to be spoilt in one way each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any as AnyValue
from typing import Final

from callpolicy.check import check_bundle
from callpolicy.condition import All, Any, Condition, Leaf, Not, Op
from callpolicy.errors import Finding, SourceSpan
from callpolicy.facts.builtin import BUILTIN
from callpolicy.points import Effect
from callpolicy.policy import Bundle, Example, Invariant, Rule
from tests.engine import bundles

TODAY: Final = date(2026, 10, 1)
HERE: Final = SourceSpan("hangup/a.yaml", 9, 7)

WARNED: Final = Leaf("talk.warnings", Op.AT_LEAST, 1, HERE)
SAFE: Final = Any((Leaf("caller.protected", Op.IS, True), Leaf("caller.allowlisted", Op.IS, True)))

GUARDS: Final = (
    bundles.never("no_hang_up", {Effect.HANG_UP, Effect.HANG_UP_POLITELY}, SAFE, Effect.CONTINUE),
    bundles.never("no_reject", {Effect.REJECT}, SAFE, Effect.ACCEPT),
    bundles.never("no_block", {Effect.BLOCK, Effect.PROPOSE_BLOCK}, SAFE, Effect.NONE),
)


def a_rule(rule_id: str, effect: Effect, when: Condition = WARNED, **more: AnyValue) -> Rule:
    """A rule with an example and plain texts; `more` is what `tests.engine.bundles.rule` takes, or a field of it."""
    of_rule = {name: more.pop(name) for name in ("because", "examples", "review_by", "span") if name in more}
    texts = {"zh-CN": "理由", "en": "a reason"}
    fields: dict[str, AnyValue] = {
        "because": texts,
        "examples": (Example("one", {}, "undetermined"),),
        "span": SourceSpan(f"hangup/{rule_id}.yaml", 2, 1),
    }
    return replace(bundles.rule(rule_id, effect, when, **more), **(fields | of_rule))


def a_bundle(*rules: Rule, invariants: Iterable[Invariant] = GUARDS, **more: AnyValue) -> Bundle:
    """A bundle of those rules, with every restrictive effect guarded; `more` are fields of `Bundle`."""
    catalogue = more.pop("catalogue", BUILTIN)
    settings = more.pop("settings", {})
    made = bundles.bundle(*rules, invariants=invariants, catalogue=catalogue, more=settings)
    return replace(made, **more)


def found(bundle: Bundle, code: str) -> list[Finding]:
    """The findings of one code."""
    return [finding for finding in check_bundle(bundle, today=TODAY) if finding.code == code]


def codes(bundle: Bundle) -> list[str]:
    """The codes of all findings, in order."""
    return [finding.code for finding in check_bundle(bundle, today=TODAY)]


def all_of(*items: Condition) -> All:
    """A conjunction."""
    return All(items)


def any_of(*items: Condition) -> Any:
    """A disjunction."""
    return Any(items)


def none_of(*items: Condition) -> Not:
    """A negation."""
    return Not(items)
