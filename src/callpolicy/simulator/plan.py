"""What is asked of the simulator, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeAlias

WireEvent: TypeAlias = dict[str, Any]
"""One event in its JSON form: strings, integers, booleans, `None`, lists and dicts of them."""

CHANNELS: Final = ("phone", "chat", "mail")


class Persona(StrEnum):
    """Who a simulated caller is."""

    NORMAL = "normal_caller"
    ASKS_AGAIN = "asks_again"
    ANGRY = "angry_but_correct"
    SWEARS_ONCE = "swears_once"
    ACCEPTS_REFUSAL = "accepts_refusal"
    LONG_CALL = "long_call"
    SWITCHBOARD = "switchboard_line"
    DROPPED_REDIAL = "dropped_redial"
    IMPATIENT = "impatient_caller"
    SILENT = "silent_caller"
    REOPENED = "reopened_case"
    RETURNS_WITHOUT_FINAL = "returns_without_final"
    PROTECTED = "protected_line"
    INTERNAL_TEST = "internal_test"
    BURST = "burst_line"
    PERSISTENT_ABUSER = "persistent_abuser"
    ANONYMOUS_ABUSER = "anonymous_abuser"
    RETURNS_AFTER_FINAL = "returns_after_final"
    WANTS_BEYOND_RULE = "wants_beyond_rule"


class Planted(StrEnum):
    """What a call was planted to be found as; a call with `NONE` must never be restricted."""

    NONE = "none"
    BURST = "burst"
    PERSISTENT_ABUSE = "persistent_abuse"
    REPEAT_AFTER_FINAL = "repeat_after_final"
    REPEAT_BEYOND_RULE = "repeat_beyond_rule"


class Evidence(StrEnum):
    """Where the events show what was planted."""

    CALLS = "calls"
    MARKS = "marks"
    TRANSCRIPT = "transcript"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of what to simulate. Counts are stories per day: one caller or one line with all its calls.

    Args:
        seed: the same plan gives the same events, in every process.
        day: the first local day.
        days: how many days. Stories that need an earlier call have it up to one day before `day`.
        zone: IANA name of the zone in which the day begins and people get up.
        normal_callers: callers with an ordinary need; the shares below say how many of them are angry and so on.
        switchboards: company numbers behind which many people call, 10 to 40 calls each.
        dropped_redials: callers who call 3 to 6 times because the line fails.
        impatient: callers who give up in the queue several times before they are answered.
        silent: callers whom nobody hears.
        reopened: complaint cases with a final result and then a new fact.
        repeat_open: repeat complaints whose case has no final result.
        protected: emergency and supervisory lines, 6 to 14 calls each.
        internal_tests: rounds of test calls from extensions of the centre, `6001` to `6009`.
        bursts: numbers that call 15 to 60 times in minutes.
        persistent_abuse: callers who offend, are warned and offend again, call after call.
        anonymous_abuse: the same with a withheld number and without a transcript.
        repeat_final: repeat complaints whose case has a final result.
        repeat_rule: callers who insist on what a business rule does not allow.
        chat_share: share of the contacts that come in by chat, among stories that need no telephone.
        mail_share: share by mail, likewise; stories of complaints and of abuse count it as chat.
        english_share: share of the callers who speak English, the others Chinese.
        asks_again_share: share of the normal callers who ask about the same within 24 hours.
        angry_share: share of the normal callers who are agitated but correct.
        swears_once_share: share of the normal callers who swear once at the situation and then correct themselves.
        accepts_refusal_share: share of the normal callers who accept that a business rule forbids their wish.
        long_call_share: share of the normal callers whose service takes half an hour and more.
        transcript_only_share: share of the persistent abusers whose offences no agent marks.
        other_form_share: share of the calls whose number the switch writes in another form than E.164.

    Raises:
        ValueError: a count is negative, a share is not in [0, 1], or shares add up to more than 1.
    """

    seed: int
    day: date
    _: KW_ONLY
    days: int = 1
    zone: str = "Asia/Shanghai"
    normal_callers: int = 1500
    switchboards: int = 4
    dropped_redials: int = 20
    impatient: int = 20
    silent: int = 20
    reopened: int = 20
    repeat_open: int = 20
    protected: int = 4
    internal_tests: int = 4
    bursts: int = 20
    persistent_abuse: int = 20
    anonymous_abuse: int = 20
    repeat_final: int = 20
    repeat_rule: int = 20
    chat_share: float = 0.12
    mail_share: float = 0.05
    english_share: float = 0.25
    asks_again_share: float = 0.08
    angry_share: float = 0.08
    swears_once_share: float = 0.03
    accepts_refusal_share: float = 0.03
    long_call_share: float = 0.02
    transcript_only_share: float = 0.25
    other_form_share: float = 0.1

    def __post_init__(self) -> None:
        for spec in fields(self):
            value = getattr(self, spec.name)
            if spec.name.endswith("_share") and not 0 <= value <= 1:
                raise ValueError(f"`{spec.name}` is {value}, not in [0, 1]")
            if spec.type == "int" and spec.name not in {"seed", "days"} and value < 0:
                raise ValueError(f"`{spec.name}` is {value}, less than 0")
        if self.days < 1:
            raise ValueError(f"`days` is {self.days}, less than 1")
        if self.chat_share + self.mail_share > 1:
            raise ValueError("`chat_share` and `mail_share` add up to more than 1")
        if sum(share for _, share in self.traits()) > 1:
            raise ValueError("the shares of the normal callers add up to more than 1")

    def traits(self) -> tuple[tuple[Persona, float], ...]:
        """List what a normal caller may be besides plainly normal, each with its share."""
        return (
            (Persona.ASKS_AGAIN, self.asks_again_share),
            (Persona.ANGRY, self.angry_share),
            (Persona.SWEARS_ONCE, self.swears_once_share),
            (Persona.ACCEPTS_REFUSAL, self.accepts_refusal_share),
            (Persona.LONG_CALL, self.long_call_share),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is true of one call. It stands beside the events and nothing in them says it.

    Args:
        persona: who calls.
        caller_key: which person; several people may share a number, one person may use several.
        story: which story the call belongs to; a burst, an abuser, a complaint is one story.
        planted: what the call is to be found as.
        class_: the class that is right for the caller at the end of the call: normal, nuisance, repeat_complaint.
        kind: the kind within the class; `None` for normal.
        evidence: where the events show it; `None` if nothing is planted.
        recognise_seq: from this event of the call on, the record is enough to recognise it; earlier may be right
            too. Of a burst: the offer of every call that comes when 9 others did and 2 of them were judged by a
            person. Of abuse: the first offence. Of a repeat complaint: the first rejected explanation, and the
            link to the case on every contact after that one. `None` if there is nothing to recognise on this call.
        end_seq: from this event on, an agent may end the call: the first offence after a warning, or the third
            rejected explanation. `None` if that never comes.
    """

    persona: Persona
    caller_key: str
    story: str
    planted: Planted = Planted.NONE
    class_: str = "normal"
    kind: str | None = None
    evidence: Evidence | None = None
    recognise_seq: int | None = None
    end_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """What was simulated.

    Args:
        events: every event in its JSON form, in the order (at, call_id, seq).
        truth: what is true of each call, by call_id.
    """

    events: tuple[WireEvent, ...]
    truth: Mapping[str, Truth]
