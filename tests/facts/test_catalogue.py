"""The catalogue: every built-in fact is declared wholly, in both languages, and relations name facts."""

from __future__ import annotations

import re
import unicodedata
from typing import get_args

import pytest

from callpolicy.condition import All, Leaf, Op, facts_read, leaves
from callpolicy.facts import OPERATORS, Catalogue, Fact, FactType, Origin, Privacy, Relation
from callpolicy.facts.builtin import BUILTIN
from callpolicy.points import Effect, Kind, Stage

NAME = re.compile(r"(caller|call|talk|case|block)\.[a-z][a-z_]*")


def scripts(text: str) -> set[str]:
    return {unicodedata.name(each).partition(" ")[0] for each in text if each.isalpha()}


def test_there_are_at_least_45_facts_in_the_declared_namespaces() -> None:
    assert len(BUILTIN) >= 45
    assert [fact.name for fact in BUILTIN if not NAME.fullmatch(fact.name)] == []
    assert {fact.name.partition(".")[0] for fact in BUILTIN} == {"caller", "call", "talk", "case", "block"}


@pytest.mark.parametrize(
    "name",
    [
        # DESIGN 2.1, word by word.
        "caller.number", "caller.region", "caller.line_type", "caller.withheld", "caller.attestation", "caller.class",
        "caller.kind", "caller.protected", "call.channel", "call.queue", "call.dialled", "call.language", "call.topic",
        "call.hour", "call.weekday", "call.business_hours", "call.holiday", "talk.warnings", "talk.explanations",
        "talk.explanations_rejected", "talk.offences", "talk.offences_since_warning", "talk.signals",
        "talk.service_complete", "talk.no_further_needs", "talk.quiet_for", "talk.handling_time", "case.status",
        "case.final_result_at", "case.new_facts_since_final", "case.contacts_since_final", "case.first_handler",
        "block.covered",
    ],
)  # fmt: skip
def test_the_facts_that_the_norm_speaks_of_are_there(name: str) -> None:
    assert name in BUILTIN


@pytest.mark.parametrize("fact", BUILTIN, ids=lambda fact: fact.name)
def test_every_fact_has_titles_in_both_languages_in_the_right_script(fact: Fact) -> None:
    assert set(fact.title) == {"zh-CN", "en"}
    assert "CJK" in scripts(fact.title["zh-CN"])
    assert scripts(fact.title["en"]) == {"LATIN"}
    assert all(text == text.strip() and "\n" not in text for text in fact.title.values())


@pytest.mark.parametrize("fact", BUILTIN, ids=lambda fact: fact.name)
def test_every_declaration_goes_together(fact: Fact) -> None:
    assert fact.values or fact.type is not FactType.ENUM
    assert not fact.values or fact.type in {FactType.ENUM, FactType.STR_SET}
    assert len(set(fact.values)) == len(fact.values)
    assert isinstance(fact.privacy, Privacy)
    assert isinstance(fact.origin, Origin)
    if fact.type is FactType.DURATION:
        assert (fact.minimum, bool(fact.anchor), fact.unit) == (0, True, "duration")
    if fact.type is FactType.TIMESTAMP:
        assert fact.unit == "instant"
    if fact.type is FactType.INT:
        assert fact.minimum is not None


def test_what_is_about_a_person_is_personal() -> None:
    assert {fact.name for fact in BUILTIN if fact.privacy is Privacy.PERSONAL} == {
        "caller.number",
        "caller.customer",
        "case.id",
    }


def test_classes_and_kinds_are_those_that_classify_gives() -> None:
    classes = {str(each) for each in (Effect.NORMAL, Effect.REPEAT_COMPLAINT, Effect.NUISANCE)}

    for name in ("caller.class", "talk.judged_class"):
        assert set(BUILTIN[name].values) == classes
    for name in ("caller.kind", "talk.judged_kind"):
        assert set(BUILTIN[name].values) == {str(kind) for kind in Kind}
    assert {fact.name for fact in BUILTIN if fact.origin is Origin.ENGINE} == {"caller.class", "caller.kind"}
    assert "classify" in set(Stage)


@pytest.mark.parametrize("relation", BUILTIN.relations, ids=lambda relation: relation.name)
def test_relations_name_facts_and_use_operators_that_these_facts_take(relation: Relation) -> None:
    for name in facts_read(relation.holds):
        assert name in BUILTIN
    for leaf in leaves(relation.holds):
        assert leaf.op in OPERATORS[BUILTIN[leaf.fact].type]
        if leaf.op in {Op.IS, Op.IS_NOT} and BUILTIN[leaf.fact].type is FactType.ENUM:
            assert leaf.operand in BUILTIN[leaf.fact].values


def test_relation_names_are_unique() -> None:
    names = [relation.name for relation in BUILTIN.relations]

    assert len(set(names)) == len(names)


def test_equality_is_not_offered_on_measured_amounts_and_known_is_offered_on_all() -> None:
    for kind in FactType:
        assert Op.KNOWN in OPERATORS[kind]
    for kind in (FactType.FLOAT, FactType.DURATION, FactType.TIMESTAMP, FactType.STR_SET):
        assert not OPERATORS[kind] & {Op.IS, Op.IS_NOT, Op.IN, Op.NOT_IN}
    assert not OPERATORS[FactType.BOOL] & {Op.IN, Op.NOT_IN, Op.AT_LEAST}
    assert {op for ops in OPERATORS.values() for op in ops} == set(Op)


def test_a_name_may_be_declared_once() -> None:
    fact = Fact("host.risk", FactType.INT, {})

    with pytest.raises(ValueError, match=r"fact `host\.risk` is declared twice"):
        Catalogue([fact, fact])
    with pytest.raises(ValueError, match=r"`caller\.number` is declared twice"):
        BUILTIN.extended([Fact("caller.number", FactType.STR, {})])


def test_a_relation_that_names_no_fact_is_refused() -> None:
    relation = Relation("risky", All((Leaf("host.risk", Op.AT_LEAST, 1),)))

    with pytest.raises(ValueError, match=r"relation `risky` names no fact of the catalogue: \['host\.risk'\]"):
        Catalogue([], [relation])


def test_a_bundle_extends_the_catalogue_and_the_built_in_one_stays_as_it_is() -> None:
    before = len(BUILTIN)
    risk = Fact("host.risk", FactType.INT, {})
    relation = Relation("risky", Leaf("host.risk", Op.AT_LEAST, 0))

    extended = BUILTIN.extended([risk], [relation])

    assert (len(extended), len(BUILTIN)) == (before + 1, before)
    assert extended["host.risk"] is risk
    assert extended.get("host.risk") is risk
    assert BUILTIN.get("host.risk") is None
    assert extended.relations == (*BUILTIN.relations, relation)
    assert list(extended)[-1] is risk


def test_value_types_are_those_that_conditions_can_compare() -> None:
    from callpolicy.facts import Value

    assert set(get_args(Value)) == {bool, int, float, str, frozenset[str]}
