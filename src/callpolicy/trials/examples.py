"""Examples of rules, run: each on the rule's condition alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from callpolicy.condition import Condition, Leaf, Op, Truth
from callpolicy.engine.explaining import leaf_text
from callpolicy.errors import Finding, Severity
from callpolicy.facts import Catalogue, Value, snapshot_of
from callpolicy.matchers.reference import leaf_truth, truth
from callpolicy.policy import Bundle, Example, Rule, Status
from callpolicy.trials.forcing import Path, forced_truth, leaf_at, leaf_paths, undecided_leaves
from callpolicy.trials.words import say

_EXPECTED: Final[Mapping[str, Truth]] = {"match": True, "no_match": False, "undetermined": None}
_NAMED: Final[Mapping[Truth, str]] = {True: "match", False: "no_match", None: "undetermined"}
_TRUTHS: Final[Mapping[Truth, str]] = {True: "true", False: "false", None: "unknown"}


def try_examples(bundle: Bundle, language: str = "en") -> tuple[Finding, ...]:
    """Run every example of every rule, and see that each leaf has its two.

    Args:
        bundle: the norm.
        language: of what is told: `zh-CN` for Chinese, else English.

    Returns:
        a finding for each example that fails, and for each leaf of a rule for which no example with `match`, or none
        with `no_match`, shows it deciding alone.
    """
    return tuple(finding for rule in bundle.rules for finding in _try_rule(rule, bundle.catalogue, language))


def _try_rule(rule: Rule, catalogue: Catalogue, language: str) -> Iterator[Finding]:
    if rule.status is Status.RETIRED:
        return
    runs: list[Mapping[str, Value]] = []
    for example in rule.examples:
        snapshot = snapshot_of(catalogue, example.given, at=0)
        for fault in snapshot.input_faults:
            message = say("example_value", language, name=example.name, fact=fault.fact, code=fault.code)
            yield Finding("example-value", message, example.span)
        runs.append(snapshot.values)
        came = truth(rule.when, snapshot.values)
        if came is not _EXPECTED[example.expect]:
            yield _failed(rule.when, example, snapshot.values, catalogue, language)
    severity = Severity.ERROR if rule.status in {Status.ENFORCED, Status.PILOT} else Severity.WARNING
    for leaf, path in leaf_paths(rule.when):
        missing = [
            say(name, language)
            for name, wanted in (("match", True), ("no_match", False))
            if not any(_decides_alone(rule.when, path, values, wanted) for values in runs)
        ]
        if missing:
            named = say("and", language).join(missing)
            message = say("leaf_alone", language, rule=rule.id, fact=leaf.fact, missing=named)
            hint = say("leaf_alone_hint", language)
            yield Finding("leaf-without-example", message, leaf.span or rule.span, hint, severity=severity)


def _failed(
    condition: Condition, example: Example, values: Mapping[str, Value], catalogue: Catalogue, language: str
) -> Finding:
    came = truth(condition, values)
    expected, named = say(example.expect, language), say(_NAMED[came], language)
    message = say("example_fails", language, name=example.name, expected=expected, came=named)
    if came is None:
        leaves = [leaf for leaf, _ in undecided_leaves(condition, values)]
    else:
        leaves = _culprits(condition, values, _EXPECTED[example.expect])
    told = (
        say("leaf_came", language, leaf=leaf_text(leaf, catalogue), came=say(_truth_of(leaf, values), language))
        for leaf in leaves
    )
    hint = say("apart", language).join(dict.fromkeys(told))
    return Finding(
        "example-fails", message, example.span, say("undecided", language, leaves=hint) if came is None else hint
    )


def _truth_of(leaf: Leaf, values: Mapping[str, Value]) -> str:
    return _TRUTHS[leaf_truth(leaf, values)]


def _culprits(condition: Condition, values: Mapping[str, Value], wanted: Truth) -> list[Leaf]:
    """The leaves of which each, the other way round, would bring about what is wanted."""
    return [
        leaf
        for leaf, path in leaf_paths(condition)
        if wanted is not None and forced_truth(condition, path, values, not leaf_truth(leaf, values)) is wanted
    ]


def _decides_alone(condition: Condition, path: Path, values: Mapping[str, Value], wanted: bool) -> bool:
    """Whether the outcome is as wanted, and would be the other one if this leaf alone were the other way round.

    WHY less is asked of `known`: where it fails, the leaves beside it on the same fact are unknown, so that the rule
    without it would be undetermined; that it keeps the rule from being so is what it is written for.
    """
    if truth(condition, values) is not wanted:
        return False
    leaf = leaf_at(condition, path)
    own = leaf_truth(leaf, values)
    if own is None:
        return False
    without = forced_truth(condition, path, values, not own)
    return without is (not wanted) or (leaf.op is Op.KNOWN and not wanted and without is None)
