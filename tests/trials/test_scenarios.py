"""Scenarios: whole calls with a virtual clock, run by the engine that live calls use; a failure is told at its step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from callpolicy.condition import Leaf, Op
from callpolicy.errors import MatcherError, SourceSpan
from callpolicy.points import Effect
from callpolicy.policy import Bundle, Scenario, ScenarioStep
from callpolicy.runtime import engine as engine_module
from callpolicy.trials import run_scenario, try_scenarios
from tests.engine.bundles import rule
from tests.runtime.norms import DAY, MINUTE, NUMBER, SECOND, START, norm

FILE = "scenarios/abuse.yaml"


def step(
    at: int, event: str | None, expect: Mapping[str, object] | None = None, call: str = "c1", **fields: object
) -> ScenarioStep:
    return ScenarioStep(at, call, event, fields, expect or {}, SourceSpan(FILE, 10 + at // SECOND, 3))


def scenario(
    *steps: ScenarioStep, lists: tuple[Mapping[str, object], ...] = (), **calls: Mapping[str, object]
) -> Scenario:
    return Scenario(
        "abuse",
        {"zh-CN": "辱骂", "en": "abuse"},
        START,
        {"c1": {"number": NUMBER}, **calls},
        steps,
        lists,
        SourceSpan(FILE, 1, 1),
    )


ABUSE = (
    step(0, "offered", {"screen": "accept", "default": True}),
    step(1 * SECOND, "answered", agent="li"),
    step(2 * SECOND, "offence", {"effect": "warn", "kind": "abuse", "determining": ("warn_first",)}),
    step(3 * SECOND, "warned", {"effect": "continue", "facts": {"talk.warnings": 1, "talk.offences_since_warning": 0}}),
    step(
        4 * SECOND,
        "offence",
        {
            "hangup": "hang_up", "by": "system", "say": "closing.nuisance", "obligations": ("record_call",),
            "held_by": (), "invariants": (), "hidden": None, "term": None, "to": None,
        },
    ),
    step(5 * SECOND, "ended", {"blocklist": "none"}, cause="hang_up"),
)  # fmt: skip


def with_scenarios(*scenarios: Scenario) -> Bundle:
    return replace(norm(), scenarios=scenarios)


def test_a_scenario_that_comes_true_has_no_finding() -> None:
    outcome = run_scenario(norm(), scenario(*ABUSE))

    assert [each.failures for each in outcome.steps] == [()] * 6
    assert outcome.passed
    assert try_scenarios(with_scenarios(scenario(*ABUSE))) == ()
    assert [str(each.decision.effect) for each in outcome.steps if each.decision] == [
        "accept", "continue", "warn", "continue", "hang_up", "none",
    ]  # fmt: skip


@pytest.mark.parametrize("matcher", ["reference", "indexed"])
def test_a_scenario_runs_on_every_matcher(matcher: str) -> None:
    assert run_scenario(norm(), scenario(*ABUSE), matcher).passed


def test_what_is_not_as_expected_is_told_with_step_call_and_place() -> None:
    wrong = step(
        2 * SECOND, "offence", {"effect": "hang_up", "class": "nuisance", "determining": ("hang_up_after_warning",)}
    )

    findings = try_scenarios(with_scenarios(scenario(*ABUSE[:2], wrong)))

    assert [(each.code, each.message, each.span) for each in findings] == [
        (
            "scenario-fails",
            "scenario `abuse`: at 2s, call `c1`: effect is `warn`, expected `hang_up`; "
            "determining is [`warn_first`], expected [`hang_up_after_warning`]",
            SourceSpan(FILE, 12, 3),
        ),
    ]


def test_each_line_on_which_something_is_expected_is_told_once_with_all_that_differs_there() -> None:
    places = {
        ("effect",): SourceSpan(FILE, 21, 7),
        ("stages", "hangup", "effect"): SourceSpan(FILE, 24, 20),
        ("stages", "hangup", "by"): SourceSpan(FILE, 24, 40),
        ("stages", "classify", "kind"): SourceSpan(FILE, 23, 20),
        ("facts", "talk.quiet_for"): SourceSpan(FILE, 26, 9),
    }
    expected: Mapping[str, object] = {
        "effect": "warn",
        "stages": {"classify": {"kind": "harassment"}, "hangup": {"effect": "warn", "by": "agent"}},
        "facts": {"talk.quiet_for": 90 * SECOND},
    }
    last = replace(step(4 * SECOND, "offence", expected), places=places)

    findings = try_scenarios(with_scenarios(scenario(*ABUSE[:4], last)))

    assert [(each.span.line, each.message.partition("`c1`: ")[2]) for each in findings if each.span] == [
        (21, "effect is `hang_up`, expected `warn`"),
        (23, "stage `classify`: kind is `abuse`, expected `harassment`"),
        (
            24,
            "stage `hangup`: effect is `hang_up`, expected `warn`; stage `hangup`: by is `system`, expected `agent`",
        ),
        (26, "fact `talk.quiet_for` is nothing, expected `1m30s`"),
    ]


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ({"effect": "warn"}, "处理（effect）实际为 `hang_up`，期望为 `warn`"),
        ({"determining": ()}, "决定性规则（determining）实际为 [`hang_up_after_warning`]，期望为 []"),
        ({"stages": {"hangup": {"by": "agent"}}}, "阶段 `hangup`：执行者（by）实际为 `system`，期望为 `agent`"),
        ({"stages": {"screen": {"default": True}}}, "阶段 `screen` 此时不作决定，只有 `classify`、`hangup` 作决定"),
        ({"facts": {"talk.warnings": 2}}, "事实 `talk.warnings` 实际为 `1`，期望为 `2`"),
        ({"term": "day"}, "期限（term）实际为无，期望为 `day`"),
    ],
)
def test_what_is_not_as_expected_is_told_in_chinese(expect: Mapping[str, object], told: str) -> None:
    made = with_scenarios(scenario(*ABUSE[:4], step(4 * SECOND, "offence", expect)))

    findings = try_scenarios(made, "zh-CN")

    assert [each.message for each in findings] == [f"场景 `abuse`：4s 时，通话 `c1`：{told}"]


def test_what_cannot_happen_or_expects_nothing_is_told_in_chinese() -> None:
    impossible = run_scenario(norm(), scenario(step(0, "offered"), step(SECOND, "warned")))
    early = run_scenario(norm(), scenario(step(0, None, {"effect": "accept"})))
    silent = try_scenarios(with_scenarios(scenario(step(0, "offered"))), "zh-CN")

    assert impossible.steps[1].told("zh-CN")[0].startswith("1s 时，通话 `c1`：不能接收事件 `warned`（代码 ")
    assert early.steps[0].told("zh-CN") == ("0s 时，通话 `c1`：写了期望，但此时还没有作出决定",)
    assert [each.message for each in silent] == ["场景 `abuse` 没有写任何期望"]


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("effect", "warn"), ("screen", "reject"), ("hangup", "warn"), ("blocklist", "block"), ("by", "agent"),
        ("class", "normal"), ("kind", "harassment"), ("kind", None), ("default", True), ("say", None), ("to", "lead"),
        ("term", "day"), ("determining", ()), ("held_by", ("x",)), ("invariants", ("x",)), ("hidden", "reject"),
        ("obligations", ()), ("obligations", ("record_call", "notify_agent")), ("recheck_at", START),
        ("facts", {"talk.warnings": 2}), ("facts", {"caller.class": "normal"}), ("facts", {"caller.kind": None}),
        ("facts", {"talk.quiet_for": 0}),
    ],
)  # fmt: skip
def test_every_expectation_can_fail(key: str, wanted: object) -> None:
    steps = (*ABUSE[:4], step(4 * SECOND, "offence", {key: wanted}))

    findings = try_scenarios(with_scenarios(scenario(*steps)))

    assert [each.code for each in findings] == ["scenario-fails"]
    assert findings[0].span == SourceSpan(FILE, 14, 3)


STAGES: Mapping[str, object] = {
    "classify": {
        "class": "nuisance", "kind": "abuse", "default": False, "determining": ("abuse",), "held_by": (),
        "invariants": (), "obligations": (),
    },
    "hangup": {
        "effect": "hang_up", "by": "system", "say": "closing.nuisance", "to": None, "default": False,
        "determining": ("hang_up_after_warning",), "held_by": (), "invariants": (), "hidden": None,
        "obligations": ("record_call",),
    },
}  # fmt: skip


def test_what_is_expected_of_each_stage_comes_true() -> None:
    burst = scenario(
        step(0, "offered"),
        step(MINUTE, "offered", call="c2"),
        step(
            2 * MINUTE,
            "offered",
            {
                "stages": {
                    "classify": {"class": "normal", "default": True, "determining": ()},
                    "blocklist": {"effect": "block", "by": "system", "term": "day", "determining": ("burst",)},
                    "screen": {"effect": "reject", "determining": ("standing_block",)},
                }
            },
            call="c3",
        ),
        c2={"number": NUMBER},
        c3={"number": NUMBER},
    )

    assert [each.failures for each in run_scenario(norm(), burst).steps] == [()] * 3
    assert run_scenario(norm(), scenario(*ABUSE[:4], step(4 * SECOND, "offence", {"stages": STAGES}))).passed


@pytest.mark.parametrize(
    ("stage", "key", "wanted", "came", "expected"),
    [
        ("classify", "class", "normal", "`nuisance`", "`normal`"),
        ("classify", "kind", "harassment", "`abuse`", "`harassment`"),
        ("classify", "kind", None, "`abuse`", "nothing"),
        ("classify", "default", True, "`false`", "`true`"),
        ("classify", "determining", (), "[`abuse`]", "[]"),
        ("classify", "held_by", ("x",), "[]", "[`x`]"),
        ("classify", "obligations", ("record_call",), "[]", "[`record_call`]"),
        ("hangup", "effect", "warn", "`hang_up`", "`warn`"),
        ("hangup", "by", "agent", "`system`", "`agent`"),
        ("hangup", "to", "lead", "nothing", "`lead`"),
        ("hangup", "say", None, "`closing.nuisance`", "nothing"),
        ("hangup", "determining", ("warn_first",), "[`hang_up_after_warning`]", "[`warn_first`]"),
        ("hangup", "invariants", ("x",), "[]", "[`x`]"),
        ("hangup", "hidden", "hang_up", "nothing", "`hang_up`"),
        ("hangup", "obligations", (), "[`record_call`]", "[]"),
    ],
)
def test_every_expectation_of_a_stage_can_fail_and_says_which_stage(
    stage: str, key: str, wanted: object, came: str, expected: str
) -> None:
    steps = (*ABUSE[:4], step(4 * SECOND, "offence", {"stages": {stage: {key: wanted}}}))

    findings = try_scenarios(with_scenarios(scenario(*steps)))

    told = f"scenario `abuse`: at 4s, call `c1`: stage `{stage}`: {key} is {came}, expected {expected}"
    assert [(each.code, each.message, each.span) for each in findings] == [
        ("scenario-fails", told, SourceSpan(FILE, 14, 3))
    ]


@pytest.mark.parametrize(
    ("at", "event", "stage", "stages"),
    [
        (0, "offered", "hangup", "`classify`, `blocklist`, `screen`"),
        (1, "answered", "blocklist", "`classify`, `hangup`"),
        (2, "ended", "screen", "`classify`, `blocklist`"),
    ],
)
def test_a_stage_that_has_no_say_at_the_decision_point_is_a_failure(
    at: int, event: str, stage: str, stages: str
) -> None:
    events: tuple[tuple[str, dict[str, str]], ...] = (
        ("offered", {}), ("answered", {"agent": "li"}), ("ended", {"cause": "hang_up"})
    )  # fmt: skip
    steps = [
        step(place * SECOND, name, {"stages": {stage: {"default": True}}} if place == at else {}, **fields)
        for place, (name, fields) in enumerate(events)
    ]

    outcome = run_scenario(norm(), scenario(*steps))

    assert events[at][0] == event
    assert outcome.steps[at].failures == (
        f"at {at}s, call `c1`: stage `{stage}` decides nothing at this point, only {stages} do",
    )
    assert not outcome.passed


def test_a_scenario_that_expects_nothing_is_never_green() -> None:
    silent = scenario(step(0, "offered"))

    findings = try_scenarios(with_scenarios(silent))

    assert [(each.code, each.span) for each in findings] == [("scenario-expects-nothing", SourceSpan(FILE, 1, 1))]
    assert not run_scenario(norm(), silent).passed
    assert not run_scenario(norm(), scenario()).passed


def test_an_event_that_cannot_happen_is_a_failure_of_its_step_and_the_rest_is_run() -> None:
    outcome = run_scenario(
        norm(), scenario(step(0, "offered"), step(SECOND, "warned"), step(2 * SECOND, "ended", {"blocklist": "none"}))
    )

    assert [len(each.failures) for each in outcome.steps] == [0, 1, 0]
    assert "`warned` cannot be taken in" in outcome.steps[1].failures[0]
    assert outcome.steps[1].decision is None
    assert not outcome.passed


def test_something_expected_before_the_call_is_offered_fails() -> None:
    outcome = run_scenario(norm(), scenario(step(0, None, {"effect": "accept"})))

    assert outcome.steps[0].failures == ("at 0s, call `c1`: something is expected, but no decision was made yet",)


def test_a_step_that_only_expects_looks_again_at_its_own_instant() -> None:
    # NORM 2.1: two seconds after the caller said that nothing else is needed, the agent may close the call.
    closing = (
        step(0, "offered"),
        step(1 * SECOND, "answered"),
        step(2 * SECOND, "said", by="caller"),
        step(2 * SECOND, "no_further_needs", {"effect": "continue", "recheck_at": START + 4 * SECOND}),
        step(3 * SECOND, None, {"effect": "continue", "facts": {"talk.quiet_for": SECOND}}),
        step(4 * SECOND, None, {"effect": "offer_close", "determining": ("offer_close",)}),
    )

    outcome = run_scenario(norm(), scenario(*closing))

    assert [each.failures for each in outcome.steps] == [()] * 6
    assert outcome.steps[4].decision is not None
    assert outcome.steps[4].decision.at == START + 3 * SECOND


def test_a_step_that_expects_at_the_instant_of_the_decision_looks_at_that_decision() -> None:
    outcome = run_scenario(norm(), scenario(ABUSE[0], step(0, None, {"effect": "accept"})))

    assert outcome.passed
    assert outcome.steps[1].decision is None


def test_calls_of_a_scenario_share_history_and_are_told_apart_by_name() -> None:
    burst = scenario(
        step(0, "offered"),
        step(MINUTE, "offered", call="c2"),
        step(2 * MINUTE, "offered", {"effect": "reject", "blocklist": "block", "term": None}, call="c3"),
        step(3 * MINUTE, "offered", {"screen": "accept"}, call="other"),
        c2={"number": NUMBER},
        c3={"number": NUMBER},
        other={"number": "+1 212 555 0199"},
    )

    outcome = run_scenario(norm(), burst)

    assert outcome.steps[2].failures == ("at 2m, call `c3`: term is `day`, expected nothing",)
    assert outcome.steps[3].failures == ()


def test_each_run_starts_from_nothing() -> None:
    third = scenario(step(0, "offered", {"screen": "accept"}))

    assert [run_scenario(norm(), third).passed for _ in range(4)] == [True] * 4


def test_lists_of_a_scenario_hold_from_when_they_say() -> None:
    lists = (
        {"list": "blocklist", "number": NUMBER, "from": START, "until": START + DAY, "reason": "burst"},
        {"list": "allowlist", "customer": "70001", "from": START + MINUTE, "until": None, "reason": None},
    )
    listed = scenario(
        step(0, "offered", {"effect": "reject", "determining": ("standing_block",)}),
        step(2 * MINUTE, "offered", {"effect": "accept", "hidden": "reject"}, call="c2"),
        step(DAY, "offered", {"effect": "accept"}, call="c3"),
        lists=lists,
        c2={"number": NUMBER, "customer": "70001"},
        c3={"number": NUMBER},
    )

    assert [each.failures for each in run_scenario(norm(), listed).steps] == [()] * 3


def test_fields_of_the_step_go_over_those_of_the_call() -> None:
    made = norm(rule("divert", Effect.DIVERT, Leaf("call.queue", Op.IS, "cards")))
    asked = scenario(step(0, "offered", {"effect": "divert"}, queue="cards"), c1={"number": NUMBER, "queue": "loans"})

    assert run_scenario(made, asked).passed


def test_a_scenario_in_which_the_engine_failed_is_never_green(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def match(self, values: object) -> object:
            raise MatcherError("its rulesets are gone")

    monkeypatch.setattr(engine_module, "compiler", lambda name: lambda conditions, catalogue: Broken())

    outcome = run_scenario(norm(), scenario(step(0, "offered", {"effect": "accept"})))

    assert not outcome.passed
    assert outcome.steps[0].failures == ("at 0s, call `c1`: the decision failed: engine",)
