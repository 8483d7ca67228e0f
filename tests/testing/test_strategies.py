"""What the strategies give is what they promise: accepted by check, the matchers and the engine; edges do appear."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from callpolicy.check import check_bundle
from callpolicy.condition import All, Leaf, Op, depth, leaves
from callpolicy.errors import Severity
from callpolicy.events import CaseLinked, Ended, Event, Held, Judged, Offered, Said
from callpolicy.facts import FactType, Snapshot, accept
from callpolicy.facts.builtin import BUILTIN
from callpolicy.matchers.indexed import compile_indexed
from callpolicy.matchers.reference import compile_reference, truth
from callpolicy.numbering import parse_number
from callpolicy.points import Stage
from callpolicy.policy import Bundle, Status
from callpolicy.rulefile import load_bundle_files, print_rule, starter_norm
from callpolicy.runtime import Engine
from callpolicy.testing import bundles, conditions, event_streams, numbers, snapshots, values
from callpolicy.trials import try_examples

SECOND = 1_000_000
SLOW = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=20)
# The same every time: whether something appears at all is no matter of luck. Shrinking many parts takes long.
SEEN = settings(SLOW, max_examples=1_000, database=None, derandomize=True, phases=[Phase.generate])
SHRUNK = settings(SEEN, max_examples=200, phases=[Phase.generate, Phase.shrink])
STARTER = starter_norm()


@given(numbers())
def test_a_number_is_whole_and_belongs_to_a_range_kept_for_fiction(number: str) -> None:
    parsed = parse_number(number, region="CN")

    assert parsed.canonical is not None
    assert parsed.canonical.startswith(("+121255501", "+447700900", "+442079460", "+493023125", "+8613800138"))


def test_odd_texts_and_every_range_appear_among_numbers() -> None:
    assert find(numbers(odd=True), lambda number: number == "anonymous", settings=SEEN) == "anonymous"
    assert find(numbers(), lambda number: "-" in number and number.startswith("00"), settings=SEEN)
    assert find(numbers(), lambda number: number.startswith("+86"), settings=SEEN)
    assert find(numbers(), lambda number: True, settings=SHRUNK) == "+12125550100"


@pytest.mark.parametrize("name", ["talk.warnings", "talk.quiet_for", "call.hour", "caller.class", "talk.signals"])
def test_values_are_such_as_the_fact_takes(name: str) -> None:
    fact = BUILTIN[name]

    @given(values(fact, (2,) if fact.type is FactType.INT else ()))
    def law(value: object) -> None:
        assert accept(fact, value) == (value, "")

    law()


@SLOW
@given(snapshots(STARTER))
def test_a_snapshot_of_a_norm_has_values_that_can_be_and_keeps_the_relations(snapshot: Snapshot) -> None:
    assert all(accept(STARTER.catalogue[name], value)[1] == "" for name, value in snapshot.values.items())
    assert all(truth(each.holds, snapshot.values) is not False for each in STARTER.catalogue.relations)


@SLOW
@given(snapshots(STARTER))
def test_the_matchers_agree_on_snapshots_of_the_starter_norm(snapshot: Snapshot) -> None:
    rules = [rule.when for rule in STARTER.rules]

    fast = compile_indexed(rules, STARTER.catalogue).match(snapshot.values)

    assert fast == compile_reference(rules, STARTER.catalogue).match(snapshot.values)


@pytest.mark.parametrize(("offset", "matches"), [(-1, False), (0, True), (1, True)])
def test_the_boundary_of_a_norm_and_its_neighbours_appear(offset: int, matches: bool) -> None:
    # `quiet_after_service` asks for 2 s of silence.
    quiet = 2 * SECOND + offset
    asked = snapshots(STARTER, facts=["talk.quiet_for", "talk.handling_time"])

    found = find(asked, lambda snapshot: snapshot.values.get("talk.quiet_for") == quiet, settings=SHRUNK)

    assert truth(Leaf("talk.quiet_for", Op.AT_LEAST, 2 * SECOND), found.values) is matches


def test_a_snapshot_shrinks_to_one_in_which_nothing_is_known() -> None:
    assert find(snapshots(BUILTIN), lambda snapshot: True, settings=SHRUNK).values == {}


def test_facts_can_be_chosen_and_relations_left_out() -> None:
    pair = ("talk.offences", "talk.offences_since_warning")

    found = find(
        snapshots(BUILTIN, facts=pair, related=False),
        lambda snapshot: len(snapshot.values) == 2 and snapshot.values[pair[1]] > snapshot.values[pair[0]],
        settings=SEEN,
    )

    assert set(found.values) == set(pair)


@SLOW
@given(event_streams(STARTER, calls=2))
def test_an_engine_takes_every_event_of_a_stream(events: tuple[Event, ...]) -> None:
    engine = Engine(STARTER)

    decisions = [engine.observe(event) for event in events]

    assert all(not decision.failed for decision in decisions)
    assert list(events) == sorted(events, key=lambda event: (event.at, event.call_id, event.seq))
    for call_id in {event.call_id for event in events}:
        own = [event for event in events if event.call_id == call_id]
        assert isinstance(own[0], Offered)
        assert [event.seq for event in own] == list(range(len(own)))


@pytest.mark.parametrize("kind", [Ended, Held, CaseLinked, Judged, Said])
def test_what_happens_on_calls_appears_in_streams(kind: type) -> None:
    found = find(event_streams(STARTER), lambda events: any(isinstance(each, kind) for each in events), settings=SEEN)

    assert isinstance(found[0], Offered)


def test_two_calls_appear_in_streams() -> None:
    found = find(event_streams(calls=2), lambda events: len({each.call_id for each in events}) == 2, settings=SEEN)

    assert sum(isinstance(each, Offered) for each in found) == 2


def test_a_stream_shrinks_to_one_call_that_is_offered() -> None:
    (only,) = find(event_streams(STARTER), lambda events: True, settings=SHRUNK)

    assert isinstance(only, Offered)


@SLOW
@given(bundles())
def test_a_norm_has_no_errors_and_is_read_back_from_its_printed_rules(bundle: Bundle) -> None:
    findings = (*check_bundle(bundle, today=date(2026, 10, 1)), *try_examples(bundle))
    printed = {f"{rule.stage}/{rule.id}.yaml": print_rule(rule, bundle.catalogue).encode() for rule in bundle.rules}

    assert [str(each) for each in findings if each.severity is Severity.ERROR] == []
    again = load_bundle_files({**bundle.files, **printed})
    assert (again.rules, again.revision) == (bundle.rules, bundle.revision)
    assert all(rule.examples for rule in bundle.rules if rule.status is Status.ENFORCED)


@SLOW
@given(st.data())
def test_the_matchers_agree_on_a_norm_and_its_own_snapshots(data: st.DataObject) -> None:
    bundle = data.draw(bundles())
    snapshot = data.draw(snapshots(bundle))
    rules = [rule.when for rule in bundle.rules]

    fast = compile_indexed(rules, bundle.catalogue).match(snapshot.values)

    assert fast == compile_reference(rules, bundle.catalogue).match(snapshot.values)


def test_a_norm_shrinks_to_one_rule_with_one_leaf() -> None:
    smallest = find(bundles(), lambda bundle: True, settings=settings(SHRUNK, max_examples=20))

    assert [len(list(leaves(rule.when))) for rule in smallest.rules] == [1]


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_appears_in_norms(stage: Stage) -> None:
    found = find(bundles(), lambda bundle: any(rule.stage is stage for rule in bundle.rules), settings=SEEN)

    assert stage in {rule.stage for rule in found.rules}


def test_conditions_ask_nothing_that_their_stage_cannot_know_and_nest() -> None:
    @SLOW
    @given(conditions(BUILTIN, Stage.CLASSIFY))
    def law(condition: object) -> None:
        assert not {"caller.class", "caller.kind"} & {leaf.fact for leaf in leaves(condition)}  # type: ignore[arg-type]  # it is one

    law()
    hangup = conditions(BUILTIN, Stage.HANGUP)
    assert depth(find(hangup, lambda condition: depth(condition) == 3, settings=SEEN)) == 3
    assert isinstance(find(hangup, lambda condition: isinstance(condition, All), settings=SEEN), All)


def test_without_hypothesis_the_import_says_how_to_get_it() -> None:
    script = (
        "import importlib.util as u; real = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'hypothesis' else real(name, *more)\n"
        "import callpolicy.testing"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "ImportError: `callpolicy.testing` needs Hypothesis: pip install hypothesis"
