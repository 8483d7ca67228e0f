"""Law: parse ∘ print = id, over random rules."""

import string
from collections.abc import Mapping
from datetime import date
from typing import Any as Anything

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callpolicy.condition import ORDERING, All, Any, Condition, FactRef, Leaf, Not, Op, Operand
from callpolicy.facts import OPERATORS, Fact, FactType
from callpolicy.points import EFFECTS_OF, KINDS_OF_CLASS, Effect, Stage
from callpolicy.policy import By, Example, Obligation, Outcome, Pilot, Rule, Status, Term
from callpolicy.rulefile import load_bundle_files, print_rule
from callpolicy.rulefile.sources import forbidden_character
from tests.rulefile.test_malformed import SMALL

FILES = {name: data for name, data in SMALL.items() if "/" not in name or name.startswith("lexicons")}
BUNDLE = load_bundle_files(FILES)
CATALOGUE = BUNDLE.catalogue
SECOND = 1_000_000
HARD = [
    "yes", "null", "1", "1e3", "2027-05-01", "- a", "a: b", "#x", "it's", '"', "\\", "你好，世界", "a, b", "[x]", "~",
    "*a", "&a", "!t", "%", "@", "`", "?", "|", ">", "=", "<<", "0o7", "a\tb",
]  # fmt: skip


def is_fit(text: str) -> bool:
    return (
        forbidden_character(text) is None
        and "\n" not in text
        and "\r" not in text
        and text == text.strip()
        and bool(text)
    )


LINES = (st.sampled_from(HARD) | st.text(min_size=1, max_size=12)).filter(is_fit)
TEXTS = (LINES | st.text(min_size=1, max_size=20)).filter(
    lambda text: forbidden_character(text) is None and bool(text.strip()) and "{" not in text and "}" not in text
)
TITLES = LINES.filter(lambda text: "{" not in text and "}" not in text)
FACTS = list(CATALOGUE)
EARLY = [fact for fact in FACTS if fact.known_from == "offered" and fact.name not in ("caller.class", "caller.kind")]


def values(fact: Fact) -> st.SearchStrategy[Anything]:
    low, high = fact.minimum, fact.maximum
    match fact.type:
        case FactType.BOOL:
            return st.booleans()
        case FactType.INT:
            return st.integers(
                int(low if low is not None else -(1 << 53) + 1), int(high if high is not None else (1 << 53) - 1)
            )
        case FactType.FLOAT:
            return st.floats(low if low is not None else -1e15, high if high is not None else 1e15, allow_nan=False)
        case FactType.DURATION:
            most = int(high) // 1000 if high is not None else 10**10
            return st.integers(0, most).map(lambda milliseconds: milliseconds * 1000)
        case FactType.TIMESTAMP:
            return st.integers(0, 253_402_300_799_999_999)
        case FactType.STR | FactType.ENUM | FactType.STR_SET:
            if fact.name == "talk.signals":
                return st.just("insult")
            return st.sampled_from(fact.values) if fact.values else LINES


def operands(fact: Fact, op: Op, among: list[Fact]) -> st.SearchStrategy[Operand]:
    one = values(fact)
    if op is Op.KNOWN:
        return st.booleans()
    if op is Op.BETWEEN:
        return st.tuples(one, one).map(lambda pair: tuple(sorted(pair)))
    if op in (Op.IN, Op.NOT_IN, Op.HAS_ANY):
        return st.lists(one, min_size=1, max_size=3, unique=True).map(tuple)
    others = [
        other.name
        for other in among
        if other.type is fact.type
        and other.name != fact.name
        and (not fact.values or set(fact.values) & set(other.values))
    ]
    if op in ORDERING | {Op.IS, Op.IS_NOT} and others:
        return one | st.sampled_from(others).map(FactRef)
    return one


def leaves(among: list[Fact]) -> st.SearchStrategy[Leaf]:
    pairs = [(fact, op) for fact in among for op in OPERATORS[fact.type]]
    return st.sampled_from(sorted(pairs, key=lambda pair: (pair[0].name, pair[1]))).flatmap(
        lambda pair: operands(*pair, among).map(lambda operand: Leaf(pair[0].name, pair[1], operand))
    )


def conditions(among: list[Fact]) -> st.SearchStrategy[Condition]:
    def branches(below: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        items = st.lists(below, min_size=1, max_size=3).map(tuple)
        return items.map(All) | items.map(Any) | items.map(Not)

    return st.recursive(leaves(among), branches, max_leaves=6)


@st.composite
def outcomes(draw: st.DrawFn, stage: Stage) -> Outcome:
    effect = draw(st.sampled_from(EFFECTS_OF[stage]))
    kinds = KINDS_OF_CLASS.get(effect) if stage is Stage.CLASSIFY else None
    length = st.integers(1, 10**8).map(lambda milliseconds: milliseconds * 1000)
    return Outcome(
        effect,
        kind=draw(st.sampled_from(kinds)) if kinds else None,
        by=By.AGENT if stage is Stage.CLASSIFY else draw(st.sampled_from(By)),
        term=draw(st.sampled_from(Term) | length) if effect in (Effect.PROPOSE_BLOCK, Effect.BLOCK) else None,
        wait=draw(length) if effect is Effect.OFFER_CLOSE else None,
        to=draw(LINES) if effect in (Effect.ESCALATE, Effect.DIVERT) else None,
        script=draw(st.none() | st.sampled_from(sorted(BUNDLE.scripts))),
    )


@st.composite
def examples(draw: st.DrawFn, name: str) -> Example:
    given_facts: dict[str, object] = {}
    for fact in draw(st.lists(st.sampled_from(FACTS), max_size=3, unique_by=lambda fact: fact.name)):
        many = st.frozensets(values(fact), max_size=2) if fact.type is FactType.STR_SET else values(fact)
        given_facts[fact.name] = draw(many)
    return Example(name, given_facts, draw(st.sampled_from(["match", "no_match", "undetermined"])))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    stage = draw(st.sampled_from(Stage))
    status = draw(st.sampled_from(Status))
    among = (
        EARLY if stage is Stage.SCREEN else [fact for fact in FACTS if fact.name not in ("caller.class", "caller.kind")]
    )
    names = draw(st.lists(LINES, max_size=2, unique=True))
    pilots = st.builds(
        Pilot,
        st.lists(LINES, min_size=1, max_size=2).map(tuple),
        st.lists(LINES, max_size=2).map(tuple),
        st.integers(0, 100),
    )
    return Rule(
        id=draw(st.text(string.ascii_lowercase, min_size=1, max_size=8)),
        stage=stage,
        title=draw(st.fixed_dictionaries({"zh-CN": TITLES, "en": TITLES})),
        status=status,
        owner=draw(LINES),
        review_by=draw(st.dates(date(1, 1, 1), date(9999, 12, 31))),
        priority=draw(st.integers(0, 10_000)),
        when=draw(conditions(among)),
        then=draw(outcomes(stage)),
        obligations=tuple(draw(st.lists(st.sampled_from(Obligation), max_size=3, unique=True))),
        because=draw(st.fixed_dictionaries({"zh-CN": TEXTS, "en": TEXTS})),
        examples=tuple(draw(examples(name)) for name in names),
        pilot=draw(pilots) if status is Status.PILOT else None,
        norm=tuple(draw(st.lists(st.sampled_from(["1", "2.2", "2.10"]), max_size=2))),
    )


def read_back(text: str, rule: Rule) -> Mapping[str, Rule]:
    bundle = load_bundle_files(FILES | {f"{rule.stage}/{rule.id}.yaml": text.encode()})
    return {read.id: read for read in bundle.rules}


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(rules())
def test_a_rule_that_is_printed_reads_back_as_itself(rule: Rule) -> None:
    text = print_rule(rule, CATALOGUE)

    assert read_back(text, rule) == {rule.id: rule}


def test_a_printed_rule_is_what_an_author_would_write() -> None:
    rule = load_bundle_files(SMALL).rule("judged_nuisance")

    assert print_rule(rule, CATALOGUE) == (
        "# yaml-language-server: $schema=../../schemas/rule.schema.json\n"
        "id: judged_nuisance\n"
        "stage: classify\n"
        "title: {zh-CN: 人工判定为骚扰, en: Judged a nuisance}\n"
        "status: enforced\n"
        "owner: service-quality\n"
        "review_by: 2027-05-01\n"
        "priority: 50\n"
        'norm: ["2.2"]\n'
        "when:\n"
        "  talk.judged_class: {is: nuisance}\n"
        "then: {effect: nuisance, kind: abuse}\n"
        'because: {zh-CN: 坐席判定为骚扰。, en: "The agent judged this a nuisance."}\n'
        "examples:\n"
        "  - {name: judged, given: {talk.judged_class: nuisance}, expect: match}\n"
        "  - {name: judged normal, given: {talk.judged_class: normal}, expect: no_match}\n"
    )
