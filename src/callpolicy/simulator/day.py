"""The straight line: a plan in, every event and the truth beside them out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from operator import itemgetter
from random import Random
from types import MappingProxyType
from typing import Final

from callpolicy.simulator import complaints, nuisance, ordinary
from callpolicy.simulator.call import Call
from callpolicy.simulator.callers import Callers
from callpolicy.simulator.plan import Day, Persona, Plan, Truth
from callpolicy.simulator.staff import assign_agents
from callpolicy.simulator.story import Story, World

# Who calls, how it is told, and the count of the plan.
_CAST: Final[tuple[tuple[Persona, Callable[[Story], None], str], ...]] = (
    (Persona.SWITCHBOARD, ordinary.switchboard, "switchboards"),
    (Persona.DROPPED_REDIAL, ordinary.dropped_redial, "dropped_redials"),
    (Persona.IMPATIENT, ordinary.impatient, "impatient"),
    (Persona.SILENT, ordinary.silent, "silent"),
    (Persona.PROTECTED, ordinary.protected, "protected"),
    (Persona.INTERNAL_TEST, ordinary.internal_test, "internal_tests"),
    (Persona.REOPENED, complaints.reopened, "reopened"),
    (Persona.RETURNS_WITHOUT_FINAL, complaints.repeat_open, "repeat_open"),
    (Persona.RETURNS_AFTER_FINAL, complaints.repeat_final, "repeat_final"),
    (Persona.WANTS_BEYOND_RULE, complaints.repeat_rule, "repeat_rule"),
    (Persona.BURST, nuisance.burst, "bursts"),
    (Persona.PERSISTENT_ABUSER, nuisance.persistent_abuse, "persistent_abuse"),
    (Persona.ANONYMOUS_ABUSER, nuisance.anonymous_abuse, "anonymous_abuse"),
    (Persona.NORMAL, ordinary.normal, "normal_callers"),
)


def simulate(plan: Plan) -> Day:
    """Simulate what a plan asks for.

    Args:
        plan: how much of what, and the seed.

    Returns:
        Every event in the order (at, call_id, seq), and the truth beside them: the same for the same plan, in every
        process.

    Raises:
        ValueError: the plan needs more callers than there are reserved numbers.
        zoneinfo.ZoneInfoNotFoundError: there is no such zone.

    >>> from datetime import date
    >>> day = simulate(Plan(7, date(2026, 3, 2), normal_callers=1, bursts=1))
    >>> day.events[0]["event"]
    'offered'
    >>> day == simulate(Plan(7, date(2026, 3, 2), normal_callers=1, bursts=1))
    True
    """
    calls: list[Call] = []
    truth: dict[str, Truth] = {}
    for story in _stories(plan):
        calls.extend(story.calls)
        truth.update(story.truth)
    assign_agents(Random(f"{plan.seed}/staff"), calls)
    events = sorted((event for call in calls for event in call.events), key=itemgetter("at", "call_id", "seq"))
    # WHY sorted: the order in which stories are told would tell who is who.
    return Day(tuple(events), MappingProxyType({call_id: truth[call_id] for call_id in sorted(truth)}))


def _stories(plan: Plan) -> Iterator[Story]:
    callers = Callers(Random(f"{plan.seed}/callers"), plan.english_share)
    world = World(plan, callers, plan.day, [])
    for ahead in range(plan.days):
        today = World(plan, callers, plan.day + timedelta(ahead), world.regulars)
        for persona, tell, count in _CAST:
            for index in range(getattr(plan, count)):
                story = Story(today, persona, index)
                tell(story)
                yield story
