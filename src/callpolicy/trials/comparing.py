"""What a step of a scenario expects, against the decision that was made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from callpolicy.decision import Decision, StageResult
from callpolicy.facts import Catalogue, FactType, Value, accept
from callpolicy.instants import duration_text, instant_text
from callpolicy.points import Stage
from callpolicy.policy import ScenarioStep, Term
from callpolicy.trials.outcomes import Difference

_MADE: Final = frozenset({"caller.class", "caller.kind"})


def compare(step: ScenarioStep, decision: Decision | None, catalogue: Catalogue) -> Iterator[Difference]:
    """What a step expects and is not so, each with its place.

    Args:
        step: the step.
        decision: the decision that stands then; `None` if none was made yet.
        catalogue: the declared facts.
    """
    if decision is None:
        yield Difference("no_decision", {}, span=step.places.get(()))
        return
    for key, wanted in step.expect.items():
        if key == "facts":
            yield from _compare_facts(step, decision, wanted, catalogue)
        elif key == "stages":
            yield from _compare_stages(step, decision, wanted)
        else:
            yield from _compare_one(step, (key,), _came(key, decision), wanted)


def _compare_stages(step: ScenarioStep, decision: Decision, wanted: object) -> Iterator[Difference]:
    assert isinstance(wanted, Mapping)
    for name, expected in wanted.items():
        result = decision.stage(Stage(name))
        if result is None:
            stages = ", ".join(f"`{each.stage}`" for each in decision.stages)
            place = step.places.get(("stages", str(name)))
            yield Difference("no_say", {"stage": str(name), "stages": stages}, span=place)
            continue
        for key, value in expected.items():
            yield from _compare_one(step, ("stages", str(name), key), _came_to(key, result), value)


def _compare_one(step: ScenarioStep, path: tuple[str, ...], came: object, wanted: object) -> Iterator[Difference]:
    key = path[-1]
    plain = _plain(wanted, key)
    if came != plain:
        values = {"key": key, "came": _words(came, key), "wanted": _words(plain, key)}
        yield Difference("differs", values, path[1] if len(path) > 1 else "", step.places.get(path))


def _compare_facts(
    step: ScenarioStep, decision: Decision, wanted: object, catalogue: Catalogue
) -> Iterator[Difference]:
    assert isinstance(wanted, Mapping)
    snapshot = decision.snapshot
    assert snapshot is not None
    for name, value in wanted.items():
        fact = catalogue.get(name)
        expected, _ = accept(fact, value) if fact else (value, "")
        came: Value | None = _class_fact(name, decision) if name in _MADE else snapshot.get(name)
        if came != expected:
            timed = fact.type if fact else None
            values = {"key": name, "came": _fact_words(came, timed), "wanted": _fact_words(expected, timed)}
            yield Difference("fact_differs", values, span=step.places.get(("facts", name)))


def _fact_words(value: object, kind: FactType | None) -> str | None:
    if isinstance(value, int) and kind is FactType.DURATION:
        return f"`{duration_text(value)}`"
    if isinstance(value, int) and kind is FactType.TIMESTAMP:
        return f"`{instant_text(value)}`"
    return _words(sorted(value) if isinstance(value, frozenset) else value, "")


def _class_fact(name: str, decision: Decision) -> str | None:
    if name == "caller.class":
        return str(decision.caller_class)
    return str(decision.caller_kind) if decision.caller_kind else None


def _came(key: str, decision: Decision) -> object:
    """What a decision came to, by the key of an expectation: of the main stage, unless the key is about another."""
    stage = decision.stage(Stage(key)) if key in set(Stage) else None
    block = decision.stage(Stage.BLOCKLIST)
    other: dict[str, object] = {
        "class": str(decision.caller_class),
        "kind": str(decision.caller_kind) if decision.caller_kind else None,
        "term": _term(block.outcome.term) if block else None,
        "obligations": sorted(str(each) for each in decision.obligations),
        "recheck_at": decision.recheck_at,
    }
    if stage is not None:
        return str(stage.outcome.effect)
    return other[key] if key in other else _came_to(key, decision.main)


def _came_to(key: str, result: StageResult) -> object:
    """What one stage came to, by the key of an expectation."""
    then = result.outcome
    came: dict[str, object] = {
        "effect": str(then.effect),
        "class": str(then.effect),
        "kind": str(then.kind) if then.kind else None,
        "by": str(then.by),
        "term": _term(then.term),
        "to": then.to,
        "say": then.script,
        "default": result.default,
        "determining": sorted(result.determining),
        "held_by": sorted(result.held_by),
        "invariants": sorted(result.invariants),
        "hidden": str(result.hidden.effect) if result.hidden else None,
        "obligations": sorted(str(each) for each in result.obligations),
    }
    return came.get(key)


def _term(term: Term | int | None) -> object:
    return str(term) if isinstance(term, Term) else term


def _plain(wanted: object, key: str) -> object:
    if isinstance(wanted, list | tuple):
        return sorted(str(each) for each in wanted)
    if key == "term":
        return _term(wanted) if isinstance(wanted, Term | int) else wanted
    return wanted if wanted is None or isinstance(wanted, bool | int) else str(wanted)


def _words(value: object, key: str) -> str | None:
    """A value as a scenario would write it; `None` for nothing."""
    if value is None:
        return None
    if isinstance(value, list):
        return "[" + ", ".join(f"`{each}`" for each in value) + "]"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int):
        written: dict[str, Callable[[int], str]] = {"recheck_at": instant_text, "term": duration_text}
        return f"`{written.get(key, str)(value)}`"
    return f"`{value}`"
