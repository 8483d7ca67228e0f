"""What stands in a row: identities, items, entries and events as text, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

from callpolicy.events import Event
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import Entry, ListName
from callpolicy.wire import event_from_dict, event_to_dict

_ESCAPED: Final = {0: "\\0", ord("\\"): "\\\\", **{code: f"\\{code:x}" for code in range(0xD800, 0xE000)}}
_PREFIX: Final = "prefix"
_RANGE: Final = "range"
_DIGITS: Final = "0123456789"


def key_text(text: str) -> str:
    r"""A text as a key column can hold it: no NUL and no half of a surrogate pair; different texts stay different.

    >>> key_text("c1"), key_text("a\0b\\")
    ('c1', 'a\\0b\\\\')
    """
    # WHY isascii first: that is what nearly every key is, and only NUL and the backslash are odd in it.
    if text.isascii() and "\0" not in text and "\\" not in text:
        return text
    return text.translate(_ESCAPED)


def who_of(identity: Identity) -> str:
    """An identity as one column: `number:+12125550142`."""
    return f"{identity.kind}:{key_text(identity.value)}"


def covers_of(entry: Entry) -> Iterator[str]:
    """Whom an entry covers, as keys: an identity, `prefix:+44`, or the parts of a range, `range:13:+4420946`."""
    first = entry.identity.value
    if entry.last is not None:
        yield from (f"{_RANGE}:{len(first)}:{part}" for part in range_parts(first, entry.last))
    else:
        yield f"{_PREFIX}:{key_text(first)}" if entry.prefix else who_of(entry.identity)


def range_parts(first: str, last: str) -> Iterator[str]:
    """The shortest beginnings that all numbers of a range have, and no other number of that length.

    Args:
        first: the first number.
        last: the last number, of the same form and length.

    >>> list(range_parts("+442094600", "+442094621"))
    ['+44209460', '+44209461', '+442094620', '+442094621']
    """
    head = first.rstrip(_DIGITS)
    width = len(first) - len(head)
    low, high = int(first[len(head) :]), int(last[len(head) :])
    while low <= high:
        size = 0
        while size < width and low % 10 ** (size + 1) == 0 and low + 10 ** (size + 1) - 1 <= high:
            size += 1
        yield head + str(low).zfill(width)[: width - size]
        low += 10**size


def covering(identities: Iterable[Identity]) -> Iterator[str]:
    """Every key of an entry that covers one of these identities."""
    for identity in identities:
        yield who_of(identity)
        if identity.kind is IdentityKind.NUMBER:
            value = key_text(identity.value)
            for length in range(1, len(value) + 1):
                yield f"{_PREFIX}:{value[:length]}"
                yield f"{_RANGE}:{len(value)}:{value[:length]}"


def attributes_text(attributes: tuple[tuple[str, str], ...]) -> str:
    """The attributes of an item, in their order."""
    return json.dumps(attributes, separators=(",", ":"))


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
    )


def event_text(event: Event, agent: str | None) -> str:
    """An event of a case as JSON, with who had the contact then."""
    return json.dumps([event_to_dict(event), agent], separators=(",", ":"))


@lru_cache(maxsize=16_384)
def event_from(text: str) -> tuple[Event, str | None]:
    """An event of a case from its JSON, and who had the contact then."""
    event, agent = json.loads(text)
    return event_from_dict(event), agent
