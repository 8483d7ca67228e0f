"""Changes of facts and what comes of them, as people and programs read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from callpolicy.cli.options import Language
from callpolicy.cli.texts import text, title, word
from callpolicy.cli.what_if_texts import said

if TYPE_CHECKING:
    from callpolicy.decision import Decision, StageResult
    from callpolicy.facts import Value
    from callpolicy.policy import Bundle
    from callpolicy.whatif import ChangeSet


def value_words(bundle: Bundle, name: str, value: Value | None, language: Language) -> str:
    """The value of a fact; a personal one is masked, and an empty set is shown as one."""
    from callpolicy.cli.times import retold
    from callpolicy.engine.explaining import show as shown

    if value is None:
        return text("unknown", language)
    return retold(name, shown(name, value, bundle.catalogue, language), bundle) or "[]"


def change_words(bundle: Bundle, name: str, before: Value | None, after: Value | None, language: Language) -> str:
    """One change in a line."""
    fact = bundle.catalogue.get(name)
    named = f"{name}（{title(fact.title, language)}）" if fact and language is Language.ZH else name
    return f"{named}: {value_words(bundle, name, before, language)} → {value_words(bundle, name, after, language)}"


def set_lines(bundle: Bundle, sets: Iterable[ChangeSet], language: Language) -> Iterator[str]:
    """Sets of changes, one a line, with a number."""
    apart = "；" if language is Language.ZH else "; "
    for number, each in enumerate(sets, 1):
        changes = (change_words(bundle, one.fact, one.before, one.after, language) for one in each.changes)
        yield f"{number}. {apart.join(changes)}"


def answer_lines(bundle: Bundle, sets: tuple[ChangeSet, ...], most: int, language: Language) -> list[str]:
    """An answer to why not: the sets, or that there are none, or that nothing needs to change."""
    if not sets:
        return [said("none", language, most=most)]
    if not sets[0].changes:
        return [said("already", language)]
    return list(set_lines(bundle, sets, language))


def value_tree(bundle: Bundle, name: str, value: Value | None) -> Any:
    """The value of a fact as a plain value for JSON; a personal one is masked, a time is written as rules do."""
    from callpolicy.audit import MASKED, may_show
    from callpolicy.engine.explaining import show as shown
    from callpolicy.facts import FactType

    fact = bundle.catalogue.get(name)
    if value is None:
        return None
    if fact is None or not may_show(name, bundle.catalogue):
        return MASKED
    if isinstance(value, frozenset):
        return sorted(value)
    timed = fact.type in {FactType.DURATION, FactType.TIMESTAMP}
    return shown(name, value, bundle.catalogue, "en") if timed else value


def change_tree(bundle: Bundle, name: str, before: Value | None, after: Value | None) -> dict[str, Any]:
    """One change as plain values for JSON."""
    return {"fact": name, "before": value_tree(bundle, name, before), "after": value_tree(bundle, name, after)}


def set_tree(bundle: Bundle, found: ChangeSet) -> list[dict[str, Any]]:
    """A set of changes as plain values for JSON."""
    return [change_tree(bundle, each.fact, each.before, each.after) for each in found.changes]


def said_at(bundle: Bundle, decision: Decision, result: StageResult, language: str) -> dict[str, str]:
    """What a stage has people say, with the facts filled in: `say` and `tell_agent`, those that there are."""
    from callpolicy.cli.times import told
    from callpolicy.engine.deciding import carry, given
    from callpolicy.engine.explaining import fill

    script = bundle.scripts.get(result.outcome.script or "")
    if script is None:
        return {}
    values = given(decision.snapshot) if decision.snapshot else {}
    for earlier in decision.stages:
        carry(values, earlier)
    seen = told(values, bundle)
    texts: Mapping[str, Mapping[str, str]] = {"say": script.caller, "tell_agent": script.agent}
    return {
        key: fill(each.get(language) or next(iter(each.values())), seen, bundle.catalogue, language)
        for key, each in texts.items()
        if each
    }


def rows_of(bundle: Bundle, decision: Decision, language: Language) -> dict[str, str]:
    """All that a decision says, row by row: what it is about, and what it says."""
    from callpolicy.cli.decide import by_words, outcome_words

    rows: dict[str, str] = {}
    for result in decision.stages:
        stage = word(str(result.stage), language)
        by = by_words(result.outcome, language) if not result.default else ""
        rows[stage] = f"{outcome_words(result.outcome, language)}{f' ({by})' if by else ''}"
        rows[f"{stage}: {said('rules', language)}"] = "\n".join(result.determining) or said("default", language)
        rows[f"{stage}: {said('held_by', language)}"] = "\n".join(result.held_by)
        rows[f"{stage}: {said('acted', language)}"] = "\n".join(result.invariants)
        rows[f"{stage}: {said('hidden', language)}"] = outcome_words(result.hidden, language) if result.hidden else ""
        texts = said_at(bundle, decision, result, language)
        for key in ("say", "tell_agent"):
            rows[f"{stage}: {said(key, language)}"] = texts.get(key, "")
    rows[said("obligations", language)] = "\n".join(word(str(each), language) for each in decision.obligations)
    return rows
