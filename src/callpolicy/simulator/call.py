"""One contact while it is being told: a clock and the events so far."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from callpolicy.simulator.callers import Person
from callpolicy.simulator.plan import WireEvent
from callpolicy.simulator.wording import CHINESE, Matter, line, need

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE

MARKS: Final = "agent_marks"
TRANSCRIPT: Final = "transcript"
VOICE: Final = "voice"

QUEUE_OF: Final = {
    "card_lost": "cards",
    "card_fee": "cards",
    "transfer_failed": "payments",
    "refund": "payments",
    "loan_rate": "loans",
    "loan_repay": "loans",
    "app_login": "digital",
    "statement": "general",
    "address_change": "general",
    "branch_hours": "general",
    "branch_only": "general",
    "complaint": "complaints",
    "official": "general",
    "line_test": "general",
}
"""Every topic of the centre and the queue that is for it."""

TEAMS_OF: Final = {
    "cards": ("harbour", "lakeside"),
    "payments": ("harbour", "lakeside"),
    "loans": ("orchard",),
    "digital": ("orchard", "lakeside"),
    "general": ("harbour", "orchard", "lakeside"),
    "complaints": ("hillside",),
}
"""The teams that take the contacts of a queue."""

_LINES: Final = {CHINESE: "4000000100", "en": "4000000101"}
_ADDRESSES: Final = {"chat": "webchat", "mail": "service@bank.example"}
_NO_KEY: Final = 0.08
# What an utterance takes. A mail of a thread is answered within half an hour.
_PER_CHARACTER: Final = {CHINESE: 0.22, "en": 0.065}
_PAUSE: Final = {"phone": (0.3, 2.5), "chat": (4.0, 25.0), "mail": (240.0, 1800.0)}


@dataclass(frozen=True, slots=True)
class Offer:
    """How a contact comes in.

    Args:
        person: who.
        number: the number as the switch writes it; `None` on chat and mail.
        at: when, in microseconds since 1970-01-01T00:00:00Z.
        topic: what it is about.
        channel: `phone`, `chat` or `mail`.
        feeds: what reports on it.
        matter: the particulars of what it is about.
    """

    person: Person
    number: str | None
    at: int
    topic: str
    channel: str
    feeds: tuple[str, ...]
    matter: Matter


class Call:
    """A contact told event by event; what no feed reports takes its time but leaves no event."""

    def __init__(self, rng: Random, call_id: str, offer: Offer) -> None:
        self.rng = rng
        self.call_id = call_id
        self.channel = offer.channel
        self.language = offer.person.language
        self.topic = offer.topic
        self.person = offer.person
        self.events: list[WireEvent] = []
        self.at = offer.at
        self._feeds = frozenset(offer.feeds)
        self._matter = offer.matter
        self._offered(offer)

    def _offered(self, offer: Offer) -> None:
        # WHY: some press no key; what they call about is then known to nobody but them.
        topic = None if offer.channel == "phone" and self.chance(_NO_KEY) else offer.topic
        queue = QUEUE_OF[topic] if topic else "general"
        # WHY only +1: no other network that calls here signs its numbers.
        attested = offer.number is not None and (offer.person.number or "").startswith("+1")
        self.record(
            "offered",
            number=offer.number,
            customer=offer.person.customer,
            channel=offer.channel,
            queue=queue,
            team=self.rng.choice(TEAMS_OF[queue]),
            dialled=_ADDRESSES.get(offer.channel, _LINES[self.language]),
            language=self.language,
            topic=topic,
            attestation=self.rng.choice("AAABC") if attested else None,
            feeds=list(offer.feeds),
            facts={},
        )

    @property
    def next_seq(self) -> int:
        """The place that the next event will have."""
        return len(self.events)

    def chance(self, share: float) -> bool:
        """Let something happen in a share of the cases."""
        return self.rng.random() < share

    def wait(self, least: float, most: float) -> None:
        """Let time go by. Units: seconds."""
        self.at += self.rng.randrange(int(least * 1000), int(most * 1000) + 1) * 1000

    def record(self, name: str, **fields: object) -> int:
        """Record an event that the switch or the case system reports; give its place."""
        seq = len(self.events)
        self.events.append({"event": name, "call_id": self.call_id, "seq": seq, "at": self.at, **fields})
        return seq

    def mark(self, name: str, **fields: object) -> int | None:
        """Record what the agent enters, if the agent marks anything."""
        return self.record(name, **fields) if MARKS in self._feeds else None

    def say(self, by: str, meaning: str) -> int | None:
        """Say something; it is an event if somebody listens in, with its words if they are written down."""
        return self._spoken(by, line(self.rng, self.language, meaning, self._matter))

    def say_need(self) -> int | None:
        """Let the caller say what the call is about."""
        return self._spoken("caller", need(self.rng, self.language, self.topic, self._matter))

    def quiet(self, least: float, most: float) -> None:
        """Let nobody speak for a while. Units: seconds."""
        began = self.at
        self.wait(least, most)
        if VOICE in self._feeds and self.channel == "phone":
            self.record("silence", began_at=began)

    def _spoken(self, by: str, text: str) -> int | None:
        self.wait(*_PAUSE[self.channel])
        if self.channel == "phone":
            self.at += int(len(text) * _PER_CHARACTER[self.language] * 1000) * 1000
        if TRANSCRIPT in self._feeds:
            return self.record("said", by=by, text=text)
        if VOICE in self._feeds:
            return self.record("said", by=by, text=None)
        return None
