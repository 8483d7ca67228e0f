"""What the centre's secret is used for: one key per purpose, commitments, pseudonyms, sealed personal parts."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from struct import Struct
from typing import Any, Final

from callpolicy.audit.canonical import Tree, canonical, read_tree
from callpolicy.errors import AuditError

SHORTEST_SECRET: Final = 16
"""The shortest secret, and the shortest salt. Units: bytes."""

_TAG: Final = 16


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """One key per purpose, so that what is made for one tells nothing about another.

    Args:
        commitment: under which a record holds fast to personal values that stand elsewhere.
        sealing: under which those values are kept unreadable.
        tag: under which what is sealed cannot be changed.
        pseudonym: under which a person's value has one name everywhere.
        store: under which a store knows a person without holding who it is.
    """

    commitment: bytes = field()
    sealing: bytes = field()
    tag: bytes = field()
    pseudonym: bytes = field()
    store: bytes = field()

    @classmethod
    def of(cls, secret: bytes) -> Keys:
        """The keys of a centre.

        Args:
            secret: at least 16 bytes that nobody can guess.

        Raises:
            AuditError: the secret is too short to keep anything secret.

        Source: RFC 5869 section 2.3 (expand, one block per purpose).
        """
        if len(secret) < SHORTEST_SECRET:
            raise AuditError(f"the secret of the audit trail is shorter than {SHORTEST_SECRET} bytes")
        purposes = (b"commitment", b"sealing", b"tag", b"pseudonym", b"store")
        return cls(*(hmac.digest(secret, b"callpolicy audit " + each + b"\x01", "sha256") for each in purposes))

    def commit(self, tree: Tree, salt: bytes) -> str:
        """A commitment to a tree: it binds, and without the salt nobody finds the tree by trying, not even the centre.

        Args:
            tree: what is committed to.
            salt: random bytes, kept beside the tree and erased with it.
        """
        return _hex(_mac(self.commitment, _parts(salt) + canonical(tree)))

    def name_of(self, fact: str, value: str) -> str:
        """The keyed name of a person's value: the same wherever it occurs, found by trying only with the secret.

        >>> keys = Keys.of(b"sixteen bytes or more")
        >>> keys.name_of("caller.number", "+12125550142") == keys.name_of("caller.customer", "+12125550142")
        False
        """
        return _hex(_mac(self.pseudonym, _parts(fact.encode(), value.encode())))

    def token(self, text: str) -> str:
        """What stands in a store in place of a text that names a person: 32 hex digits, equal for equal texts.

        WHY 128 bits: of 10^9 persons no two have the same, but by a chance of one in 10^20.
        """
        return hashlib.blake2b(_bytes(text), digest_size=16, key=self.store).hexdigest()

    def key_hash(self, text: str) -> int:
        """The same as a number for an index, in which a chance hit is looked at again. Units: 64 bits, unsigned."""
        # WHY a copy: setting up a key takes longer than hashing a short text.
        state = _keyed(self.store).copy()
        state.update(_bytes(text))
        return int.from_bytes(state.digest())

    def beginnings(self, lengths: tuple[int, ...]) -> Callable[[str], tuple[int, ...]]:
        """What hashes the beginnings of a text, each as `key_hash` does, in half the time.

        Args:
            lengths: of the beginnings, ascending. Units: characters.

        >>> keys = Keys.of(b"sixteen bytes or more")
        >>> keys.beginnings((3, 5))("+44207") == (keys.key_hash("+44"), keys.key_hash("+4420"))
        True
        """
        keyed = _keyed(self.store).copy
        longest = max(lengths, default=0)
        cut = Struct("".join(f"{end - start}s" for start, end in pairwise((0, *lengths)))).unpack_from
        read = Struct(f">{len(lengths)}Q").unpack

        def hashed(text: str) -> tuple[int, ...]:
            if len(text) < longest or not text.isascii():
                return tuple(self.key_hash(text[:length]) for length in lengths)
            # WHY one state: what it has taken in of a shorter beginning it need not take in again for a longer one.
            state = keyed()
            update, digest = state.update, state.digest
            digests = []
            for part in cut(text.encode()):
                update(part)
                digests.append(digest())
            return read(b"".join(digests))

        return hashed

    def seal(self, tree: Tree, salt: bytes, name: bytes) -> str:
        """A tree as text that only the centre reads.

        Args:
            tree: what is sealed.
            salt: random bytes, other ones for every record.
            name: of the record it belongs to.
        """
        plain = canonical(tree)
        hidden = _turned(plain, self._stream(salt, name, len(plain)))
        return base64.b64encode(self._tag(salt, name, hidden) + hidden).decode()

    def unseal(self, sealed: str, salt: bytes, name: bytes) -> Tree:
        """The tree that was sealed.

        Raises:
            AuditError: it was changed, belongs to another record, or was sealed under another secret.
        """
        try:
            raw = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError):
            raise AuditError("what is sealed is no base64 text") from None
        tag, hidden = raw[:_TAG], raw[_TAG:]
        if not hmac.compare_digest(tag, self._tag(salt, name, hidden)):
            raise AuditError("what is sealed was changed, belongs to another record or to another secret")
        return read_tree(_turned(hidden, self._stream(salt, name, len(hidden))), "what is sealed")

    def _stream(self, salt: bytes, name: bytes, length: int) -> bytes:
        # WHY the name too: a salt that comes twice must not make the same stream for two records.
        # Source: FIPS 202, a sponge that begins with a key is a pseudorandom function of any length.
        return hashlib.shake_256(self.sealing + _parts(salt, name)).digest(length)

    def _tag(self, salt: bytes, name: bytes, hidden: bytes) -> bytes:
        return _mac(self.tag, _parts(salt, name) + hidden)[:_TAG]


def _mac(key: bytes, data: bytes) -> bytes:
    # WHY a copy: in OpenSSL to begin with a key takes longer than all that follows.
    state = _begun(key).copy()
    state.update(data)
    return state.digest()


@lru_cache(maxsize=24)
def _begun(key: bytes) -> hmac.HMAC:
    return hmac.new(key, digestmod="sha256")


@lru_cache(maxsize=8)
def _keyed(key: bytes) -> Any:
    return hashlib.blake2b(digest_size=8, key=key)


def _bytes(text: str) -> bytes:
    # WHY: a host may give half a surrogate pair, which is no reason to fail.
    return text.encode("utf-8", "surrogatepass")


def _turned(data: bytes, stream: bytes) -> bytes:
    return (int.from_bytes(data) ^ int.from_bytes(stream)).to_bytes(len(data))


def _parts(*parts: bytes) -> bytes:
    # INVARIANT: each part carries its length, so that no two lists of parts make the same bytes.
    return b"".join(len(part).to_bytes(8) + part for part in parts)


def _hex(digest: bytes) -> str:
    return "hmac-sha256:" + digest.hex()
