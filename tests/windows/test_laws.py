"""Windows equal a plain recount: out of order, doubled, at one instant, over changes of the clocks and a leap day."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from callpolicy.windows import CALLS, JUDGED, Elapsed, History, Item, Measure, Reading, Steps, Window, read, retention
from tests.windows.naive import HOUR, MINUTE, foretold, recount, utc

# Around these instants a clock changes, or a leap day begins or ends.
PLACES = [
    ("UTC", "2024-02-29T00:00Z"),
    ("Asia/Shanghai", "2024-02-29T16:00Z"),
    ("Europe/Berlin", "2024-03-31T01:00Z"),
    ("Europe/Berlin", "2024-10-27T01:00Z"),
    ("America/New_York", "2024-03-10T07:00Z"),
    ("America/New_York", "2024-11-03T06:00Z"),
    ("Africa/Cairo", "2024-04-25T22:00Z"),
    ("America/Sao_Paulo", "2018-11-04T03:00Z"),
    ("Asia/Beirut", "2022-10-29T21:00Z"),
    ("America/Havana", "2023-11-05T05:00Z"),
]
STEP = 30 * MINUTE
REACH = 30 * HOUR
LENGTHS = [1, STEP, HOUR, 24 * HOUR, 25 * HOUR]
CALL_NAMES = ["a", "b", "c", "d"]
TOPICS = ["card", "loan"]

# WHY a coarse grid with a microsecond to each side: items must meet the ends of windows and of days exactly.
offsets = st.builds(
    lambda steps, nudge: steps * STEP + nudge,
    st.one_of(st.integers(-4, 4), st.integers(-REACH // STEP, REACH // STEP)),
    st.sampled_from([0, 0, 0, -1, 1]),
)
attributes = st.builds(
    lambda topic, kind: tuple((name, value) for name, value in (("topic", topic), ("class", kind)) if value),
    st.sampled_from([*TOPICS, None]),
    st.sampled_from(["normal", "nuisance", None]),
)
items = st.builds(
    Item,
    at=offsets,
    call_id=st.sampled_from(CALL_NAMES),
    seq=st.integers(0, 5),
    kind=st.sampled_from([CALLS, CALLS, JUDGED, "explained"]),
    attributes=attributes,
)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    measure = draw(st.sampled_from(Measure))
    lengths: list[tuple[int | None, Literal["day"] | None]] = [(None, "day")]
    lengths += [(length, None) for length in LENGTHS]
    if measure is Measure.SECONDS_SINCE:
        lengths.append((None, None))
    length, calendar = draw(st.sampled_from(lengths))
    wheres = [(), (("class", ("nuisance",)),), (("class", ("nuisance", "normal")), ("topic", ("card",)))]
    return Window(
        "history.x",
        measure,
        draw(st.sampled_from([CALLS, CALLS, JUDGED, "explained"])),
        length=length,
        calendar=calendar,
        distinct_of="topic" if measure is Measure.DISTINCT else None,
        where=draw(st.sampled_from(wheres)),
        same_as_current=draw(st.sampled_from([(), (), ("topic",)])),
    )


@st.composite
def streams(draw: st.DrawFn, *, max_size: int = 14) -> tuple[ZoneInfo, int, list[Item]]:
    """Draw a zone, an instant near a change of its clocks, and what arrives around it, in order of arrival."""
    zone, middle = draw(st.sampled_from(PLACES))
    arrived = [
        Item(utc(middle) + item.at, item.call_id, item.seq, item.kind, item.attributes)
        for item in draw(st.lists(items, max_size=max_size))
    ]
    return ZoneInfo(zone), utc(middle) + draw(offsets), arrived


currents = st.sampled_from([{"topic": "card"}, {"topic": "loan"}, {}])


def history_of(arrived: Sequence[Item], *, kept_for: int | None = None, cap: int = 4096) -> History:
    history = History(retention=kept_for, cap=cap)
    for item in arrived:
        history.add(item)
    return history


def instants_after(at: int, arrived: Sequence[Item], window: Window, reading: Reading) -> list[int]:
    """List instants later than `at` around which a value might change: ends of windows, items, grid, steps."""
    edges = [item.at + far for item in arrived for far in (0, window.length or 0, 2 * REACH)]
    edges += range(at - at % STEP, at + 2 * REACH, STEP)
    match reading.course:
        case Steps(steps):
            edges += [instant for instant, _ in steps]
        case Elapsed() as elapsed:
            edges += [edge for piece in elapsed.pieces for edge in piece if edge is not None]
        case None:
            pass
    return sorted({edge + nudge for edge in edges for nudge in (-1, 0, 1, 2) if edge + nudge > at})


@given(stream=streams(), window=windows(), current=currents, kept_for=st.sampled_from([None, HOUR]))
def test_a_reading_is_a_recount(
    stream: tuple[ZoneInfo, int, list[Item]], window: Window, current: dict[str, str], kept_for: int | None
) -> None:
    zone, at, arrived = stream

    reading = read(history_of(arrived, kept_for=kept_for), window, at=at, current_call="a", current=current, zone=zone)

    assert reading.value == recount(arrived, window, at, "a", current, zone, kept_for)
    assert reading.exact


@given(stream=streams(max_size=8), window=windows(), current=currents, kept_for=st.sampled_from([None, HOUR]))
def test_the_course_is_what_a_recount_gives_at_every_later_instant(
    stream: tuple[ZoneInfo, int, list[Item]], window: Window, current: dict[str, str], kept_for: int | None
) -> None:
    zone, at, arrived = stream

    reading = read(history_of(arrived, kept_for=kept_for), window, at=at, current_call="a", current=current, zone=zone)

    for later in instants_after(at, arrived, window, reading):
        assert foretold(reading, later) == recount(arrived, window, later, "a", current, zone, kept_for)


@given(stream=streams(), window=windows(), current=currents)
def test_each_step_lies_ahead_and_changes_the_value(
    stream: tuple[ZoneInfo, int, list[Item]], window: Window, current: dict[str, str]
) -> None:
    zone, at, arrived = stream

    reading = read(history_of(arrived), window, at=at, current_call="a", current=current, zone=zone)

    match reading.course:
        case Steps(steps):
            instants = [at, *(instant for instant, _ in steps)]
            values = [reading.value, *(value for _, value in steps)]
            assert all(before < after for before, after in pairwise(instants))
            assert all(before != after for before, after in pairwise(values))
        case Elapsed() as elapsed:
            assert (reading.value is None) == (elapsed.anchor > at)
            edges = [edge for piece in elapsed.pieces for edge in piece if edge is not None]
            assert edges == sorted(edges)
        case None:
            assert not reading.value


@given(stream=streams(), window=windows(), current=currents, data=st.data())
def test_the_order_of_arrival_does_not_matter(
    stream: tuple[ZoneInfo, int, list[Item]], window: Window, current: dict[str, str], data: st.DataObject
) -> None:
    zone, at, arrived = stream
    once = list({(item.call_id, item.seq): item for item in arrived}.values())
    other = data.draw(st.permutations(once))

    one, two = (
        read(history, window, at=at, current_call="a", current=current, zone=zone)
        for history in (history_of(once), history_of(other))
    )

    assert history_of(once).items() == history_of(other).items() == tuple(sorted(once))
    assert (one, one.course) == (two, two.course)


@given(stream=streams(), declared=st.lists(windows(), min_size=1, max_size=3), split=st.integers(0, 14))
def test_pruning_within_the_retention_changes_no_reading(
    stream: tuple[ZoneInfo, int, list[Item]], declared: list[Window], split: int
) -> None:
    zone, watermark, arrived = stream
    # A doubled item says the same both times: which of two that contradict each other came first is forgotten.
    first = {(item.call_id, item.seq): item for item in reversed(arrived)}
    arrived = [first[item.call_id, item.seq] for item in arrived]
    kept_for = retention(declared, at_least=HOUR)
    whole, pruned = history_of(arrived, kept_for=kept_for), history_of(arrived[:split], kept_for=kept_for)

    pruned.prune(watermark - kept_for)
    for item in arrived[split:]:
        pruned.add(item)

    for window in declared:
        for at in (watermark, watermark + 1, watermark + STEP):
            one, two = (
                read(history, window, at=at, current_call="a", current={"topic": "card"}, zone=zone)
                for history in (whole, pruned)
            )
            assert (one, one.course) == (two, two.course)
    assert all(item.at >= watermark - kept_for for item in pruned.items())


@given(
    stream=streams(),
    window=windows(),
    current=currents,
    cap=st.integers(2, 6),
    before=st.none() | offsets,
    split=st.integers(0, 14),
)
def test_a_history_that_lost_items_never_answers_a_comparison_below_its_saturation_wrongly(
    stream: tuple[ZoneInfo, int, list[Item]],
    window: Window,
    current: dict[str, str],
    cap: int,
    before: int | None,
    split: int,
) -> None:
    zone, at, arrived = stream
    # What was dropped is forgotten, so a name may come back; here every item has its own.
    arrived = [Item(item.at, item.call_id, seq, item.kind, item.attributes) for seq, item in enumerate(arrived)]
    history = history_of(arrived[:split], cap=cap)
    if before is not None:
        history.prune(at + before)
        if not len(history):
            # As a store does, which keeps no history that is empty.
            history = History(cap=cap)
            history.prune(at + before)
    for item in arrived[split:]:
        history.add(item)

    reading = read(history, window, at=at, current_call="a", current=current, zone=zone)

    truth = recount(arrived, window, at, "a", current, zone)
    assert all(len(history.items(kind)) <= cap for kind in (CALLS, JUDGED, "explained"))
    if reading.exact:
        assert reading.value == truth
    for later in [at, *instants_after(at, arrived, window, reading)]:
        value = reading.value if later == at else foretold(reading, later)
        truth = recount(arrived, window, later, "a", current, zone)
        if value is None:
            continue
        assert truth is not None
        if window.measure is Measure.SECONDS_SINCE:
            assert value == truth
        else:
            assert value == truth or history.saturation <= value < truth
