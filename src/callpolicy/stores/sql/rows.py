"""What stands in a row: items, entries, blocks and events as text, and back."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any, Final

import orjson

from callpolicy.events import Event
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lifecycle import Block, block_from_dict, block_to_dict
from callpolicy.lists import Entry, ListName
from callpolicy.wire import event_from_dict, event_to_dict

_ESCAPE: Final = re.compile(r"\\(0|\\|d[89a-f][0-9a-f]{2})")


def text_from(key: str) -> str:
    r"""A text as it was before `callpolicy.lists.covers.key_text`.

    >>> text_from("c1"), text_from("a\\0b\\\\")
    ('c1', 'a\x00b\\')
    """
    return _ESCAPE.sub(_unescaped, key) if "\\" in key else key


def _unescaped(found: re.Match[str]) -> str:
    name = found[1]
    return {"0": "\0", "\\": "\\"}.get(name) or chr(int(name, 16))


def attributes_text(attributes: tuple[tuple[str, str], ...]) -> str:
    """The attributes of an item, in their order."""
    try:
        return orjson.dumps(attributes).decode()
    except orjson.JSONEncodeError:
        # WHY: a host may give half of a surrogate pair, which only an escape can hold.
        return json.dumps(attributes, separators=(",", ":"))


@lru_cache(maxsize=16_384)
def attributes_from(text: str) -> tuple[tuple[str, str], ...]:
    """The attributes of an item, as they were."""
    return tuple((name, value) for name, value in json.loads(text))


def entry_text(entry: Entry) -> str:
    """A list entry as JSON."""
    fields = {
        "entry_id": entry.entry_id,
        "on": str(entry.on),
        "kind": str(entry.identity.kind),
        "value": entry.identity.value,
        "prefix": entry.prefix,
        "last": entry.last,
        "since": entry.since,
        "until": entry.until,
        "reason": entry.reason,
        "owner": entry.owner,
        "evidence": list(entry.evidence),
        "term_until": entry.term_until,
        "taken_back": entry.taken_back,
    }
    return json.dumps(fields, separators=(",", ":"))


@lru_cache(maxsize=16_384)
def entry_from(text: str) -> Entry:
    """A list entry from its JSON."""
    fields: dict[str, Any] = json.loads(text)
    return Entry(
        entry_id=fields["entry_id"],
        on=ListName(fields["on"]),
        identity=Identity(IdentityKind(fields["kind"]), fields["value"]),
        prefix=fields["prefix"],
        last=fields["last"],
        since=fields["since"],
        until=fields["until"],
        reason=fields["reason"],
        owner=fields["owner"],
        evidence=tuple(fields["evidence"]),
        # WHY get: the first form of an entry had neither.
        term_until=fields.get("term_until"),
        taken_back=fields.get("taken_back", False),
    )


def block_text(block: Block) -> str:
    """The life of a block as JSON."""
    # WHY not canonical bytes: those refuse half of a surrogate pair, which a host may give in the id of a customer.
    return json.dumps(block_to_dict(block), separators=(",", ":"))


@lru_cache(maxsize=4_096)
def block_from(text: str) -> Block:
    """The life of a block from its JSON."""
    return block_from_dict(json.loads(text))


def event_text(event: Event, agent: str | None, case_id: str) -> str:
    """An event of a case as JSON, with who had the contact then, and the case."""
    return json.dumps([event_to_dict(event), agent, case_id], separators=(",", ":"))


@lru_cache(maxsize=16_384)
def event_from(text: str) -> tuple[Event, str | None, str]:
    """An event of a case from its JSON, who had the contact then, and the case."""
    event, agent, case_id = json.loads(text)
    return event_from_dict(event), agent, case_id
