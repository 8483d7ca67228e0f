"""One caller or one line with all its calls, told over one day and the evening before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from callpolicy.simulator.call import HOUR, MARKS, SECOND, TRANSCRIPT, VOICE, Call, Offer
from callpolicy.simulator.callers import Callers, Person, other_form
from callpolicy.simulator.plan import CHANNELS, Persona, Plan, Truth
from callpolicy.simulator.wording import Matter

ALL_FEEDS: Final = (MARKS, TRANSCRIPT, VOICE)
ORDINARY_TOPICS: Final = (
    "card_lost", "card_fee", "transfer_failed", "refund", "loan_rate", "loan_repay", "app_login", "statement",
    "address_change", "branch_hours",
)  # fmt: skip

# Contacts that come in per local hour, from midnight on.
_ARRIVALS: Final = (6, 4, 3, 2, 3, 6, 15, 40, 80, 110, 115, 95, 70, 80, 95, 95, 85, 70, 55, 45, 38, 28, 18, 10)
# How the centre hears its contacts; most of it in full, some of it hardly.
_FEEDS: Final = (ALL_FEEDS, (MARKS, TRANSCRIPT), (MARKS, VOICE), (MARKS,), (VOICE,), ())
_FEED_WEIGHTS: Final = (70, 12, 8, 6, 2, 2)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class World:
    """What all stories of one local day share.

    Args:
        plan: what is asked for.
        callers: who there is.
        day: which day.
        regulars: normal callers so far; on later days some of them call again.
    """

    plan: Plan
    callers: Callers
    day: date
    regulars: list[Person]

    def midnight(self, days_ahead: int = 0) -> int:
        """Give the instant at which this local day, or another one, begins."""
        begin = datetime.combine(self.day + timedelta(days_ahead), time(), tzinfo=ZoneInfo(self.plan.zone))
        return (begin - _EPOCH) // timedelta(microseconds=1)


class Story:
    """Tells the calls of one caller or line; each call carries its truth.

    Args:
        world: what all stories of the day share.
        persona: who the caller is.
        index: which story of that persona on that day.
    """

    def __init__(self, world: World, persona: Persona, index: int) -> None:
        self.world = world
        self.plan = world.plan
        self.callers = world.callers
        self.persona = persona
        self.index = index
        self.name = f"{persona}/{world.day.isoformat()}/{index}"
        # WHY text: `Random` digests it the same way in every process, whatever the hash seed.
        self.rng = Random(f"{self.plan.seed}/{self.name}")
        self.calls: list[Call] = []
        self._matters: dict[str, Matter] = {}
        self.truth: dict[str, Truth] = {}

    def call(self, person: Person, at: int, topic: str, **how: Any) -> Call:
        """Begin a call; it is a normal one until `plant` says otherwise.

        Args:
            person: who calls.
            at: when it is offered.
            topic: what it is about.
            how: `channel` (phone) and `feeds` (drawn) if they matter.
        """
        channel: str = how.get("channel", "phone")
        feeds = how.get("feeds") or self.rng.choices(_FEEDS, _FEED_WEIGHTS)[0]
        if channel != "phone":
            person = person.identified(self.callers)
            feeds = tuple(feed for feed in feeds if feed != VOICE)
        number = person.number if channel == "phone" else None
        if number is not None and self.chance(self.plan.other_form_share):
            number = other_form(self.rng, number)
        # INVARIANT: an id says nothing of its call; a digest of what the story is called has no order and no pattern.
        named = f"{self.plan.seed}/{self.name}/{len(self.calls)}"
        call_id = blake2b(named.encode(), digest_size=8).hexdigest()
        matter = self._matters.setdefault(person.key, Matter.draw(self.rng))
        call = Call(self.rng, call_id, Offer(person, number, at, topic, channel, feeds, matter))
        self.calls.append(call)
        self.truth[call_id] = Truth(persona=self.persona, caller_key=person.key, story=self.name)
        return call

    def plant(self, call: Call, **truth: Any) -> None:
        """Say what is true of a call beyond who calls."""
        self.truth[call.call_id] = replace(self.truth[call.call_id], **truth)

    def arrival(self, first_hour: int = 0, last_hour: int = 23) -> int:
        """Draw when somebody calls on this day, as people do over the day; both hours are included."""
        hours = range(first_hour, last_hour + 1)
        hour = self.rng.choices(hours, _ARRIVALS[first_hour : last_hour + 1])[0]
        return self.world.midnight() + hour * HOUR + self.rng.randrange(3_600_000) * 1000

    def arrival_yesterday(self, first_hour: int = 9, last_hour: int = 19) -> int:
        """Draw the same for the day before."""
        return self.arrival(first_hour, last_hour) - self.world.midnight() + self.world.midnight(-1)

    def seconds(self, least: float, most: float) -> int:
        """Draw a duration in microseconds. Units of the limits: seconds."""
        return self.rng.randrange(int(least * 1000), int(most * 1000) + 1) * (SECOND // 1000)

    def channel(self) -> str:
        """Draw a channel by the plan's shares."""
        chat, mail = self.plan.chat_share, self.plan.mail_share
        return self.rng.choices(CHANNELS, (1 - chat - mail, chat, mail))[0]

    def live_channel(self) -> str:
        """Draw phone or chat, what the plan gives to mail counted as chat."""
        return "chat" if self.chance(self.plan.chat_share + self.plan.mail_share) else "phone"

    def chance(self, share: float) -> bool:
        """Let something happen in a share of the cases."""
        return self.rng.random() < share

    def is_one_of(self, share: float) -> bool:
        """Choose a share of the stories of one persona, evenly and exactly."""
        return int((self.index + 1) * share) > int(self.index * share)
