"""Small random bundles over few facts with few values, and every snapshot that there can be for them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final

from callpolicy.condition import All, Any, Condition, FactRef, Leaf, Not, Op
from callpolicy.facts import Catalogue, Fact, FactType, Relation, Value
from callpolicy.matchers.reference import truth
from callpolicy.points import EFFECTS_OF, KINDS_OF_CLASS, RANK, Effect, Kind, Stage
from callpolicy.policy import Bundle, By, Invariant, Obligation, Pilot, Rule, Status, Term
from tests.engine.bundles import bundle, never, rule

COUNT: Final = FactType.INT
RISE: Final = Relation("since", Leaf("talk.offences_since_warning", Op.AT_MOST, FactRef("talk.warnings")))
SMALL: Final = Catalogue(
    (
        Fact("caller.protected", FactType.BOOL, {}),
        Fact("caller.allowlisted", FactType.BOOL, {}),
        Fact("caller.class", FactType.ENUM, {}, values=tuple(str(each) for each in KINDS_OF_CLASS)),
        Fact("caller.kind", FactType.ENUM, {}, values=tuple(str(each) for each in Kind)),
        Fact("caller.number", FactType.STR, {}),
        Fact("caller.customer", FactType.STR, {}),
        Fact("block.covered", FactType.BOOL, {}),
        Fact("call.team", FactType.STR, {}),
        Fact("call.queue", FactType.STR, {}),
        Fact("call.channel", FactType.ENUM, {}, values=("phone", "chat")),
        Fact("talk.warnings", COUNT, {}, minimum=0, maximum=2),
        Fact("talk.offences_since_warning", COUNT, {}, minimum=0, maximum=2),
        Fact("talk.signals", FactType.STR_SET, {}, values=("abuse", "threat")),
    ),
    (RISE,),
)
# WHY so few for the first two: no rule reads them, and the engine asks only whether one of them is true.
VALUES: Final[Mapping[str, tuple[Value | None, ...]]] = {
    "caller.protected": (None, True),
    "caller.allowlisted": (None,),
    "block.covered": (None, True, False),
    "call.team": (None, "north", "south", "nowhere", "west"),
    "call.channel": (None, "phone", "chat"),
    "talk.warnings": (None, 0, 1, 2),
    "talk.offences_since_warning": (None, 0, 1, 2),
    "talk.signals": (
        None, frozenset(), frozenset({"abuse"}), frozenset({"threat"}), frozenset({"abuse", "threat"}),
    ),
}  # fmt: skip
"""Every value of every fact that the bundles read, or one that stands for all that no rule names."""

_READ: Final = (
    "talk.warnings",
    "talk.offences_since_warning",
    "call.channel",
    "talk.signals",
    "call.team",
    "block.covered",
)


class Maker:
    """Makes the bundle of a seed; it reads at most two facts, so that all snapshots can be tried."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.facts = self.random.sample(_READ, 2)

    def bundle(self) -> Bundle:
        """A bundle with rules in all stages, some in pilot or not in force, and with invariants."""
        rules = [self._rule(f"r{number}") for number in range(self.random.randint(2, 7))]
        invariants = [self._invariant(f"i{number}") for number in range(self.random.randint(0, 2))]
        return bundle(*rules, invariants=invariants, catalogue=SMALL)

    def _rule(self, name: str) -> Rule:
        stage = self.random.choice((Stage.CLASSIFY, Stage.CLASSIFY, *Stage))
        effect = self.random.choice(EFFECTS_OF[stage])
        kinds = KINDS_OF_CLASS.get(effect)
        then: dict[str, object] = {"kind": self.random.choice(kinds)} if kinds else {}
        if effect in {Effect.PROPOSE_BLOCK, Effect.BLOCK}:
            then = {"term": self.random.choice((Term.DAY, Term.WEEK)), "by": self.random.choice(tuple(By))}
        elif stage is Stage.HANGUP and self.random.random() < 0.5:
            then = {"script": self.random.choice(("s1", "s2"))}
        status = self.random.choice((Status.ENFORCED,) * 5 + (Status.PILOT, Status.SHADOW))
        pilot = Pilot(teams=("north",)) if status is Status.PILOT else None
        return rule(
            name, effect, self.condition(stage), priority=self.random.choice((40, 50, 50, 60)), status=status,
            do=self.random.sample((Obligation.RECORD_CALL, Obligation.SHOW_CARD), self.random.randint(0, 2)),
            pilot=pilot, **then,
        )  # fmt: skip

    def _invariant(self, name: str) -> Invariant:
        stage = self.random.choice((Stage.SCREEN, Stage.HANGUP, Stage.BLOCKLIST))
        effects = EFFECTS_OF[stage]
        forbidden = self.random.sample(effects[1:], self.random.randint(1, 2))
        lowest = min(RANK[each] for each in forbidden)
        return never(name, forbidden, self.condition(stage), effects[self.random.randrange(lowest)])

    def condition(self, stage: Stage, depth: int = 2) -> Condition:
        """A random condition over the facts of this bundle."""
        if depth == 0 or self.random.random() < 0.5:
            return self._leaf(stage)
        node = self.random.choice((All, All, Any, Not))
        return node(tuple(self.condition(stage, depth - 1) for _ in range(self.random.randint(1, 2))))

    def _leaf(self, stage: Stage) -> Leaf:
        if stage is not Stage.CLASSIFY and self.random.random() < 0.4:
            if self.random.random() < 0.4:
                return Leaf("caller.kind", Op.IS, str(self.random.choice(tuple(Kind))))
            return Leaf("caller.class", Op.IS, str(self.random.choice(tuple(KINDS_OF_CLASS))))
        name = self.random.choice(self.facts)
        if self.random.random() < 0.15:
            return Leaf(name, Op.KNOWN, self.random.random() < 0.7)
        match name:
            case "talk.warnings" | "talk.offences_since_warning":
                op = self.random.choice((Op.AT_LEAST, Op.AT_MOST, Op.IS, Op.LESS_THAN, Op.MORE_THAN))
                if (
                    name == "talk.offences_since_warning"
                    and "talk.warnings" in self.facts
                    and self.random.random() < 0.3
                ):
                    return Leaf(name, op, FactRef("talk.warnings"))
                return Leaf(name, op, self.random.randint(0, 3))
            case "call.channel":
                return Leaf(name, self.random.choice((Op.IS, Op.IS_NOT)), self.random.choice(("phone", "chat")))
            case "talk.signals":
                return Leaf(name, Op.HAS, self.random.choice(("abuse", "threat")))
            case "call.team":
                return self.random.choice((Leaf(name, Op.IN, ("north", "south")), Leaf(name, Op.STARTS_WITH, "no")))
            case _:
                return Leaf(name, Op.IS, self.random.random() < 0.5)


def every_snapshot(names: set[str]) -> Iterator[dict[str, Value]]:
    """Every snapshot over some facts in which the relation holds, or is unknown."""
    ordered = sorted(names)
    for values in product(*(VALUES[name] for name in ordered)):
        snapshot = {name: value for name, value in zip(ordered, values, strict=True) if value is not None}
        if truth(RISE.holds, snapshot) is not False:
            yield snapshot
