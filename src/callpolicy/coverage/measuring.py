"""`cover`: what the examples and scenarios of a bundle show, and for what they do not an example that does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from callpolicy.condition import facts_read
from callpolicy.coverage.closing import Facts, matching, search
from callpolicy.coverage.goals import Goal, goals_of, text_goals
from callpolicy.coverage.model import Coverage, CoveragePoint, PointKind, Reason, State
from callpolicy.coverage.observing import Observation, Observed, observe
from callpolicy.facts import Catalogue, Value, snapshot_of
from callpolicy.matchers.reference import truth
from callpolicy.policy import Bundle, Example, Rule, Script, Status

_NAMED: Final = {True: "match", False: "no_match", None: "undetermined"}
_MOST_BASES: Final = 40


def cover(bundle: Bundle) -> Coverage:
    """Measure what the examples and scenarios of a bundle show.

    A retired rule is not looked at. Only a rule's own examples show anything of it, and every decision of a scenario at
    its stage does.

    Args:
        bundle: the bundle; its examples and scenarios need not pass.

    Returns:
        every point, and the examples that close the gaps, each tried by evaluating it.
    """
    observed = observe(bundle)
    closing: dict[str, list[Example]] = {}
    points: list[CoveragePoint] = []
    rules = [rule for rule in bundle.rules if rule.status is not Status.RETIRED]
    for rule in rules:
        made = _Closing(rule, bundle, closing.setdefault(rule.id, []))
        points += (made.point(goal, rule.id, observed.of(rule)) for goal in goals_of(rule, bundle))
    for script in bundle.scripts.values():
        points += _of_script(script, rules, bundle, observed, closing)
    return Coverage(tuple(points), {rule: tuple(examples) for rule, examples in closing.items() if examples})


def _of_script(
    script: Script, rules: Iterable[Rule], bundle: Bundle, observed: Observed, closing: dict[str, list[Example]]
) -> Iterator[CoveragePoint]:
    saying = [rule for rule in rules if rule.then.script == script.id]
    texts = {"caller": script.caller, "agent": script.agent}
    seen = [each for stage in observed.of_stage.values() for each in stage if each.script == script.id]
    for goal in text_goals(texts, None, bundle):
        by_example = (each for rule in saying for each in _matching_examples(rule, observed))
        shown = next((each for each in (*seen, *by_example) if goal.shows(each.values)), None)
        if shown is not None:
            yield _point(goal, script.id, State.SEEN, shown_by=shown.source)
        elif not saying:
            blocked = bundle.settings.standing_block.script == script.id
            state, why = (State.GAP, "only_blocked") if blocked else (State.IMPOSSIBLE, "nobody_says_it")
            yield replace(_point(goal, script.id, state, reason=Reason(why)), span=script.span)
        else:
            rule = saying[0]
            own = replace(goal, shows=_said_by(rule, goal))
            made = _Closing(rule, bundle, closing.setdefault(rule.id, []))
            yield replace(made.point(own, script.id, ()), span=script.span)


def _said_by(rule: Rule, goal: Goal) -> Callable[[Mapping[str, Value]], bool]:
    return lambda values: truth(rule.when, values) is True and goal.shows(values)


def _matching_examples(rule: Rule, observed: Observed) -> Iterator[Observation]:
    return (each for each in observed.of_rule.get(rule.id, ()) if truth(rule.when, each.values) is True)


@dataclass(slots=True)
class _Closing:
    """Finds the examples that close the gaps of one rule; one example closes as many as it can."""

    rule: Rule
    bundle: Bundle
    made: list[Example]
    bases: list[Mapping[str, Value]] = field(default_factory=list)

    def point(self, goal: Goal, owner: str, observations: Iterable[Observation]) -> CoveragePoint:
        """The point of a goal: seen, a gap with its example, or impossible."""
        shown = next((each for each in observations if goal.shows(each.values)), None)
        if shown is not None:
            return _point(goal, owner, State.SEEN, shown_by=shown.source)
        if goal.impossible is not None:
            return _point(goal, owner, State.IMPOSSIBLE, reason=goal.impossible)
        for example in self.made:
            if goal.shows(snapshot_of(self.bundle.catalogue, example.given, at=0).values):
                return _point(goal, owner, State.GAP, closing=(self.rule.id, example))
        forbidden = _forbidden(goal, self.bundle.catalogue)
        if forbidden:
            return _point(goal, owner, State.IMPOSSIBLE, reason=Reason("relation", {"relation": forbidden}))
        return self._close(goal, owner)

    def _close(self, goal: Goal, owner: str) -> CoveragePoint:
        self.bases = self.bases or list(self._bases())
        ways = goal.ways if goal.kind is not PointKind.TEXT else ({},)
        bases = [{**goal.ways[0], **base} for base in self.bases] if goal.kind is PointKind.TEXT else self.bases
        if goal.beside is not None:
            bases = [*bases, *islice(matching(goal.beside, self.bundle.catalogue), _MOST_BASES)]
        plain = [{name: value for name, value in base.items() if value is not None} for base in bases]
        found = search(self.bundle.catalogue, ways, plain, goal.shows)
        if found.facts is None:
            why = Reason("in_the_way", {"relations": ", ".join(found.broken)}) if found.broken else Reason("not_found")
            return _point(goal, owner, State.GAP, reason=why)
        example = self._example(goal, found.facts)
        self.made.append(example)
        return _point(goal, owner, State.GAP, closing=(self.rule.id, example))

    def _bases(self) -> Iterator[Mapping[str, Value]]:
        """Facts to start from: those of examples that match, of others, and what the condition itself asks for."""
        given = [snapshot_of(self.bundle.catalogue, each.given, at=0).values for each in self.rule.examples]
        yield from sorted(given, key=lambda values: truth(self.rule.when, values) is not True)
        yield from islice(matching(self.rule.when, self.bundle.catalogue), _MOST_BASES)
        yield {}

    def _example(self, goal: Goal, facts: Facts) -> Example:
        taken = {each.name for each in (*self.rule.examples, *self.made)}
        name, number = goal.name, 2
        while name in taken:
            name, number = f"{goal.name}, {number}", number + 1
        order = [leaf for leaf in dict.fromkeys((*self._order(), *facts)) if leaf in facts]
        return Example(name, {each: facts[each] for each in order}, _NAMED[truth(self.rule.when, facts)])

    def _order(self) -> Iterator[str]:
        for example in self.rule.examples:
            yield from example.given
        yield from sorted(facts_read(self.rule.when))


def _forbidden(goal: Goal, catalogue: Catalogue) -> str:
    """A relation that is false whatever else is so, for each way to reach a goal; empty if a way is open."""
    named = ""
    for way in goal.ways:
        values = {name: value for name, value in way.items() if value is not None}
        named = next(
            (
                each.name
                for each in catalogue.relations
                if facts_read(each.holds) <= way.keys() and truth(each.holds, values) is False
            ),
            "",
        )
        if not named:
            return ""
    return named


def _point(
    goal: Goal,
    owner: str,
    state: State,
    *,
    shown_by: str = "",
    reason: Reason | None = None,
    closing: tuple[str, Example] | None = None,
) -> CoveragePoint:
    return CoveragePoint(goal.kind, owner, goal.part, goal.wanted, state, shown_by, reason, closing, goal.span)
