"""How a recorded decision is shown: whole while its personal part is there, else what is still known of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from callpolicy.cli.audit_texts import said
from callpolicy.cli.options import Language
from callpolicy.cli.texts import text, title
from callpolicy.cli.trail import personal_state, span_dicts, span_words, spans, table
from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.decision import Decision
    from callpolicy.engine import Explanation
    from callpolicy.facts import Value
    from callpolicy.policy import Bundle
    from callpolicy.reports import Table
    from callpolicy.runtime.revisiting import Revisiting
    from callpolicy.stores.base import Kept
    from callpolicy.stores.sql import SqlStore


def decision_tree(store: SqlStore, revisiting: Revisiting, kept: Kept, *, clear: bool) -> dict[str, Any]:
    """A recorded decision as plain values for JSON.

    Raises:
        UsageError: `clear` was asked for, and the norm that decided declares nothing clear.
    """
    from callpolicy.runtime.revisiting import hidden_facts, remnant

    decision = remnant(kept)
    bundle = _bundle(revisiting, kept, clear=clear)
    explanation = _explanation(revisiting, kept, bundle, clear=clear)
    lived = [each for each in spans(store.activations()) if each.revision == decision.revision]
    shown = _facts(kept, bundle)
    return {
        "decision": decision.to_dict(),
        "norm_kept": bundle is not None,
        "live": span_dicts(lived),
        "explanation": None if explanation is None else explanation.to_dict()["stages"],
        "facts": {name: _told(name, value, bundle) for name, value in shown.items()},
        "hidden": sorted(set(hidden_facts(kept)) - set(shown)),
    }


def _bundle(revisiting: Revisiting, kept: Kept, *, clear: bool) -> Bundle | None:
    bundle = revisiting.shown(kept, clear=clear)
    if clear and (bundle is None or not bundle.settings.clear):
        raise UsageError(said("no_clear", Language.EN))
    return bundle


def _explanation(revisiting: Revisiting, kept: Kept, bundle: Bundle | None, *, clear: bool) -> Explanation | None:
    if bundle is None or personal_state(kept) not in {"kept", "none"}:
        return None
    return revisiting.explained(kept, clear=clear)


def _facts(kept: Kept, bundle: Bundle | None) -> Mapping[str, Value]:
    from callpolicy.runtime.revisiting import shown_facts

    return shown_facts(kept, bundle)


def _told(name: str, value: Value, bundle: Bundle | None) -> Any:
    from callpolicy.engine.explaining import show as shown

    if bundle is None or (isinstance(value, bool | int | float) and not _is_time(name, bundle)):
        return value
    return sorted(value) if isinstance(value, frozenset) else shown(name, value, bundle.catalogue, "en")


def _is_time(name: str, bundle: Bundle) -> bool:
    from callpolicy.facts import FactType

    fact = bundle.catalogue.get(name)
    return fact is not None and fact.type in {FactType.DURATION, FactType.TIMESTAMP}


def show_kept_decision(
    store: SqlStore, revisiting: Revisiting, kept: Kept, language: Language, *, clear: bool, facts: bool
) -> None:
    """Print a recorded decision: what, by which norm and when that was live, why, and on which facts.

    Raises:
        UsageError: `clear` was asked for, and the norm that decided declares nothing clear.
    """
    from callpolicy.cli.decide import show_decision
    from callpolicy.cli.explain import show_explanation
    from callpolicy.cli.terminal import heading, show, show_table
    from callpolicy.runtime.revisiting import remnant

    bundle = _bundle(revisiting, kept, clear=clear)
    decision = remnant(kept)
    lived = [each for each in spans(store.activations()) if each.revision == decision.revision]
    zone = "UTC" if bundle is None else bundle.settings.time_zone
    show(
        f"{decision.decision_id}  ({text('call', language)} {decision.call_id})",
        span_words(lived, zone, language),
        said("personal_is", language, state=said(f"personal.{personal_state(kept)}", language)),
        "",
    )
    if bundle is None:
        _show_bare(decision, language)
        return
    show_decision(bundle, decision, language)
    explanation = _explanation(revisiting, kept, bundle, clear=clear)
    if explanation is not None:
        show("")
        show_explanation(bundle, explanation, language)
    else:
        show("", *_reasons(bundle, kept, decision, language))
        show("", heading(said("still_known", language)))
    if facts or explanation is None:
        show("")
        show_table(_fact_table(bundle, kept, language))
        _show_hidden(kept, bundle, language)


def _show_bare(decision: Decision, language: Language) -> None:
    """What a decision says by itself, when the norm that decided is not there to put it in words."""
    from callpolicy.cli.decide import by_words, outcome_words
    from callpolicy.cli.terminal import heading, show, show_table
    from callpolicy.cli.texts import word
    from callpolicy.cli.trail import local

    head = text("decision", language, point=word(str(decision.point), language))
    show(heading(f"{head}  {local(decision.at, 'UTC')}"), text("revision", language, revision=decision.revision), "")
    columns = ((text("stage", language), "w"), (text("effect", language), "w"), (text("by", language), ""),
               (text("rules", language), ""))  # fmt: skip
    rows = [
        (
            word(str(each.stage), language),
            outcome_words(each.outcome, language),
            by_words(each.outcome, language),
            ", ".join(each.determining) or text("default", language),
        )
        for each in decision.stages
    ]
    show_table(table("", columns, rows))
    for each in decision.stages:
        for key, ids in (("held_by", each.held_by), ("acted", each.invariants)):
            if ids:
                show(f"{text(key, language)} ({word(str(each.stage), language)}): {', '.join(ids)}")
    if decision.failed:
        show(f"{text('failures', language)}: {', '.join(decision.failed)}")
    show("", said("not_kept", language))


def _reasons(bundle: Bundle, kept: Kept, decision: Decision, language: Language) -> Iterator[str]:
    """Why, as far as the facts are known that its texts name; what was personal is masked in them."""
    from callpolicy.cli.times import told
    from callpolicy.engine.deciding import carry, given
    from callpolicy.engine.explaining import fill
    from callpolicy.runtime.revisiting import hidden_facts

    values = given(decision.snapshot) if decision.snapshot else {}
    for name in hidden_facts(kept):
        # WHY any value: one that is not `None` is masked, and not told as unknown, which it was not.
        values.setdefault(name, "")
    for stage in decision.stages:
        for rule in bundle.rules:
            if rule.id in stage.determining:
                reason = fill(title(rule.because, language), told(values, bundle), bundle.catalogue, language)
                yield f"{text('because', language)} ({rule.id}): {reason}"
        carry(values, stage)


def _fact_table(bundle: Bundle, kept: Kept, language: Language) -> Table:
    from callpolicy.cli.times import retold
    from callpolicy.engine.explaining import show as shown

    def row(name: str, value: Value) -> tuple[str, ...]:
        fact = bundle.catalogue.get(name)
        written = retold(name, shown(name, value, bundle.catalogue, language), bundle)
        return name, "" if fact is None else title(fact.title, language), written

    columns = ((said("fact", language), "w"), (text("title", language), ""), (said("value", language), ""))
    return table(said("facts", language), columns, (row(name, value) for name, value in _facts(kept, bundle).items()))


def _show_hidden(kept: Kept, bundle: Bundle, language: Language) -> None:
    from callpolicy.cli.terminal import show
    from callpolicy.runtime.revisiting import hidden_facts

    names = sorted(set(hidden_facts(kept)) - set(_facts(kept, bundle)))
    if names:
        show("", said("hidden_facts", language, names=", ".join(names)))
