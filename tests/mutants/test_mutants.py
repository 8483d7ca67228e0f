"""Mutants: small changes of a norm, each killed, proved equivalent, or shown with what would tell it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from callpolicy.condition import All, Any, Condition, Leaf, Not, Op
from callpolicy.errors import MissingExtraError, UsageError
from callpolicy.facts import snapshot_of
from callpolicy.facts.builtin import BUILTIN
from callpolicy.matchers.reference import truth
from callpolicy.mutants import (
    OPERATORS,
    Answer,
    Fate,
    Kept,
    Mutant,
    MutationReport,
    Proving,
    Result,
    applied,
    command_of,
    diff_of,
    mutants_of,
    report_dict,
    run_mutants,
)
from callpolicy.mutants.conditions import changed
from callpolicy.points import Effect
from callpolicy.policy import Bundle, Example, Obligation, Rule, Scenario, ScenarioStep, Settings, Status, Term
from callpolicy.rulefile import starter_norm
from callpolicy.windows import Measure, Window
from tests.check.making import GUARDS, a_bundle, a_rule
from tests.runtime.norms import NUMBER, SECOND, START

WARNED = Leaf("talk.warnings", Op.AT_LEAST, 2)
OFFENDED = Leaf("talk.offences", Op.AT_LEAST, 1)


def example(expect: str, **facts: object) -> Example:
    given = {name.replace("_0_", "."): value for name, value in facts.items()}
    return Example(f"{expect} {given}", given, expect)


SHARP = (example("match", talk_0_warnings=2), example("no_match", talk_0_warnings=1))


def of(when: Condition, *examples: Example, **more: object) -> Bundle:
    return a_bundle(a_rule("warn", Effect.WARN, when, examples=examples, **more))


def made(bundle: Bundle, operator: str) -> dict[str, Mutant]:
    return {each.what: each for each in mutants_of(bundle, [operator])}


def whens(bundle: Bundle, operator: str) -> list[Condition]:
    return [each.new.when for each in mutants_of(bundle, [operator]) if isinstance(each.new, Rule)]


def fates(report: MutationReport) -> dict[str, Fate]:
    return {each.mutant_id: each.fate for each in report.results}


Step = tuple[int, str, dict[str, object], dict[str, object]]


def call(*steps: Step) -> Scenario:
    return Scenario(
        "a_call",
        {"zh-CN": "通话", "en": "a call"},
        START,
        {"c1": {"number": NUMBER, "feeds": frozenset({"agent_marks"})}},
        tuple(ScenarioStep(at * SECOND, "c1", event, fields, expect) for at, event, fields, expect in steps),
    )


# --- operators


def test_there_are_at_least_twelve_operators_told_in_both_languages() -> None:
    assert len({each.name for each in OPERATORS}) == len(OPERATORS) >= 12
    assert all(each.title["en"] and each.title["zh-CN"] for each in OPERATORS)


def test_a_threshold_is_moved_by_one_unit_of_its_fact_within_its_bounds() -> None:
    assert whens(of(WARNED), "threshold") == [replace(WARNED, operand=1), replace(WARNED, operand=3)]
    never = Leaf("talk.warnings", Op.AT_MOST, 0)
    assert whens(of(never), "threshold") == [replace(never, operand=1)]
    quiet = Leaf("talk.quiet_for", Op.AT_LEAST, 2 * SECOND)
    assert whens(of(quiet), "threshold") == [replace(quiet, operand=SECOND), replace(quiet, operand=3 * SECOND)]
    hour = Leaf("call.hour", Op.BETWEEN, (0, 8))
    operands = [each.operand for each in whens(of(hour), "threshold") if isinstance(each, Leaf)]
    assert operands == [(1, 8), (0, 7), (0, 9)]


def test_an_operator_becomes_its_neighbour_and_its_opposite() -> None:
    ops = [each.op for each in whens(of(WARNED), "operator") if isinstance(each, Leaf)]

    assert ops == [Op.MORE_THAN, Op.LESS_THAN]


@pytest.mark.parametrize(
    ("operator", "when", "expected"),
    [
        ("leaf_dropped", All((WARNED, OFFENDED)), [All((OFFENDED,)), All((WARNED,))]),
        ("leaf_dropped", WARNED, []),
        ("all_any", All((WARNED, OFFENDED)), [Any((WARNED, OFFENDED))]),
        ("all_any", Any((WARNED, OFFENDED)), [All((WARNED, OFFENDED))]),
        ("all_any", All((WARNED,)), []),
        ("negation", WARNED, [Not((WARNED,))]),
        ("negation", Not((WARNED,)), [Not((Not((WARNED,)),)), Any((WARNED,))]),
        ("flag", Leaf("talk.signals", Op.KNOWN, True), [Leaf("talk.signals", Op.KNOWN, False)]),
        ("flag", Leaf("call.holiday", Op.IS, True), [Leaf("call.holiday", Op.IS, False)]),
        ("element_dropped", Leaf("case.status", Op.IN, ("open", "final")),
         [Leaf("case.status", Op.IN, ("final",)), Leaf("case.status", Op.IN, ("open",))]),
        ("element_dropped", Leaf("case.status", Op.IN, ("open",)), []),
        ("value_swapped", Leaf("case.status", Op.IS, "reopened"), [Leaf("case.status", Op.IS, "open")]),
        ("fact_swapped", Leaf("call.holiday", Op.IS, True), [Leaf("call.business_hours", Op.IS, True)]),
    ],
)  # fmt: skip
def test_a_condition_is_changed_in_one_place(operator: str, when: Condition, expected: list[Condition]) -> None:
    assert whens(of(when), operator) == expected


def test_no_mutant_is_the_rule_itself_and_each_has_a_name_of_its_own() -> None:
    norm = starter_norm()

    mutants = mutants_of(norm)

    assert len({each.id for each in mutants}) == len(mutants) > 900
    assert {each.operator for each in mutants} == {each.name for each in OPERATORS}
    for each in mutants:
        assert applied(each, norm) != replace(norm, revision=applied(each, norm).revision)
        assert diff_of(each, norm), each.id


def test_mutants_of_the_outcome_change_what_is_done() -> None:
    rule = a_rule("keep_out", Effect.PROPOSE_BLOCK, WARNED, priority=50, term=Term.DAY, do=[Obligation.RECORD_CALL])
    other = a_rule("open", Effect.NONE, WARNED, priority=50)
    bundle = a_bundle(rule, other)

    assert set(made(bundle, "term")) == {"week"}
    assert set(made(bundle, "obligation_dropped")) == {"record_call"}
    assert {each.id for each in mutants_of(bundle, ["effect"])} == {
        "effect:keep_out:none", "effect:keep_out:block", "effect:open:propose_block"
    }  # fmt: skip
    assert {(each.owner, each.what) for each in mutants_of(bundle, ["tie"])} == {("keep_out", "before open")}
    priorities = {each.new.priority for each in mutants_of(bundle, ["priority"]) if isinstance(each.new, Rule)}
    assert priorities == {49, 51}


def test_drafts_and_retired_rules_are_left_alone() -> None:
    rule = a_rule("warn", Effect.WARN, WARNED)

    for status in (Status.DRAFT, Status.SHADOW, Status.RETIRED):
        assert mutants_of(a_bundle(replace(rule, status=status), invariants=())) == ()


def test_windows_and_protected_classes_are_changed_too() -> None:
    window = Window("history.calls_1h", Measure.COUNT, "calls", length=3600 * SECOND)
    bundle = a_bundle(
        settings={"protected_numbers": {"emergency": ("110",), "own": ("4000000100",)}}, windows=(window,)
    )

    lengths = [each.new.length for each in mutants_of(bundle, ["window"]) if isinstance(each.new, Window)]
    assert lengths == [1800 * SECOND, 7200 * SECOND]
    protected = [
        each.new.protected_numbers for each in mutants_of(bundle, ["protected"]) if isinstance(each.new, Settings)
    ]
    assert protected == [{"own": ("4000000100",)}, {"emergency": ("110",)}]


def test_a_nested_part_is_left_out_where_it_stands() -> None:
    when = All((WARNED, Any((OFFENDED, Not((WARNED, OFFENDED))))))

    assert changed(when, (1, 1, 0), None) == All((WARNED, Any((OFFENDED, Not((OFFENDED,))))))


# --- what kills


def test_an_example_at_the_boundary_kills_what_moves_the_threshold() -> None:
    report = run_mutants(of(WARNED, *SHARP), operators=["threshold", "operator"])

    assert {each.by for each in report.results} == {f"example `{each.name}`" for each in SHARP}
    assert report.killed_percent == 100.0


def test_a_threshold_that_no_example_comes_near_survives_with_an_example_that_would_kill_it() -> None:
    blunt = of(WARNED, example("match", talk_0_warnings=9), example("no_match", talk_0_warnings=0))

    report = run_mutants(blunt, operators=["threshold"])

    assert [each.fate for each in report.results] == [Fate.SURVIVED, Fate.SURVIVED]
    for result, mutant in zip(report.results, mutants_of(blunt, ["threshold"]), strict=True):
        assert result.example is not None
        assert isinstance(mutant.new, Rule)
        values = snapshot_of(BUILTIN, result.example.given, at=0).values
        named = {True: "match", False: "no_match", None: "undetermined"}
        assert named[truth(WARNED, values)] == result.example.expect != named[truth(mutant.new.when, values)]
        assert "-  talk.warnings: {at_least: 2}" in result.diff


def test_a_survivor_is_killed_by_the_example_that_is_given_for_it() -> None:
    blunt = of(WARNED, example("match", talk_0_warnings=9), example("no_match", talk_0_warnings=0))
    given = [each.example for each in run_mutants(blunt, operators=["threshold"]).results if each.example]

    sharper = of(WARNED, *blunt.rules[0].examples, *given)

    assert run_mutants(sharper, operators=["threshold"]).count(Fate.KILLED) == 2


def test_a_scenario_that_expects_the_effect_kills_what_takes_it_away() -> None:
    steps: tuple[Step, ...] = (
        (0, "offered", {}, {}), (1, "answered", {"agent": "li"}, {}), (2, "warned", {}, {"effect": "continue"}),
        (3, "warned", {}, {"effect": "warn"}),
    )  # fmt: skip
    bundle = replace(of(WARNED, *SHARP), scenarios=(call(*steps),))

    report = run_mutants(bundle, operators=["status"])

    assert [(each.fate, each.by) for each in report.results] == [(Fate.KILLED, "scenario `a_call`")]


def test_a_scenario_that_expects_nothing_of_it_shows_the_call_that_would_tell_it() -> None:
    steps: tuple[Step, ...] = (
        (0, "offered", {}, {"screen": "accept"}), (1, "answered", {"agent": "li"}, {}), (2, "warned", {}, {}),
        (3, "warned", {}, {}),
    )  # fmt: skip
    bundle = replace(of(WARNED, *SHARP), scenarios=(call(*steps),))

    (result,) = run_mutants(bundle, operators=["status"]).results

    assert result.fate is Fate.SURVIVED
    assert result.telling is not None
    assert result.telling.facts["talk.warnings"] == 2
    assert "hangup: warn (warn)" in result.telling.old
    assert "hangup: continue" in result.telling.new
    command = command_of(result.telling, bundle)
    assert command.startswith("callpolicy decide --point in_call --fact ")
    assert " --rules 'my norm' --fact " in command_of(result.telling, bundle, "my norm")
    # A telephone number is personal: it is in no output.
    assert not any(each in command for each in ("caller.number=", NUMBER.lstrip("+")))


def test_a_prover_is_asked_about_survivors_only() -> None:
    asked: list[str] = []

    def proves(new: Bundle) -> Answer:
        asked.append(new.revision.rpartition("+")[2])
        return Answer(True, why="proved")

    twice = Any((WARNED, WARNED))
    report = run_mutants(of(twice, *SHARP), operators=["leaf_dropped", "threshold"], equivalent=lambda _: proves)

    assert {each.fate for each in report.results if each.operator == "leaf_dropped"} == {Fate.EQUIVALENT}
    names = [each.mutant_id for each in report.results if each.fate is Fate.EQUIVALENT]
    assert [revision in f"+{name}" for revision, name in zip(asked, names, strict=True)] == [True] * len(names)
    # An equivalent one counts neither way.
    assert report.killed_percent < 100.0 or report.count(Fate.SURVIVED) == 0


def test_a_prover_that_is_not_installed_is_said_and_counts_as_not_killed() -> None:
    def proves(new: Bundle) -> Answer:
        raise MissingExtraError("prove", "proving")

    twice = Any((WARNED, WARNED))
    for equivalent in (None, lambda _: proves):
        report = run_mutants(of(twice, *SHARP), operators=["leaf_dropped"], equivalent=equivalent)
        assert {(each.fate, each.by) for each in report.results} == {
            (Fate.NOT_ASKED, "nobody was asked for a proof: pip install 'callpolicy[prove]'")
        }
        assert report.killed_percent == 0.0


def test_the_solver_proves_what_is_equivalent_and_finds_the_call_where_it_is_not() -> None:
    twice = of(Any((WARNED, WARNED)), *SHARP)
    (dropped, _) = mutants_of(twice, ["leaf_dropped"])
    (moved, _) = mutants_of(of(WARNED), ["threshold"])

    assert Proving(twice)(applied(dropped, twice)).same is True
    answer = Proving(of(WARNED))(applied(moved, of(WARNED)))
    assert answer.same is False
    assert answer.facts is not None
    assert answer.facts["talk.warnings"] == 1


def test_an_invariant_that_acts_in_a_scenario_is_missed_when_it_is_left_out() -> None:
    close = a_rule("close", Effect.HANG_UP, OFFENDED, examples=(
        example("match", talk_0_offences=1), example("no_match", talk_0_offences=0)))  # fmt: skip
    early = Leaf("talk.warnings", Op.AT_MOST, 0)
    guard = replace(GUARDS[0], id="warned_first", when=early, instead=Effect.CONTINUE)
    steps: tuple[Step, ...] = (
        (0, "offered", {}, {}), (1, "answered", {"agent": "li"}, {}),
        (2, "offence", {"kind": "abuse"}, {"effect": "continue", "invariants": ("warned_first",)}),
    )  # fmt: skip
    bundle = replace(a_bundle(close, invariants=(guard, *GUARDS)), scenarios=(call(*steps),))

    report = run_mutants(bundle, operators=["invariant_dropped"], owners=["warned_first"])

    assert [(each.fate, each.by) for each in report.results] == [(Fate.KILLED, "scenario `a_call`")]


def test_a_norm_that_fails_itself_is_refused() -> None:
    with pytest.raises(UsageError, match="the norm itself passes"):
        run_mutants(of(WARNED, example("match", talk_0_warnings=0)))


def test_an_operator_that_is_not_there_is_told() -> None:
    with pytest.raises(UsageError, match="no mutant is made of `typo`"):
        run_mutants(of(WARNED, *SHARP), owners=["typo"])
    with pytest.raises(UsageError, match="there is no operator `typo`"):
        run_mutants(of(WARNED, *SHARP), operators=["typo"])


# --- runs


def small() -> Bundle:
    norm = starter_norm()
    wanted = {"quiet_after_service", "warn_nuisance", "offence_abuse", "judged_three_times"}
    rules = tuple(each for each in norm.rules if each.id in wanted)
    return replace(norm, rules=rules, scenarios=(), windows=(), invariants=norm.invariants[:2])


def test_several_processes_find_what_one_finds() -> None:
    bundle = small()

    assert run_mutants(bundle, jobs=2) == run_mutants(bundle)


def test_what_did_not_change_is_not_run_again() -> None:
    bundle, kept = small(), Kept()
    first = run_mutants(bundle, kept=kept)
    progress: list[tuple[int, int]] = []

    again = run_mutants(
        bundle, kept=Kept.read(kept.to_bytes()), on_progress=lambda done, whole: progress.append((done, whole))
    )

    assert fates(again) == fates(first)
    assert again.reused == first.count(Fate.KILLED)
    assert progress[0] == (again.reused, len(first.results))
    assert progress[-1] == (len(first.results), len(first.results))


def test_a_changed_rule_is_run_again_and_what_hangs_on_other_rules_alone_is_not() -> None:
    bundle, kept = small(), Kept()
    run_mutants(bundle, kept=kept)
    rule = bundle.rule("quiet_after_service")
    # Without that example, a breath is taken for silence and nobody says so.
    weaker = replace(rule, examples=tuple(each for each in rule.examples if each.name != "a breath is not silence"))
    rules = tuple(weaker if each is rule else each for each in bundle.rules)

    again = run_mutants(replace(bundle, rules=rules, revision="sha256:other"), kept=kept)

    assert fates(again)["threshold:quiet_after_service:talk.quiet_for at_least 2s: -1"] is not Fate.KILLED
    others = [each for each in again.results if each.owner != rule.id and each.by.startswith("example ")]
    assert again.reused >= len(others) > 0


def test_texts_change_no_result() -> None:
    bundle, kept = small(), Kept()
    first = run_mutants(bundle, kept=kept)
    told = tuple(replace(each, because={"en": "other words", "zh-CN": "换个说法"}) for each in bundle.rules)

    assert run_mutants(replace(bundle, rules=told), kept=kept).reused == first.count(Fate.KILLED)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[]", b"null", b'{"format": 1}', b'{"format": 2, "entries": {}}', b"\xff\xfe",
        b'{"format": 1, "entries": {"a": ["survived", ""]}}', b'{"format": 1, "entries": {"a": 3}}',
        b'{"format": 1, "entries": []}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_cache_that_cannot_be_read_counts_for_nothing(data: bytes) -> None:
    kept = Kept.read(data)

    assert (kept.whole, kept.entries) == (False, {})


def test_a_report_can_be_written_as_json_with_every_mutant_in_one_place() -> None:
    report = run_mutants(of(WARNED, *SHARP))

    tree = report_dict(report, of(WARNED, *SHARP))

    told: Iterable[dict[str, str]] = (*tree["killed"], *tree["survivors"], *tree["equivalent"])
    assert sorted(each["id"] for each in told) == sorted(each.mutant_id for each in report.results)
    assert sum(tree["fates"].values()) == tree["mutants"] == len(report.results)


def test_a_report_of_nothing_is_whole() -> None:
    assert MutationReport(()).killed_percent == 100.0
    assert MutationReport((Result("a", "b", "c", Fate.EQUIVALENT),)).killed_percent == 100.0
