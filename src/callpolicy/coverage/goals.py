"""What is to be shown of a rule or a script: each goal with a test of facts, ways to reach it, and why none can."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from callpolicy.check import always_known
from callpolicy.check.domains import can_hold
from callpolicy.condition import Condition, FactRef, Leaf, Literal, Op
from callpolicy.coverage.closing import Wanted
from callpolicy.coverage.leaves import Number, boundaries, candidates, side, step_of, values_for
from callpolicy.coverage.masking import deciding_condition, is_masked
from callpolicy.coverage.model import PointKind, Reason
from callpolicy.engine.explaining import leaf_text
from callpolicy.errors import SourceSpan
from callpolicy.facts import Catalogue, Fact, Value, accept
from callpolicy.matchers.reference import leaf_truth, truth
from callpolicy.policy import Bundle, Rule
from callpolicy.trials.forcing import Path, decides, leaf_paths

_PLACE: Final = re.compile(r"\{([^{}]+)\}")
_MOST_WAYS: Final = 60
_SIDES: Final = ("below", "at", "above")
_TRUTHS: Final[Mapping[str, bool | None]] = {"true": True, "false": False, "unknown": None}


@dataclass(frozen=True, slots=True)
class Goal:
    """One thing to be shown.

    Args:
        kind: what it is about.
        part: the leaf or the text.
        wanted: how it is to be seen, see `CoveragePoint`.
        shows: whether facts show it.
        ways: facts that are to be so, one set for each way to show it.
        name: name of an example that shows it.
        impossible: why no call can show it; `None` if one may.
        span: where it stands.
        beside: what must be so beside the ways, for the leaf to decide; `None` if nothing must.
    """

    kind: PointKind
    part: str
    wanted: str
    shows: Callable[[Mapping[str, Value]], bool]
    ways: tuple[Wanted, ...]
    name: str
    impossible: Reason | None = None
    span: SourceSpan | None = None
    beside: Condition | None = None


def goals_of(rule: Rule, bundle: Bundle) -> Iterator[Goal]:
    """Everything that is to be shown of a rule: that it matches, its leaves, their boundaries, its reason."""
    known = always_known(bundle.settings, rule.stage)
    yield Goal(PointKind.RULE, "", "matched", _matches(rule), ({},), "everything that is asked for", span=rule.span)
    for leaf, path in leaf_paths(rule.when):
        for wanted in _TRUTHS:
            yield _truth_goal(leaf, wanted, known, bundle.catalogue)
        for mark in boundaries(leaf):
            for wanted in _SIDES:
                yield _deciding(_boundary_goal(leaf, mark, wanted, bundle.catalogue), rule.when, path)
    yield from text_goals({"because": rule.because}, rule, bundle)


def _deciding(goal: Goal, condition: Condition, path: Path) -> Goal:
    """A boundary that is seen only where its leaf decides: else nobody would see where the boundary lies."""
    shows, impossible = goal.shows, goal.impossible
    if impossible is None and all(is_masked(condition, path, way) for way in goal.ways):
        impossible = Reason("masked")
    return replace(
        goal,
        shows=lambda values: shows(values) and decides(condition, path, values),
        impossible=impossible,
        beside=deciding_condition(condition, path),
    )


def _matches(rule: Rule) -> Callable[[Mapping[str, Value]], bool]:
    return lambda values: truth(rule.when, values) is True


def text_goals(texts: Mapping[str, Mapping[str, str]], rule: Rule | None, bundle: Bundle) -> Iterator[Goal]:
    """What is to be shown of texts: that each is rendered in each language with every fact in it known.

    Args:
        texts: name to text by language; an empty text is not looked at.
        rule: the rule that gives or says them, or `None`.
        bundle: the bundle.
    """
    for name, by_language in texts.items():
        for language, text in by_language.items():
            if not text:
                continue
            places = tuple(dict.fromkeys(_PLACE.findall(text)))
            ways = (_known_values(places, bundle.catalogue),)
            part = f"{name} ({language})"
            yield Goal(
                PointKind.TEXT, part, "rendered", _renders(rule, places), ways, "every fact that is told is known"
            )


def _renders(rule: Rule | None, places: tuple[str, ...]) -> Callable[[Mapping[str, Value]], bool]:
    def shows(values: Mapping[str, Value]) -> bool:
        return (rule is None or truth(rule.when, values) is True) and all(place in values for place in places)

    return shows


def _known_values(places: tuple[str, ...], catalogue: Catalogue) -> Wanted:
    """A value for each fact of a text; what a base says of them goes before."""
    return {
        place: next(value for value in candidates(fact, Leaf(place, Op.KNOWN, True)) if not accept(fact, value)[1])
        for place in places
        if (fact := catalogue.get(place)) is not None
    }


def _truth_goal(leaf: Leaf, wanted: str, known: frozenset[str], catalogue: Catalogue) -> Goal:
    fact, value = catalogue[leaf.fact], _TRUTHS[wanted]
    name = _title(fact) + (" is not known" if value is None else f": {leaf.op} is {wanted}")
    return Goal(
        PointKind.LEAF,
        leaf_text(leaf, catalogue),
        wanted,
        lambda values: leaf_truth(leaf, values) is value,
        tuple(islice(_ways(leaf, value, catalogue), _MOST_WAYS)),
        name,
        _why_never(leaf, value, known, fact),
        leaf.span,
    )


def _why_never(leaf: Leaf, wanted: bool | None, known: frozenset[str], fact: Fact) -> Reason | None:
    always_known = Reason("always_known", {"fact": fact.name})
    if leaf.op is Op.KNOWN:
        if wanted is None:
            return Reason("never_unknown")
        return always_known if fact.name in known and leaf.operand is not wanted else None
    if wanted is not None:
        never = Reason("no_such_truth", {"fact": fact.name, "wanted": str(wanted).lower()})
        return None if can_hold(fact, [Literal(leaf, wanted)]) else never
    compared = [fact.name, *([leaf.operand.name] if isinstance(leaf.operand, FactRef) else [])]
    return always_known if all(name in known for name in compared) else None


def _ways(leaf: Leaf, wanted: bool | None, catalogue: Catalogue) -> Iterator[Wanted]:
    fact = catalogue[leaf.fact]
    if wanted is None:
        yield {leaf.fact: None}
        if isinstance(leaf.operand, FactRef):
            yield {leaf.operand.name: None}
    elif leaf.op is Op.KNOWN:
        if leaf.operand is wanted:
            yield from ({leaf.fact: value} for value in candidates(fact, leaf) if not accept(fact, value)[1])
        else:
            yield {leaf.fact: None}
    elif isinstance(leaf.operand, FactRef):
        for pair in _pairs(fact, catalogue[leaf.operand.name]):
            if leaf_truth(leaf, pair) is wanted:
                yield dict(pair)
    else:
        yield from ({leaf.fact: value} for value in values_for(fact, leaf, wanted))


def _pairs(fact: Fact, other: Fact) -> Iterator[dict[str, Value]]:
    """Values of two facts beside each other: equal, one more, one less; elements of a text or enum in turn."""
    own = [*candidates(other, Leaf(other.name, Op.KNOWN, True)), *_round(other)]
    for against in own:
        if accept(other, against)[1]:
            continue
        near: list[Value] = [against, *candidates(fact, Leaf(fact.name, Op.KNOWN, True))]
        if isinstance(against, int | float) and not isinstance(against, bool):
            step = step_of(other, against)
            near += [against + step, against - step]
        for value in near:
            if not accept(fact, value)[1]:
                yield {fact.name: value, other.name: against}


def _round(fact: Fact) -> Iterator[Value]:
    if fact.minimum is not None:
        yield 5 * step_of(fact, fact.minimum) + fact.minimum
    yield 5 * step_of(fact, 0) if fact.minimum is not None or fact.maximum is not None else 0


def _boundary_goal(leaf: Leaf, mark: Number | FactRef, wanted: str, catalogue: Catalogue) -> Goal:
    fact = catalogue[leaf.fact]
    part = leaf_text(leaf, catalogue)
    if isinstance(mark, FactRef):
        other = mark.name
        ways = [pair for pair in _pairs(fact, catalogue[other]) if _side(pair, leaf.fact, other, fact) == wanted]
        return Goal(
            PointKind.BOUNDARY,
            part,
            wanted,
            lambda values: _side(values, leaf.fact, other, fact) == wanted,
            tuple(ways[:_MOST_WAYS]),
            f"{_title(fact)}: {wanted} {_title(catalogue[other])}",
            span=leaf.span,
        )
    step = step_of(fact, mark)
    value = mark + {"below": -step, "at": 0, "above": step}[wanted]
    shown, marked = (leaf_text(Leaf(leaf.fact, Op.IS, each), catalogue).partition(" is ")[2] for each in (value, mark))
    never = Reason("no_such_value", {"fact": fact.name, "wanted": wanted, "mark": marked})
    return Goal(
        PointKind.BOUNDARY,
        part if leaf.op is not Op.BETWEEN else f"{part}, end {mark}",
        wanted,
        lambda values: leaf.fact in values and side(_number(values[leaf.fact]), mark, step) == wanted,
        ({leaf.fact: value},),
        f"{_title(fact)}: {shown}",
        never if accept(fact, value)[1] else None,
        leaf.span,
    )


def _side(values: Mapping[str, Value], name: str, other: str, fact: Fact) -> str:
    if name not in values or other not in values:
        return ""
    mark = _number(values[other])
    return side(_number(values[name]), mark, step_of(fact, mark))


def _number(value: Value) -> Number:
    # INVARIANT: only facts that are numbers take an ordering; the loader has checked it.
    assert isinstance(value, int | float)
    return value


def _title(fact: Fact) -> str:
    return fact.name.partition(".")[2].replace("_", " ") or fact.name
