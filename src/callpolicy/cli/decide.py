"""`callpolicy decide`: the decision on given facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from callpolicy.cli.options import (
    AtOption,
    FactOption,
    FactsOption,
    JsonOption,
    Language,
    LanguageOption,
    Point,
    PointOption,
    RulesOption,
    language_of_environment,
)
from callpolicy.cli.texts import text, title, word
from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.decision import Decision, StageResult
    from callpolicy.policy import Bundle, Outcome
    from callpolicy.reports import Table
    from callpolicy.runtime import Engine


def decide(
    point: PointOption = None,
    fact: FactOption = None,
    facts: FactsOption = None,
    at: AtOption = None,
    rules: RulesOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Decide on given facts alone: what is not given is unknown."""
    from callpolicy.cli.inputs import read_norm
    from callpolicy.cli.terminal import show_json
    from callpolicy.runtime import Engine

    engine = Engine(read_norm(rules))
    decision = decide_on_facts(engine, point, fact or (), facts, at)
    if as_json:
        show_json(decision.to_dict())
    else:
        show_decision(engine.bundle, decision, language or language_of_environment())


def decide_on_facts(
    engine: Engine, point: Point | None, pairs: Iterable[str], file: str | None, at: str | None
) -> Decision:
    """The decision on the facts of a command line.

    Raises:
        UsageError: there is no decision point, or a fact cannot be read.
    """
    from callpolicy.cli.inputs import read_at, read_facts

    if point is None:
        raise UsageError(f"name the decision point: `--point {'`, `--point '.join(Point)}`")
    given = read_facts(engine.bundle.catalogue, pairs, file)
    return engine.decide(given, point=str(point), at=read_at(at))


def show_decision(bundle: Bundle, decision: Decision, language: Language) -> None:
    """Print a decision as a table of its stages, and below it what else it says."""
    from callpolicy.cli.terminal import heading, show, show_table
    from callpolicy.cli.times import when

    head = text("decision", language, point=word(str(decision.point), language))
    show(heading(f"{head}  {when(decision.at, bundle)}"), text("revision", language, revision=decision.revision), "")
    show_table(stage_table(bundle, decision, language))
    lines = list(_remarks(bundle, decision, language))
    if lines:
        show("", *lines)


def stage_table(bundle: Bundle, decision: Decision, language: Language) -> Table:
    """The stages of a decision: effect, who carries it out, by which rules."""
    from callpolicy.reports import Column, Table

    columns = (
        Column(text("stage", language), whole=True),
        Column(text("effect", language), whole=True),
        Column(text("by", language)),
        Column(text("rules", language)),
    )
    rows = tuple(
        (
            word(str(result.stage), language),
            outcome_words(result.outcome, language),
            by_words(result.outcome, language),
            "\n".join(f"{rule}  {rule_title(bundle, rule, language)}" for rule in result.determining)
            or text("default", language),
        )
        for result in decision.stages
    )
    return Table("", columns, rows)


def outcome_words(outcome: Outcome, language: Language) -> str:
    """An outcome in one line: effect, kind, term, whom to."""
    from callpolicy.cli.times import lasting
    from callpolicy.policy import Term

    parts = [word(str(outcome.effect), language)]
    if outcome.kind:
        parts.append(word(str(outcome.kind), language))
    if outcome.term is not None:
        parts.append(word(str(outcome.term), language) if isinstance(outcome.term, Term) else lasting(outcome.term))
    if outcome.wait is not None:
        parts.append(lasting(outcome.wait))
    if outcome.to is not None:
        parts.append(f"→ {outcome.to}")
    return " ".join(parts)


def by_words(outcome: Outcome, language: Language) -> str:
    """Who carries an outcome out; nothing for a class, which nobody carries out."""
    from callpolicy.points import STAGE_OF, Stage

    return "" if STAGE_OF[outcome.effect] is Stage.CLASSIFY else text(str(outcome.by), language)


def rule_title(bundle: Bundle, rule_id: str, language: Language) -> str:
    """The title of a rule, or of a standing block."""
    from callpolicy.engine import STANDING_BLOCK

    if rule_id == STANDING_BLOCK:
        return "来电人在黑名单有效期内" if language is Language.ZH else "the caller is on the blocklist"
    try:
        return title(bundle.rule(rule_id).title, language)
    except KeyError:
        return ""


def _remarks(bundle: Bundle, decision: Decision, language: Language) -> Iterator[str]:
    from callpolicy.cli.times import when

    for result in decision.stages:
        stage = word(str(result.stage), language)
        yield from _said(bundle, decision, result, language)
        if result.held_by:
            yield f"{text('held_by', language)} ({stage}): {', '.join(result.held_by)}"
        if result.invariants:
            yield f"{text('acted', language)} ({stage}): {', '.join(result.invariants)}"
        if result.hidden:
            yield f"{text('hidden', language)} ({stage}): {outcome_words(result.hidden, language)}"
    if decision.obligations:
        obligations = ", ".join(word(str(each), language) for each in decision.obligations)
        yield f"{text('obligations', language)}: {obligations}"
    for result in decision.shadow:
        rules = ", ".join(result.determining)
        would = f"{text('would', language)} ({word(str(result.stage), language)})"
        yield f"{would}: {outcome_words(result.outcome, language)}  {rules}".rstrip()
    if decision.input_faults:
        faults = ", ".join(f"{fault.fact} ({fault.code})" for fault in decision.input_faults)
        yield f"{text('faults', language)}: {faults}"
    if decision.recheck_at is not None:
        yield f"{text('recheck', language)}: {when(decision.recheck_at, bundle)}"
    if decision.failed:
        yield f"{text('failures', language)}: {', '.join(decision.failed)}"


def _said(bundle: Bundle, decision: Decision, result: StageResult, language: Language) -> Iterator[str]:
    """What is to be said, with the facts filled in."""
    from callpolicy.cli.times import told
    from callpolicy.engine.deciding import carry, given
    from callpolicy.engine.explaining import fill

    script = bundle.scripts.get(result.outcome.script or "")
    if script is None:
        return
    values = given(decision.snapshot) if decision.snapshot else {}
    for earlier in decision.stages:
        carry(values, earlier)
    values = told(values, bundle)
    for key, texts in (("say", script.caller), ("tell_agent", script.agent)):
        if texts:
            yield f"{text(key, language)}: {fill(title(texts, language), values, bundle.catalogue, language)}"
