"""No personal value stands in the chain unless it is declared clear; what cannot be masked is not written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from callpolicy.audit import Chain, Keys, act_draft, decision_draft, part_to_line, restored, to_line
from callpolicy.decision import Decision, StageResult
from callpolicy.errors import AuditError
from callpolicy.facts import Catalogue, Course, Fact, FactType, InputFault, Privacy, Snapshot, Value
from callpolicy.facts.builtin import BUILTIN
from callpolicy.points import STAGES_AT, DecisionPoint, default_effect
from callpolicy.policy import Outcome
from callpolicy.windows import Elapsed, Steps
from tests.audit.trails import KEYS, START, salt

CATALOGUE: Catalogue = BUILTIN.extended(
    [
        Fact("host.said", FactType.STR, {}, privacy=Privacy.PERSONAL),
        Fact("host.names", FactType.STR_SET, {}, privacy=Privacy.PERSONAL),
        Fact("host.account", FactType.INT, {}, privacy=Privacy.PERSONAL),
        Fact("host.open", FactType.STR, {}),
    ]
)
DIGITS = st.text("0123456789", min_size=4, max_size=4)
# Numbers kept for fiction: +1 212 555 01xx has few, so the whole range of the exchange is planted.
PLANTED = st.fixed_dictionaries(
    {},
    optional={
        "caller.number": DIGITS.map("+1212555".__add__),
        "caller.customer": DIGITS.map("customer-".__add__),
        "case.id": DIGITS.map("Fall Nr. ".__add__),
        "host.said": DIGITS.map("我的卡号是 6222 0000 0000 ".__add__),
        "host.names": st.frozensets(DIGITS.map("Frau Muster ".__add__), max_size=2),
        "host.account": DIGITS.map(lambda digits: int("98765" + digits)),
        "host.undeclared": DIGITS.map("undeclared ".__add__),
    },
)
OPEN = st.fixed_dictionaries(
    {"talk.warnings": st.integers(0, 3)},
    optional={
        "call.queue": st.sampled_from(["cards", "信用卡"]),
        "host.open": st.sampled_from(["open", 'a "b"\n']),
        "case.since_final": st.integers(0, 1 << 62),
        "talk.signals": st.frozensets(st.sampled_from(["anger", "threat"])),
        "talk.answered": st.booleans(),
        "host.rate": st.floats(allow_nan=False, allow_infinity=False),
    },
)
COURSES = st.dictionaries(
    st.sampled_from(["talk.warnings", "case.since_final", "host.account"]),
    st.sampled_from(
        [
            Elapsed(5, None), Elapsed(-7, 9, ((11, None), (1 << 60, 1 << 61))), Steps(()),
            Steps(((START, True), (START + 9, False))), Steps(((START, 2), (START + 1, None), (1 << 62, 3))),
        ]
    ),
)  # fmt: skip


def made(values: dict[str, Value], courses: dict[str, Course] | None = None, **more: Any) -> Decision:
    stages = tuple(
        StageResult(stage, Outcome(default_effect(stage)), True) for stage in STAGES_AT[DecisionPoint.IN_CALL]
    )
    fields: dict[str, Any] = {
        "decision_id": "c1#3", "call_id": "c1", "point": DecisionPoint.IN_CALL, "at": START,
        "revision": "sha256:00", "stages": stages, "digest": "hmac-sha256:" + "ab" * 32, **more,
    }  # fmt: skip
    faults = fields.get("input_faults", ())
    return Decision(**fields, snapshot=Snapshot(START, values, courses or {}, faults))


def texts(value: Value) -> list[str]:
    return sorted(value) if isinstance(value, frozenset) else [str(value)]


@given(PLANTED, OPEN, COURSES, st.data())
def test_no_personal_value_occurs_in_the_chained_bytes_unless_it_is_declared_clear(
    planted: dict[str, Value], shown: dict[str, Value], courses: dict[str, Course], data: st.DataObject
) -> None:
    clear = frozenset(data.draw(st.sets(st.sampled_from(sorted(planted))))) if planted else frozenset()
    again = data.draw(st.sampled_from(["", *(each for name in planted for each in texts(planted[name]))]))
    decision = made(planted | shown | {"host.open": f"echo {again}"}, courses)

    _, record, part = Chain.begin("w").append(decision_draft(decision, CATALOGUE, clear=clear), keys=KEYS, salt=salt(0))
    chained, apart = to_line(record).decode(), b"" if part is None else part_to_line(part)

    for name, value in planted.items():
        for text in texts(value):
            if name not in clear:
                assert text not in chained
            elif text.isascii():
                assert text in chained
            assert text.encode() not in apart
            assert text not in repr(part)
    for name in shown.keys() - {"host.open", "host.rate"}:
        assert f'"{name}":' in chained
    assert (part is None) is (not record.names)


@given(PLANTED, OPEN, COURSES)
def test_with_the_personal_part_the_snapshot_comes_back_exactly_and_without_it_nothing_does(
    planted: dict[str, Value], shown: dict[str, Value], courses: dict[str, Course]
) -> None:
    decision = made(planted | shown, courses, input_faults=(InputFault("+12125550142", "unknown-fact"),))
    _, record, part = Chain.begin("w").append(decision_draft(decision, CATALOGUE), keys=KEYS, salt=salt(0))

    back = restored(record, part, KEYS)

    assert back == decision
    assert back is not None
    assert back.snapshot is not None
    assert decision.snapshot is not None
    assert back.snapshot == decision.snapshot
    assert repr(sorted(back.snapshot.courses.items(), key=str)) == repr(
        sorted(decision.snapshot.courses.items(), key=str)
    )
    # 1, 1.0 and True are equal and are not the same; nor are 0.0 and -0.0.
    assert {name: repr(value) for name, value in back.snapshot.values.items() if type(value) is not frozenset} == {
        name: repr(value) for name, value in decision.snapshot.values.items() if type(value) is not frozenset
    }
    assert restored(record, None, KEYS) is None
    assert restored(record, part, None) is None


@pytest.mark.parametrize(
    "value",
    [True, 1, 1.0, 0.0, -0.0, 5e-324, 1.7976931348623157e308, (1 << 53) - 1, 1 << 53, -(1 << 63), "", "1",
     frozenset(), frozenset({"b", "a"})],
)  # fmt: skip
def test_every_value_comes_back_with_its_type(value: Value) -> None:
    decision = made({"host.x": value, "call.queue": "cards"})
    _, record, part = Chain.begin("w").append(
        decision_draft(decision, CATALOGUE, clear={"host.x"}), keys=KEYS, salt=salt(0)
    )

    back = restored(record, part, KEYS)

    assert part is None
    assert back is not None
    assert back.snapshot is not None
    found = back.snapshot.values["host.x"]
    assert (type(found), repr(sorted(found) if isinstance(found, frozenset) else found)) == (
        type(value), repr(sorted(value) if isinstance(value, frozenset) else value),
    )  # fmt: skip


def test_what_shows_a_personal_value_again_is_kept_with_it() -> None:
    values: dict[str, Value] = {
        "caller.number": "+12125550142",
        "call.dialled": "tel:12125550142;ext=9",
        "call.topic": "(212) 555-0142 called",
        "call.team": "+12125550142",
        "host.open": "25550142",
        "call.queue": "555",
        "call.language": "call 5550142",
    }
    draft = decision_draft(made(values), CATALOGUE)

    # Whatever stands between the digits, and also where the value is nothing but the number.
    hidden = ["call.dialled", "call.team", "call.topic", "caller.number", "host.open"]
    assert sorted(draft.personal["facts"]) == hidden
    assert draft.body["facts"] == {"call.queue": "555", "call.language": "call 5550142"}


def test_what_is_declared_clear_stays_and_hides_nothing_elsewhere() -> None:
    values: dict[str, Value] = {
        "caller.number": "+12125550142", "caller.customer": "+12125550142", "call.dialled": "12125550142",
    }  # fmt: skip

    number_clear = decision_draft(made(values), CATALOGUE, clear={"caller.number"})
    dialled_clear = decision_draft(made(values), CATALOGUE, clear={"call.dialled"})

    assert sorted(number_clear.body["facts"]) == ["call.dialled", "caller.number"]
    assert sorted(dialled_clear.body["facts"]) == ["call.dialled"]


def test_the_digest_of_the_snapshot_is_erased_with_what_it_was_made_from() -> None:
    with_number = decision_draft(made({"caller.number": "+12125550142"}), CATALOGUE)
    without = decision_draft(made({"call.queue": "cards"}), CATALOGUE)

    assert "digest" not in with_number.body["decision"]
    assert with_number.personal["decision"] == {"digest": "hmac-sha256:" + "ab" * 32}
    assert without.body["decision"]["digest"] == "hmac-sha256:" + "ab" * 32
    assert without.personal == {}


def test_a_name_from_outside_that_is_no_fact_is_not_shown() -> None:
    decision = made({}, input_faults=(InputFault("+12125550142", "unknown-fact"),))
    record = Chain.begin("w").append(decision_draft(decision, CATALOGUE), keys=KEYS, salt=salt(0)).record

    assert b"5550142" not in to_line(record)
    assert record.names == ("decision/input_faults",)


@pytest.mark.parametrize("ids", [{"call_id": "12125550142-7"}, {"decision_id": "+12125550142#0"}])
def test_an_id_that_shows_a_personal_value_stops_the_write(ids: dict[str, Any]) -> None:
    decision = made({"caller.number": "+12125550142"}, **ids)

    with pytest.raises(AuditError, match="give calls ids that name nobody") as caught:
        decision_draft(decision, CATALOGUE)

    assert "5550142" not in str(caught.value)
    assert decision_draft(decision, CATALOGUE, clear={"caller.number"}).personal == {}


class _Broken(Catalogue):
    def __iter__(self) -> Iterator[Fact]:
        raise RuntimeError("a fact of +12125550142")


@pytest.mark.parametrize(
    ("decision", "catalogue"),
    [
        (made({"caller.number": "+12125550142"}), _Broken([])),
        (made({"caller.number": "+1212555\ud800"}), CATALOGUE),
        (made({"caller.number": b"+12125550142"}), CATALOGUE),  # type: ignore[dict-item]  # WHY: a fault on purpose
        (made({"caller.number": None}), CATALOGUE),  # type: ignore[dict-item]  # WHY: a fault on purpose
        (replace(made({"caller.number": "+12125550142"}), snapshot=None), CATALOGUE),
        (replace(made({"caller.number": "+12125550142"}), at=START + 1), CATALOGUE),
    ],
)
def test_a_failure_of_masking_is_an_audit_error_that_tells_nothing(decision: Decision, catalogue: Catalogue) -> None:
    with pytest.raises(AuditError) as caught:
        Chain.begin("w").append(decision_draft(decision, catalogue), keys=KEYS, salt=salt(0))

    assert "555" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_an_act_that_shows_what_is_personal_stops_the_write() -> None:
    identity: Any = {"kind": "number", "value": "+12125550142"}

    assert act_draft("confirm", "u17", "block-7", START, personal={"identity": identity}).personal
    for wrong in ({"subject": "12125550142"}, {"details": {"note": ["for 12125550142"]}}, {"by": "+12125550142"}):
        given_fields: dict[str, Any] = {"act": "confirm", "by": "u17", "subject": "block-7", "at": START, **wrong}
        with pytest.raises(AuditError, match="confirm") as caught:
            act_draft(**given_fields, personal={"identity": identity})
        assert "5550142" not in str(caught.value)


@given(DIGITS, DIGITS)
def test_a_pseudonym_is_the_same_for_the_same_value_only_and_only_under_the_same_secret(one: str, other: str) -> None:
    assume(one != other)
    named = KEYS.name_of("caller.number", f"+1212555{one}")

    assert named == KEYS.name_of("caller.number", f"+1212555{one}")
    assert named not in {
        KEYS.name_of("caller.number", f"+1212555{other}"),
        KEYS.name_of("caller.customer", f"+1212555{one}"),
        KEYS.name_of("caller.numbe", f"r+1212555{one}"),
        Keys.of(b"another secret of another centre").name_of("caller.number", f"+1212555{one}"),
    }
