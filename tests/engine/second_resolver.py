"""A second resolver, from the words of the design alone; it reads nothing but an explanation as JSON."""

from __future__ import annotations

from typing import Any

Truth = bool | None

ORDER = {
    "classify": ["normal", "repeat_complaint", "nuisance"],
    "screen": ["accept", "divert", "reject"],
    "hangup": [
        "continue", "soothe", "explain", "warn", "escalate", "offer_close", "hang_up_politely", "hang_up",
    ],
    "blocklist": ["none", "propose_block", "block"],
}  # fmt: skip
RESTRICTIVE = {"reject", "hang_up_politely", "hang_up", "propose_block", "block"}
TERMS = {None: 0, "12h": 0.5, "day": 1, "week": 7, "month": 30, "permanent": 10**9}
WAITS = {None: 0, "2s": 2, "10s": 10}
Tree = dict[str, Any]


def strictness(stage: str, outcome: Tree) -> tuple[float, ...]:
    return (
        ORDER[stage].index(outcome["effect"]),
        outcome["by"] == "system",
        TERMS[outcome.get("term")],
        -WAITS[outcome.get("wait")],
    )


def worked_out(stage: Tree) -> Tree:
    """What a stage came to, from its part of an explanation."""
    name = stage["stage"]
    kindest: Tree = {"effect": ORDER[name][0], "by": "agent"}
    true = [each for each in stage["rules"] if each["truth"] is True]
    result: Tree = {
        "stage": name, "outcome": kindest, "default": not true, "determining": [], "held_by": [], "invariants": [],
        "hidden": None, "obligations": [],
    }  # fmt: skip
    if not true:
        return result
    first = min(true, key=lambda each: (-each["priority"], strictness(name, each["outcome"])))
    winners = [
        each
        for each in true
        if each["priority"] == first["priority"]
        and strictness(name, each["outcome"]) == strictness(name, first["outcome"])
    ]
    # Same effect and priority: the first by id gives the script.
    outcome = min(winners, key=lambda each: each["id"])["outcome"]
    result["determining"] = sorted(each["id"] for each in winners)
    may = [
        each
        for each in stage["rules"]
        if each["truth"] is None
        and each["priority"] >= first["priority"]
        and strictness(name, each["outcome"]) < strictness(name, outcome)
    ]
    if may:
        least = min(strictness(name, each["outcome"]) for each in may)
        held = sorted((each for each in may if strictness(name, each["outcome"]) == least), key=lambda each: each["id"])
        outcome = held[0]["outcome"]
        result["held_by"] = [each["id"] for each in held]
    united = {each for one in true for each in one["obligations"] if each.startswith(("record_", "notify_"))}
    own = set() if may else {each for one in winners for each in one["obligations"]}
    result["obligations"] = sorted(united | own)
    if stage["protected"] and outcome["effect"] in RESTRICTIVE:
        result["hidden"], outcome = outcome, kindest
    broken = [each for each in stage["invariants"] if each["truth"] is not False]
    while forbidding := [each for each in broken if outcome["effect"] in each["forbids"]]:
        result["invariants"].append(forbidding[0]["id"])
        outcome = forbidding[0]["outcome"]
    result["outcome"] = outcome
    return result


def truth_of(clause: Tree) -> Truth:
    """The truth of a condition from those of its leaves."""
    items = [truth_of(each) for each in clause.get("items", ())]
    match clause["text"]:
        case "any":
            return True if True in items else None if None in items else False
        case "all" if "items" in clause:
            return False if False in items else None if None in items else True
        case "not" if "items" in clause:
            return False if True in items else None if None in items else True
        case _:
            result: Truth = clause["truth"]
            return result
