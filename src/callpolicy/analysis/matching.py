"""Whether a rule that is being written can match any call at all; the base looks, so that nothing need be installed."""

from __future__ import annotations

from dataclasses import replace

from callpolicy.analysis.asking import Asking
from callpolicy.analysis.formulas import MOST_STEPS
from callpolicy.points import Stage
from callpolicy.policy import Bundle, Rule, Status


def can_match(bundle: Bundle, rule: Rule, *, most: int = MOST_STEPS) -> bool | None:
    """Whether a possible call fulfils the condition of a rule, whatever its status is.

    Args:
        bundle: a bundle without errors.
        rule: one of its rules.
        most: how many steps are taken before the question is left open.

    Returns:
        `None` if that would be too much work, or something in the condition cannot be looked at.
    """
    # WHY those alone: what gives the class counts for a condition that asks for it; no other rule does.
    own = replace(rule, status=Status.ENFORCED, pilot=None)
    others = tuple(each for each in bundle.rules if each.stage is Stage.CLASSIFY and each.id != rule.id)
    desk = Asking(replace(bundle, rules=(*others, own)), base=True, most=most)
    if any(encoded.unsupported for encoded in desk.encoded.values()):
        return None
    matches = [(encoded, model.matches[rule.id]) for encoded, model in desk.models(rule.stage)]
    return desk.some(matches, "never-matches", (own,))
