"""`callpolicy audit show`: a decision as it was, or an act, however long ago, from what was kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from callpolicy.cli.audit_texts import act_word, said
from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.options import JsonOption, Language, LanguageOption, StoreOption, language_of_environment
from callpolicy.cli.texts import word
from callpolicy.cli.trail import (
    IdArgument,
    found,
    local,
    name_of,
    opened_whole,
    personal_state,
    table,
    zone_of,
)

if TYPE_CHECKING:
    from callpolicy.audit import AuditRecord
    from callpolicy.policy import Bundle
    from callpolicy.reports import Table
    from callpolicy.runtime.revisiting import Revisiting
    from callpolicy.stores.base import Kept
    from callpolicy.stores.sql import SqlStore


def show_record(
    ref: IdArgument,
    clear: Annotated[
        bool, typer.Option("--clear", help="Show personal facts that the norm itself declares clear.")
    ] = False,
    facts: Annotated[bool, typer.Option("--facts", help="List every fact that was known.")] = False,
    store: StoreOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Show what is on record: a decision with its reasons in the words of the norm that decided, or who did what.

    Personal values are masked. After they were erased, the decision, its rules and the other facts are still known. If
    an id names several records, they are listed in order.
    """
    from callpolicy.audit import is_sound
    from callpolicy.cli.terminal import fault, show_json
    from callpolicy.cli.usage_texts import in_words
    from callpolicy.runtime.revisiting import Revisiting

    shown = language or language_of_environment()
    with opened_whole(store) as there:
        records = found(there, ref)
        changed = [name_of(kept) for kept in records if not is_sound(kept.record)]
        if changed:
            why = f"record `{changed[0]}` was changed, and nothing can be told from it; see `callpolicy audit verify`"
            fault(in_words(why, shown))
            raise typer.Exit(FINDINGS)
        revisiting = Revisiting(there)
        if len(records) > 1:
            _show_several(there, ref, records, shown, as_json=as_json)
        elif as_json:
            show_json(record_dict(there, revisiting, records[0], clear=clear))
        else:
            _show_one(there, revisiting, records[0], shown, clear=clear, facts=facts)


def _show_several(store: SqlStore, ref: str, records: Sequence[Kept], language: Language, *, as_json: bool) -> None:
    from callpolicy.cli.terminal import screen, show, show_json, show_table, wrapped
    from callpolicy.rulefile.sources import quoted

    if as_json:
        show_json([_head_dict(kept) for kept in records])
        return
    show_table(_records_table(records, zone_of(store), language))
    told = said("several", language, ref=quoted(ref).strip("`"), count=len(records))
    show("", wrapped(told, screen().width))


def _records_table(records: Sequence[Kept], zone: str, language: Language) -> Table:
    from callpolicy.cli.block_fit import fitted, stacked
    from callpolicy.cli.terminal import is_roomy
    from callpolicy.reports import Column, Table

    columns = (
        Column(said("when", language), whole=True),
        Column(said("record", language), whole=True),
        Column(said("kind", language)),
        Column(said("what", language)),
        Column(said("personal", language)),
    )
    rows = [
        (
            local(kept.record.at, zone),
            name_of(kept),
            kind_word(kept.record.kind, language),
            what_of(kept, language),
            said(f"personal.{personal_state(kept)}", language),
        )
        for kept in records
    ]
    return fitted(Table("", columns, tuple(rows))) if is_roomy() else stacked(columns, rows, ((0, 1), (2, 4), (3,)))


def kind_word(kind: str, language: Language) -> str:
    """The kind of a record."""
    return said(f"kind.{kind}", language) if kind in {"decision", "act", "activation", "failure"} else kind


def what_of(kept: Kept, language: Language) -> str:
    """What a record says, in a few words."""
    body = kept.record.body
    decision, act = body.get("decision"), body.get("act")
    if decision is not None:
        point, effect = str(decision.get("point", "")), str(decision.get("effect", ""))
        return f"{word(point, language)} → {word(effect, language)}"
    if act is not None:
        return act_word(str(act.get("act", "")), language)
    return ", ".join(str(value) for items in body.values() for value in items.values())


def _head_dict(kept: Kept) -> dict[str, Any]:
    from callpolicy.instants import instant_text

    record = kept.record
    return {
        "record": name_of(kept),
        "at": instant_text(record.at),
        "kind": record.kind,
        "subject": record.subject,
        "digest": record.digest,
        "personal": personal_state(kept),
    }


def record_dict(store: SqlStore, revisiting: Revisiting, kept: Kept, *, clear: bool) -> dict[str, Any]:
    """What is on record, as plain values for JSON; what is personal is left out."""
    from callpolicy.audit.drafts import DECISION
    from callpolicy.cli.audit_decision import decision_tree

    tree = _head_dict(kept)
    if kept.record.kind == DECISION:
        return {**tree, **decision_tree(store, revisiting, kept, clear=clear)}
    body = {section: dict(items) for section, items in kept.record.body.items() if section != "personal"}
    return {**tree, **body, "words": words_of(store, kept), "hidden": _hidden(kept)}


def _hidden(kept: Kept) -> list[str]:
    return [name for name in kept.record.names if name.rpartition("/")[2] not in _WORDS]


_WORDS: Final = ("reason", "text")
_FREE: Final = frozenset({"rules", "owner"})
_INSTANTS: Final = frozenset({
    "until", "newest", "pruned_by", "kept_from", "kept_from_before",
    "history_before", "cases_before", "blocks_before", "parts_before",
})  # fmt: skip


def words_of(store: SqlStore, kept: Kept) -> dict[str, str]:
    """What a person wrote with an act, without what looks like a telephone number; empty once it was erased.

    Raises:
        AuditError: the personal part was changed.
    """
    from callpolicy.audit import whole_body
    from callpolicy.cli.trail import clear_text

    body = whole_body(kept.record, kept.part, store.keys)
    act = {} if body is None else body.get("act", {})
    return {name: clear_text(act[name]) for name in _WORDS if name in act}


def _show_one(
    store: SqlStore, revisiting: Revisiting, kept: Kept, language: Language, *, clear: bool, facts: bool
) -> None:
    from callpolicy.audit.drafts import DECISION
    from callpolicy.cli.audit_decision import show_kept_decision
    from callpolicy.cli.terminal import heading, show

    kind = kind_word(kept.record.kind, language)
    show(heading(said("of_record", language, record=name_of(kept), kind=kind)))
    if kept.record.kind == DECISION:
        show_kept_decision(store, revisiting, kept, language, clear=clear, facts=facts)
    else:
        _show_act(store, kept, language)


@dataclass(frozen=True, slots=True)
class _Act:
    """An act on record, and what it is told with.

    Args:
        store: the store.
        kept: its record.
        bundle: the norm that is live, whose zone and names of roles are used; `None` if there is none.
        language: of the texts.
    """

    store: SqlStore
    kept: Kept
    bundle: Bundle | None
    language: Language

    def local(self, at: int) -> str:
        """An instant on the clocks of the centre."""
        return local(at, "UTC" if self.bundle is None else self.bundle.settings.time_zone)


def _show_act(store: SqlStore, kept: Kept, language: Language) -> None:
    from callpolicy.audit import MASKED
    from callpolicy.cli.audit_texts import named
    from callpolicy.cli.terminal import show, show_table
    from callpolicy.cli.trail import live_norm

    act, record = _Act(store, kept, live_norm(store), language), kept.record
    rows = [(said("when", language), act.local(record.at)), (said("subject", language), _subject(record, language))]
    for section, items in record.body.items():
        if section != "personal":
            told = {name: value for name, value in items.items() if name != "move" or value != items.get("act")}
            rows += [_part_row(act, name, value) for name, value in told.items()]
    words = words_of(store, kept)
    rows += [(named(name, language), written) for name, written in words.items()]
    if _hidden(kept):
        rows.append((named("value_masked", language), _whom(act) or MASKED))
    state = said(f"personal.{personal_state(kept)}", language)
    if not words:
        rows += [(named(name, language), state) for name in _WORDS if f"act/{name}" in record.names]
    show_table(table("", ((said("what", language), "w"), (said("value", language), "")), rows))
    show("", said("personal_is", language, state=state))


def _subject(record: AuditRecord, language: Language) -> str:
    """What an act was done to: an id, or the store as a whole."""
    from callpolicy.cli.prune_records import ACTS, STORE

    whole = record.subject == STORE and record.body.get("act", {}).get("act") in ACTS
    return said("the_store", language) if whole else record.subject


def _whom(act: _Act) -> str:
    """Whom an act on a list is about, masked as the list shows them; empty if that is not kept."""
    from callpolicy.cli.whom import shown

    listed = act.store.listed(act.kept.record.subject)
    covered = None if listed is None else listed.block or listed.entry
    return "" if covered is None or act.kept.part is None else shown(covered.subject, act.language, frozenset())


def _part_row(act: _Act, name: str, value: object) -> tuple[str, str]:
    from callpolicy.cli.audit_texts import named, state_word
    from callpolicy.cli.block_texts import term_word
    from callpolicy.cli.trail import clear_text, plain_text

    language = act.language
    label = said({"by": "who", "state": "led"}[name], language) if name in {"by", "state"} else named(name, language)
    words = {"act": act_word, "move": act_word, "by": word, "term": term_word, "state": state_word}
    if name in _INSTANTS and isinstance(value, str):
        return label, _instant(act, value)
    if name == "unfinished" and isinstance(value, list | tuple):
        comma = "、" if language is Language.ZH else ", "
        return label, comma.join(named(plain_text(each), language) for each in value)
    if name in words:
        return label, words[name](str(value), language)
    if name == "evidence" and isinstance(value, list | tuple) and value:
        return label, ", ".join(_evidence(act, str(each)) for each in value)
    if name == "roles" and isinstance(value, list | tuple) and value:
        return label, _roles(act, [str(each) for each in value])
    # WHY not masked: ids are checked not to show a person when they are recorded, and masked they would name nothing.
    return label, clear_text(value) if name in _FREE else plain_text(value)


def _instant(act: _Act, written: str) -> str:
    """An instant as all others are told; what is none stays as it is written."""
    from callpolicy.cli.trail import plain_text
    from callpolicy.instants import parse_instant

    try:
        return act.local(parse_instant(written))
    except (ValueError, OverflowError):
        return plain_text(written)


def _evidence(act: _Act, decision_id: str) -> str:
    """A decision that an act rests on, with whether it is on record here."""
    from callpolicy.cli.block_texts import one_line
    from callpolicy.cli.governed import decided_at
    from callpolicy.cli.list_import import IMPORTED

    told, record = one_line(decision_id), act.kept.record
    if decided_at(act.store, decision_id) is not None:
        return told
    proposed = record.body.get("act", {}).get("act") == "propose"
    return said(
        "row_of_file" if proposed and record.subject.startswith(IMPORTED) else "not_here", act.language, id=told
    )


def _roles(act: _Act, roles: Sequence[str]) -> str:
    """The roles as the norm that is live calls them."""
    from callpolicy.cli.governed import role_words
    from callpolicy.policy import Governance

    governance = None if act.bundle is None else act.bundle.governance
    comma = "、" if act.language is Language.ZH else ", "
    return comma.join(role_words([each], governance or Governance(), act.language) for each in roles)
