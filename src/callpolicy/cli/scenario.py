"""`callpolicy scenario`: whole calls as a timeline, with what was expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.options import JsonOption, Language, LanguageOption, RulesOption, language_of_environment
from callpolicy.cli.texts import text, title, word
from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.decision import Decision
    from callpolicy.policy import Bundle
    from callpolicy.trials import ScenarioOutcome, StepOutcome


def scenario(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Which; all if left out.")] = None,
    list_them: Annotated[bool, typer.Option("--list", help="List the scenarios.")] = False,
    rules: RulesOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Run scenarios of the norm and show each as a timeline; exit code 1 if something is not as expected."""
    from callpolicy.cli.inputs import find_scenario, read_norm
    from callpolicy.cli.terminal import show, show_json
    from callpolicy.trials import run_scenarios

    bundle = read_norm(rules)
    shown = language or language_of_environment()
    if list_them:
        _show_list(bundle, as_json, shown)
        return
    chosen = [find_scenario(bundle, name) for name in names] if names else list(bundle.scenarios)
    if not chosen:
        raise UsageError("the norm has no scenarios")
    outcomes = list(run_scenarios(bundle, chosen))
    if as_json:
        show_json([_outcome_dict(each, shown) for each in outcomes])
    else:
        for outcome in outcomes:
            _show(outcome, shown)
        passed = sum(each.passed for each in outcomes)
        show(text("scenarios_done", shown, passed=passed, total=len(outcomes)))
    if not all(each.passed for each in outcomes):
        raise typer.Exit(FINDINGS)


def _show_list(bundle: Bundle, as_json: bool, language: Language) -> None:
    from callpolicy.cli.terminal import show_json, show_table
    from callpolicy.reports import Column, Table

    if as_json:
        show_json([{"id": each.id, "title": dict(each.title)} for each in bundle.scenarios])
        return
    columns = (Column(text("name", language), whole=True), Column(text("title", language)))
    show_table(Table("", columns, tuple((each.id, title(each.title, language)) for each in bundle.scenarios)))


def _show(outcome: ScenarioOutcome, language: Language) -> None:
    from callpolicy.cli.terminal import MARKS, heading, show, show_table
    from callpolicy.reports import Column, Table

    name = outcome.scenario.id
    show(heading(f"{name}  {title(outcome.scenario.title, language)}"))
    columns = (
        Column("#", number=True),
        Column(text("offset", language), whole=True),
        Column(text("call", language), whole=True),
        Column(text("event", language)),
        Column(text("class", language)),
        Column(text("effect", language)),
        Column(text("rule", language)),
        Column(text("expected", language), whole=True),
    )
    rows = []
    standing: dict[str, Decision | None] = {}
    for number, step in enumerate(outcome.steps, 1):
        standing[step.step.call] = step.decision or standing.get(step.step.call)
        rows.append(_row(number, step, standing[step.step.call], language))
    show_table(Table("", columns, tuple(rows)))
    show(*(f"  {failure}" for step in outcome.steps for failure in step.told(language)))
    came = f"{MARKS[True]} {text('passed', language)}" if outcome.passed else f"{MARKS[False]} {_failed(language)}"
    show(came, "")


def _failed(language: Language) -> str:
    return text("scenario_failed", language)


def _row(number: int, outcome: StepOutcome, decision: Decision | None, language: Language) -> tuple[str, ...]:
    from callpolicy.cli.decide import outcome_words
    from callpolicy.cli.terminal import MARKS
    from callpolicy.cli.times import lasting

    step = outcome.step
    classified = effect = by = ""
    if decision is not None:
        kind = f": {word(str(decision.caller_kind), language)}" if decision.caller_kind else ""
        classified = f"{word(str(decision.caller_class), language)}{kind}"
        effect = outcome_words(decision.main.outcome, language)
        by = "\n".join(decision.determining)
    expected = ""
    if step.expect or outcome.failures:
        expected = MARKS[not outcome.failures]
    event = " ".join([step.event or "", *_fields(step.fields)]).strip()
    return (str(number), lasting(step.at), step.call, event, classified, effect, by, expected)


def _fields(fields: Mapping[str, object]) -> Iterator[str]:
    """The fields of an event that tell something about it, in short."""
    for name, value in fields.items():
        if name in {"kind", "class_", "by", "topic", "to", "cause", "agent", "queue"} and value is not None:
            yield str(value)
        elif name == "text" and isinstance(value, str):
            yield f"“{value}”"
        elif name == "facts" and isinstance(value, Mapping):
            yield from (f"{fact}" for fact in value)


def _outcome_dict(outcome: ScenarioOutcome, language: Language) -> dict[str, Any]:
    from callpolicy.instants import duration_text

    return {
        "id": outcome.scenario.id,
        "title": dict(outcome.scenario.title),
        "passed": outcome.passed,
        "steps": [
            {
                "at": duration_text(step.step.at),
                "call": step.step.call,
                "event": step.step.event,
                "decision": step.decision.to_dict() if step.decision else None,
                "failures": list(step.told(language)),
            }
            for step in outcome.steps
        ],
    }
