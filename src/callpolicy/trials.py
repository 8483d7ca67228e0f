"""Examples and scenarios of a bundle, run: what people said a rule should do, against what it does.

An example tests one rule's condition. A scenario tests the whole norm: calls with a virtual clock, fed to the same
engine that live calls use. A failure is a finding with its place, not an exception.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any as AnyValue
from typing import Final

from callpolicy.condition import All, Any, Condition, Leaf, Not, Op, Truth
from callpolicy.decision import Decision, StageResult
from callpolicy.engine import Plan, compile_plan
from callpolicy.engine.explaining import leaf_text
from callpolicy.errors import CallEventError, Finding, Severity
from callpolicy.events import EVENT_TYPES, Event, Tick
from callpolicy.facts import Catalogue, Value, accept, snapshot_of
from callpolicy.identity import Identity, IdentityKind
from callpolicy.instants import duration_text
from callpolicy.lists import Entry, ListName
from callpolicy.matchers.reference import leaf_truth, truth
from callpolicy.numbering import parse_number
from callpolicy.points import Stage
from callpolicy.policy import Bundle, Example, Rule, Scenario, ScenarioStep, Status, Term
from callpolicy.runtime import Engine
from callpolicy.runtime.compiling import compiler

_EXPECTED: Final[Mapping[str, Truth]] = {"match": True, "no_match": False, "undetermined": None}
_NAMED: Final[Mapping[Truth, str]] = {True: "match", False: "no_match", None: "undetermined"}


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What happened at one step of a scenario.

    Args:
        step: the step.
        decision: the decision that was made then, if one was.
        failures: what was expected and is not, one line each.
    """

    step: ScenarioStep
    decision: Decision | None
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScenarioOutcome:
    """What a scenario came to.

    Args:
        scenario: the scenario.
        steps: every step that was run.
    """

    scenario: Scenario
    steps: tuple[StepOutcome, ...]

    @property
    def passed(self) -> bool:
        """Whether everything expected was so, and something was expected at all."""
        return not any(step.failures for step in self.steps) and any(step.step.expect for step in self.steps)


def try_examples(bundle: Bundle) -> tuple[Finding, ...]:
    """Run every example of every rule, and see that each leaf has its two.

    Returns:
        a finding for each example that fails, and for each leaf of a rule for which no example with `match`, or none
        with `no_match`, shows it deciding alone.
    """
    return tuple(finding for rule in bundle.rules for finding in _try_rule(rule, bundle.catalogue))


def _try_rule(rule: Rule, catalogue: Catalogue) -> Iterator[Finding]:
    if rule.status is Status.RETIRED:
        return
    runs: list[tuple[Example, Mapping[str, Value]]] = []
    for example in rule.examples:
        snapshot = snapshot_of(catalogue, example.given, at=0)
        for fault in snapshot.input_faults:
            message = f"example `{example.name}` gives `{fault.fact}` a value that it cannot have: {fault.code}"
            yield Finding("example-value", message, example.span)
        runs.append((example, snapshot.values))
        came = truth(rule.when, snapshot.values)
        if came is not _EXPECTED[example.expect]:
            message = f"example `{example.name}` expects {example.expect}, but the rule comes to {_NAMED[came]}"
            hint = _culprits(rule.when, snapshot.values, example.expect, catalogue)
            yield Finding("example-fails", message, example.span, hint)
    severity = Severity.ERROR if rule.status in {Status.ENFORCED, Status.PILOT} else Severity.WARNING
    for leaf, path in _leaf_paths(rule.when, ()):
        missing = [
            name
            for name, wanted in (("match", True), ("no_match", False))
            if not any(_decides_alone(rule.when, path, values, wanted) for _, values in runs)
        ]
        if missing:
            message = (
                f"rule `{rule.id}`: no example shows the leaf on `{leaf.fact}` deciding alone ({' and '.join(missing)})"
            )
            hint = "add an example in which only this leaf keeps the rule from the other outcome"
            yield Finding("leaf-without-example", message, leaf.span or rule.span, hint, severity=severity)


def _culprits(condition: Condition, values: Mapping[str, Value], expect: str, catalogue: Catalogue) -> str:
    wanted = _EXPECTED[expect]
    found = [
        f"`{leaf_text(leaf, catalogue)}` comes to {_truth_word(leaf_truth(leaf, values))}"
        for leaf, path in _leaf_paths(condition, ())
        if wanted is not None and _evaluate(condition, path, values, _flip(leaf_truth(leaf, values))) is wanted
    ]
    return "; ".join(found)


def _truth_word(value: Truth) -> str:
    return "unknown" if value is None else str(value).lower()


def _flip(value: Truth) -> Truth:
    return not value


Path = tuple[int, ...]


def _leaf_paths(condition: Condition, path: Path) -> Iterator[tuple[Leaf, Path]]:
    if isinstance(condition, Leaf):
        yield condition, path
        return
    for position, item in enumerate(condition.items):
        yield from _leaf_paths(item, (*path, position))


def _decides_alone(condition: Condition, path: Path, values: Mapping[str, Value], wanted: bool) -> bool:
    """Whether the outcome is as wanted, and would be the other one if this leaf alone were the other way round.

    WHY less is asked of `known`: where it fails, the leaves beside it on the same fact are unknown, so that the rule
    without it would be undetermined; that it keeps the rule from being so is what it is written for.
    """
    if truth(condition, values) is not wanted:
        return False
    leaf = _at(condition, path)
    own = leaf_truth(leaf, values)
    if own is None:
        return False
    without = _evaluate(condition, path, values, not own)
    return without is (not wanted) or (leaf.op is Op.KNOWN and not wanted and without is None)


def _at(condition: Condition, path: Path) -> Leaf:
    for position in path:
        assert not isinstance(condition, Leaf)
        condition = condition.items[position]
    assert isinstance(condition, Leaf)
    return condition


def _evaluate(condition: Condition, path: Path, values: Mapping[str, Value], forced: Truth) -> Truth:
    """The truth of a condition if the leaf at a path had the truth that is given."""
    if isinstance(condition, Leaf):
        return forced
    parts = [
        _evaluate(item, path[1:], values, forced) if path and position == path[0] else truth(item, values)
        for position, item in enumerate(condition.items)
    ]
    match condition:
        case All():
            return _every(parts)
        case Any():
            return _not(_every([_not(part) for part in parts]))
        case Not():
            return _every([_not(part) for part in parts])


def _every(parts: list[Truth]) -> Truth:
    if False in parts:
        return False
    return None if None in parts else True


def _not(value: Truth) -> Truth:
    return None if value is None else not value


def try_scenarios(bundle: Bundle) -> tuple[Finding, ...]:
    """Run every scenario; a finding for each expectation that fails, and for a scenario that expects nothing."""
    findings: list[Finding] = []
    for outcome in run_scenarios(bundle, bundle.scenarios):
        scenario = outcome.scenario
        for step in outcome.steps:
            place = step.step.span or scenario.span
            findings += [
                Finding("scenario-fails", f"scenario `{scenario.id}`: {failure}", place) for failure in step.failures
            ]
        if not any(step.step.expect for step in outcome.steps):
            findings.append(
                Finding("scenario-expects-nothing", f"scenario `{scenario.id}` expects nothing", scenario.span)
            )
    return tuple(findings)


def run_scenarios(bundle: Bundle, scenarios: Iterable[Scenario]) -> Iterator[ScenarioOutcome]:
    """Run scenarios one after the other, each on a fresh engine in memory; the norm is compiled once.

    Args:
        bundle: the norm.
        scenarios: the calls.
    """
    plan = compile_plan(bundle, compiler("indexed"))
    for scenario in scenarios:
        yield run_scenario(plan, scenario)


def run_scenario(bundle: Bundle | Plan, scenario: Scenario, matcher: str = "indexed") -> ScenarioOutcome:
    """Run one scenario on a fresh engine in memory.

    Args:
        bundle: the norm; compiled already, if many scenarios are run.
        scenario: the calls.
        matcher: name of the matcher.
    """
    engine = Engine(bundle, matcher=matcher)
    for number, entry in enumerate(scenario.lists):
        engine.store.put_entry(_entry(entry, number, scenario, engine.bundle.settings.region))
    return ScenarioOutcome(scenario, tuple(_run_steps(engine, scenario)))


def _entry(tree: Mapping[str, AnyValue], number: int, scenario: Scenario, region: str) -> Entry:
    if tree.get("number") is not None:
        parsed = parse_number(str(tree["number"]), region=region)
        identity = Identity(IdentityKind.NUMBER, parsed.canonical or parsed.raw)
    else:
        identity = Identity(IdentityKind.CUSTOMER, str(tree["customer"]))
    return Entry(
        entry_id=f"{scenario.id}-{number}",
        on=ListName(tree["list"]),
        identity=identity,
        since=tree["from"],
        until=tree["until"],
        reason=str(tree.get("reason") or ""),
        owner="scenario",
    )


def _run_steps(engine: Engine, scenario: Scenario) -> Iterator[StepOutcome]:
    decisions: dict[str, Decision] = {}
    for step in scenario.steps:
        failures: list[str] = []
        made: Decision | None = None
        name = step.event or _look_again(step, decisions.get(step.call), scenario)
        if name is not None:
            try:
                made = engine.observe(_event(engine, scenario, step, name))
                decisions[step.call] = made
            except CallEventError as error:
                failures.append(f"{_place(step)}: `{name}` cannot be taken in: {error}")
        if made is not None and made.failed:
            failures.append(f"{_place(step)}: the decision failed: {', '.join(made.failed)}")
        if step.expect and not failures:
            failures += _compare(step, decisions.get(step.call), engine.bundle.catalogue)
        yield StepOutcome(step, made, tuple(failures))


def _look_again(step: ScenarioStep, last: Decision | None, scenario: Scenario) -> str | None:
    """The event of a step that only expects: if time went on since the last decision, that is what happened."""
    return Tick.name if last is not None and last.at < scenario.start + step.at else None


def _event(engine: Engine, scenario: Scenario, step: ScenarioStep, name: str) -> Event:
    # INVARIANT: the loader has checked the fields of every event and given them their types.
    fields: dict[str, AnyValue] = dict(scenario.calls.get(step.call, {})) if name == "offered" else {}
    fields.update(step.fields)
    made: AnyValue = EVENT_TYPES[name](
        call_id=step.call, seq=engine.next_seq(step.call), at=scenario.start + step.at, **fields
    )
    event: Event = made
    return event


def _place(step: ScenarioStep) -> str:
    return f"at {duration_text(step.at)}, call `{step.call}`"


def _compare(step: ScenarioStep, decision: Decision | None, catalogue: Catalogue) -> Iterator[str]:
    if decision is None:
        yield f"{_place(step)}: something is expected, but no decision was made yet"
        return
    for key, wanted in step.expect.items():
        if key == "facts":
            yield from _compare_facts(step, decision, wanted, catalogue)
        elif key == "stages":
            yield from _compare_stages(step, decision, wanted)
        else:
            yield from _compare_one(_place(step), key, _came(key, decision), wanted)


def _compare_stages(step: ScenarioStep, decision: Decision, wanted: object) -> Iterator[str]:
    assert isinstance(wanted, Mapping)
    for name, expected in wanted.items():
        place = f"{_place(step)}: stage `{name}`"
        result = decision.stage(Stage(name))
        if result is None:
            stages = ", ".join(f"`{each.stage}`" for each in decision.stages)
            yield f"{place} decides nothing at this point, only {stages} do"
            continue
        for key, value in expected.items():
            yield from _compare_one(place, key, _came_to(key, result), value)


def _compare_one(place: str, key: str, came: object, wanted: object) -> Iterator[str]:
    if came != _plain(wanted, key):
        yield f"{place}: {key} is {_words(came)}, expected {_words(_plain(wanted, key))}"


def _compare_facts(step: ScenarioStep, decision: Decision, wanted: object, catalogue: Catalogue) -> Iterator[str]:
    assert isinstance(wanted, Mapping)
    snapshot = decision.snapshot
    assert snapshot is not None
    for name, value in wanted.items():
        fact = catalogue.get(name)
        expected, _ = accept(fact, value) if fact else (value, "")
        came: object = _class_fact(name, decision) if name in {"caller.class", "caller.kind"} else snapshot.get(name)
        if came != expected:
            yield f"{_place(step)}: fact `{name}` is {_words(came)}, expected {_words(expected)}"


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


def _words(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(f"`{each}`" for each in value) + "]"
    return "nothing" if value is None else f"`{value}`"
