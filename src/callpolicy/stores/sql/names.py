"""What stands in the tables in place of a person, and what is sealed so that only the centre reads it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from callpolicy.audit import Keys
from callpolicy.errors import AuditError, StoreError
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import Subject
from callpolicy.lists.covers import who_of
from callpolicy.numbering import digits_of

HEAD: Final = 7
"""How much of the beginning of a number stands, hashed, beside an entry. Units: characters."""

_KEPT: Final = 16_384
_SALT: Final = 16
_SALT_TEXT: Final = 2 * _SALT
_TELLING: Final = 6
_NUMBER_END: Final = 8
_SIGN: Final = 1 << 63


class Names:
    """Names of persons under the secret of one store. The same person has the same name in every process.

    Args:
        keys: made from the secret.
    """

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self._tokens = lru_cache(_KEPT)(keys.token)
        self._opened = lru_cache(_KEPT)(self._open)

    def who(self, identity: Identity) -> str:
        """The name of an identity."""
        return self._tokens(who_of(identity))

    def case(self, case_id: str) -> str:
        """The name of a complaint case."""
        return self._tokens(f"case:{case_id}")

    def head(self, text: str) -> str:
        """The name of the beginning of a number; empty for one that is too short to have one."""
        return self._tokens(f"head:{text[:HEAD]}") if len(text) >= HEAD else ""

    def head_of(self, subject: Subject) -> str:
        """Under which head an entry about a subject stands; empty if several have it in them."""
        first = subject.identity.value
        if subject.identity.kind is not IdentityKind.NUMBER:
            return str(subject.identity.kind)
        return self.head(first if subject.last is None else _alike(first, subject.last))

    def veiled(
        self, attributes: Iterable[tuple[str, str]], identities: Iterable[Identity]
    ) -> Iterator[tuple[str, str]]:
        """Attributes of a call, with a name in place of each value that shows who calls; equal ones stay equal."""
        telling = tuple(_needles(identities))
        for name, value in attributes:
            # WHY the digits too: `+86 138-0013 8000` shows who calls as well as the canonical number does.
            shows = any(each in value or each in digits_of(value) for each in telling)
            yield name, self._tokens(f"value:{value}") if shows else value

    def seal(self, text: str, kind: str) -> str:
        """A text as only the centre reads it.

        Args:
            text: what is to come back as it is.
            kind: what it is; it opens as nothing else.
        """
        salt = os.urandom(_SALT)
        return salt.hex() + self.keys.seal(text, salt, kind.encode())

    def unseal(self, sealed: str, kind: str) -> str:
        """The text that was sealed.

        Raises:
            StoreError: it was changed, or sealed under another secret.
        """
        return self._opened(sealed, kind)

    def _open(self, sealed: str, kind: str) -> str:
        try:
            salt = bytes.fromhex(sealed[:_SALT_TEXT])
            text = self.keys.unseal(sealed[_SALT_TEXT:], salt, kind.encode())
        except (AuditError, ValueError):
            text = None
        if not isinstance(text, str):
            raise StoreError(f"the store holds a {kind} that was changed, or that another secret has sealed")
        return text


def _alike(first: str, last: str) -> str:
    """The beginning that all numbers of a range have."""
    place = next((place for place, (one, other) in enumerate(zip(first, last, strict=True)) if one != other), None)
    return first[:place]


def _needles(identities: Iterable[Identity]) -> Iterator[str]:
    for identity in identities:
        value = identity.value
        if identity.kind is IdentityKind.NUMBER:
            # WHY the end: a number may be shown without its country code or its plus.
            value = value.removeprefix("+").rpartition(":")[2][-_NUMBER_END:]
        if len(value) >= _TELLING:
            yield value


def signed(key_hash: int) -> int:
    """A hash of 64 bits as a database holds it."""
    return key_hash - (1 << 64) if key_hash >= _SIGN else key_hash
