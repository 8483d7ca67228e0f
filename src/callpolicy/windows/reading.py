"""The value of a window at an instant, and how it goes on.

Units: instants and durations are microseconds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, assert_never
from zoneinfo import ZoneInfo

from callpolicy.windows.days import day_start, next_day_start
from callpolicy.windows.declared import Measure, Window
from callpolicy.windows.history import Column, History, Item


@dataclass(frozen=True, slots=True)
class Steps:
    """The course of a count: from each instant on, the value beside it.

    Args:
        steps: (instant, value), instants rising, each value other than the one before it; None is unknown.
    """

    steps: tuple[tuple[int, int | None], ...]


@dataclass(frozen=True, slots=True)
class Elapsed:
    """The course of an elapsed time: at instant t in [anchor, until) it is t - anchor, elsewhere unknown.

    Args:
        anchor: Instant from which time runs. It lies after the decision if nothing counts yet.
        until: First instant at which this no longer holds; None for never.
        later: Further pieces (anchor, until), in order, none overlapping.
    """

    anchor: int
    until: int | None
    later: tuple[tuple[int, int | None], ...] = ()

    @property
    def pieces(self) -> tuple[tuple[int, int | None], ...]:
        """All pieces (anchor, until), the first one included."""
        return ((self.anchor, self.until), *self.later)


class _View(NamedTuple):
    """What one reading saw: kept so that its course can be worked out when somebody asks."""

    window: Window
    zone: ZoneInfo
    length: int | None
    required: tuple[tuple[str, tuple[str, ...]], ...]
    current_call: str
    at: int
    # INVARIANT: entries of this list below `end` never change; see Column.
    items: list[Item]
    low: int
    high: int
    end: int
    lost: int | None
    saturation: int


@dataclass(frozen=True, slots=True)
class Reading:
    """The value of a window at an instant, and what time alone will do to it.

    Args:
        value: A number of items or of values, or microseconds for seconds_since; None is unknown.
        exact: False if items of the window may be lost: then ``value`` is a lower bound, or None.
    """

    value: int | None
    exact: bool = True
    _view: _View | None = field(default=None, repr=False, compare=False)
    _course: list[Steps | Elapsed | None] = field(default_factory=list, repr=False, compare=False)

    @property
    def steady_until(self) -> int:
        """An instant up to which the value certainly stays as it is, if nothing more arrives.

        Cheap, and never later than the first change; for an elapsed time it is the instant of the reading itself.
        """
        view = self._view
        if view is None:
            return _FOR_EVER
        if view.window.measure is Measure.SECONDS_SINCE:
            return view.at
        comes_in = view.items[view.high].at if view.high < view.end else _FOR_EVER
        if view.low < view.end:
            comes_in = min(comes_in, _leaves(view, view.items[view.low].at))
        return comes_in if view.lost is None else min(comes_in, _leaves(view, view.lost))

    @property
    def course(self) -> Steps | Elapsed | None:
        """How the value goes on after the instant of the reading if nothing more arrives; None if it stays.

        It is worked out when it is first asked for, from what the reading saw: what arrives later changes nothing.
        """
        if not self._course:
            self._course.append(self._worked_out())
        return self._course[0]

    def _worked_out(self) -> Steps | Elapsed | None:
        if self._view is None:
            return None
        if self._view.window.measure is Measure.SECONDS_SINCE:
            return _elapsed(self._view)
        steps = tuple(_steps(self._view, self.value))
        return Steps(steps) if steps else None


def read(
    history: History,
    window: Window,
    *,
    at: int,
    current_call: str,
    current: Mapping[str, str],
    zone: ZoneInfo,
) -> Reading:
    """Read a window over the history of an identity, as seen at an instant.

    Args:
        history: What has arrived of the identity that ``window.identity`` names.
        window: The question.
        at: Instant of the decision; the window ends here.
        current_call: The call that is being decided; its own items do not count.
        current: Its known attributes, for ``same_as_current``.
        zone: The centre's time zone, for ``calendar``.

    Returns:
        The value and its course. Unknown if an attribute in ``same_as_current`` is, if seconds_since has
        nothing to run from, or if items may be lost and what is left is below the saturation.

    Raises:
        ValueError: If ``at`` is outside the years that a calendar can hold.

    Examples:
        >>> minute = 60_000_000
        >>> recent = Window("history.calls_30m", Measure.COUNT, over="calls", length=30 * minute)
        >>> history = History()
        >>> for at, call in ((0, "a"), (12, "b"), (30, "c")):
        ...     _ = history.add(Item(at * minute, call, 0, "calls"))
        >>> utc = ZoneInfo("UTC")
        >>> now = read(history, recent, at=30 * minute, current_call="c", current={}, zone=utc)
        >>> now.value
        2
        >>> now.course
        Steps(steps=((1800000001, 1), (2520000001, 0)))
    """
    required = window.where
    if window.same_as_current:
        known = tuple((name, (current[name],)) for name in window.same_as_current if name in current)
        if len(known) < len(window.same_as_current):
            return _UNKNOWN
        required += known
    nothing = _UNKNOWN if window.measure is Measure.SECONDS_SINCE else _ZERO
    column, lost = history.column(window.over), history.lost(window.over)
    if column is None:
        if lost is None:
            return nothing
        column = _EMPTY
    length = window.length
    if length is None and window.calendar is None:
        length = history.retention
    start = _start(window, length, at, zone)
    ats = column.ats
    low = 0 if start is None else bisect_left(ats, start)
    high = bisect_right(ats, at, low)
    end = len(ats)
    if lost is not None and start is not None and lost < start:
        lost = None
    if low == end and lost is None:
        return nothing
    seen = (column.items, low, high, end, lost, history.saturation)
    return _measure(_View(window, zone, length, required, current_call, at, *seen), column)


_UNKNOWN: Final = Reading(None)
_ZERO: Final = Reading(0)
# INVARIANT: nothing is ever put into it.
_EMPTY: Final = Column()
_FOR_EVER: Final = 1 << 62


def _measure(view: _View, column: Column) -> Reading:
    match view.window.measure:
        case Measure.SECONDS_SINCE:
            return _since(view)
        case Measure.DISTINCT:
            return _number(len({token for _, token in _members(view, view.high)}), view)
        case Measure.COUNT if view.required:
            return _number(sum(1 for _ in _members(view, view.high)), view)
        case Measure.COUNT:
            return _number(_count(view, column), view)
        case _ as never:
            assert_never(never)


def _number(value: int, view: _View) -> Reading:
    whole = view.lost is None
    return Reading(_trusted(value, view, whole), whole, view)


def _count(view: _View, column: Column) -> int:
    number = view.high - view.low
    own = column.own.get(view.current_call)
    if own is not None and number:
        number -= bisect_right(own, view.at) - bisect_left(own, column.ats[view.low])
    return number


def _since(view: _View) -> Reading:
    last = _last(view)
    if last is None:
        return Reading(None, view.lost is None, view)
    # WHY exact: what was lost is no younger than what is held.
    return Reading(view.at - view.items[last].at, True, view)


def _last(view: _View) -> int | None:
    places = range(view.high - 1, view.low - 1, -1)
    return next((place for place in places if _counts(view.items[place], view)), None)


def _trusted(value: int, view: _View, whole: bool) -> int | None:
    # INVARIANT: what may lack items is a value only where every operand that it may meet is smaller.
    return value if whole or value >= view.saturation else None


def _counts(item: Item, view: _View) -> bool:
    return item.call_id != view.current_call and (
        not view.required or all(item.attribute(name) in allowed for name, allowed in view.required)
    )


def _members(view: _View, stop: int) -> Iterator[tuple[int, str | int]]:
    """Yield (instant, what it counts as) of the items that count: as itself, or as its attribute's value."""
    attribute = view.window.distinct_of
    for index in range(view.low, stop):
        item = view.items[index]
        if not _counts(item, view):
            continue
        if attribute is None:
            yield item.at, index
        elif (value := item.attribute(attribute)) is not None:
            yield item.at, value


def _steps(view: _View, value: int | None) -> Iterator[tuple[int, int | None]]:
    members = list(_members(view, view.end))
    # INVARIANT: members are in order of entering, and leaving keeps that order.
    leaves = [_leaves(view, at) for at, _ in members]
    whole_from = None if view.lost is None else _leaves(view, view.lost)
    entered = sum(1 for at, _ in members if at <= view.at)
    inside = Counter(token for _, token in members[:entered])
    left = 0
    while True:
        due = [leaves[left]] if left < len(members) else []
        due += [members[entered][0]] if entered < len(members) else []
        due += [whole_from] if whole_from is not None else []
        if not due:
            return
        now = min(due)
        while left < len(members) and leaves[left] <= now:
            _take_out(inside, members[left][1])
            left += 1
        while entered < len(members) and members[entered][0] <= now:
            inside[members[entered][1]] += 1
            entered += 1
        if whole_from is not None and whole_from <= now:
            whole_from = None
        before, value = value, _trusted(len(inside), view, whole_from is None)
        if value != before:
            yield now, value


def _take_out(inside: Counter[str | int], token: str | int) -> None:
    inside[token] -= 1
    if not inside[token]:
        del inside[token]


def _elapsed(view: _View) -> Elapsed | None:
    last = _last(view)
    ahead = view._replace(low=view.high if last is None else last)
    anchors = list(dict.fromkeys(at for at, _ in _members(ahead, view.end)))
    pieces: list[tuple[int, int | None]] = []
    for index, anchor in enumerate(anchors):
        ends = [] if view.length is None and view.window.calendar is None else [_leaves(view, anchor)]
        ends += anchors[index + 1 : index + 2]
        pieces.append((anchor, min(ends, default=None)))
    if not pieces:
        return None
    (anchor, until), *later = pieces
    return Elapsed(anchor, until, tuple(later))


def _start(window: Window, length: int | None, at: int, zone: ZoneInfo) -> int | None:
    """Return the first instant of the window that ends at ``at``, None if it has no beginning."""
    if window.calendar is not None:
        return day_start(at, zone)
    return None if length is None else at - length


def _leaves(view: _View, at: int) -> int:
    """Return the first instant at which the window no longer covers an item of ``at``."""
    if view.window.calendar is not None:
        return next_day_start(at, view.zone)
    # INVARIANT: only seconds_since may have no length, and it does not ask then.
    assert view.length is not None
    return at + view.length + 1
