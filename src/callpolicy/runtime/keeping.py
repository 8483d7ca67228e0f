"""What the engine keeps, as data: it can be kept twice without counting twice, and carried over in a file."""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias

from callpolicy.audit import from_line, part_from_line, part_to_line, to_line
from callpolicy.events import Event
from callpolicy.identity import Identity, IdentityKind
from callpolicy.stores.base import Kept, Store, Turn
from callpolicy.windows import Item
from callpolicy.wire import event_from_dict, event_to_dict


class KeepItem(NamedTuple):
    """One item of history, for each identity of its caller."""

    identities: tuple[Identity, ...]
    item: Item

    def keep(self, turn: Turn) -> None:
        """Put it into a store."""
        turn.add(self.identities, self.item)

    @property
    def about(self) -> tuple[Hashable, ...]:
        """Whose decisions lack something without it."""
        return self.identities

    @property
    def call_id(self) -> str | None:
        """The call that it comes from, whose own decisions do not need it."""
        return self.item.call_id


class KeepEvent(NamedTuple):
    """One event of a complaint case, with who had the contact then."""

    case_id: str
    event: Event
    agent: str | None

    def keep(self, turn: Turn) -> None:
        """Put it into a store."""
        turn.receive_case(self.case_id, self.event, self.agent)

    @property
    def about(self) -> tuple[Hashable, ...]:
        """Whose decisions lack something without it."""
        return (self.case_id,)

    @property
    def call_id(self) -> str | None:
        """No call: the decisions of its own need it too."""
        return None


class KeepRecord(NamedTuple):
    """One audit record."""

    kept: Kept

    def keep(self, turn: Turn) -> None:
        """Put it into a store."""
        turn.append((self.kept,))

    @property
    def about(self) -> tuple[Hashable, ...]:
        """Nobody's decisions need it."""
        return ()

    @property
    def call_id(self) -> str | None:
        """No call."""
        return None


Keep: TypeAlias = KeepItem | KeepEvent | KeepRecord
"""One thing to be kept."""


UNFIT: Final = "no store can hold them"
"""Why what `keep_all` left out is given up."""


class UnfitError(Exception):
    """A thing cannot be kept for what it is itself: the store is well, and would refuse it for ever.

    Args:
        keep: the thing.
    """

    def __init__(self, keep: Keep) -> None:
        super().__init__()
        self.keep = keep


def keep_each(turn: Turn, keeps: Sequence[Keep]) -> None:
    """Put things into a store, in order.

    Raises:
        UnfitError: one of them cannot be kept by any store; nothing of the turn may count.
    """
    for keep in keeps:
        try:
            keep.keep(turn)
        except ValueError as error:
            # WHY no record: a chain without it would look as if somebody had cut it.
            if isinstance(keep, KeepRecord):
                raise
            raise UnfitError(keep) from error


def keep_all(store: Store, keeps: Sequence[Keep]) -> int:
    """Put things into a store, in one transaction, but those that no store can hold.

    WHY about all of them: two processes that write about the same callers in two orders would wait for each other.

    Returns:
        how many were left out.
    """
    fit = tuple(keeps)
    while True:
        about = {each for keep in fit if isinstance(keep, KeepItem) for each in keep.identities}
        try:
            store.turn(partial(keep_each, keeps=fit), tuple(about))
        except UnfitError as unfit:
            fit = without(fit, unfit.keep)
        else:
            return len(keeps) - len(fit)


def without(keeps: Sequence[Keep], one: Keep) -> tuple[Keep, ...]:
    """All but this very one."""
    return tuple(keep for keep in keeps if keep is not one)


def keep_to_text(keep: Keep) -> str:
    """One thing to be kept as a line of JSON; `keep_from_text` reads it back."""
    tree: list[Any]
    match keep:
        case KeepItem(identities, item):
            callers = [[str(each.kind), each.value] for each in identities]
            tree = ["item", callers, item.at, item.call_id, item.seq, item.kind, item.attributes]
        case KeepEvent(case_id, event, agent):
            tree = ["event", case_id, event_to_dict(event), agent]
        case KeepRecord(kept):
            part = None if kept.part is None else part_to_line(kept.part).decode()
            tree = ["record", to_line(kept.record).decode(), part, kept.ref]
    return json.dumps(tree, separators=(",", ":"))


def keep_from_text(text: str) -> Keep:
    """One thing to be kept from its line.

    Raises:
        ValueError: it is none.
    """
    try:
        match json.loads(text):
            case ["item", callers, at, call_id, seq, kind, attributes]:
                identities = tuple(Identity(IdentityKind(name), value) for name, value in callers)
                return KeepItem(identities, Item(at, call_id, seq, kind, tuple(map(_pair, attributes))))
            case ["event", case_id, event, agent]:
                return KeepEvent(case_id, event_from_dict(event), agent)
            case ["record", record, part, ref]:
                sealed = None if part is None else part_from_line(part.encode())
                return KeepRecord(Kept(from_line(record.encode()), sealed, ref))
    except Exception as error:
        raise ValueError("it is nothing that was to be kept") from error
    raise ValueError("it is nothing that was to be kept")


def _pair(pair: list[str]) -> tuple[str, str]:
    name, value = pair
    return name, value
