"""Facts that tell a mutant from the norm: a call that is decided otherwise, and an example that kills it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Final

from callpolicy.check import always_known
from callpolicy.condition import Condition, FactRef, Op, facts_read
from callpolicy.facts import Catalogue, Fact, FactType, Snapshot, Value, accept, snapshot_of
from callpolicy.instants import duration_text
from callpolicy.matchers.reference import truth
from callpolicy.mutants.conditions import leaf_paths
from callpolicy.mutants.deciding import Deciding, decided, same, stage_of, words
from callpolicy.mutants.model import Mutant, Telling
from callpolicy.mutants.recording import Recording
from callpolicy.points import STAGES_AT, DecisionPoint
from callpolicy.policy import Bundle, Example, Rule
from callpolicy.reports.norm_words import ZH_WORDS

Facts = Mapping[str, Value]

_ZH: Final = "zh-CN"
# As `callpolicy.mutants.deciding.words` writes them.
_STAGE_TOLD: Final = re.compile(
    r"(?P<stage>\w+): (?P<effect>\w+)(?:/(?P<kind>\w+))?(?: (?!by |do )(?P<term>\w+))?(?: by (?P<by>\w+))?"
    r"(?: do (?P<do>[\w, ]+?))?(?: \((?P<rules>[^()]*)\))?"
)

_NAMED: Final = {True: "match", False: "no_match", None: "undetermined"}
_MOST_BASES: Final = 40
_MOST_BESIDE: Final = 20
_PLAIN: Final[Facts] = MappingProxyType({"caller.protected": False, "caller.allowlisted": False})
_MOST_TRIES: Final = 300
_SECOND: Final = 1_000_000


def example_against(mutant: Mutant, bundle: Bundle) -> Example | None:
    """An example that holds of the rule and fails on the mutant, from facts that break no relation; `None` if none is
    found."""
    if not isinstance(mutant.new, Rule) or mutant.same_when:
        return None
    rule = bundle.rule(mutant.owner)
    bases = [snapshot_of(bundle.catalogue, each.given, at=0).values for each in rule.examples]
    found: Example | None = None
    for facts in _variations((rule.when, mutant.new.when), bases, bundle.catalogue):
        old = truth(rule.when, facts)
        if old is truth(mutant.new.when, facts) or _breaks_relation(facts, bundle.catalogue):
            continue
        taken = {each.name for each in rule.examples}
        name = next(name for number in range(1, 1000) if (name := f"tells {mutant.operator} {number}") not in taken)
        found = found or Example(name, dict(facts), _NAMED[old])
        if old is not None:
            # WHY a definite one first: it reads better than one that cannot be decided.
            return Example(name, dict(facts), _NAMED[old])
    return found


def kills(example: Example, mutant: Mutant, bundle: Bundle) -> bool:
    """Whether an example holds of the rule and fails on the mutant."""
    assert isinstance(mutant.new, Rule)
    facts = snapshot_of(bundle.catalogue, example.given, at=0).values
    came = _NAMED[truth(bundle.rule(mutant.owner).when, facts)], _NAMED[truth(mutant.new.when, facts)]
    return came[0] == example.expect != came[1]


def _breaks_relation(facts: Facts, catalogue: Catalogue) -> bool:
    return any(truth(each.holds, facts) is False for each in catalogue.relations)


def _variations(conditions: Iterable[Condition], bases: Iterable[Facts], catalogue: Catalogue) -> Iterator[Facts]:
    """Facts beside those to start from: one of them changed, or two."""
    changes = list(_changes(conditions, catalogue))
    starts = [*bases, {}]
    yield from starts
    for base in starts:
        for one in changes:
            yield _with(base, (one,))
    for base in starts:
        for place, one in enumerate(changes):
            for other in changes[place + 1 :]:
                if one[0] != other[0]:
                    yield _with(base, (one, other))


def _with(base: Facts, changes: Iterable[tuple[str, Value | None]]) -> dict[str, Value]:
    facts = {**base, **{name: value for name, value in changes if value is not None}}
    for name, value in changes:
        if value is None:
            facts.pop(name, None)
    return facts


def _changes(conditions: Iterable[Condition], catalogue: Catalogue) -> Iterator[tuple[str, Value | None]]:
    """Per fact that is read, values about its operands, and that it is unknown."""
    found: dict[tuple[str, str], tuple[str, Value | None]] = {}
    for condition in conditions:
        for name in sorted(facts_read(condition)):
            found[name, ""] = (name, None)
        for leaf, _ in leaf_paths(condition):
            operands: tuple[object, ...] = ()
            if leaf.op is not Op.KNOWN and not isinstance(leaf.operand, FactRef):
                operands = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
            names = [leaf.fact, *([leaf.operand.name] if isinstance(leaf.operand, FactRef) else [])]
            for name in names:
                for value in _values(catalogue[name], operands):
                    if not accept(catalogue[name], value)[1]:
                        found[name, repr(value)] = (name, value)
    yield from found.values()


def _values(fact: Fact, operands: tuple[object, ...]) -> Iterator[Value]:
    match fact.type:
        case FactType.BOOL:
            yield from (True, False)
        case FactType.ENUM:
            yield from fact.values
        case FactType.STR:
            yield from (*(str(each) for each in operands), "other")
        case FactType.STR_SET:
            yield from (frozenset[str](), frozenset(map(str, operands)), *(frozenset({str(each)}) for each in operands))
            yield from (frozenset({each}) for each in fact.values)
        case FactType.INT | FactType.FLOAT | FactType.DURATION | FactType.TIMESTAMP:
            step = _SECOND if fact.type in {FactType.DURATION, FactType.TIMESTAMP} else 1
            for mark in (*(each for each in operands if isinstance(each, int | float)), 0, step):
                yield from (mark, mark + step, mark - step)


def call_against(mutant: Mutant, deciding: Deciding, recording: Recording) -> Telling | None:
    """A call beside what the scenarios saw that is decided otherwise; `None` if none is found."""
    stage = stage_of(mutant, deciding.bundle)
    if stage is None:
        return None
    plan = deciding.plan_of(mutant)
    points = [point for point, stages in STAGES_AT.items() if stage in stages]
    for point, facts in islice(_calls(mutant, deciding.bundle, recording, points), _MOST_TRIES):
        snapshot = Snapshot(0, facts)
        old, new = decided(deciding.plan, snapshot, point).stages, decided(plan, snapshot, point).stages
        if not same(old, new):
            return Telling(point, facts, words(old), words(new))
    return None


def _calls(
    mutant: Mutant, bundle: Bundle, recording: Recording, points: list[DecisionPoint]
) -> Iterator[tuple[DecisionPoint, Facts]]:
    seen = [each for each in recording.decisions if each.point in points]
    # WHY first what it took part in: its neighbours are more likely to tell it.
    near = sorted(seen, key=lambda each: all(mutant.owner not in one.determining for one in each.stages))[:_MOST_BASES]
    starts = [*((each.point, each.snapshot.values) for each in near), *((point, _PLAIN) for point in points)]
    for condition, bases in _wanted(mutant, bundle):
        for point, start in starts:
            varied = islice(_variations((condition,), [start], bundle.catalogue), _MOST_BESIDE)
            for facts in (*({**start, **base} for base in bases), *varied):
                if _can_be(facts, point, start, bundle):
                    yield point, facts


def _can_be(facts: Facts, point: DecisionPoint, base: Facts, bundle: Bundle) -> bool:
    """Whether a call can have these facts then: no relation is broken, and nothing is known too early or not at all."""
    order = list(DecisionPoint)
    early = any(
        order.index(bundle.catalogue[name].known_from) > order.index(point) for name in facts.keys() - base.keys()
    )
    known = always_known(bundle.settings, STAGES_AT[point][0])
    lost = any(name in known for name in base.keys() - facts.keys())
    return not early and not lost and not _breaks_relation(facts, bundle.catalogue)


def _wanted(mutant: Mutant, bundle: Bundle) -> Iterator[tuple[Condition, list[Facts]]]:
    """Conditions to vary about, with facts under which the rule matches or the mutant differs."""
    if not isinstance(mutant.new, Rule):
        yield from ((each.when, []) for each in bundle.invariants if each.id == mutant.owner)
        return
    rule = bundle.rule(mutant.owner)
    given: list[Facts] = [snapshot_of(bundle.catalogue, each.given, at=0).values for each in rule.examples]
    matching = [facts for facts in given if truth(rule.when, facts) is True]
    example = example_against(mutant, bundle)
    differing = [snapshot_of(bundle.catalogue, example.given, at=0).values] if example else []
    yield rule.when, [*differing, *matching]


def decision_told(told: str, language: str) -> str:
    """A decision in one line for people who read a language; what a telling holds is English.

    >>> decision_told("blocklist: block day by system do record_call (burst); screen: accept", "zh-CN")
    '黑名单 blocklist：屏蔽 block，一天，由系统执行，并须保存录音（burst）；接入 screen：接入 accept'
    """
    if language != _ZH:
        return told
    return "；".join(_stage_told(each) for each in told.split("; "))


def _stage_told(told: str) -> str:
    found = _STAGE_TOLD.fullmatch(told)
    if found is None:
        return told
    parts = [_with_name(found["effect"]) + (f"（{_with_name(found['kind'])}）" if found["kind"] else "")]
    term = found["term"]
    if term:
        parts.append(duration_text(int(term)) if term.isdigit() else ZH_WORDS.get(term, term))
    if found["by"]:
        parts.append(f"由{ZH_WORDS.get(found['by'], found['by'])}执行")
    if found["do"]:
        parts.append("并须" + "、".join(ZH_WORDS.get(each, each) for each in found["do"].split(", ")))
    rules = f"（{found['rules']}）" if found["rules"] else ""
    return f"{_with_name(found['stage'])}：{'，'.join(parts)}{rules}"


def _with_name(name: str) -> str:
    return f"{ZH_WORDS[name]} {name}" if name in ZH_WORDS else name
