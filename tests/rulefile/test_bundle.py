"""A bundle that is sound: what stands in its files stands in the bundle."""

from datetime import date
from pathlib import Path

import pytest

from callpolicy.condition import All, Any, FactRef, Leaf, Not, Op
from callpolicy.errors import RuleFileError, SourceSpan
from callpolicy.events import Channel, Feed, Party
from callpolicy.facts import FactType, Origin, Privacy
from callpolicy.identity import IdentityKind
from callpolicy.instants import parse_instant
from callpolicy.points import Effect, Kind, Stage
from callpolicy.policy import (
    Allowlisting,
    Bundle,
    By,
    Governance,
    Ladder,
    Obligation,
    OpenHours,
    Outcome,
    Overdue,
    Pilot,
    Retention,
    Status,
    Term,
    TermRules,
)
from callpolicy.rulefile import load_bundle, load_bundle_files, read_bundle_files
from callpolicy.windows import Measure, Window
from tests.rulefile.test_malformed import SMALL

HERE = Path(__file__).parent
SECOND = 1_000_000


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_bundle(HERE / "small")


def test_policy_yaml_gives_the_settings(bundle: Bundle) -> None:
    settings = bundle.settings

    assert (settings.name, settings.region, settings.time_zone) == ("小型规范 / a small norm", "CN", "Asia/Shanghai")
    assert settings.languages == ("zh-CN", "en")
    assert OpenHours(weekday=1, opens=510, closes=720) in settings.hours
    assert OpenHours(weekday=6, opens=0, closes=1440) in settings.hours
    assert len(settings.hours) == 5
    assert settings.holidays == {date(2026, 1, 1), date(2026, 2, 17)}
    assert settings.feeds == {"agent_marks"}
    assert settings.offence_signals == {"insult": "abuse"}
    assert settings.list_identities == (IdentityKind.CUSTOMER, IdentityKind.NUMBER)
    assert settings.standing_block.effect is Effect.REJECT
    assert settings.standing_block.script == "closing.blocked"


def test_retention_and_clear_text_are_read_as_they_are_written() -> None:
    day = 86_400 * SECOND
    more = b"retention: {history: 400d, cases: 731d, personal: 36h}\nprivacy: {clear: [caller.risk_score, case.id]}\n"

    settings = load_bundle_files(SMALL | {"policy.yaml": SMALL["policy.yaml"] + more}).settings

    assert settings.retention == Retention(400 * day, 731 * day, 730 * day, day + day // 2)
    assert settings.retention.spans == {
        "history": SourceSpan("policy.yaml", 28, 22),
        "cases": SourceSpan("policy.yaml", 28, 35),
        "personal": SourceSpan("policy.yaml", 28, 51),
    }
    assert settings.clear == {"caller.risk_score", "case.id"}


@pytest.mark.parametrize("more", ["", "retention: {}\nprivacy: {}\n"])
def test_left_out_the_history_follows_the_windows_and_nothing_personal_is_clear(more: str) -> None:
    day = 86_400 * SECOND

    settings = load_bundle_files(SMALL | {"policy.yaml": SMALL["policy.yaml"] + more.encode()}).settings

    kept = settings.retention
    assert (kept.history, kept.cases, kept.blocks, kept.personal) == (None, 730 * day, 730 * day, 365 * day)
    assert (kept.spans, settings.clear) == ({}, frozenset())


def test_protected_numbers_are_canonical(bundle: Bundle) -> None:
    assert bundle.settings.protected_numbers == {"emergency": ("CN:110", "CN:119", "+8613800138000"), "regulator": ()}
    assert bundle.settings.protected_classes["regulator"] == {"zh-CN": "监管机构", "en": "regulators"}


def test_a_condition_is_read_as_it_is_written(bundle: Bundle) -> None:
    assert bundle.rule("nuisance_persists").when == All(
        (
            Leaf("caller.class", Op.IS, "nuisance"),
            Leaf("talk.warnings", Op.AT_LEAST, 1),
            Any((Leaf("talk.offences_since_warning", Op.AT_LEAST, 1), Leaf("talk.signals", Op.HAS, "insult"))),
            Not(
                (
                    Leaf("talk.quiet_for", Op.BETWEEN, (2 * SECOND, 60 * SECOND)),
                    Leaf("history.calls_30m", Op.MORE_THAN, FactRef("talk.warnings")),
                    # 2026-01-01T00:00:00+08:00 is 2025-12-31T16:00:00Z.
                    Leaf("host.account_opened_at", Op.AT_LEAST, 1_767_196_800 * SECOND),
                )
            ),
        )
    )


def test_a_leaf_knows_where_it_stands(bundle: Bundle) -> None:
    when = bundle.rule("nuisance_persists").when

    assert isinstance(when, All)
    assert isinstance(when.items[1], Leaf)
    assert when.items[1].span == SourceSpan("hangup/nuisance_persists.yaml", 12, 22)


def test_the_rest_of_a_rule_is_read_as_it_is_written(bundle: Bundle) -> None:
    rule = bundle.rule("nuisance_persists")

    assert (rule.stage, rule.status, rule.priority) == (Stage.HANGUP, Status.ENFORCED, 50)
    assert (rule.owner, rule.review_by) == ("service-quality", date(2027, 5, 1))
    assert rule.then == Outcome(Effect.HANG_UP, by=By.AGENT, script="closing.nuisance")
    assert rule.obligations == (Obligation.RECORD_CALL, Obligation.NOTIFY_TEAM_LEADER)
    assert rule.because == {"zh-CN": "已提醒 {talk.warnings} 次。", "en": "Warned {talk.warnings} times."}
    assert rule.examples[0].given["talk.signals"] == frozenset({"insult"})
    assert rule.examples[0].given["talk.quiet_for"] == 0
    assert rule.examples[0].given["host.account_opened_at"] == parse_instant("2025-05-31T16:00:00Z")
    assert bundle.rule("judged_nuisance").then == Outcome(Effect.NUISANCE, kind=Kind.ABUSE)
    assert bundle.rule("judged_nuisance").norm == ("2.2",)
    assert bundle.rule("premium_first").pilot == Pilot(("north",), ("main",), 20)
    assert bundle.rule("burst").then == Outcome(Effect.BLOCK, by=By.SYSTEM, term=12 * 3600 * SECOND)


def test_a_window_makes_a_fact_of_history(bundle: Bundle) -> None:
    assert bundle.windows == (
        Window("history.calls_30m", Measure.COUNT, "calls", 1800 * SECOND, identity="customer"),
        Window("history.nuisance_24h", Measure.COUNT, "judged", 86_400 * SECOND, where=(("class", ("nuisance",)),)),
        Window("history.topics_today", Measure.DISTINCT, "calls", calendar="day", distinct_of="topic"),
        Window(
            "history.since_same_topic", Measure.SECONDS_SINCE, "calls", 30 * 86_400 * SECOND, same_as_current=("topic",)
        ),
    )
    count, since = bundle.catalogue["history.calls_30m"], bundle.catalogue["history.since_same_topic"]
    assert (count.type, count.origin, count.minimum) == (FactType.INT, Origin.HISTORY, 0)
    assert (since.type, since.origin, since.anchor) == (FactType.DURATION, Origin.HISTORY, "the last of: calls")


def test_facts_yaml_declares_host_facts(bundle: Bundle) -> None:
    wait, risk = bundle.catalogue["host.queue_wait"], bundle.catalogue["caller.risk_score"]

    assert (wait.type, wait.minimum, wait.maximum) == (FactType.DURATION, 0, 8 * 3600 * SECOND)
    assert (risk.type, risk.privacy, risk.origin) == (FactType.FLOAT, Privacy.PERSONAL, Origin.HOST)
    assert bundle.catalogue["host.segment"].values == ("retail", "premium")
    assert bundle.catalogue["talk.warnings"].origin is Origin.FOLD


def test_an_invariant_is_of_the_stage_of_its_effects(bundle: Bundle) -> None:
    (invariant,) = bundle.invariants

    assert (invariant.stage, invariant.instead) == (Stage.HANGUP, Effect.WARN)
    assert invariant.effects == {Effect.HANG_UP, Effect.HANG_UP_POLITELY}
    assert invariant.when == All(
        (Leaf("caller.class", Op.IS, "nuisance"), Not((Leaf("talk.warnings", Op.AT_LEAST, 1),)))
    )


def test_governance_is_checked_data(bundle: Bundle) -> None:
    day = 86_400 * SECOND

    assert bundle.governance == Governance(
        roles={
            "team_leader": {"zh-CN": "班组长", "en": "team leader"},
            "quality_desk": {"zh-CN": "质检", "en": "quality desk"},
            "ivr_operator": {"zh-CN": "IVR 维护", "en": "IVR operator"},
        },
        terms={
            Term.DAY: TermRules(("team_leader",), ("ivr_operator",), ("quality_desk",), day),
            Term.PERMANENT: TermRules(("quality_desk",), ("ivr_operator",), ("quality_desk",), 30 * day, True),
        },
        longest_automatic_term=Term.DAY,
        confirm_within=day,
        review_within=0,
        overdue_reviews=Overdue.LIFT,
        appeal_within=3 * day,
        overdue_appeals=Overdue.LIFT,
        time_zone="Asia/Shanghai",
    )


def test_all_of_governance_is_read_as_it_is_written() -> None:
    more = """
confirm_within: 4h
automatic_hang_up: true
four_eyes_over: 12h
review_within: 2d
overdue_reviews: stay
overdue_appeals: stay
longest_reason: 80
shortest_prefix: {CN: 8, other: 9}
ladder: {steps: [12h, day, permanent], look_back: 180d, decay: 90d}
allowlist: {maintain: [quality_desk, team_leader], longest: 365d}
staff: {Li: [team_leader], wang.x: [quality_desk, ivr_operator], 王芳: [ivr_operator]}
"""
    files = SMALL | {"governance.yaml": SMALL["governance.yaml"] + more.encode()}

    governance = load_bundle_files(files).governance

    assert governance is not None
    assert (governance.confirm_within, governance.four_eyes_over) == (4 * 3600 * SECOND, 12 * 3600 * SECOND)
    assert (governance.automatic_hang_up, governance.longest_reason) == (True, 80)
    assert governance.review_within == 2 * 86_400 * SECOND
    assert (governance.overdue_reviews, governance.overdue_appeals) == (Overdue.STAY, Overdue.STAY)
    assert governance.shortest_prefix == {"CN": 8, "other": 9}
    assert governance.ladder == Ladder(
        (12 * 3600 * SECOND, Term.DAY, Term.PERMANENT), 180 * 86_400 * SECOND, 90 * 86_400 * SECOND
    )
    assert governance.allowlist == Allowlisting(("quality_desk", "team_leader"), 365 * 86_400 * SECOND)
    assert governance.staff == {
        "Li": ("team_leader",), "wang.x": ("quality_desk", "ivr_operator"), "王芳": ("ivr_operator",),
    }  # fmt: skip


def test_a_bundle_without_governance_has_none() -> None:
    files = {name: data for name, data in SMALL.items() if name != "governance.yaml"}

    assert load_bundle_files(files).governance is None


def test_a_scenario_is_ready_to_be_made_into_events(bundle: Bundle) -> None:
    (scenario,) = bundle.scenarios
    start = parse_instant("2026-03-02T01:00:00Z")

    assert scenario.start == start
    assert scenario.calls["first"] == {
        "number": "+86 138 0013 8002",
        "queue": "main",
        "feeds": frozenset({Feed.AGENT_MARKS}),
        "facts": {"host.queue_wait": 90 * SECOND},
    }
    assert scenario.lists == (
        {
            "list": "blocklist",
            "number": "+8613800138001",
            "from": parse_instant("2026-02-28T16:00:00Z"),
            "until": start + 12 * 3600 * SECOND,
            "reason": "burst",
        },
    )
    said, judged = scenario.steps[2], scenario.steps[3]
    assert (said.at, said.event, said.fields) == (10 * SECOND, "said", {"by": Party.CALLER, "text": "你这个笨蛋"})
    assert judged.fields == {"class_": "nuisance", "kind": "abuse"}
    assert judged.expect == {"class": Effect.NUISANCE, "kind": Kind.ABUSE}
    assert scenario.steps[4].expect == {"effect": Effect.CONTINUE, "default": True, "facts": {"talk.warnings": 1}}
    assert scenario.steps[6].event is None
    assert scenario.steps[6].expect["determining"] == ("nuisance_persists",)


def test_what_is_expected_of_each_stage_is_read_with_its_types() -> None:
    stages = (
        "{classify: {class: nuisance, kind: null, determining: [judged_nuisance]}, "
        "blocklist: {effect: propose_block, term: 12h, obligations: [record_call]}, "
        "screen: {determining: [standing_block], by: system}, hangup: {default: false, held_by: []}}"
    )
    step = f"  - {{at: 21s, call: first, expect: {{stages: {stages}}}}}\n"
    files = SMALL | {"scenarios/warned_then_hung_up.yaml": SMALL["scenarios/warned_then_hung_up.yaml"] + step.encode()}

    (scenario,) = load_bundle_files(files).scenarios

    assert scenario.steps[-1].expect == {
        "stages": {
            Stage.CLASSIFY: {"class": Effect.NUISANCE, "kind": None, "determining": ("judged_nuisance",)},
            Stage.BLOCKLIST: {
                "effect": Effect.PROPOSE_BLOCK, "term": 12 * 3_600_000_000, "obligations": (Obligation.RECORD_CALL,),
            },
            Stage.SCREEN: {"determining": ("standing_block",), "by": By.SYSTEM},
            Stage.HANGUP: {"default": False, "held_by": ()},
        }
    }  # fmt: skip


def test_an_expected_unknown_and_an_expected_recheck_are_read() -> None:
    step = "  - {at: 21s, call: first, expect: {kind: null, recheck_at: 30s, facts: {case.status: null}}}\n"
    files = SMALL | {"scenarios/warned_then_hung_up.yaml": SMALL["scenarios/warned_then_hung_up.yaml"] + step.encode()}

    (scenario,) = load_bundle_files(files).scenarios

    assert scenario.steps[-1].expect == {
        "kind": None,
        "recheck_at": parse_instant("2026-03-02T01:00:30Z"),
        "facts": {"case.status": None},
    }


def test_a_channel_is_read_as_the_event_takes_it() -> None:
    name = "scenarios/warned_then_hung_up.yaml"
    files = SMALL | {name: SMALL[name].replace(b"queue: main", b"channel: chat")}

    assert load_bundle_files(files).scenarios[0].calls["first"]["channel"] is Channel.CHAT


def test_only_policy_yaml_is_needed() -> None:
    files = {"policy.yaml": SMALL["policy.yaml"].replace(b"offence_signals: {insult: abuse}\n", b"")}
    files["policy.yaml"] = files["policy.yaml"].replace(b", say: closing.blocked", b"")

    assert load_bundle_files(files).rules == ()


def test_without_policy_yaml_there_is_no_bundle() -> None:
    bundle, findings = read_bundle_files({})

    assert bundle is None
    assert [(finding.code, str(finding.span)) for finding in findings] == [("missing-file", "policy.yaml:1:1")]


def test_an_expired_review_date_is_no_fault_of_the_file() -> None:
    name = "classify/judged_nuisance.yaml"

    bundle = load_bundle_files(SMALL | {name: SMALL[name].replace(b"2027-05-01", b"2001-05-01")})

    assert bundle.rule("judged_nuisance").review_by == date(2001, 5, 1)


def test_all_faults_are_raised_at_once_in_file_order() -> None:
    files = {name: data.replace(b"priority: ", b"priority: -") for name, data in SMALL.items()}

    with pytest.raises(RuleFileError) as caught:
        load_bundle_files(files)

    assert [str(finding.span) for finding in caught.value.findings] == [
        "blocklist/burst.yaml:8:11",
        "classify/judged_nuisance.yaml:8:11",
        "hangup/nuisance_persists.yaml:8:11",
        "policy.yaml:26:44",
        "screen/premium_first.yaml:8:11",
    ]


def test_hidden_files_readmes_and_schemas_are_not_looked_at() -> None:
    files = {".git/x.yaml": b"\xff", "README.md": b"#", "schemas/x.yaml": b"x", "hangup/.x.yaml": b"x"}

    assert load_bundle_files(SMALL | files).revision == load_bundle_files(SMALL).revision


def test_the_revision_is_of_what_is_declared_and_not_of_how_it_is_written() -> None:
    name = "blocklist/burst.yaml"
    respelled = SMALL[name].replace(b"id: burst\nstage: blocklist", b'# said\nstage: "blocklist"\nid: burst')
    revision = load_bundle_files(SMALL).revision

    assert load_bundle_files(SMALL | {name: respelled}).revision == revision
    assert load_bundle_files(SMALL | {name: SMALL[name].replace(b"priority: 20", b"priority: 21")}).revision != revision
    assert revision.startswith("sha256:")
    assert len(revision) == len("sha256:") + 64


def test_the_revision_covers_examples_and_scenarios() -> None:
    rule, scenario = "classify/judged_nuisance.yaml", "scenarios/warned_then_hung_up.yaml"
    revisions = {
        load_bundle_files(files).revision
        for files in (
            SMALL,
            SMALL | {rule: SMALL[rule].replace(b"name: judged,", b"name: so judged,")},
            SMALL | {scenario: SMALL[scenario].replace(b"at: 14s", b"at: 15s")},
        )
    }

    assert len(revisions) == 3
