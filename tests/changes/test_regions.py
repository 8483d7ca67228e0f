"""Regions of calls whose decision changes: no call is missed, none is made up, and a moved threshold is one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from callpolicy.changes import Meaning, Part, Region, Said, compare_meaning, region_text, rule_changes
from callpolicy.condition import All, Leaf, Op, facts_read
from callpolicy.decision import StageResult
from callpolicy.engine import Plan, compile_plan, decide
from callpolicy.facts import Catalogue, Fact, FactType, Origin, Value, snapshot_of
from callpolicy.facts.builtin import BUILTIN
from callpolicy.matchers.reference import compile_reference, leaf_truth
from callpolicy.points import STAGES_AT, DecisionPoint, Effect
from callpolicy.policy import Bundle, Status
from callpolicy.rulefile import load_bundle_files, read_files, starter_folder
from tests.analysis.making import SMALL, Maker, every_snapshot
from tests.engine.bundles import bundle, rule

MADE = {"caller.class", "caller.kind"}


def starter() -> dict[str, bytes]:
    return read_files(starter_folder())[0]


def edited(file: str, old: bytes, new: bytes) -> Bundle:
    files = starter()
    assert files[file].count(old) >= 1
    return load_bundle_files({**files, file: files[file].replace(old, new, 1)})


def stages(plan: Plan, values: Mapping[str, Value], point: DecisionPoint) -> list[tuple[object, ...]]:
    snapshot = snapshot_of(plan.bundle.catalogue, values, at=0)
    came = decide(plan, snapshot, point=point, call_id="c", decision_id="d", with_recheck=False)
    return [what(each) for each in came.stages]


def what(result: StageResult) -> tuple[object, ...]:
    return result.outcome, frozenset(result.obligations)


def part_holds(part: Part, values: Mapping[str, Value]) -> bool:
    value: Any = values.get(part.fact)
    if value is None:
        return part.unknown
    if isinstance(value, str):
        return part.other_texts or (value, value) in part.ranges
    return any((low is None or low <= value) and (high is None or value <= high) for low, high in part.ranges)


def said_holds(said: Said, values: Mapping[str, Value]) -> bool:
    return leaf_truth(said.leaf, values) in said.truths


def lies_in(values: Mapping[str, Value], region: Region) -> bool:
    """Whether a call lies in a region, as far as the facts of its snapshot say."""
    parts = (each for each in region.parts if each.fact not in MADE)
    said = (each for each in region.said if each.leaf.fact not in MADE)
    return all(part_holds(each, values) for each in parts) and all(said_holds(each, values) for each in said)


def read_by(norm: Bundle) -> set[str]:
    """The facts on which the decisions of a norm depend."""
    conditions = [*(each.when for each in norm.rules), *(each.when for each in norm.invariants)]
    pilots = {"call.team" for each in norm.rules if each.pilot is not None}
    return {name for each in conditions for name in facts_read(each)} - MADE | pilots | {"caller.protected"}


@pytest.mark.parametrize("seed", range(40))
def test_every_call_that_changes_lies_in_a_region_and_every_region_has_one(seed: int) -> None:
    maker = Maker(seed)
    old = maker.bundle()
    other = maker.bundle().rules[0]
    new = replace(old, rules=(*old.rules[1:], replace(other, id="other")), revision="sha256:" + "1" * 64)
    plans = [compile_plan(each, compile_reference) for each in (old, new)]

    meaning = compare_meaning(old, new)

    assert not meaning.unsupported
    assert not meaning.unfinished
    for point in DecisionPoint:
        here = [region for region in meaning.regions if point in region.points]
        changed = [
            values
            for values in every_snapshot(read_by(old) | read_by(new))
            if stages(plans[0], values, point) != stages(plans[1], values, point)
        ]
        assert all(any(lies_in(values, region) for region in here) for values in changed)
        assert bool(changed) == bool(here)
    for region in meaning.regions:
        assert region.moves
        for move in region.moves:
            before, after = (stages(plan, move.values, region.points[0]) for plan in plans)
            place = STAGES_AT[region.points[0]].index(move.stage)
            assert (before[place], after[place]) == (what(move.old), what(move.new))
            assert before[place] != after[place]
            assert lies_in(move.values, region)


def test_a_threshold_that_is_moved_by_one_is_just_that_value() -> None:
    old = load_bundle_files(starter())
    new = edited("hangup/final_result_explained_twice.yaml", b"at_least: 2", b"at_least: 3")

    meaning = compare_meaning(old, new)

    (region,) = meaning.regions
    assert region.points == (DecisionPoint.IN_CALL,)
    assert region.parts == (
        Part("caller.kind", (("after_final_result", "after_final_result"),)),
        Part("talk.explanations_rejected", ((2, 2),)),
    )
    first = region.moves[0]
    assert (first.old.outcome.effect, first.values["talk.explanations_rejected"]) == (Effect.HANG_UP_POLITELY, 2)
    assert all(move.confirmed for move in region.moves)


def test_a_duration_that_is_moved_is_the_time_between() -> None:
    slow, quick = (
        rule("r", Effect.ESCALATE, Leaf("talk.handling_time", Op.AT_LEAST, seconds * 1_000_000))
        for seconds in (300, 240)
    )
    old, new = bundle(slow), bundle(quick)

    (region,) = compare_meaning(old, replace(new, revision="other")).regions

    # From four minutes up to the last microsecond before five.
    assert region.parts == (Part("talk.handling_time", ((240_000_000, 299_999_999),)),)


def test_a_float_threshold_that_is_moved_is_what_lies_between_with_one_end_open() -> None:
    score = Fact(
        "host.score", FactType.FLOAT, {"zh-CN": "评分", "en": "score"}, minimum=0, maximum=1, origin=Origin.HOST
    )
    catalogue = BUILTIN.extended([score])
    old, new = (
        bundle(rule("r", Effect.WARN, Leaf("host.score", Op.AT_LEAST, each)), catalogue=catalogue)
        for each in (0.5, 0.8)
    )

    (region,) = compare_meaning(old, replace(new, revision="other")).regions

    # From a half up to the last double before eight tenths.
    assert region.parts == (Part("host.score", ((0.5, 0.7999999999999999),)),)
    assert "host.score is 0.5 or more and less than 0.8:" in region_text(region, catalogue, "en")
    assert "0.5 及以上且不到 0.8 时" in region_text(region, catalogue, "zh-CN")


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ((Op.AT_LEAST, 5), (Op.MORE_THAN, 6), "from 5m to 6m"),
        ((Op.MORE_THAN, 6), (Op.AT_LEAST, 9), "more than 6m and less than 9m"),
        ((Op.MORE_THAN, 6), (Op.MORE_THAN, 9), "more than 6m and at most 9m"),
    ],
)
def test_the_ends_of_a_duration_are_told_as_people_write_them(
    was: tuple[Op, int], becomes: tuple[Op, int], told: str
) -> None:
    old, new = (
        bundle(rule("r", Effect.ESCALATE, Leaf("talk.handling_time", op, minutes * 60_000_000)))
        for op, minutes in (was, becomes)
    )

    (region,) = compare_meaning(old, replace(new, revision="other")).regions

    assert f"talk.handling_time is {told}:" in region_text(region, new.catalogue, "en")


def renamed(files: Mapping[str, bytes], change: Callable[[str], str]) -> dict[str, bytes]:
    """A copy in which every rule has another name and every file stands in another order; it has no scenarios."""
    copy: dict[str, bytes] = {}
    for path, data in sorted(files.items(), reverse=True):
        folder, _, stem = path.rpartition("/")
        name = stem.removesuffix(".yaml")
        if folder in FOLDERS:
            own, other = (f"id: {each}\n".encode() for each in (name, change(name)))
            copy[f"{folder}/{change(name)}.yaml"] = data.replace(own, other)
        elif folder != "scenarios":
            copy[path] = data
    return copy


FOLDERS = {"classify", "screen", "hangup", "blocklist"}


@pytest.mark.parametrize("change", [lambda name: f"z_{name}", lambda name: f"{name[::-1].strip('_')}_copy"])
def test_a_copy_with_other_names_in_another_order_is_proved_the_same(change: Callable[[str], str]) -> None:
    old = load_bundle_files(starter())
    new = load_bundle_files(renamed(starter(), change))

    meaning = compare_meaning(old, new)
    changes = rule_changes(old, new)

    assert meaning.proved_same
    assert len(changes.renamed) == len(old.rules)
    assert (changes.added, changes.removed, changes.changed) == ((), (), ())


def test_what_no_facts_show_is_said_and_not_passed_over() -> None:
    old = load_bundle_files(starter())
    new = edited("windows.yaml", b"within: 10m", b"within: 15m")

    meaning = compare_meaning(old, new)

    assert meaning.same_on_facts
    assert not meaning.proved_same
    assert "windows" in meaning.beyond


def test_a_fact_that_only_the_new_norm_declares_is_compared_too() -> None:
    site = Fact("host.site", FactType.STR, {"en": "site", "zh-CN": "地点"})
    catalogue = Catalogue([*SMALL, site], SMALL.relations)
    warned = Leaf("talk.warnings", Op.AT_LEAST, 1)
    old = bundle(rule("r", Effect.ESCALATE, warned), catalogue=SMALL)
    new = bundle(rule("r", Effect.ESCALATE, All((warned, Leaf("host.site", Op.IS, "north")))), catalogue=catalogue)

    (region,) = compare_meaning(old, new).regions

    assert region.moves[0].values["talk.warnings"] == 1
    # Any site but the one that is named, or none that is known.
    assert Part("host.site", other_texts=True, unknown=True) in region.parts


def test_a_rule_that_decides_nothing_changes_nothing() -> None:
    old = bundle(catalogue=SMALL)
    draft = rule("r", Effect.HANG_UP, Leaf("talk.warnings", Op.AT_LEAST, 1), status=Status.DRAFT)

    assert compare_meaning(old, bundle(draft, catalogue=SMALL)).proved_same


def test_where_there_is_more_than_was_asked_for_it_is_said() -> None:
    old = load_bundle_files(starter())
    new = edited("hangup/final_result_explained_twice.yaml", b"at_least: 2", b"at_least: 3")

    meaning = compare_meaning(old, new, most=2)

    assert meaning.unfinished == (DecisionPoint.IN_CALL,)
    assert sum(len(region.moves) for region in meaning.regions) == 2
    assert not meaning.proved_same


def test_two_regions_that_do_not_touch_are_two_ranges() -> None:
    ends = rule("r", Effect.WARN, Leaf("talk.warnings", Op.NOT_IN, (1,)))
    whole = rule("r", Effect.WARN, All(()))

    some, every, none = (bundle(*rules, catalogue=SMALL) for rules in ([ends], [whole], []))

    (one,) = compare_meaning(some, every).regions
    (other,) = compare_meaning(none, some).regions

    assert one.parts == (Part("talk.warnings", ((1, 1),), unknown=True),)
    assert other.parts == (Part("talk.warnings", ((None, 0), (2, None))),)


def test_meaning_without_regions_but_with_gaps_is_no_proof() -> None:
    assert not Meaning((), unsupported={DecisionPoint.ENDED: ("something",)}).proved_same
