"""What kills a mutant: an example, a scenario or `check`; and what is said of one that nothing kills."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from callpolicy.check import Rows, check_bundle
from callpolicy.condition import Truth
from callpolicy.decision import Decision
from callpolicy.errors import MissingExtraError, Severity
from callpolicy.facts import Snapshot, Value, snapshot_of
from callpolicy.matchers.reference import truth
from callpolicy.matches import Matches
from callpolicy.mutants.deciding import Deciding, decided, differs, same, stage_of, words
from callpolicy.mutants.diffing import diff_of
from callpolicy.mutants.model import Answer, Equivalent, Fate, Mutant, Result, Telling, applied
from callpolicy.mutants.recording import Place, Recorded, Recording, record
from callpolicy.mutants.telling import call_against, example_against
from callpolicy.points import Stage
from callpolicy.policy import Bundle, Rule, Settings
from callpolicy.trials import run_scenario, try_examples
from callpolicy.windows import Window

_EXPECTED: Final[Mapping[str, Truth]] = {"match": True, "no_match": False, "undetermined": None}
BEFORE_RULES: Final = "it changes what the facts are, not what is decided on them, so that no proof is asked for"
NOT_INSTALLED: Final = "nobody was asked for a proof: pip install 'callpolicy[prove]'"


@dataclass(slots=True)
class Judging:
    """Judges the mutants of one bundle.

    Args:
        bundle: the bundle; its own examples and scenarios pass.
        equivalent: makes what is asked whether a survivor decides every call as the bundle does; `None` if nobody can
            be asked.
    """

    bundle: Bundle
    equivalent: Equivalent | None = None
    proves: Callable[[Bundle], Answer] | None = field(init=False)
    deciding: Deciding = field(init=False)
    recording: Recording = field(init=False)
    rows: Rows = field(init=False)
    faults: frozenset[tuple[str, str]] = field(init=False)
    truths: dict[str, list[Truth]] = field(init=False, default_factory=dict)
    latest: tuple[str, list[Truth]] = field(init=False, default=("", []))

    def __post_init__(self) -> None:
        """Compile the bundle and record its scenarios, once."""
        self.proves = self.equivalent(self.bundle) if self.equivalent else None
        self.deciding = Deciding(self.bundle)
        self.recording = record(self.bundle)
        self.rows = Rows(self.bundle.catalogue)
        self.faults = frozenset(_faults(self.bundle, self.rows))

    def judge(self, mutant: Mutant) -> Result:
        """What becomes of one mutant."""
        killer = self._example(mutant) or self._scenario(mutant) or self._check(mutant)
        if killer:
            return Result(mutant.id, mutant.operator, mutant.owner, Fate.KILLED, killer)
        return self._survivor(mutant)

    def _example(self, mutant: Mutant) -> str:
        if not isinstance(mutant.new, Rule) or mutant.same_when:
            return ""
        for example in mutant.new.examples:
            values = snapshot_of(self.bundle.catalogue, example.given, at=0).values
            if truth(mutant.new.when, values) is not _EXPECTED[example.expect]:
                return f"example `{example.name}`"
        return ""

    def _scenario(self, mutant: Mutant) -> str:
        first = self._first_differing(mutant)
        for position, (place, old, new) in first.items():
            # INVARIANT: up to here the scenario went as before, so that this is what would be decided.
            if any(differs(key, old, new) for key in place.expects):
                return f"scenario `{self.bundle.scenarios[position].id}`"
        changed = applied(mutant, self.bundle)
        for position in dict.fromkeys((*first, *self._in_question(mutant))):
            scenario = self.bundle.scenarios[position]
            if not run_scenario(changed, scenario, matcher="reference").passed:
                return f"scenario `{scenario.id}`"
        return ""

    def _first_differing(self, mutant: Mutant) -> dict[int, tuple[Place, Decision, Decision]]:
        """Per scenario the first step that is decided otherwise, with both decisions.

        INVARIANT: where no decision differs, nothing that follows does: the scenario goes on as before.
        """
        first: dict[int, tuple[Place, Decision, Decision]] = {}
        if stage_of(mutant, self.bundle) is None:
            return first
        for each, new in self._decided_otherwise(mutant):
            for place in each.places:
                known = first.get(place.scenario)
                if known is None or place.step < known[0].step:
                    first[place.scenario] = (place, each.decision, new)
        return first

    def _in_question(self, mutant: Mutant) -> Iterator[int]:
        """Scenarios of which the recorded decisions do not tell whether they go on as before."""
        if isinstance(mutant.new, Window):
            old = next(each for each in self.bundle.windows if each.fact == mutant.owner)
            reach = min(old.length or 0, mutant.new.length or 0)
            # WHY: in a scenario that is shorter than both windows they hold the same.
            found = [place for place, span in enumerate(self.recording.spans) if span > reach]
            yield from sorted(found, key=lambda place: not self._expects(place, mutant.owner))
        elif isinstance(mutant.new, Settings):
            found = [place for place, classes in enumerate(self.recording.classes) if classes - {"None"}]
            yield from sorted(found, key=lambda place: mutant.what not in self.recording.classes[place])
        elif not mutant.same_when:
            yield from self.recording.timed

    def _expects(self, position: int, fact: str) -> bool:
        """Whether a scenario expects something of a fact: it is likely to notice, and is run first."""
        return any(fact in str(step.expect.get("facts", "")) for step in self.bundle.scenarios[position].steps)

    def _decided_otherwise(self, mutant: Mutant) -> Iterator[tuple[Recorded, Decision]]:
        plan, rows = None, None
        for row in self._touched(mutant):
            if plan is None or rows is None:
                plan, rows = self.deciding.plan_on_rows(mutant, lambda rule: self._column(mutant, rule))
            rows.row = row
            each = self.recording.decisions[row]
            new = decided(plan, each.snapshot, each.point)
            if new.stages != each.stages:
                yield each, new

    def _touched(self, mutant: Mutant) -> Iterator[int]:
        """The rows of the recorded decisions that a mutant may decide otherwise."""
        decisions = self.recording.decisions
        if isinstance(mutant.new, Rule):
            new = self._column(mutant, mutant.new)
            for row, (before, now) in enumerate(zip(self._truths(self.bundle.rule(mutant.owner)), new, strict=True)):
                if now is not before or (mutant.same_when and before is not False):
                    yield row
            return
        stage = stage_of(mutant, self.bundle)
        assert stage is not None
        # INVARIANT: operators only weaken invariants; where one did not act, without it nothing else is done.
        for row, each in enumerate(decisions):
            result = each.decision.stage(stage)
            if result is not None and mutant.owner in result.invariants:
                yield row

    def _column(self, mutant: Mutant, rule: Rule) -> list[Truth]:
        """The truths of a rule's condition on every recorded decision."""
        if rule.id != mutant.owner or mutant.same_when:
            return self._truths(rule)
        if self.latest[0] != mutant.id:
            self.latest = (mutant.id, self._evaluated(rule))
        return self.latest[1]

    def _truths(self, rule: Rule) -> list[Truth]:
        if rule.id not in self.truths:
            self._match(rule.stage)
        return self.truths[rule.id]

    def _match(self, stage: Stage) -> None:
        """Match all rules of a stage on every recorded decision, once."""
        plan = self.deciding.plan.stages[stage]
        columns: list[list[Truth]] = [[] for _ in plan.ranking.rules]
        for each in self.recording.decisions:
            found = plan.matcher.match(each.seen[stage]) if stage in each.seen else Matches(0, 0)
            for position, column in enumerate(columns):
                column.append(True if found.true >> position & 1 else None if found.may >> position & 1 else False)
        self.truths.update({rule.id: column for rule, column in zip(plan.ranking.rules, columns, strict=True)})

    def _evaluated(self, rule: Rule) -> list[Truth]:
        return [
            truth(rule.when, each.seen[rule.stage]) if rule.stage in each.seen else False
            for each in self.recording.decisions
        ]

    def _check(self, mutant: Mutant) -> str:
        found = next(
            (each for each in _faults(applied(mutant, self.bundle), self.rows, mutant) if each not in self.faults), None
        )
        return f"check: {found[0]}" if found else ""

    def _survivor(self, mutant: Mutant) -> Result:
        diff = diff_of(mutant, self.bundle)
        head = (mutant.id, mutant.operator, mutant.owner)
        if stage_of(mutant, self.bundle) is None:
            return Result(*head, Fate.NOT_ASKED, BEFORE_RULES, diff)
        example = example_against(mutant, self.bundle)
        telling = self._recorded(mutant)
        # WHY the prover before more calls are tried: most of what comes so far is equivalent, and no call tells it.
        answer = self._ask(mutant) if telling is None else Answer(False)
        if answer.same:
            return Result(*head, Fate.EQUIVALENT, answer.why or "proved", diff)
        telling = telling or call_against(mutant, self.deciding, self.recording) or self._telling(mutant, answer)
        if telling is None and answer.same is None:
            return Result(*head, Fate.NOT_ASKED, answer.why, diff, None, example)
        return Result(*head, Fate.SURVIVED, "", diff, telling, example)

    def _recorded(self, mutant: Mutant) -> Telling | None:
        """A decision of a scenario that the mutant makes otherwise, though nothing is expected of it."""
        for each, new in self._decided_otherwise(mutant):
            if not same(each.stages, new.stages):
                return Telling(each.point, each.snapshot.values, words(each.stages), words(new.stages))
        return None

    def _ask(self, mutant: Mutant) -> Answer:
        if self.proves is None:
            return Answer(None, why=NOT_INSTALLED)
        try:
            return self.proves(applied(mutant, self.bundle))
        except MissingExtraError:
            return Answer(None, why=NOT_INSTALLED)

    def _telling(self, mutant: Mutant, answer: Answer) -> Telling | None:
        if answer.point is None or answer.facts is None:
            return None
        facts: Mapping[str, Value] = answer.facts
        snapshot = Snapshot(0, facts)
        old = decided(self.deciding.plan, snapshot, answer.point).stages
        new = decided(self.deciding.plan_of(mutant), snapshot, answer.point).stages
        return Telling(answer.point, facts, words(old), words(new))


def _faults(bundle: Bundle, rows: Rows, mutant: Mutant | None = None) -> Iterator[tuple[str, str]]:
    """What `check` says against a bundle as written; of a mutant, only its own rule's examples are tried again."""
    tried = bundle
    if mutant is not None and isinstance(mutant.new, Rule):
        tried = _alone(bundle, mutant.new)
    elif mutant is not None:
        tried = _alone(bundle, None)
    for finding in (*check_bundle(bundle, rows=rows), *try_examples(tried)):
        if finding.severity is Severity.ERROR:
            yield finding.code, finding.message


def _alone(bundle: Bundle, rule: Rule | None) -> Bundle:
    return replace(bundle, rules=(rule,) if rule else ())
