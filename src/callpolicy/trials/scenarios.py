"""Scenarios, run: whole calls with a virtual clock, fed to the engine that live calls use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any as AnyValue

from callpolicy.decision import Decision
from callpolicy.engine import Plan, compile_plan
from callpolicy.errors import CallEventError, Finding, SourceSpan
from callpolicy.events import EVENT_TYPES, Event, Tick
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import Entry, ListName
from callpolicy.numbering import parse_number
from callpolicy.policy import Bundle, Scenario, ScenarioStep
from callpolicy.runtime import Engine
from callpolicy.runtime.compiling import compiler
from callpolicy.trials.comparing import compare
from callpolicy.trials.outcomes import Difference, ScenarioOutcome, StepOutcome
from callpolicy.trials.words import say


def try_scenarios(bundle: Bundle, language: str = "en") -> tuple[Finding, ...]:
    """Run every scenario; findings for what fails, and for a scenario that expects nothing.

    Args:
        bundle: the norm.
        language: of what is told: `zh-CN` for Chinese, else English.
    """
    outcomes = run_scenarios(bundle, bundle.scenarios)
    return tuple(finding for outcome in outcomes for finding in differences_found(outcome, language))


def differences_found(outcome: ScenarioOutcome, language: str = "en") -> Iterator[Finding]:
    """What is not as expected in a scenario: one finding for each line of its file on which something is expected.

    Args:
        outcome: what it came to.
        language: of what is told: `zh-CN` for Chinese, else English.
    """
    scenario = outcome.scenario
    for step in outcome.steps:
        for span, together in _by_line(step, scenario):
            told = dict.fromkeys(each.told(language) for each in together)
            what = step.placed(say("apart", language).join(told), language)
            yield Finding("scenario-fails", say("scenario", language, id=scenario.id, what=what), span)
    if not any(step.step.expect for step in outcome.steps):
        message = say("expects_nothing", language, id=scenario.id)
        yield Finding("scenario-expects-nothing", message, scenario.span)


def _by_line(step: StepOutcome, scenario: Scenario) -> list[tuple[SourceSpan | None, list[Difference]]]:
    lines: dict[int, tuple[SourceSpan | None, list[Difference]]] = {}
    for each in step.differences:
        span = each.span or step.step.span or scenario.span
        lines.setdefault(span.line if span else 0, (span, []))[1].append(each)
    return [lines[line] for line in sorted(lines)]


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
        differences: list[Difference] = []
        made: Decision | None = None
        name = step.event or _look_again(step, decisions.get(step.call), scenario)
        if name is not None:
            try:
                made = engine.observe(_event(engine, scenario, step, name))
                decisions[step.call] = made
            except CallEventError as error:
                differences.append(Difference("not_taken", {"event": name, "why": str(error), "code": error.code}))
        if made is not None and made.failed:
            differences.append(Difference("decision_failed", {"parts": ", ".join(made.failed)}))
        if step.expect and not differences:
            differences += compare(step, decisions.get(step.call), engine.bundle.catalogue)
        yield StepOutcome(step, made, tuple(differences))


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
