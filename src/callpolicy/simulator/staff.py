"""Who takes the contacts: the agent of the team who has been free longest, and nobody two calls at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from operator import itemgetter
from random import Random
from typing import Final

from callpolicy.simulator.call import SECOND, Call
from callpolicy.simulator.plan import WireEvent

# An agent writes up a contact before taking the next.
_WRAP_UP: Final = 20 * SECOND


def assign_agents(rng: Random, calls: Sequence[Call]) -> None:
    """Write into every event that needs one the agent who takes the contact; more are called in when all are busy."""
    turns = sorted((turn for call in calls for turn in _turns(call)), key=itemgetter(0, 1, 2))
    free: dict[str, list[tuple[int, str]]] = {}
    names = _names(rng)
    for begin, _, _, until, team, event in turns:
        waiting = free.setdefault(team, [])
        agent = heappop(waiting)[1] if waiting and waiting[0][0] <= begin else next(names)
        heappush(waiting, (until + _WRAP_UP, agent))
        event["agent"] = agent


def _turns(call: Call) -> Iterator[tuple[int, str, int, int, str, WireEvent]]:
    """List who is needed from when until when: begin, call, place, end, team, event that names the agent."""
    team: str = call.events[0]["team"]
    taken = [event for event in call.events if event["event"] in {"answered", "transferred"}]
    ends = [event["at"] for event in (*taken, call.events[-1])]
    for event, until in zip(taken, ends[1:], strict=True):
        team = event.get("team") or team
        # WHY: nobody sits idle over a thread of mails until the next one comes.
        busy_until = event["at"] if call.channel == "mail" else until
        yield event["at"], call.call_id, event["seq"], busy_until, team, event


def _names(rng: Random) -> Iterator[str]:
    numbers = list(range(1000, 10_000))
    rng.shuffle(numbers)
    return (f"A{number}" for number in numbers)
