"""The call machine as data: which events are possible in which state, and where they lead.

Everything that decides whether a sequence of events is possible stands here: the table, and the three conditions that
need more memory than a state (`Sequence`). What the events mean for facts stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

from callpolicy.errors import CallEventError
from callpolicy.events import (
    Answered,
    CallEvent,
    CaseLinked,
    Ended,
    Escalated,
    Event,
    Explained,
    ExplanationRejected,
    FinalResult,
    Held,
    Judged,
    NewFact,
    NoFurtherNeeds,
    Offence,
    Offered,
    RefusedByRule,
    Said,
    ServiceCompleted,
    Silence,
    Soothed,
    Tick,
    Transferred,
    Warned,
)


class State(StrEnum):
    """Where a call is."""

    NEW = "new"
    """Nothing has been received."""
    OFFERED = "offered"
    """It came in; nobody has taken it."""
    TALKING = "talking"
    """Somebody or something has taken it: an agent, or an IVR that answers."""
    HELD = "held"
    """The caller is on hold."""
    ENDED = "ended"
    """It is over; a call that ended before it was answered was rejected or abandoned."""


Step: TypeAlias = type[CallEvent] | tuple[type[CallEvent], bool]
"""An event type; of `held` also which way."""

# What is told about a contact by people and systems beside it, at any time, also afterwards.
_BESIDE: Final = (CaseLinked, FinalResult, NewFact, Judged, Escalated, Tick)
# What happens between the caller and who has taken the contact.
_CONVERSATION: Final = (
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
)


def _stay(state: State, kinds: Iterable[type[CallEvent]]) -> dict[Step, State]:
    return dict.fromkeys(kinds, state)


TRANSITIONS: Final[Mapping[State, Mapping[Step, State]]] = MappingProxyType(
    {
        State.NEW: MappingProxyType({Offered: State.OFFERED}),
        State.OFFERED: MappingProxyType(
            {
                **_stay(State.OFFERED, _BESIDE),
                Transferred: State.OFFERED,  # from queue to queue
                Answered: State.TALKING,
                Ended: State.ENDED,
            }
        ),
        State.TALKING: MappingProxyType(
            {
                **_stay(State.TALKING, _BESIDE),
                **_stay(State.TALKING, _CONVERSATION),
                Transferred: State.TALKING,
                Answered: State.TALKING,  # by an agent when no named one has it, see `Sequence`
                (Held, True): State.HELD,
                Ended: State.ENDED,
            }
        ),
        State.HELD: MappingProxyType(
            {
                **_stay(State.HELD, _BESIDE),
                **_stay(State.HELD, _CONVERSATION),
                Transferred: State.HELD,
                Answered: State.HELD,
                (Held, False): State.TALKING,
                Ended: State.ENDED,
            }
        ),
        State.ENDED: MappingProxyType(_stay(State.ENDED, _BESIDE)),
    }
)
"""Every possible step: state to event type to next state. What is not in it is impossible."""


class Sequence:
    """The events of one call so far, as far as it matters for what can come next."""

    __slots__ = ("agent", "case_id", "state", "unrejected")

    def __init__(self) -> None:
        self.state = State.NEW
        self.agent: str | None = None
        self.case_id: str | None = None
        self.unrejected = 0

    def take(self, event: Event) -> None:
        """Go one step.

        Raises:
            CallEventError: the event cannot happen now; nothing has changed.
        """
        kind = type(event)
        state = TRANSITIONS[self.state].get((Held, event.on) if isinstance(event, Held) else kind)
        if state is None:
            raise _impossible(event, self.state)
        # WHY compared by type: this runs for every event, and the events are final classes.
        if kind in _MEMORABLE:
            self._remember(event)
        self.state = state

    def _remember(self, event: Event) -> None:
        match event:
            case Answered(agent=agent):
                # WHY: an IVR answers first, and after a transfer to a queue the next agent takes the contact.
                if self.state is not State.OFFERED and (self.agent is not None or agent is None):
                    raise CallEventError("already-answered", "`answered` comes while the contact is already taken")
                self.agent = agent
            case Transferred(agent=agent):
                self.agent = agent
            case Explained():
                self.unrejected += 1
            case ExplanationRejected():
                if not self.unrejected:
                    raise CallEventError(
                        "no-explanation",
                        "`explanation_rejected` needs an explanation before it that is not rejected yet",
                    )
                self.unrejected -= 1
            case CaseLinked(case_id=case_id):
                self.case_id = case_id
            case FinalResult(case_id=None) | NewFact(case_id=None) if self.case_id is None:
                raise CallEventError("no-case", f"`{event.name}` needs `case_linked` before it, or a `case_id`")
            case _:
                pass


_MEMORABLE: Final = frozenset({Answered, Transferred, Explained, ExplanationRejected, CaseLinked, FinalResult, NewFact})


def _impossible(event: Event, state: State) -> CallEventError:
    match event, state:
        case _, State.NEW:
            return CallEventError("not-offered", f"`{event.name}` comes before the call is offered")
        case Offered(), _:
            return CallEventError("already-offered", "`offered` comes a second time")
        case Ended(), State.ENDED:
            return CallEventError("already-ended", "`ended` comes a second time")
        case _, State.ENDED:
            return CallEventError("event-after-end", f"`{event.name}` comes after the call has ended")
        case Held(on=True), State.HELD:
            return CallEventError("already-held", "`held` comes while the caller is on hold")
        case Held(on=False), State.TALKING:
            return CallEventError("not-held", "`held` with `on: false` comes while the caller is not on hold")
        case _:
            return CallEventError("not-answered", f"`{event.name}` comes before the call is answered")
