"""The day that the tests look at, and how to take a day apart."""

from __future__ import annotations

from datetime import date
from typing import Any

from callpolicy.simulator import Day, WireEvent

MONDAY = date(2026, 3, 2)
Calls = dict[str, list[WireEvent]]
# Nobody calls and nobody is special; a test plans what it looks at.
NOBODY: dict[str, Any] = dict.fromkeys(
    (
        "normal_callers", "switchboards", "dropped_redials", "impatient", "silent", "reopened", "repeat_open",
        "protected", "internal_tests", "bursts", "persistent_abuse", "anonymous_abuse", "repeat_final", "repeat_rule",
    ),
    0,
)  # fmt: skip
NO_TRAITS: dict[str, Any] = dict.fromkeys(
    ("asks_again_share", "angry_share", "swears_once_share", "accepts_refusal_share", "long_call_share"), 0
)


def calls_of(day: Day) -> Calls:
    calls: Calls = {}
    for event in day.events:
        calls.setdefault(event["call_id"], []).append(event)
    return calls
