"""A whole bundle: places and order of findings, and that no bundle makes `check` fail."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.check import check_bundle, holders
from callpolicy.errors import Severity
from callpolicy.facts import Origin
from callpolicy.facts.builtin import BUILTIN
from callpolicy.points import EFFECTS_OF, Effect, Stage
from callpolicy.rulefile import load_bundle_files, read_bundle_files
from tests.check.making import TODAY, a_bundle, a_rule
from tests.engine.bundles import never
from tests.matchers import generate

FOLDER: Final = Path(__file__).parents[1] / "rulefile" / "small"
SMALL: Final = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in FOLDER.rglob("*.yaml")}

# Counted by hand in the files.
EXPECTED: Final = """
blocklist/burst.yaml:2:1 unguarded-allowlist
blocklist/burst.yaml:2:1 unguarded-effect
facts.yaml:6:3 fact-not-read
facts.yaml:15:3 fact-not-read
facts.yaml:20:3 fact-not-read
hangup/nuisance_persists.yaml:2:1 unguarded-allowlist
hangup/nuisance_persists.yaml:2:1 unguarded-effect
policy.yaml:1:1 protected-class-empty
policy.yaml:1:1 unguarded-allowlist
policy.yaml:1:1 unguarded-effect
screen/premium_first.yaml:2:1 no-examples
windows.yaml:12:3 window-not-read
windows.yaml:17:3 window-not-read
"""


def test_findings_come_by_file_and_place() -> None:
    findings = check_bundle(load_bundle_files(SMALL))

    assert [f"{finding.span} {finding.code}" for finding in findings] == EXPECTED.split("\n")[1:-1]


def test_a_finding_on_a_condition_stands_at_its_leaf() -> None:
    file = "hangup/nuisance_persists.yaml"
    written = SMALL[file].replace(b"    - talk.warnings: {at_least: 1}\n", b"    - talk.warnings: {less_than: 0}\n")

    findings = check_bundle(load_bundle_files(SMALL | {file: written}))
    assert [str(finding.span) for finding in findings if finding.code == "never-matches"] == [f"{file}:12:22"]


def test_every_finding_has_a_place_a_hint_and_one_line() -> None:
    for finding in check_bundle(load_bundle_files(SMALL), today=TODAY):
        assert finding.span is not None
        assert finding.hint
        assert "\n" not in finding.message + finding.hint
        assert finding.message[0].islower()


def test_the_order_of_rules_does_not_matter() -> None:
    bundle = load_bundle_files(SMALL)

    backwards = replace(bundle, rules=bundle.rules[::-1])
    assert check_bundle(backwards, today=TODAY) == check_bundle(bundle, today=TODAY)


@given(st.integers(0, 10_000))
def test_no_condition_makes_check_fail(seed: int) -> None:
    drawn = generate.bundle(seed, most=6, snapshots=0)
    effects = sorted(set(Effect) - set(EFFECTS_OF[Stage.CLASSIFY]))
    rules = [
        a_rule(f"r{place}", effects[(seed + place) % len(effects)], condition, priority=50 + place % 2)
        for place, condition in enumerate(drawn.conditions)
    ]
    own = [never("own", {Effect.HANG_UP}, drawn.conditions[0], Effect.WARN)]
    bundle = a_bundle(*rules, invariants=own, catalogue=BUILTIN.extended(drawn.catalogue))

    findings = check_bundle(bundle, today=TODAY)
    assert findings == check_bundle(bundle, today=TODAY)
    assert all(holding.facts for holding in holders(bundle))


# What the loader accepts, with much that cannot be meant: out of what a window counts, never true, of two counts.
_leaves = st.sampled_from(
    [
        {"history.calls_30m": {"at_least": 999_999_999_999_999}},
        {"history.calls_30m": {"is": {"fact": "history.nuisance_24h"}}},
        {"history.calls_30m": {"not_in": [0, 1, 2]}},
        {"history.since_same_topic": {"between": ["0s", "30d"]}},
        {"block.count": {"less_than": 0}},
        {"caller.risk_score": {"more_than": 1}},
        {"caller.risk_score": {"between": [0.5, 0.5]}},
        {"caller.risk_score": {"known": False}},
        {"caller.number": {"starts_with": "+86"}},
        {"caller.number": {"is": "x"}},
        {"caller.kind": {"not_in": ["abuse", "harassment"]}},
        {"caller.class": {"is": "normal"}},
        {"host.segment": {"is_not": "premium"}},
        {"host.labels": {"has": "vip"}},
        {"host.labels": {"has_any": ["vip", "staff"]}},
        {"host.account_opened_at": {"at_most": "1970-01-01T00:00:00Z"}},
        {"call.holiday": {"is": True}},
        {"block.covered": {"known": True}},
    ]
)
_conditions = st.recursive(
    _leaves,
    lambda inner: st.builds(
        lambda word, items: {word: items},
        st.sampled_from(["all", "any", "not"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)


@pytest.mark.untraced
@given(_conditions)
def test_what_the_loader_accepts_can_be_checked(condition: Any) -> None:
    written = SMALL["screen/premium_first.yaml"].replace(
        b"host.segment: {in: [premium]}", json.dumps(condition).encode()
    )
    bundle, faults = read_bundle_files(SMALL | {"screen/premium_first.yaml": written})
    assert bundle is not None, faults

    assert all(finding.span is not None for finding in check_bundle(bundle, today=TODAY))
    holders(bundle)


@pytest.mark.parametrize("name", sorted(SMALL))
def test_a_bundle_with_a_file_less_can_be_checked_if_it_loads(name: str) -> None:
    bundle, faults = read_bundle_files({other: data for other, data in SMALL.items() if other != name})
    if bundle is None:
        assert any(fault.severity is Severity.ERROR for fault in faults)
        return

    read = {fact.name for fact in bundle.catalogue if fact.origin is Origin.HOST}
    findings = check_bundle(bundle, today=TODAY)
    assert {finding.message.split("`")[1] for finding in findings if finding.code == "fact-not-read"} <= read
