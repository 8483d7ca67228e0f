"""One record of the audit trail, its canonical bytes and its digest, and the personal part that can be erased."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

import orjson

from callpolicy.audit.canonical import DIGEST, EXACT, Tree, canonical, digest_of, read_tree
from callpolicy.audit.keys import SHORTEST_SECRET, Keys
from callpolicy.errors import AuditError
from callpolicy.instants import LATEST, instant_text, parse_instant

FORMAT: Final = 1
"""Version of the form of a record."""

LONGEST_NAME: Final = 512
"""The longest writer or subject. Units: characters."""

Body = dict[str, dict[str, Tree]]
"""What a record says: sections, each with its parts by name."""

_KIND: Final = re.compile(r"[a-z][a-z_]{0,39}", re.ASCII)
_KEYS: Final = ("at", "body", "digest", "format", "kind", "number", "previous", "subject", "writer")
_HALF: Final = re.compile("[\ud800-\udfff]")
_COMMITMENT: Final = re.compile(r"hmac-sha256:[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One record of the trail.

    Args:
        writer: who wrote it: one process, one stream of records.
        number: its place in the writer's chain, from 0.
        at: the instant it is about, in microseconds.
        kind: `decision`, `act` (of a person), `activation`, `head`, …
        subject: what it is about: the id of a call, a block, a case.
        body: what it says. INVARIANT: no personal value but those declared clear.
        previous: digest of the record before it; for the first one `beginning(writer)`.
        digest: SHA-256 over the canonical bytes of all the others.
    """

    writer: str
    number: int
    at: int
    kind: str
    subject: str
    body: Body = field(hash=False)
    previous: str
    digest: str
    # INVARIANT: the canonical bytes of the body as it was written; they are made once, and nobody changes a body.
    _bytes: bytes | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def commitment(self) -> str | None:
        """The commitment to the personal part; `None` if there is none, or it was never kept."""
        return cast("str | None", self.body.get("personal", {}).get("commitment"))

    @property
    def names(self) -> tuple[str, ...]:
        """What stands, or stood, in the personal part: `section/name`, sorted."""
        return tuple(cast("list[str]", self.body.get("personal", {}).get("names", [])))


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalPart:
    """The personal values of one record, sealed; erased when their time is over, and the chain still verifies.

    Args:
        writer: of the record.
        number: of the record.
        salt: 32 and more hex digits.
        sealed: the values, readable with the centre's secret only.
    """

    writer: str
    number: int
    salt: str
    sealed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is to be recorded, before it has its place in a chain.

    Args:
        at: the instant it is about.
        kind: see `AuditRecord`.
        subject: see `AuditRecord`.
        body: what may be shown, by section and name; `personal` is no section of it.
        personal: what may not, by section and name.
    """

    at: int
    kind: str
    subject: str
    body: Body = field(hash=False)
    personal: Body = field(default_factory=dict, hash=False, repr=False)


def beginning(writer: str) -> str:
    """What stands as the previous digest in the first record of a writer: another for every writer."""
    return digest_of(canonical({"format": FORMAT, "writer": writer}))


def canonical_bytes(record: AuditRecord) -> bytes:
    """The bytes that the digest of a record is made over: all of it but the digest.

    Raises:
        AuditError: the body is no JSON tree.

    Source: RFC 8785.
    """
    return _joined(record, canonical(cast(Tree, record.body)), None)


def is_sound(record: AuditRecord) -> bool:
    """Whether a record is what its digest says."""
    try:
        return digest_of(canonical_bytes(record)) == record.digest
    except (AuditError, TypeError, ValueError, OverflowError):
        return False


def to_line(record: AuditRecord) -> bytes:
    """A record as one line of JSON, without the end of the line; `from_line` reads it back.

    Raises:
        AuditError: the body is no JSON tree.
    """
    body = record._bytes
    return _joined(record, canonical(cast(Tree, record.body)) if body is None else body, record.digest)


def from_line(line: bytes, place: str = "record") -> AuditRecord:
    """A record from its line. Its digest is not looked at: see `verify`.

    Args:
        line: the bytes of the line, without its end.
        place: how an error calls it, e.g. `line 3`.

    Raises:
        AuditError: it is no record in canonical form; the message names the place, never a value.
    """
    tree = _object(read_tree(line, place), _KEYS, place)
    if type(tree["format"]) is not int or tree["format"] != FORMAT:
        raise AuditError(f"{place}: `format` is not {FORMAT}")
    for key, (fits, wanted) in _FITS.items():
        if not fits(tree[key]):
            raise AuditError(f"{place}: `{key}` is not {wanted}")
    at = _instant(tree["at"], place)
    _look_at_body(tree["body"], place)
    del tree["format"]
    return AuditRecord(**(tree | {"at": at}))


def part_to_line(part: PersonalPart) -> bytes:
    """A personal part as one line of JSON; `part_from_line` reads it back."""
    return canonical({"number": part.number, "salt": part.salt, "sealed": part.sealed, "writer": part.writer})


def part_from_line(line: bytes, place: str = "personal part") -> PersonalPart:
    """A personal part from its line.

    Raises:
        AuditError: it is none; the message names the place, never a value.
    """
    tree = _object(read_tree(line, place), ("number", "salt", "sealed", "writer"), place)
    for key in ("number", "writer"):
        if not _FITS[key][0](tree[key]):
            raise AuditError(f"{place}: `{key}` is not {_FITS[key][1]}")
    if type(tree["sealed"]) is not str or type(tree["salt"]) is not str:
        raise AuditError(f"{place}: `salt` or `sealed` is not a text")
    _salt(tree["salt"])
    return PersonalPart(**tree)


def written(
    draft: Draft, writer: str, number: int, previous: str, *, keys: Keys | None, salt: bytes
) -> tuple[AuditRecord, PersonalPart | None]:
    """A draft at its place in a chain: the record, and its personal part if it has one. See `Chain.append`."""
    if "personal" in draft.body:
        raise AuditError("`personal` is no section of a draft's body")
    body, part = dict(draft.body), None
    if draft.personal:
        tree = cast(Tree, draft.personal)
        names = sorted(f"{section}/{name}" for section, items in draft.personal.items() for name in items)
        commitment: Tree = None
        if keys is not None:
            if len(salt) < SHORTEST_SECRET:
                raise AuditError(f"the salt of a record is shorter than {SHORTEST_SECRET} bytes")
            commitment = keys.commit(tree, salt)
            sealed = keys.seal(tree, salt, _name(writer, number))
            part = PersonalPart(writer=writer, number=number, salt=salt.hex(), sealed=sealed)
        body["personal"] = {"commitment": commitment, "names": cast("list[Tree]", names)}
    record = AuditRecord(
        writer=writer, number=number, at=draft.at, kind=draft.kind, subject=draft.subject, body=body,
        previous=previous, digest="",
    )  # fmt: skip
    _look_at(record)
    in_bytes = canonical(cast(Tree, record.body))
    whole = _with_digest(record, digest_of(_joined(record, in_bytes, None)))
    object.__setattr__(whole, "_bytes", in_bytes)
    return whole, part


def whole_body(record: AuditRecord, part: PersonalPart | None, keys: Keys | None) -> Body | None:
    """What a record says with its personal values put back, or `None` if they were erased or never kept.

    Args:
        record: the record.
        part: its personal part, if it is still there.
        keys: of the centre.

    Raises:
        AuditError: the part is not that of this record, was changed, or the secret is another.
    """
    body = {section: dict(items) for section, items in record.body.items() if section != "personal"}
    if not record.names:
        return body
    if part is None or keys is None or record.commitment is None:
        return None
    if (part.writer, part.number) != (record.writer, record.number):
        raise AuditError("the personal part is that of another record")
    salt = _salt(part.salt)
    tree = keys.unseal(part.sealed, salt, _name(part.writer, part.number))
    if keys.commit(tree, salt) != record.commitment:
        raise AuditError("the personal part is not what the record commits to")
    for section, items in cast(Body, tree).items():
        body.setdefault(section, {}).update(items)
    return body


def _joined(record: AuditRecord, body: bytes, digest: str | None) -> bytes:
    # INVARIANT: the keys stand in their order, hold ASCII only, and no value but the body can hold a float.
    tree: dict[str, object] = {"at": instant_text(record.at), "body": orjson.Fragment(body)}
    if digest is not None:
        tree["digest"] = digest
    tree["format"] = FORMAT
    tree["kind"] = record.kind
    tree["number"] = record.number
    tree["previous"] = record.previous
    tree["subject"] = record.subject
    tree["writer"] = record.writer
    return orjson.dumps(tree)


def _with_digest(record: AuditRecord, digest: str) -> AuditRecord:
    return AuditRecord(
        writer=record.writer, number=record.number, at=record.at, kind=record.kind, subject=record.subject,
        body=record.body, previous=record.previous, digest=digest,
    )  # fmt: skip


def _name(writer: str, number: int) -> bytes:
    return f"{number} {writer}".encode()


def _is_name(value: object) -> bool:
    # WHY surrogates: a lone one is half a character, which no file can hold.
    return type(value) is str and 0 < len(value) <= LONGEST_NAME and not _HALF.search(value)


def _is_digest(value: object) -> bool:
    return type(value) is str and DIGEST.fullmatch(value) is not None


_FITS: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "writer": (_is_name, "a name"),
    "subject": (_is_name, "a name"),
    "kind": (lambda value: type(value) is str and _KIND.fullmatch(value) is not None, "a word"),
    "number": (lambda value: type(value) is int and 0 <= value < EXACT, "a whole number from 0"),
    "body": (lambda value: type(value) is dict, "an object"),
    "previous": (_is_digest, "a digest"),
    "digest": (_is_digest, "a digest"),
}


def _look_at(record: AuditRecord) -> None:
    for key in ("writer", "subject", "kind", "number", "previous"):
        fits, wanted = _FITS[key]
        if not fits(getattr(record, key)):
            raise AuditError(f"the record cannot be written: `{key}` is not {wanted}")
    if type(record.at) is not int or not 0 <= record.at <= LATEST:
        raise AuditError("the record cannot be written: `at` is no instant")
    _look_at_body(record.body, "the record cannot be written")


def _look_at_body(body: object, place: str) -> None:
    if type(body) is not dict or not all(type(each) is dict for each in body.values()):
        raise AuditError(f"{place}: `body` is not made of sections")
    personal = body.get("personal")
    if personal is None:
        return
    names, commitment = personal.get("names"), personal.get("commitment")
    fits = set(personal) == {"names", "commitment"} and type(names) is list and bool(names)
    fits = fits and all(type(each) is str for each in names) and names == sorted(set(names))
    if not fits or not (commitment is None or (type(commitment) is str and _COMMITMENT.fullmatch(commitment))):
        raise AuditError(f"{place}: `body.personal` is not names and a commitment")


def _object(tree: Tree, keys: tuple[str, ...], place: str) -> dict[str, Any]:
    if not isinstance(tree, dict):
        raise AuditError(f"{place}: no JSON object")
    missing = next((key for key in keys if key not in tree), None)
    if missing is not None:
        raise AuditError(f"{place}: `{missing}` is missing")
    if len(tree) != len(keys):
        raise AuditError(f"{place}: it has a key that is not known")
    return dict(tree)


def _instant(value: object, place: str) -> int:
    try:
        at = parse_instant(value) if isinstance(value, str) else -1
    except ValueError:
        at = -1
    # WHY written again: an instant can be written in many ways, and only one of them is canonical.
    if not 0 <= at <= LATEST or instant_text(at) != value:
        raise AuditError(f"{place}: `at` is no instant in UTC with microseconds")
    return at


def _salt(text: str) -> bytes:
    try:
        salt = binascii.unhexlify(text)
    except (binascii.Error, ValueError):
        salt = b""
    if len(salt) < SHORTEST_SECRET or salt.hex() != text:
        raise AuditError("the salt of a personal part is not hex digits, or too few")
    return salt
