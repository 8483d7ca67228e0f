"""Windows over the other calls of one identity, in event time.

A window answers one question about what an identity did before: how many, how many different, how long
since. It covers [at - length, at], both ends in, in elapsed time; ``calendar="day"`` covers the centre's
local day of ``at`` instead, from its first instant to ``at``. The current call never counts: "third call" is
at least 2 before it.

A `History` holds what has arrived, in whatever order it arrived. Nothing here reads a clock: a reading is a
function of the history, the instant and the current call. An item later than the instant of the decision is
not counted; it comes in when time reaches it, and `Reading.course` tells when.

Bounds: `History.prune` drops what no window can reach any more. Of each kind a history holds at most ``cap``
items and drops the oldest beyond that. What a window that may have lost items counts is a lower bound, so it
is given as value only from `History.saturation` on, and is unknown below that. So a flood of calls cannot
hide behind the cap, and no comparison with an operand below the saturation is ever answered wrongly.

Units: instants are microseconds since 1970-01-01T00:00:00Z, durations are microseconds.
"""

from callpolicy.windows.days import check_instant, day_start, next_day_start
from callpolicy.windows.declared import CALLS, JUDGED, Measure, Window, retention
from callpolicy.windows.history import DEFAULT_CAP, History, Item
from callpolicy.windows.reading import Elapsed, Reading, Steps, read

__all__ = [
    "CALLS",
    "DEFAULT_CAP",
    "JUDGED",
    "Elapsed",
    "History",
    "Item",
    "Measure",
    "Reading",
    "Steps",
    "Window",
    "check_instant",
    "day_start",
    "next_day_start",
    "read",
    "retention",
]
