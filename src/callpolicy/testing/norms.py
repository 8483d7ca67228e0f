"""Whole small norms that pass `check`, with examples made from their conditions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any as AnyValue
from typing import Final, cast

from hypothesis import strategies as st

from callpolicy.condition import ORDERING, All, Any, Condition, FactRef, Leaf, Not, Op, Operand
from callpolicy.facts import OPERATORS, Catalogue, Fact, FactType
from callpolicy.facts.builtin import BUILTIN
from callpolicy.instants import SECOND
from callpolicy.matchers.reference import truth
from callpolicy.points import EFFECTS_OF, KINDS_OF_CLASS, STAGES_AT, DecisionPoint, Effect, Stage
from callpolicy.policy import Bundle, Obligation, Outcome, Rule, Status, Term
from callpolicy.rulefile import load_bundle_files, print_rule
from callpolicy.rulefile.scaffolding import examples_of
from callpolicy.testing.snapshots import values

_TEXTS: Final = {"zh-CN": "规则", "en": "a rule"}
_REASONS: Final = {"zh-CN": "理由。", "en": "the reason."}
_REVIEW: Final = date(2099, 1, 1)
_POINTS: Final = tuple(DecisionPoint)
# Asked for only where more is declared: business hours, lexicons.
_NOT_ASKED: Final = frozenset({"call.business_hours", "talk.signals"})
_OF_CLASS: Final = frozenset({"caller.class", "caller.kind"})
_SAFE: Final = [{"caller.protected": {"is": True}}, {"caller.allowlisted": {"is": True}}]
_GUARDS: Final = (
    (Stage.SCREEN, ("reject",), "accept"),
    (Stage.HANGUP, ("hang_up_politely", "hang_up"), "continue"),
    (Stage.BLOCKLIST, ("propose_block", "block"), "none"),
)
_NODES: Final = st.sampled_from(cast("Sequence[Callable[[tuple[Condition, ...]], Condition]]", (All, Any, Not)))
_HOST: Final = (
    {"name": "host.score", "type": "int", "minimum": 0, "maximum": 100, "title": {"zh-CN": "评分", "en": "score"}},
    {"name": "host.waited", "type": "duration", "minimum": "0s", "title": {"zh-CN": "等待", "en": "waited"}},
)


def _frame() -> dict[str, bytes]:
    """The files of a norm without rules."""
    stages = {
        str(stage): {"default": str(effects[0]), "effects": [str(each) for each in effects]}
        for stage, effects in EFFECTS_OF.items()
    }
    policy = {"name": "a norm", "region": "CN", "time_zone": "Asia/Shanghai", "languages": ["zh-CN", "en"]}
    invariants = [
        {
            "id": f"safe_in_{stage}",
            "title": {"zh-CN": "受保护", "en": "protected callers are safe"},
            "never": {"effects": list(effects), "when": {"any": _SAFE}, "instead": instead},
        }
        for stage, effects, instead in _GUARDS
    ]
    trees: Mapping[str, object] = {
        "policy.yaml": {**policy, "stages": stages, "feeds": ["agent_marks"]},
        "invariants.yaml": invariants,
        "facts.yaml": list(_HOST),
    }
    return {name: json.dumps(tree, ensure_ascii=False).encode() for name, tree in trees.items()}


_FRAME: Final = _frame()


def _askable(catalogue: Catalogue, stage: Stage) -> list[Fact]:
    last = max(_POINTS.index(point) for point in _POINTS if stage in STAGES_AT[point])
    return [
        fact
        for fact in catalogue
        if _POINTS.index(fact.known_from) <= last
        and fact.name not in _NOT_ASKED
        and not (stage is Stage.CLASSIFY and fact.name in _OF_CLASS)
    ]


def _ops(fact: Fact) -> list[Op]:
    return [op for op in Op if op in OPERATORS[fact.type]]


@st.composite
def _leaves(draw: st.DrawFn, fact: Fact, others: Sequence[Fact]) -> Leaf:
    op = draw(st.sampled_from(_ops(fact)))
    same = [each.name for each in others if each.type is fact.type and each.type is not FactType.ENUM]
    if op in ORDERING and same and draw(st.integers(0, 3)) == 3:  # noqa: PLR2004 - one in four
        return Leaf(fact.name, op, FactRef(draw(st.sampled_from(same))))
    return Leaf(fact.name, op, _operand(draw, fact, op))


def _operand(draw: st.DrawFn, fact: Fact, op: Op) -> Operand:
    single = _writable(fact)
    if op is Op.KNOWN:
        return draw(st.booleans())
    if op is Op.BETWEEN:
        low, high = sorted(draw(st.tuples(single, single)))
        return low, high
    if op in (Op.IN, Op.NOT_IN, Op.HAS_ANY):
        operands: tuple[str | int, ...] = tuple(draw(st.lists(single, min_size=1, max_size=2, unique=True)))
        return operands
    operand: str | int | float = draw(single)
    return operand


def _writable(fact: Fact) -> st.SearchStrategy[AnyValue]:
    """One operand that can be written in a rule file as it is."""
    if fact.type is FactType.STR_SET:
        return st.sampled_from(fact.values or ("x", "y"))
    plain = values(fact)
    if fact.type in (FactType.DURATION, FactType.TIMESTAMP):
        # WHY whole seconds: a rule file has nothing shorter than a millisecond.
        return plain.map(lambda value: int(value) // SECOND * SECOND if isinstance(value, int) else value)
    return plain


@st.composite
def conditions(draw: st.DrawFn, catalogue: Catalogue, stage: Stage, *, most_leaves: int = 4) -> Condition:
    """Conditions that a rule of a stage may have, over facts that it may ask.

    Args:
        draw: given by Hypothesis; not an argument of the caller.
        catalogue: the facts.
        stage: the stage; `classify` asks for no class, `screen` for nothing that only a conversation tells.
        most_leaves: at most so many leaves, each on another fact.

    Returns:
        a strategy of conditions; it shrinks to one leaf. Units: operands that are durations or instants are whole
        seconds, in microseconds.
    """
    askable = _askable(catalogue, stage)
    chosen = draw(
        st.lists(st.sampled_from(askable), min_size=1, max_size=most_leaves, unique_by=lambda fact: fact.name)
    )
    items: list[Condition] = [draw(_leaves(fact, [each for each in askable if each not in chosen])) for fact in chosen]
    while len(items) > 1:
        size = draw(st.integers(2, len(items)))
        node = draw(_NODES)
        items = [*items[size:], node(tuple(items[:size]))]
    return items[0]


@st.composite
def _rules(draw: st.DrawFn, rule_id: str, catalogue: Catalogue) -> Rule:
    stage = draw(st.sampled_from(Stage))
    when = draw(conditions(catalogue, stage))
    scaffold = examples_of(when, catalogue, truth)
    # WHY a draft: a leaf that can never decide alone keeps a rule in force from passing `check`.
    status = Status.DRAFT if scaffold.missing else draw(st.sampled_from((Status.ENFORCED, Status.SHADOW, Status.DRAFT)))
    return Rule(
        id=rule_id,
        stage=stage,
        title=_TEXTS,
        status=status,
        owner="service-quality",
        review_by=_REVIEW,
        priority=draw(st.integers(0, 3)) * 10,
        when=when,
        then=draw(_outcomes(stage)),
        obligations=tuple(draw(st.lists(st.sampled_from(Obligation), max_size=2, unique=True))),
        because=_REASONS,
        examples=scaffold.examples,
    )


@st.composite
def _outcomes(draw: st.DrawFn, stage: Stage) -> Outcome:
    effect = draw(st.sampled_from(EFFECTS_OF[stage]))
    kinds = KINDS_OF_CLASS.get(effect, ())
    return Outcome(
        effect,
        kind=draw(st.sampled_from(kinds)) if kinds else None,
        term=draw(st.sampled_from((Term.DAY, Term.WEEK))) if effect in (Effect.PROPOSE_BLOCK, Effect.BLOCK) else None,
        wait=2 * SECOND if effect is Effect.OFFER_CLOSE else None,
        to="senior_desk" if effect in (Effect.ESCALATE, Effect.DIVERT) else None,
    )


@st.composite
def bundles(draw: st.DrawFn, *, most_rules: int = 3) -> Bundle:
    """Whole small norms, as if read from a folder: `check` finds no error in them.

    They have the built-in facts and two of a host, an invariant for every restrictive stage, rules of any stage with
    examples for every leaf, and no scenarios, lexicons or windows. `bundle.files` are the files they were read from.

    Args:
        draw: given by Hypothesis; not an argument of the caller.
        most_rules: at most so many rules; there is at least one.

    Returns:
        a strategy of bundles. It shrinks to one rule with one leaf.
    """
    catalogue = _CATALOGUE
    count = draw(st.integers(1, most_rules))
    rules = [draw(_rules(f"rule_{chr(ord('a') + number)}", catalogue)) for number in range(count)]
    files = {f"{rule.stage}/{rule.id}.yaml": print_rule(rule, catalogue).encode() for rule in rules}
    return load_bundle_files({**_FRAME, **files})


_CATALOGUE: Final = load_bundle_files(_FRAME).catalogue
assert len(_CATALOGUE) == len(BUILTIN) + len(_HOST)
