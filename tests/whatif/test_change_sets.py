"""Why not: the smallest changes are all found, each of them does it, and none could be smaller or nearer."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from callpolicy.condition import All, Any, FactRef, Leaf, Not, Op
from callpolicy.engine import STANDING_BLOCK, Plan, compile_plan, decide, explain
from callpolicy.errors import UsageError
from callpolicy.facts import Catalogue, Fact, FactType, Snapshot, Value
from callpolicy.facts.builtin import BUILTIN
from callpolicy.matchers.indexed import compile_indexed
from callpolicy.points import DecisionPoint, Effect, Kind
from callpolicy.policy import Bundle, Pilot, Status
from callpolicy.whatif import ChangeSet, Determines, Goal, LeadsTo, Matches, Searching, change_sets
from callpolicy.whatif.search import find_rule
from tests.engine.bundles import ALWAYS, block_rule, bundle, rule
from tests.engine.second_resolver import worked_out
from tests.whatif import small, starter

IN_CALL, OFFERED = DecisionPoint.IN_CALL, DecisionPoint.OFFERED
SURE: dict[str, Value] = {"caller.protected": False, "caller.allowlisted": False}


def plan(norm: Bundle) -> Plan:
    return compile_plan(norm, compile_indexed)


def found(own: Plan, values: dict[str, Value], goal: Goal, point: DecisionPoint = IN_CALL) -> list[dict[str, object]]:
    sets = change_sets(own, Snapshot(0, values), point, goal)
    return [dict(each.values) for each in sets]


# ---- against a search that tries everything


def compare(seed: int) -> str:
    own = small.case(seed)
    sets = change_sets(own.plan, own.snapshot, own.point, own.goal)
    expected = small.everything(own)

    by_names = {frozenset(each.values): dict(each.values) for each in sets}
    assert set(by_names) == set(expected), seed
    assert len(by_names) == len(sets), seed
    for names, changes in by_names.items():
        assert small.does_it(own, changes), seed
        assert not [other for other in expected[names] if small.nearer(own, other, changes)], seed
    return "already" if frozenset() in expected else "some" if expected else "none"


def test_the_sets_are_those_of_trying_everything() -> None:
    answers = Counter(compare(seed) for seed in (*range(60), 1_965, 100_832))

    assert min(answers[each] for each in ("already", "some", "none")) >= 5


@pytest.mark.fuzz
def test_the_sets_are_those_of_trying_everything_many_times() -> None:
    for seed in range(100_000, 105_000):
        compare(seed)


# ---- sampled on the starter norm and on random norms


def explained_alone(own: Plan, snapshot: Snapshot, point: DecisionPoint) -> None:
    decision = decide(own, snapshot, point=point, call_id="c", decision_id="d", with_recheck=False)
    tree = explain(own, decision).to_dict()
    assert [worked_out(stage) for stage in tree["stages"]] == tree["decision"]["stages"]


def flips(own: Plan, snapshot: Snapshot, point: DecisionPoint, goal: Goal, sets: tuple[ChangeSet, ...]) -> None:
    asked = small.Case(own, snapshot, point, goal)
    already = small.does_it(asked, {})
    assert already is (bool(sets) and not sets[0].changes)
    for each in sets:
        assert small.does_it(asked, dict(each.values))
        assert all(change.after != snapshot.values.get(change.fact) for change in each.changes)
        for left_out in each.changes if len(each.changes) > 1 else ():
            kept = {change.fact: change.after for change in each.changes if change != left_out}
            assert not small.does_it(asked, kept)


def sample_starter(pairs: int, seed: int) -> Counter[int]:
    chance, own = random.Random(seed), starter.starter_plan()
    searching, sizes = Searching(own), Counter[int]()
    for _ in range(pairs):
        point = chance.choice(list(DecisionPoint))
        snapshot = starter.snapshot(chance, point)
        ids = [each.id for stage in own.points[point] for each in stage.ranking.rules]
        goal = chance.choice((Matches, Matches, Determines))(chance.choice(ids))
        sets = searching.change_sets(snapshot, point, goal)
        flips(own, snapshot, point, goal, sets)
        explained_alone(own, snapshot, point)
        sizes[len(sets)] += 1
    return sizes


def sample_small(norms: int, pairs: int, seed: int) -> int:
    chance, sets_found = random.Random(seed), 0
    for number in range(norms):
        own = small.case(seed + number)
        searching = Searching(own.plan)
        for _ in range(pairs):
            snapshot = small.snapshot(chance)
            goal = small.goal(chance, own.plan, own.point)
            sets = searching.change_sets(snapshot, own.point, goal)
            flips(own.plan, snapshot, own.point, goal, sets)
            explained_alone(own.plan, snapshot, own.point)
            sets_found += len(sets)
    return sets_found


def test_every_set_flips_its_rule_on_the_starter_norm() -> None:
    sizes = sample_starter(2_000, 1)

    assert sizes[0] >= 100
    assert sizes.total() - sizes[0] >= 1_000


def test_every_set_does_it_on_random_norms() -> None:
    assert sample_small(100, 80, 7_000) >= 4_000


@pytest.mark.fuzz
def test_every_set_flips_its_rule_ten_thousand_times() -> None:
    assert sample_starter(10_000, 2).total() == 10_000
    assert sample_small(500, 20, 900_000) >= 4_000


# ---- by hand


def test_the_nearest_value_is_taken() -> None:
    own = plan(bundle(rule("warn", Effect.WARN, Leaf("talk.warnings", Op.AT_LEAST, 1))))

    assert found(own, {"talk.warnings": 0}, Matches("warn")) == [{"talk.warnings": 1}]
    assert found(own, {}, Matches("warn")) == [{"talk.warnings": 1}]
    assert found(own, {"talk.warnings": 4}, Matches("warn")) == [{}]


def test_both_sides_of_a_stretch_are_tried_and_the_range_of_a_fact_holds() -> None:
    night = rule("night", Effect.WARN, Not((Leaf("call.hour", Op.BETWEEN, (8, 21)),)))
    never_again = rule("never_again", Effect.WARN, Leaf("call.hour", Op.MORE_THAN, 23))
    own = plan(bundle(night, never_again))

    assert found(own, {"call.hour": 9}, Matches("night")) == [{"call.hour": 7}]
    assert found(own, {"call.hour": 20}, Matches("night")) == [{"call.hour": 22}]
    assert found(own, {"call.hour": 9}, Matches("never_again")) == []


def test_a_relation_brings_the_facts_that_must_go_along() -> None:
    again = rule("again", Effect.WARN, Leaf("talk.offences_since_warning", Op.AT_LEAST, 2))
    own = plan(bundle(again))
    calm: dict[str, Value] = {"talk.warnings": 0, "talk.offences": 0, "talk.offences_since_warning": 0}

    assert found(own, calm, Matches("again")) == [
        {"talk.offences": 2, "talk.offences_since_warning": 2, "talk.warnings": 1}
    ]
    assert found(own, {**calm, "talk.offences": 5}, Matches("again")) == [
        {"talk.offences_since_warning": 2, "talk.warnings": 1}
    ]


def test_a_class_is_changed_by_what_it_is_made_from() -> None:
    judged = rule("judged", Effect.NUISANCE, Leaf("talk.judged_class", Op.IS, "nuisance"), kind=Kind.ABUSE)
    heard = rule("heard", Effect.NUISANCE, Leaf("talk.signals", Op.HAS, "anger"), kind=Kind.ABUSE)
    trusted = rule("trusted", Effect.NORMAL, Leaf("talk.judged_class", Op.IS, "normal"), priority=90)
    warn = rule("warn", Effect.WARN, Leaf("caller.class", Op.IS, "nuisance"))
    own = plan(bundle(judged, heard, trusted, warn))
    values: dict[str, Value] = {"caller.class": "nuisance", "talk.signals": frozenset({"threat"})}

    assert found(own, {**values, "talk.judged_class": "repeat_complaint"}, Matches("warn")) == [
        {"talk.judged_class": "nuisance"},
        {"talk.signals": frozenset({"anger", "threat"})},
    ]
    # While nobody knows whether a person judged the caller normal, what is heard is not enough.
    assert found(own, values, Matches("warn")) == [{"talk.judged_class": "nuisance"}]


def test_a_block_of_the_same_decision_covers_the_caller() -> None:
    own = plan(bundle(block_rule("burst", Leaf("history.calls", Op.AT_LEAST, 9)), catalogue=COUNTED))

    sets = found(own, SURE | {"history.calls": 2, "block.covered": False}, Determines(STANDING_BLOCK), OFFERED)

    assert sets == [{"block.covered": True}, {"history.calls": 9}]


COUNTED = BUILTIN.extended([Fact("history.calls", FactType.INT, {}, minimum=0)])


def test_what_stands_higher_must_not_match() -> None:
    hang_up = rule("hang_up", Effect.HANG_UP, ALWAYS, priority=50)
    soothe = rule("soothe", Effect.SOOTHE, Leaf("talk.soothings", Op.AT_MOST, 0), priority=60)
    own = plan(bundle(hang_up, soothe))
    values: dict[str, Value] = {**SURE, "call.channel": "phone", "talk.soothings": 0}

    assert found(own, values, Matches("hang_up")) == [{}]
    assert found(own, values, Determines("hang_up")) == [{"talk.soothings": 1}]
    assert found(own, {**values, "caller.protected": True}, Determines("hang_up")) == [
        {"caller.protected": False, "talk.soothings": 1}
    ]
    assert found(own, values, LeadsTo(Effect.HANG_UP)) == [{"talk.soothings": 1}]


def test_a_pilot_is_entered_by_its_team() -> None:
    own = plan(bundle(rule("warn", Effect.WARN, status=Status.PILOT, pilot=Pilot(teams=("blue",)))))
    values: dict[str, Value] = {"call.channel": "phone", "call.team": "red"}

    assert found(own, values, Matches("warn")) == [{}]
    assert found(own, values, Determines("warn")) == [{"call.team": "blue"}]


def test_a_fact_becomes_unknown_only_where_a_condition_asks_for_it() -> None:
    stranger = rule("stranger", Effect.WARN, Leaf("caller.customer", Op.KNOWN, False))
    early = rule("early", Effect.EXPLAIN, Leaf("talk.explanations", Op.AT_LEAST, 1), priority=90)
    own = plan(bundle(stranger, early))
    values: dict[str, Value] = {"caller.customer": "c-1", "talk.explanations": 1}

    assert found(own, values, Determines("stranger")) == [{"caller.customer": None, "talk.explanations": 0}]


def test_facts_that_are_to_stay_or_cannot_be_known_yet_are_left() -> None:
    either = Any((Leaf("talk.answered", Op.IS, True), Leaf("talk.warnings", Op.AT_LEAST, 1)))
    own = plan(bundle(rule("accept", Effect.ACCEPT, either), rule("warn", Effect.WARN, either)))
    snapshot = Snapshot(0, {})

    def names(point: DecisionPoint, goal: Goal, keep: tuple[str, ...] = ()) -> list[list[str]]:
        return [sorted(each.values) for each in change_sets(own, snapshot, point, goal, keep=keep)]

    assert names(OFFERED, Matches("accept")) == [["talk.answered"]]
    assert names(IN_CALL, Matches("warn")) == [["talk.answered"], ["talk.warnings"]]
    assert names(IN_CALL, Matches("warn"), ("talk.answered",)) == [["talk.warnings"]]


def test_facts_that_are_compared_move_to_each_other() -> None:
    late = rule("late", Effect.ESCALATE, Leaf("host.a", Op.LESS_THAN, FactRef("host.b")))
    both = rule("both", Effect.WARN, All((late.when, Leaf("host.b", Op.LESS_THAN, FactRef("host.c")))))
    facts = [Fact(f"host.{each}", FactType.INT, {}) for each in "abc"]
    own = plan(bundle(late, both, catalogue=Catalogue([*BUILTIN, *facts])))

    assert found(own, {"host.a": 5, "host.b": 3}, Matches("late")) == [{"host.a": 2}, {"host.b": 6}]
    assert found(own, {"host.a": 5, "host.b": 5, "host.c": 6}, Matches("both")) == [
        {"host.a": 4},
        {"host.b": 6, "host.c": 7},
    ]
    assert found(own, {"host.a": 5, "host.b": 5, "host.c": 5}, Matches("both")) == [
        {"host.a": 4, "host.c": 6},
        {"host.a": 3, "host.b": 4},
        {"host.b": 6, "host.c": 7},
    ]


def test_texts_that_nobody_wrote_are_tried() -> None:
    cards = Leaf("call.queue", Op.STARTS_WITH, "cards")
    elsewhere = rule("elsewhere", Effect.WARN, Not((cards, Leaf("call.queue", Op.IS, "other"))))
    special = rule("special", Effect.EXPLAIN, All((cards, Not((Leaf("call.queue", Op.IS, "cards"),)))))
    own = plan(bundle(elsewhere, special))

    assert found(own, {"call.queue": "cards"}, Matches("elsewhere")) == [{"call.queue": "-other"}]
    assert found(own, {"call.queue": "other"}, Matches("special")) == [{"call.queue": "cardsother"}]


def test_four_facts_are_too_many() -> None:
    names = ("talk.warnings", "talk.soothings", "talk.explanations", "talk.holds")
    own = plan(bundle(rule("warn", Effect.WARN, All(tuple(Leaf(each, Op.AT_LEAST, 1) for each in names)))))

    assert found(own, {}, Matches("warn")) == []
    assert len(found(own, {"talk.holds": 1}, Matches("warn"))[0]) == 3


def test_what_cannot_be_asked_is_refused() -> None:
    own = plan(bundle(rule("warn", Effect.WARN), rule("draft", Effect.WARN, status=Status.SHADOW)))
    draft = plan(replace(own.bundle, rules=(rule("idea", Effect.WARN, status=Status.DRAFT),)))
    snapshot = Snapshot(0, {})

    with pytest.raises(UsageError, match="there is no rule `nothing`"):
        change_sets(own, snapshot, IN_CALL, Matches("nothing"))
    with pytest.raises(UsageError, match="of stage `hangup`, which `offered` does not have"):
        change_sets(own, snapshot, OFFERED, Matches("warn"))
    with pytest.raises(UsageError, match="effect `reject` is of stage `screen`"):
        change_sets(own, snapshot, IN_CALL, LeadsTo(Effect.REJECT))
    with pytest.raises(UsageError, match="`draft` is not enforced"):
        change_sets(own, snapshot, IN_CALL, Determines("draft"))
    with pytest.raises(UsageError, match="1 to 3 facts"):
        change_sets(own, snapshot, IN_CALL, Matches("warn"), most=4)
    assert found(own, {}, Matches("draft")) == [{"call.channel": "phone"}]
    assert found(draft, {}, Matches("idea")) == [{"call.channel": "phone"}]
    assert find_rule(own, STANDING_BLOCK).id == STANDING_BLOCK


def test_the_starter_norm_says_what_is_missing_for_a_hang_up() -> None:
    values: dict[str, Value] = {
        **SURE,
        "talk.judged_class": "nuisance",
        "talk.offences": 1,
        "talk.warnings": 0,
        "talk.offences_since_warning": 0,
    }
    for goal in (Matches("nuisance_persists_after_warning"), LeadsTo(Effect.HANG_UP)):
        assert found(starter.starter_plan(), values, goal) == [{"talk.offences_since_warning": 1, "talk.warnings": 1}]
