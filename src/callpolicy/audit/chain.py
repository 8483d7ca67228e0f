"""The chain of one writer, its head, and the heads of all writers anchored together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple, cast

from callpolicy.audit.canonical import DIGEST, EXACT, Tree, canonical, digest_of, read_tree
from callpolicy.audit.keys import Keys
from callpolicy.audit.record import LONGEST_NAME, AuditRecord, Draft, PersonalPart, beginning, written
from callpolicy.errors import AuditError
from callpolicy.instants import LATEST, instant_text, parse_instant

FORMAT: Final = 1
"""Version of the form of an anchor."""


@dataclass(frozen=True, slots=True, order=True)
class Head:
    """Where the chain of a writer ends.

    Args:
        writer: the writer.
        number: of its last record; -1 if it has written none.
        digest: of its last record; `beginning(writer)` if it has written none.
    """

    writer: str
    number: int
    digest: str

    @property
    def count(self) -> int:
        """How many records the chain has."""
        return self.number + 1


class Appended(NamedTuple):
    """What came of appending.

    Args:
        chain: the chain that goes on.
        record: what is to be stored.
        part: its personal part, to be stored apart; `None` if it has none.
    """

    chain: Chain
    record: AuditRecord
    part: PersonalPart | None


@dataclass(frozen=True, slots=True)
class Chain:
    """The chain of one writer, as far as it has come. Immutable: appending gives the next one.

    Args:
        head: where it ends.
    """

    head: Head

    @classmethod
    def begin(cls, writer: str) -> Chain:
        """The chain of a writer that has written nothing."""
        return cls(Head(writer, -1, beginning(writer)))

    def append(self, draft: Draft, *, keys: Keys | None = None, salt: bytes = b"") -> Appended:
        """Put a draft at the end of the chain. Pure: the same arguments give the same bytes.

        Args:
            draft: what is to be recorded.
            keys: of the centre; without them personal values are masked for good.
            salt: at least 16 random bytes, other ones for every record; needed if the draft is in part personal.

        Raises:
            AuditError: it cannot be written: the salt is too short, or it is no JSON.
        """
        head = self.head
        record, part = written(draft, head.writer, head.number + 1, head.digest, keys=keys, salt=salt)
        return Appended(Chain(Head(head.writer, record.number, record.digest)), record, part)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The heads of all writers at one instant, to be kept where whoever writes the trail cannot change it.

    Args:
        at: when it was taken, in microseconds.
        heads: sorted by writer, one each.

    Raises:
        ValueError: a writer stands twice, or the heads are not sorted.
    """

    at: int
    heads: tuple[Head, ...]

    def __post_init__(self) -> None:
        """Refuse what would say two things of one writer."""
        writers = [head.writer for head in self.heads]
        if writers != sorted(set(writers)):
            raise ValueError("an anchor names every writer once, sorted")

    @classmethod
    def of(cls, at: int, heads: Iterable[Head]) -> Anchor:
        """The heads of several writers, anchored together."""
        return cls(at, tuple(sorted(heads)))

    @property
    def digest(self) -> str:
        """One digest over all heads: enough to print, read out or have stamped."""
        return digest_of(canonical(self._tree()))

    def _tree(self) -> dict[str, Tree]:
        heads: list[Tree] = [
            {"count": head.count, "digest": head.digest, "number": head.number, "writer": head.writer}
            for head in self.heads
        ]
        return {"at": instant_text(self.at), "format": FORMAT, "heads": heads}

    def to_json(self) -> bytes:
        """The anchor as canonical JSON; `from_json` reads it back."""
        return canonical(self._tree() | {"digest": self.digest})

    @classmethod
    def from_json(cls, data: bytes) -> Anchor:
        """An anchor from its JSON.

        Raises:
            AuditError: it is no anchor, or was changed.
        """
        tree = read_tree(data.strip(), "anchor")
        try:
            anchor = _anchor(cast("dict[str, Tree]", tree))
            again = anchor.to_json()
        except (AuditError, AttributeError, KeyError, OverflowError, TypeError, ValueError):
            raise AuditError("anchor: it is no anchor of an audit trail") from None
        # INVARIANT: what is read back is what would be written, so nothing in it is passed over.
        if again != data.strip():
            raise AuditError("anchor: its parts do not agree; it was changed, or is of another format")
        return anchor


def _anchor(tree: dict[str, Tree]) -> Anchor:
    at = parse_instant(cast(str, tree["at"]))
    heads = (cast("dict[str, Tree]", each) for each in cast("list[Tree]", tree["heads"]))
    anchor = Anchor(at, tuple(_head(each) for each in heads))
    if not 0 <= at <= LATEST or not all(_fits(head) for head in anchor.heads):
        raise ValueError
    return anchor


def _head(tree: dict[str, Tree]) -> Head:
    return Head(cast(str, tree["writer"]), cast(int, tree["number"]), cast(str, tree["digest"]))


def _fits(head: Head) -> bool:
    named = type(head.writer) is str and 0 < len(head.writer) <= LONGEST_NAME
    numbered = type(head.number) is int and -1 <= head.number < EXACT
    if not named or not numbered or type(head.digest) is not str or not DIGEST.fullmatch(head.digest):
        return False
    return head.number >= 0 or head.digest == beginning(head.writer)
