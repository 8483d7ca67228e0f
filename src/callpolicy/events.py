"""Frozen records of what happened on a call: the only way facts come to be.

Every event names its call, its place in that call's sequence and its instant. Events are ordered by
(at, call_id, seq). Instants are integers, microseconds since 1970-01-01T00:00:00Z.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Final, TypeAlias


class Party(StrEnum):
    """Who did something on a call."""

    CALLER = "caller"
    AGENT = "agent"
    SYSTEM = "system"


class Channel(StrEnum):
    """How the contact came in; the norm is the same on every one (NORM 5.4)."""

    PHONE = "phone"
    CHAT = "chat"
    MAIL = "mail"


class Feed(StrEnum):
    """What reports on a conversation: only a declared feed makes a count start at 0 instead of unknown."""

    AGENT_MARKS = "agent_marks"
    TRANSCRIPT = "transcript"
    VOICE = "voice"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    """What all events have.

    Args:
        call_id: the call, unique within the centre.
        seq: place in the call's own sequence, from 0; the same (call_id, seq) is the same event.
        at: when it happened, in microseconds since 1970-01-01T00:00:00Z.
    """

    name: ClassVar[str] = ""
    call_id: str
    seq: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered(CallEvent):
    """A contact is offered to the centre, before it is answered.

    Args:
        number: the calling number as the switch gave it; `None` if it gave none.
        customer: the host's id of the customer; `None` or "0" if not identified.
        channel: how it came in.
        queue: queue it is for.
        team: team it is for.
        dialled: number or address that was called.
        language: language of the caller, `zh-CN` or `en` or another tag.
        topic: what it is about, as far as known (IVR choice).
        attestation: STIR/SHAKEN attestation of the calling number: A, B or C.
        feeds: feeds that report on this call; `None` takes those of policy.yaml.
        facts: host facts by name; durations and instants in microseconds.
    """

    name: ClassVar[str] = "offered"
    # WHY no repr, here and below: it ends up in logs and tracebacks, where nobody may be shown.
    number: str | None = field(default=None, repr=False)
    customer: str | None = field(default=None, repr=False)
    channel: Channel = Channel.PHONE
    queue: str | None = None
    team: str | None = None
    dialled: str | None = None
    language: str | None = None
    topic: str | None = field(default=None, repr=False)
    attestation: str | None = None
    feeds: frozenset[Feed] | None = None
    facts: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(CallEvent):
    """Somebody took the contact."""

    name: ClassVar[str] = "answered"
    agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(CallEvent):
    """Somebody finished saying or writing something; the text is there if there is a transcript."""

    name: ClassVar[str] = "said"
    by: Party = Party.CALLER
    text: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence(CallEvent):
    """Nobody speaks; `began_at` says since when, if the voice feed knows."""

    name: ClassVar[str] = "silence"
    began_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offence(CallEvent):
    """A breach of conduct by the caller, marked by a person or the system: `harassment`, `abuse`, `out_of_scope`."""

    name: ClassVar[str] = "offence"
    kind: str = "abuse"
    by: Party = Party.AGENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned(CallEvent):
    """The caller was reminded of the rules and of what follows (提醒)."""

    name: ClassVar[str] = "warned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Soothed(CallEvent):
    """The agent soothed an angry caller (安抚)."""

    name: ClassVar[str] = "soothed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained(CallEvent):
    """The caller was told (解释) why something is as it is.

    Args:
        topic: what it was about, in a word of the centre.
        text: what was explained, in the handler's words; it may be personal.
        case_id: the complaint case that it is about, if that is another than the call is linked to, or if it was given
            outside any call, in a letter for example. What names another case than the call is about then counts for
            that case and for no fact `talk.*`.
    """

    name: ClassVar[str] = "explained"
    topic: str | None = None
    text: str | None = field(default=None, repr=False)
    case_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationRejected(CallEvent):
    """The caller did not accept the last explanation.

    Args:
        text: what the caller objected, in the handler's words; it may be personal.
    """

    name: ClassVar[str] = "explanation_rejected"
    text: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedByRule(CallEvent):
    """The caller's wish is one that a business rule does not allow on this line."""

    name: ClassVar[str] = "refused_by_rule"
    topic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCompleted(CallEvent):
    """The service that the caller asked for is complete, or after all it is not (`on=False`).

    What goes on to something else takes it back too: an explanation, its rejection, a refusal by a rule, a linked case,
    a new fact, a transfer, a hold. The next one says that the next service is complete.
    """

    name: ClassVar[str] = "service_completed"
    on: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFurtherNeeds(CallEvent):
    """The caller said clearly that nothing else is needed, or after all something is (`on=False`).

    It is taken back by what takes `service_completed` back, and by words of the caller that raise any signal but
    `no_further_needs` and `satisfied`.
    """

    name: ClassVar[str] = "no_further_needs"
    on: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLinked(CallEvent):
    """This contact is about a complaint case."""

    name: ClassVar[str] = "case_linked"
    case_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalResult(CallEvent):
    """A complaint case got an explicit final result.

    Args:
        text: what the result is, in the handler's words; it may be personal.
        case_id: the case; without it the one that the call is linked to. The back office records a result outside any
            call like this, with a `call_id` such as `desk:7`: that is no contact of the case.
    """

    name: ClassVar[str] = "final_result"
    text: str | None = field(default=None, repr=False)
    case_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFact(CallEvent):
    """Something new came up in a complaint case; it re-opens one that has a final result.

    Args:
        text: what is new, in the handler's words; it may be personal.
        case_id: the case; without it the one that the call is linked to. See `FinalResult`.
    """

    name: ClassVar[str] = "new_fact"
    text: str | None = field(default=None, repr=False)
    case_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged(CallEvent):
    """Somebody who may judge says what class this caller's contact is of."""

    name: ClassVar[str] = "judged"
    class_: str
    kind: str | None = None
    by: str = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(CallEvent):
    """The caller was put on hold, or taken back (`on=False`)."""

    name: ClassVar[str] = "held"
    on: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred(CallEvent):
    """The contact was passed on; what is known goes along (NORM 5.3)."""

    name: ClassVar[str] = "transferred"
    queue: str | None = None
    team: str | None = None
    agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated(CallEvent):
    """The contact was escalated to a role."""

    name: ClassVar[str] = "escalated"
    to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(CallEvent):
    """Time went on, or the host learned facts (`facts`, as in `Offered`)."""

    name: ClassVar[str] = "tick"
    facts: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(CallEvent):
    """The contact is over.

    Args:
        by: who ended it; `None` if the record does not say.
        cause: `hang_up`, `abandoned`, `rejected`, `completed`, `failed` or another word of the switch.
    """

    name: ClassVar[str] = "ended"
    by: Party | None = None
    cause: str | None = None


Event: TypeAlias = (
    Offered
    | Answered
    | Said
    | Silence
    | Offence
    | Warned
    | Soothed
    | Explained
    | ExplanationRejected
    | RefusedByRule
    | ServiceCompleted
    | NoFurtherNeeds
    | CaseLinked
    | FinalResult
    | NewFact
    | Judged
    | Held
    | Transferred
    | Escalated
    | Tick
    | Ended
)

EVENT_TYPES: Final[Mapping[str, type[CallEvent]]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Offered,
            Answered,
            Said,
            Silence,
            Offence,
            Warned,
            Soothed,
            Explained,
            ExplanationRejected,
            RefusedByRule,
            ServiceCompleted,
            NoFurtherNeeds,
            CaseLinked,
            FinalResult,
            NewFact,
            Judged,
            Held,
            Transferred,
            Escalated,
            Tick,
            Ended,
        )
    }
)
"""Every event type by its name."""
