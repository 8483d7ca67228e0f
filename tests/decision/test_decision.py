"""A decision as a value and as JSON: what it says in short, and that its JSON reads back or is refused clearly."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.decision import FORMAT, MAIN_STAGE, Decision, StageResult
from callpolicy.facts import InputFault, Snapshot
from callpolicy.points import (
    EFFECTS_OF,
    KINDS_OF_CLASS,
    STAGES_AT,
    DecisionPoint,
    Effect,
    Kind,
    Stage,
    default_effect,
)
from callpolicy.policy import By, Obligation, Outcome, Term

IDS = st.lists(st.sampled_from(["abuse", "burst", "held", "规则"]), max_size=2, unique=True).map(sorted).map(tuple)
# Durations are written to the millisecond.
DURATIONS = st.integers(0, 10**9).map(lambda milliseconds: milliseconds * 1_000)


@st.composite
def outcomes(draw: st.DrawFn, stage: Stage) -> Outcome:
    effect = draw(st.sampled_from(EFFECTS_OF[stage]))
    kinds = KINDS_OF_CLASS.get(effect, ())
    return Outcome(
        effect,
        kind=draw(st.sampled_from([None, *kinds])),
        by=draw(st.sampled_from(By)),
        term=draw(st.one_of(st.none(), st.sampled_from(Term), DURATIONS)) if stage is Stage.BLOCKLIST else None,
        wait=draw(st.one_of(st.none(), DURATIONS)) if effect is Effect.OFFER_CLOSE else None,
        to=draw(st.one_of(st.none(), st.text(st.characters(codec="utf-8"), max_size=5))),
        script=draw(st.sampled_from([None, "closing.nuisance"])),
    )


@st.composite
def results(draw: st.DrawFn, stage: Stage) -> StageResult:
    return StageResult(
        stage,
        draw(outcomes(stage)),
        draw(st.booleans()),
        draw(IDS),
        draw(IDS),
        draw(IDS),
        draw(st.one_of(st.none(), outcomes(stage))),
        tuple(sorted(draw(st.sets(st.sampled_from(Obligation), max_size=3)))),
    )


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    point = draw(st.sampled_from(DecisionPoint))
    at = draw(st.integers(0, 1 << 51))
    shadowed = draw(st.sets(st.sampled_from(STAGES_AT[point])))
    return Decision(
        draw(st.text(st.characters(codec="utf-8"), max_size=5)),
        "c1",
        point,
        at,
        "sha256:00",
        tuple(draw(results(stage)) for stage in STAGES_AT[point]),
        tuple(draw(results(stage)) for stage in STAGES_AT[point] if stage in shadowed),
        draw(st.sampled_from([(), (InputFault("call.hour", "out-of-range"),)])),
        draw(st.one_of(st.none(), st.integers(at, at + 10**12))),
        draw(st.sampled_from([None, "hmac-sha256:00"])),
        draw(st.sampled_from([(), ("store",), ("store", "engine")])),
        draw(st.booleans()),
    )


@pytest.mark.untraced
@given(decisions())
def test_every_decision_comes_back_from_its_json(decision: Decision) -> None:
    data = decision.to_json()

    assert Decision.from_json(data) == decision
    assert Decision.from_json(data.decode()) == decision
    assert Decision.from_json(data).to_json() == data


def made(**changes: Any) -> Decision:
    stages = (
        StageResult(Stage.CLASSIFY, Outcome(Effect.NUISANCE, kind=Kind.ABUSE), False, ("abuse",)),
        StageResult(
            Stage.HANGUP,
            Outcome(Effect.HANG_UP, by=By.SYSTEM, script="closing.nuisance"),
            False,
            ("hang_up",),
            obligations=(Obligation.RECORD_CALL,),
        ),
    )
    given_fields: dict[str, Any] = {
        "decision_id": "c1#3",
        "call_id": "c1",
        "point": DecisionPoint.IN_CALL,
        "at": 1_795_000_000_000_001,
        "revision": "sha256:00",
        "stages": stages,
    }
    return Decision(**(given_fields | changes))


def test_the_json_is_as_documented() -> None:
    assert json.loads(made(recheck_at=1_795_000_002_000_001).to_json()) == {
        "format": 1,
        "decision_id": "c1#3",
        "call_id": "c1",
        "point": "in_call",
        "at": "2026-11-18T11:06:40.000001Z",
        "revision": "sha256:00",
        "effect": "hang_up",
        "by": "system",
        "class": "nuisance",
        "kind": "abuse",
        "default": False,
        "stages": [
            {
                "stage": "classify",
                "outcome": {"effect": "nuisance", "by": "agent", "kind": "abuse"},
                "default": False,
                "determining": ["abuse"],
                "held_by": [],
                "invariants": [],
                "hidden": None,
                "obligations": [],
            },
            {
                "stage": "hangup",
                "outcome": {"effect": "hang_up", "by": "system", "script": "closing.nuisance"},
                "default": False,
                "determining": ["hang_up"],
                "held_by": [],
                "invariants": [],
                "hidden": None,
                "obligations": ["record_call"],
            },
        ],
        "shadow": [],
        "obligations": ["record_call"],
        "input_faults": [],
        "recheck_at": "2026-11-18T11:06:42.000001Z",
        "digest": None,
        "failed": [],
        "after_divergence": False,
    }


def test_the_short_properties_are_those_of_the_main_stage() -> None:
    decision = made()

    assert (decision.main.stage, decision.effect, decision.by, decision.default) == (
        Stage.HANGUP,
        Effect.HANG_UP,
        By.SYSTEM,
        False,
    )
    assert (decision.caller_class, decision.caller_kind) == (Effect.NUISANCE, Kind.ABUSE)
    assert (decision.determining, decision.held_by) == (("hang_up",), ())
    assert decision.stage(Stage.SCREEN) is None
    assert decision.stage(Stage.CLASSIFY) is decision.stages[0]


def test_the_main_stage_of_each_point_is_the_last_one() -> None:
    assert {point: stages[-1] for point, stages in STAGES_AT.items()} == MAIN_STAGE


def test_the_snapshot_is_no_part_of_the_json_nor_of_equality() -> None:
    with_snapshot = made(snapshot=Snapshot(0, {"caller.number": "+12125550142"}))

    assert with_snapshot == made()
    assert with_snapshot.to_json() == made().to_json()
    assert "+12125550142" not in repr(with_snapshot)


def changed(path: tuple[str | int, ...], value: object) -> bytes:
    tree: Any = json.loads(made().to_json())
    place = tree
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(tree).encode()


@pytest.mark.parametrize("key", list(made().to_dict()))
def test_a_decision_that_lacks_a_key_is_refused_by_its_name(key: str) -> None:
    tree = json.loads(made().to_json())
    del tree[key]

    with pytest.raises(ValueError, match=f"not a decision: `{key}`"):
        Decision.from_json(json.dumps(tree))


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("format",), FORMAT + 1, "format"),
        (("format",), True, "format"),
        (("format",), "1", "format"),
        (("decision_id",), 7, "decision_id"),
        (("call_id",), None, "call_id"),
        (("point",), "answered", "point"),
        (("point",), ["in_call"], "point"),
        (("point",), "offered", "stages"),
        (("at",), 5, "at"),
        (("at",), "yesterday", "at"),
        (("at",), "2026-11-18T11:06:40", "at"),
        (("at",), "2026-11-18T19:06:40.000001+08:00", "at"),
        (("at",), "9999-12-31T23:59:59-10:00", "at"),
        (("recheck_at",), "soon", "recheck_at"),
        (("recheck_at",), False, "recheck_at"),
        (("effect",), "continue", "effect"),
        (("class",), "normal", "class"),
        (("kind",), None, "kind"),
        (("default",), True, "default"),
        (("obligations",), [], "obligations"),
        (("stages",), [], "stages"),
        (("stages",), {}, "stages"),
        (("stages",), None, "stages"),
        (("stages", 0), 5, "stages"),
        (("stages", 1, "stage"), "screen", "effect"),
        (("stages", 1, "stage"), "hang", "stage"),
        (("stages", 1, "default"), 0, "default"),
        (("stages", 1, "determining"), "hang_up", "determining"),
        (("stages", 1, "determining"), [1], "determining"),
        (("stages", 1, "obligations"), ["dance"], "obligations"),
        (("stages", 1, "hidden"), False, "hidden"),
        (("stages", 1, "more"), 1, "stages"),
        (("stages", 1, "outcome"), "hang_up", "outcome"),
        (("stages", 1, "outcome", "effect"), "reject", "effect"),
        (("stages", 1, "outcome", "effect"), "explode", "effect"),
        (("stages", 1, "outcome", "by"), "nobody", "by"),
        (("stages", 0, "outcome", "kind"), "boredom", "kind"),
        (("stages", 1, "outcome", "term"), "a while", "term"),
        (("stages", 1, "outcome", "term"), 5, "term"),
        (("stages", 1, "outcome", "term"), ["day"], "term"),
        (("stages", 1, "outcome", "wait"), "long", "wait"),
        (("stages", 1, "outcome", "to"), 5, "to"),
        (("stages", 1, "outcome", "script"), [], "script"),
        (("shadow",), ["x"], "shadow"),
        (("input_faults",), [{"fact": "call.hour"}], "code"),
        (("input_faults",), [["call.hour", "x"]], "input_faults"),
        (("digest",), 5, "digest"),
        (("failed",), "store", "failed"),
        (("after_divergence",), "no", "after_divergence"),
        (("more",), 1, "more"),
    ],
)
def test_what_is_not_such_a_decision_is_refused_and_the_place_named(
    path: tuple[str | int, ...], value: object, named: str
) -> None:
    with pytest.raises(ValueError, match=f"not a decision: .*`{named}`"):
        Decision.from_json(changed(path, value))


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", "null", "[]", "5", '"hang_up"', "[" * 2_000])
def test_what_is_no_json_object_is_refused(data: bytes | str) -> None:
    with pytest.raises(ValueError, match="not a decision: "):
        Decision.from_json(data)


def test_a_refusal_never_repeats_a_value() -> None:
    with pytest.raises(ValueError, match="`call_id`") as refused:
        Decision.from_json(changed(("call_id",), ["+12125550142"]))

    assert "5550142" not in str(refused.value)


def test_a_decision_of_defaults_says_so() -> None:
    stages = tuple(StageResult(stage, Outcome(default_effect(stage)), True) for stage in STAGES_AT[DecisionPoint.ENDED])
    decision = made(point=DecisionPoint.ENDED, stages=stages)

    assert (decision.effect, decision.default, decision.caller_class) == (Effect.NONE, True, Effect.NORMAL)
