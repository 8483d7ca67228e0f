"""Coverage: what examples and scenarios show of a bundle, and a ready example for what they do not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callpolicy.condition import All, Any, Condition, FactRef, Leaf, Not, Op
from callpolicy.coverage import Coverage, CoveragePoint, PointKind, State, closing_yaml, cover, coverage_dict, marked_up
from callpolicy.coverage.leaves import boundaries, side, step_of
from callpolicy.engine.explaining import leaf_text
from callpolicy.facts import Fact, FactType, Value, snapshot_of
from callpolicy.facts.builtin import BUILTIN
from callpolicy.matchers.reference import truth
from callpolicy.points import Effect
from callpolicy.policy import Bundle, Example, Script, Status
from callpolicy.rulefile import load_bundle_files, starter_norm
from callpolicy.trials.forcing import leaf_paths
from tests.check.making import a_bundle, a_rule

WARNED = Leaf("talk.warnings", Op.AT_LEAST, 2)
HOUR = 3_600_000_000


def example(expect: str, **facts: object) -> Example:
    return Example(
        f"{expect} {len(facts)} {facts}", {name.replace("_0_", "."): value for name, value in facts.items()}, expect
    )


def of(when: Condition, *examples: Example, status: Status = Status.ENFORCED, **more: object) -> Bundle:
    rule = a_rule("warn", Effect.WARN, when, examples=examples, **more)
    return a_bundle(replace(rule, status=status))


def states(coverage: Coverage, kind: PointKind) -> dict[str, str]:
    return {point.wanted: str(point.state) for point in coverage.points if point.kind is kind}


def gap(coverage: Coverage, kind: PointKind, wanted: str) -> CoveragePoint:
    return next(each for each in coverage.points if each.kind is kind and each.wanted == wanted)


def closed(bundle: Bundle, coverage: Coverage) -> Coverage:
    rules = (replace(rule, examples=(*rule.examples, *coverage.closing.get(rule.id, ()))) for rule in bundle.rules)
    return cover(replace(bundle, rules=tuple(rules)))


def test_what_the_examples_show_is_seen_and_the_rest_are_gaps() -> None:
    coverage = cover(of(WARNED, example("match", talk_0_warnings=2), example("no_match", talk_0_warnings=0)))

    assert states(coverage, PointKind.RULE) == {"matched": "seen"}
    assert states(coverage, PointKind.LEAF) == {"true": "seen", "false": "seen", "unknown": "gap"}
    assert states(coverage, PointKind.BOUNDARY) == {"below": "gap", "at": "seen", "above": "gap"}


def test_each_gap_has_an_example_whose_expectation_is_what_the_rule_comes_to() -> None:
    bundle = of(WARNED, example("match", talk_0_warnings=2))

    coverage = cover(bundle)

    given = {each.expect: dict(each.given) for each in coverage.closing["warn"]}
    assert given["no_match"] == {"talk.warnings": 1}
    assert given["undetermined"] == {}
    assert {"talk.warnings": 3} in [dict(each.given) for each in coverage.closing["warn"]]
    assert closed(bundle, coverage).gaps == ()


def test_one_example_closes_as_many_gaps_as_it_can() -> None:
    coverage = cover(of(WARNED, example("match", talk_0_warnings=2)))

    false, below = gap(coverage, PointKind.LEAF, "false"), gap(coverage, PointKind.BOUNDARY, "below")
    assert false.closing is not None
    assert false.closing == below.closing


def test_an_example_that_closes_a_gap_breaks_no_relation() -> None:
    # Offences after a warning need a warning before them, and are offences themselves.
    nothing = {"talk.offences_since_warning": 0, "talk.warnings": 0, "talk.offences": 0}
    bundle = of(Leaf("talk.offences_since_warning", Op.AT_LEAST, 1), Example("nothing yet", nothing, "no_match"))

    coverage = cover(bundle)

    for each in coverage.closing["warn"]:
        values = snapshot_of(BUILTIN, each.given, at=0).values
        assert all(truth(relation.holds, values) is not False for relation in BUILTIN.relations)
    assert closed(bundle, coverage).gaps == ()


def test_what_the_values_of_a_fact_rule_out_is_impossible_and_counts_for_nothing() -> None:
    coverage = cover(of(Leaf("talk.warnings", Op.AT_MOST, 0), example("match", talk_0_warnings=0)))

    below = gap(coverage, PointKind.BOUNDARY, "below")
    assert below.state is State.IMPOSSIBLE
    assert below.why == "`talk.warnings` has no value below 0"
    assert below not in coverage.gaps


def test_what_a_relation_rules_out_is_impossible_and_names_it() -> None:
    coverage = cover(of(Leaf("talk.offences_since_warning", Op.MORE_THAN, FactRef("talk.offences"))))

    assert gap(coverage, PointKind.LEAF, "true").why == "the relation `offences-since-warning` stands against it"
    assert gap(coverage, PointKind.BOUNDARY, "above").state is State.IMPOSSIBLE
    assert gap(coverage, PointKind.BOUNDARY, "at").state is State.GAP


def test_a_fact_that_is_always_known_cannot_be_seen_unknown() -> None:
    coverage = cover(of(Leaf("caller.class", Op.IS, "nuisance")))

    unknown = gap(coverage, PointKind.LEAF, "unknown")
    assert (unknown.state, unknown.why) == (
        State.IMPOSSIBLE, "`caller.class` is always known when this stage decides"
    )  # fmt: skip


def test_known_is_true_or_false_and_never_unknown() -> None:
    bundle = of(Leaf("talk.signals", Op.KNOWN, True), example("match", talk_0_signals=["abuse"]))

    coverage = cover(bundle)

    assert states(coverage, PointKind.LEAF) == {"true": "seen", "false": "gap", "unknown": "impossible"}
    assert [dict(each.given) for each in coverage.closing["warn"]] == [{}]


def test_a_rule_that_nothing_can_match_is_a_gap_without_example_and_says_so() -> None:
    never = All((Leaf("talk.warnings", Op.IS, 1), Leaf("talk.warnings", Op.IS, 2)))

    matched = gap(cover(of(never)), PointKind.RULE, "matched")

    assert (matched.state, matched.closing, matched.why) == (State.GAP, None, "no example was found")


def test_the_boundary_with_another_fact_lies_where_both_are_equal() -> None:
    when = Leaf("talk.explanations_rejected", Op.LESS_THAN, FactRef("talk.explanations"))
    bundle = of(when, example("no_match", talk_0_explanations_rejected=3, talk_0_explanations=3))

    coverage = cover(bundle)

    assert states(coverage, PointKind.BOUNDARY) == {"below": "gap", "at": "seen", "above": "impossible"}
    assert closed(bundle, coverage).gaps == ()


@pytest.mark.parametrize(
    ("kind", "mark", "step"),
    [
        (FactType.INT, 3, 1),
        (FactType.DURATION, 2_000_000, 1_000_000),
        (FactType.DURATION, 1_900_000, 1_000),
        (FactType.DURATION, 1_500, 1),
        (FactType.FLOAT, 0.85, 0.01),
        (FactType.FLOAT, 3.0, 0.1),
    ],
)
def test_one_more_is_counted_in_the_unit_of_the_fact(kind: FactType, mark: float, step: float) -> None:
    assert step_of(Fact("host.a", kind, {}), mark) == pytest.approx(step)


def test_a_boundary_is_seen_only_where_its_leaf_decides() -> None:
    # Without an offence nobody is warned, whatever the number: that shows nothing of where it lies.
    when = All((WARNED, Leaf("talk.offences", Op.AT_LEAST, 1)))
    hidden = [
        Example(f"{count} warnings", {"talk.warnings": count, "talk.offences": 0}, "no_match") for count in (1, 2, 3)
    ]
    bundle = of(when, *hidden, example("match", talk_0_warnings=2, talk_0_offences=5))

    coverage = cover(bundle)

    seen = {each.wanted: each.state for each in coverage.points if each.part == "talk.warnings at_least 2"
            and each.kind is PointKind.BOUNDARY}  # fmt: skip
    assert seen == {"below": State.GAP, "at": State.SEEN, "above": State.GAP}
    added = [dict(each.given) for each in coverage.closing["warn"]]
    assert {"talk.warnings": 1, "talk.offences": 5} in added
    assert {"talk.warnings": 3, "talk.offences": 5} in added
    assert closed(bundle, coverage).gaps == ()


def test_an_alternative_that_is_unknown_hides_a_boundary_and_one_that_is_false_does_not() -> None:
    when = Any((WARNED, Leaf("talk.offences", Op.AT_LEAST, 1)))
    unknown, known = {"talk.warnings": 1}, {"talk.warnings": 1, "talk.offences": 0}

    without = cover(of(when, Example("nobody knows", unknown, "undetermined")))
    beside = cover(of(when, Example("no offence", known, "no_match")))

    assert states(without, PointKind.BOUNDARY)["below"] == "gap"
    assert next(each for each in beside.points if each.kind is PointKind.BOUNDARY).state is State.SEEN


def test_a_boundary_that_another_leaf_on_the_same_fact_always_hides_cannot_be_seen() -> None:
    # At 2 and below, the second leaf is false already; the first is idle.
    coverage = cover(of(All((WARNED, Leaf("talk.warnings", Op.AT_LEAST, 4)))))

    first = {each.wanted: (each.state, each.why) for each in coverage.points
             if each.kind is PointKind.BOUNDARY and each.part == "talk.warnings at_least 2"}  # fmt: skip
    idle = (State.IMPOSSIBLE, "what else the rule asks decides there, whatever this leaf is")
    assert first == {"below": idle, "at": idle, "above": idle}


def test_a_reason_is_rendered_when_every_fact_in_it_is_known() -> None:
    because = {"zh-CN": "提醒 {talk.warnings} 次", "en": "warned, offences {talk.offences}"}
    bundle = of(WARNED, example("match", talk_0_warnings=2), because=because)

    coverage = cover(bundle)

    texts = {each.part: each.state for each in coverage.points if each.kind is PointKind.TEXT}
    assert texts == {"because (zh-CN)": State.SEEN, "because (en)": State.GAP}
    assert closed(bundle, coverage).gaps == ()


def test_a_script_is_shown_by_the_rule_that_says_it_and_one_that_nobody_says_cannot_be() -> None:
    scripts = {
        name: Script(name, {"zh-CN": "请注意", "en": "please"}, {"zh-CN": "", "en": "warned {talk.warnings}"})
        for name in ("warning.one", "warning.two")
    }
    bundle = replace(of(WARNED, example("match", talk_0_warnings=2), script="warning.one"), scripts=scripts)

    points = [each for each in cover(bundle).points if each.owner.startswith("warning.")]

    assert {(each.owner, each.state) for each in points} == {
        ("warning.one", State.SEEN), ("warning.two", State.IMPOSSIBLE)
    }  # fmt: skip
    # An empty text is rendered nowhere.
    assert len(points) == 6
    assert {each.why for each in points if each.owner == "warning.two"} == {"no rule says it"}


def test_a_retired_rule_is_not_looked_at() -> None:
    assert cover(of(WARNED, status=Status.RETIRED)).points == ()


def test_a_bundle_without_anything_to_show_is_whole() -> None:
    assert cover(a_bundle()).percent == 100.0


def test_ready_examples_read_back_in_the_file_of_their_rule() -> None:
    norm = starter_norm()
    rule = norm.rule("quiet_after_service")
    bare = replace(norm, rules=tuple(replace(each, examples=()) if each is rule else each for each in norm.rules),
                   scenarios=())  # fmt: skip
    closing = cover(bare).closing[rule.id]

    written = norm.files["hangup/quiet_after_service.yaml"].decode().partition("examples:\n")[0]
    text = f"{written}examples:\n{closing_yaml(rule, closing, norm)}"
    read = load_bundle_files({**norm.files, "hangup/quiet_after_service.yaml": text.encode()})

    assert [(each.name, each.given, each.expect) for each in read.rule(rule.id).examples] == [
        (each.name, each.given, each.expect) for each in closing
    ]


def test_the_starter_norm_is_covered_whole() -> None:
    coverage = cover(starter_norm())

    assert coverage.gaps == ()
    assert {kind: coverage.share(kind).percent for kind in PointKind} == dict.fromkeys(PointKind, 100.0)


def test_json_holds_every_point_with_its_state_and_can_be_written() -> None:
    bundle = of(WARNED, example("match", talk_0_warnings=2))

    tree = json.loads(json.dumps(coverage_dict(cover(bundle), bundle)))

    assert tree["kinds"]["boundary"] == {"seen": 1, "gaps": 2, "impossible": 0, "percent": 33.3}
    assert "talk.warnings: 1" in tree["closing"]["warn"]
    assert {point["state"] for point in tree["points"]} == {"seen", "gap"}


def test_the_page_shows_markup_of_a_bundle_as_text() -> None:
    bundle = of(WARNED, because={"en": "<script>alert(1)</script>", "zh-CN": "理由"})
    file = bundle.rules[0].span
    assert file is not None
    named = replace(bundle, files={file.file: b"because: <script>alert(1)</script>\n"})

    for language in ("en", "zh-CN"):
        page = marked_up(cover(named), named, language)
        assert "<script>" not in page
        assert "&lt;script&gt;" in page
        assert f'lang="{language}"' in page


def test_the_page_leads_to_the_rules_with_gaps_and_shows_no_empty_line_between_two_lines() -> None:
    bundle = of(WARNED)
    file = bundle.rules[0].span
    assert file is not None
    named = replace(bundle, files={file.file: b"id: r\nstage: hangup\n"})

    page = marked_up(cover(named), named)

    # Each line is a block of its own, so an end of line between two would show as an empty one.
    assert f'<a href="#{bundle.rules[0].id}">' in page
    assert "</span>\n<span" not in page


def decides_by_brute_force(when: Condition, path: tuple[int, ...], values: Mapping[str, Value]) -> bool:
    """Whether the condition turns from true to false, or back, as the leaf at a path is put the other way round."""

    def turned(node: Condition, way: tuple[int, ...]) -> Condition:
        if isinstance(node, Leaf):
            return Not((node,))
        items = list(node.items)
        items[way[0]] = turned(items[way[0]], way[1:])
        return type(node)(tuple(items))

    return {truth(when, values), truth(turned(when, path), values)} == {True, False}


_COUNTS = ("talk.warnings", "talk.offences", "talk.offences_since_warning", "talk.explanations")
_LEAVES = st.one_of(
    st.builds(
        Leaf, st.sampled_from(_COUNTS), st.sampled_from([Op.AT_LEAST, Op.AT_MOST, Op.MORE_THAN, Op.LESS_THAN, Op.IS]),
        st.integers(0, 3),
    ),
    st.builds(Leaf, st.just("talk.signals"), st.just(Op.HAS), st.sampled_from(["abuse", "threat"])),
    st.builds(Leaf, st.just("talk.quiet_for"), st.just(Op.AT_LEAST), st.sampled_from([0, 2_000_000, HOUR])),
    st.builds(Leaf, st.just("case.status"), st.just(Op.IN), st.just(("open", "final"))),
)  # fmt: skip


def _branches(items: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(items, min_size=1, max_size=3).map(tuple)
    return st.one_of(several.map(All), several.map(Any), several.map(Not))


_CONDITIONS: st.SearchStrategy[Condition] = st.recursive(_LEAVES, _branches, max_leaves=5)


def look_at_closing(when: Condition) -> None:
    """Whatever the condition, each ready example is right, breaks no relation, and what it is said to close is seen."""
    bundle = of(when)
    coverage = cover(bundle)
    for each in coverage.closing.get("warn", ()):
        snapshot = snapshot_of(BUILTIN, each.given, at=0)
        came = truth(when, snapshot.values)
        assert snapshot.input_faults == ()
        assert each.expect == {True: "match", False: "no_match", None: "undetermined"}[came]
        assert all(truth(relation.holds, snapshot.values) is not False for relation in BUILTIN.relations)
    left: Iterable[CoveragePoint] = closed(bundle, coverage).gaps
    assert all(point.closing is None for point in left)
    assert {(each.kind, each.part, each.wanted) for each in left} == {
        (each.kind, each.part, each.wanted) for each in coverage.gaps if each.closing is None
    }


_GIVEN = st.fixed_dictionaries({}, optional={name: st.integers(0, 4) for name in _COUNTS})


@settings(max_examples=150)
@given(_CONDITIONS, st.lists(_GIVEN, max_size=4))
def test_the_boundaries_that_are_seen_are_those_that_brute_force_sees(
    when: Condition, givens: list[dict[str, int]]
) -> None:
    made = [Example(f"e{place}", values, "match") for place, values in enumerate(givens)]

    points = iter([each for each in cover(of(when, *made)).points if each.kind is PointKind.BOUNDARY])

    for leaf, path in leaf_paths(when):
        for mark in boundaries(leaf):
            for wanted in ("below", "at", "above"):
                point = next(points)
                assert (point.part, point.wanted) == (leaf_text(leaf, BUILTIN), wanted)
                assert isinstance(mark, int)
                size = step_of(BUILTIN[leaf.fact], mark)
                shown = [
                    values
                    for values in givens
                    if leaf.fact in values
                    and side(values[leaf.fact], mark, size) == wanted
                    and decides_by_brute_force(when, path, values)
                ]
                assert (point.state is State.SEEN) == bool(shown)


@settings(max_examples=40)
@given(_CONDITIONS)
def test_ready_examples_are_right_for_any_condition(when: Condition) -> None:
    look_at_closing(when)


@pytest.mark.fuzz
@settings(max_examples=3_000)
@given(_CONDITIONS)
def test_ready_examples_are_right_for_any_condition_at_length(when: Condition) -> None:
    look_at_closing(when)
