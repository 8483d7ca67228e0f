"""What a store knows of a caller, as facts and as how they go on."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from callpolicy.lists import Entries, ListName, Standing
from callpolicy.runtime.surroundings import background_facts
from callpolicy.stores.base import Background, Readings
from callpolicy.windows import CALLS, Elapsed, History, Item, Measure, Reading, Steps, Window, read
from tests.runtime.norms import ANN, DAY, MINUTE, START, entry


def test_who_has_no_identity_is_on_no_list_and_nothing_else_is_known() -> None:
    assert background_facts(Background(), with_courses=True) == ({"caller.allowlisted": False}, {})


def test_who_is_on_no_list_is_known_to_be_on_none() -> None:
    values, courses = background_facts(Background(standing=Standing(None, None, 0)), with_courses=True)

    assert values == {"caller.allowlisted": False, "block.covered": False, "block.count": 0}
    assert courses == {}


def test_a_block_is_told_with_its_end_and_each_fact_with_its_own_changes() -> None:
    entries = Entries(
        [
            entry("b1", START, START + DAY),
            entry("b2", START + DAY // 2, START + 2 * DAY),
            entry("b3", START + 3 * DAY, None),
            entry("a1", START, START + 5, ListName.ALLOWLIST),
        ]
    )

    values, courses = background_facts(Background(standing=entries.standing([ANN], START)), with_courses=True)

    assert values == {
        "caller.allowlisted": True,
        "block.covered": True,
        "block.count": 1,
        "block.permanent": False,
        "block.until": START + DAY,
    }
    half, two, three = START + DAY // 2, START + 2 * DAY, START + 3 * DAY
    assert courses == {
        "caller.allowlisted": Steps(((START + 5, False),)),
        "block.covered": Steps(((two, False), (three, True))),
        "block.count": Steps(((half, 2), (three, 3))),
        "block.permanent": Steps(((two, None), (three, True))),
        "block.until": Steps(((half, two), (two, None))),
    }


def test_a_window_that_is_unknown_is_no_fact() -> None:
    readings = Readings({"history.a": Reading(None), "history.b": Reading(0), "history.c": Reading(3)})

    values, _ = background_facts(Background(readings=readings, case={"case.linked": True}), with_courses=True)

    assert values == {"case.linked": True, "history.b": 0, "history.c": 3, "caller.allowlisted": False}


def test_how_windows_go_on_is_told_to_whoever_asks_beside_what_is_at_hand() -> None:
    history = History()
    history.add(Item(START, "a", 0, CALLS))
    window = Window("history.calls_10m", Measure.COUNT, CALLS, length=MINUTE)
    reading = read(history, window, at=START, current_call="b", current={}, zone=ZoneInfo("UTC"))
    since = Elapsed(START, None)
    background = Background(readings=Readings({window.fact: reading}), case_courses={"case.since_final": since})

    _, asked = background_facts(background, with_courses=True)
    _, not_asked = background_facts(background, with_courses=False)

    assert asked == {"case.since_final": since, window.fact: Steps(((START + MINUTE + 1, 0),))}
    assert not_asked == {"case.since_final": since}


def test_readings_that_still_hold_stand_beside_fresh_ones() -> None:
    steady = Readings({"history.a": Reading(1), "history.b": Reading(None)})

    both = Readings({"history.c": Reading(5)}, steady)

    assert dict(both) == {"history.a": Reading(1), "history.b": Reading(None), "history.c": Reading(5)}
    assert both.known() == {"history.a": 1, "history.c": 5}
    assert steady.known() == {"history.a": 1}
    assert both.courses() == {}
