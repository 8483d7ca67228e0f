"""What a contact may look like, written down apart from the simulator and the engine: an own small grammar."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

# One letter per event: o offered, a answered, h held, u taken back, t transferred, s what is said or not said,
# m what an agent marks, k what the case system or a leader notes, e ended, j judged.
LETTERS = {
    "offered": "o", "answered": "a", "transferred": "t", "said": "s", "silence": "s", "offence": "m", "warned": "m",
    "soothed": "m", "explained": "m", "explanation_rejected": "m", "refused_by_rule": "m", "service_completed": "m",
    "no_further_needs": "m", "case_linked": "k", "final_result": "k", "new_fact": "k", "escalated": "k", "tick": "k",
    "ended": "e", "judged": "j",
}  # fmt: skip
CONTACT = re.compile(r"oe|oa(?:[smtk]|hu)*ej?")

BASE = {"event", "call_id", "seq", "at"}
FIELDS: dict[str, set[str]] = {
    "offered": {
        "number", "customer", "channel", "queue", "team", "dialled", "language", "topic", "attestation", "feeds",
        "facts",
    },
    "answered": {"agent"}, "said": {"by", "text"}, "silence": {"began_at"}, "offence": {"kind", "by"}, "warned": set(),
    "soothed": set(), "explained": {"topic", "text", "case_id"}, "explanation_rejected": {"text"},
    "refused_by_rule": {"topic"}, "service_completed": {"on"}, "no_further_needs": {"on"}, "case_linked": {"case_id"},
    "final_result": {"text", "case_id"}, "new_fact": {"text", "case_id"}, "judged": {"class", "kind", "by"},
    "held": {"on"}, "transferred": {"queue", "team", "agent"}, "escalated": {"to"}, "tick": {"facts"},
    "ended": {"by", "cause"},
}  # fmt: skip
# What a desk writes in its own words; the simulated centre writes nothing there.
MAY_LACK: dict[str, set[str]] = {
    "explained": {"text", "case_id"}, "explanation_rejected": {"text"}, "final_result": {"text", "case_id"},
    "new_fact": {"text", "case_id"},
}  # fmt: skip
KINDS: dict[str, set[str | None]] = {
    "nuisance": {"harassment", "abuse", "out_of_scope"},
    "repeat_complaint": {"beyond_business_rule", "after_final_result"},
    "normal": {None},
}
CAUSES_BY: dict[str, set[str]] = {
    "hang_up": {"caller", "agent"}, "abandoned": {"caller"}, "failed": {"system"}, "completed": {"caller", "agent"},
}  # fmt: skip


def faults(events: Sequence[dict[str, Any]]) -> list[str]:
    """Say everything that is wrong with the events of one contact, in their order."""
    return [*_of_order(events), *_of_fields(events), *_of_feeds(events), *_of_what_needs_what(events)]


def _of_order(events: Sequence[dict[str, Any]]) -> list[str]:
    found = []
    shape = "".join(_letter(event) for event in events)
    if not CONTACT.fullmatch(shape):
        found.append(f"shape {shape}")
    if [event["seq"] for event in events] != list(range(len(events))):
        found.append("seq is not 0, 1, 2, …")
    instants = [event["at"] for event in events]
    if instants != sorted(instants):
        found.append("time goes back")
    return found


def _letter(event: dict[str, Any]) -> str:
    if event["event"] == "held":
        return "h" if event["on"] else "u"
    return LETTERS[event["event"]]


def _of_fields(events: Sequence[dict[str, Any]]) -> list[str]:
    found = []
    for event in events:
        name = event["event"]
        if set(event) | MAY_LACK.get(name, set()) != BASE | FIELDS[name]:
            found.append(f"fields {sorted(event)}")
        match event:
            case {"event": "offence", "kind": kind} if kind not in KINDS["nuisance"]:
                found.append(f"offence {kind}")
            case {"event": "judged", "class": str(class_), "kind": kind} if kind not in KINDS[class_]:
                found.append(f"judged {class_} {kind}")
            case {"event": "ended", "by": by, "cause": str(cause)} if by not in CAUSES_BY[cause]:
                found.append(f"{cause} by {by}")
            case {"event": "silence", "began_at": began, "at": at} if not began < at:
                found.append("a silence that takes no time")
            case {"event": "said", "by": by} if by not in {"caller", "agent"}:
                found.append(f"said by {by}")
            case _:
                pass
    return found


def _of_feeds(events: Sequence[dict[str, Any]]) -> list[str]:
    feeds = set(events[0].get("feeds", ()))
    found = [f"feeds {feeds}"] if feeds - {"agent_marks", "transcript", "voice"} else []
    for event in events:
        heard = event["event"] == "said" and feeds & {"transcript", "voice"}
        marked = _letter(event) in "mj" and "agent_marks" in feeds
        quiet = event["event"] == "silence" and "voice" in feeds
        if not (heard or marked or quiet) and _letter(event) in "smj":
            found.append(f"no feed reports {event['event']}")
        if event["event"] == "said" and (event["text"] is None) == ("transcript" in feeds):
            found.append("words without a transcript, or none with one")
    return found


def _of_what_needs_what(events: Sequence[dict[str, Any]]) -> list[str]:
    found = []
    seen: dict[str, int] = {}
    needs = {"explanation_rejected": "explained", "final_result": "case_linked", "new_fact": "case_linked"}
    for event in events:
        name = event["event"]
        before = needs.get(name)
        if before and seen.get(before, 0) <= (seen.get(name, 0) if name == "explanation_rejected" else 0):
            found.append(f"{name} without {before}")
        seen[name] = seen.get(name, 0) + 1
    return found
