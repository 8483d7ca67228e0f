"""Canonical bytes of a JSON tree: one tree, one text, in every process."""

from __future__ import annotations

import hashlib
import re
from typing import Final, TypeAlias, cast

import orjson
import rfc8785

from callpolicy.errors import AuditError

Tree: TypeAlias = "bool | int | float | str | list[Tree] | dict[str, Tree] | None"
"""A JSON tree, in exactly these types."""

# Source: RFC 8785 section 3.2.2.3: JSON numbers are IEEE 754 doubles, exact up to 2^53.
EXACT: Final = 1 << 53
"""Numbers of a tree lie between the negative of this and this, both left out."""

DEEPEST: Final = 60
"""How deep a tree may be nested."""

DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
"""The form of a digest."""

_SHOWN: Final = re.compile(r"[a-z_]+(\.[a-z_]+)*", re.ASCII)


def canonical(tree: Tree) -> bytes:
    """The canonical bytes of a tree.

    Raises:
        AuditError: it is no JSON tree: a number that JSON does not hold, half a character, another type, too deep.

    Source: RFC 8785.

    >>> canonical({"b": [1, None], "a": 0.5})
    b'{"a":0.5,"b":[1,null]}'
    """
    fault = _fault(tree, 0)
    if fault is None:
        # WHY: without floats and with ASCII keys sorting the keys is all that RFC 8785 asks for, and this is three to
        # four times as fast; a test holds the two against each other.
        return _dumped(tree)
    if fault == _SLOW:
        return _canonical_with_floats(tree)
    raise AuditError(_place(tree))


def digest_of(data: bytes) -> str:
    """The digest of canonical bytes: `sha256:` and 64 hex digits."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def read_tree(data: bytes, place: str) -> Tree:
    """A tree from its canonical bytes.

    Args:
        data: the bytes.
        place: how an error calls them, e.g. `line 3`.

    Raises:
        AuditError: they are not the canonical bytes of a tree; the message names the place, never a value.
    """
    try:
        tree: Tree = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise AuditError(f"{place}: not JSON in UTF-8, at column {error.colno}") from None
    try:
        again = canonical(tree)
    except AuditError as error:
        raise AuditError(f"{place}: {error}") from None
    # INVARIANT: only the canonical bytes are read, so that no byte can be changed without being seen.
    if again != data:
        raise AuditError(f"{place}: not in canonical form (RFC 8785)")
    return tree


_SLOW: Final = "slow"
_BAD: Final = "bad"


def _fault(node: object, depth: int) -> str | None:
    kind = type(node)
    if kind is str or kind is bool or node is None:
        return None
    if kind is int:
        return None if -EXACT < cast(int, node) < EXACT else _BAD
    if kind is float:
        # WHY: a greater one is whole, would be written without a point, and read back as an integer that is too great.
        return _SLOW if -EXACT < cast(float, node) < EXACT else _BAD
    if depth >= DEEPEST:
        return _BAD
    if isinstance(node, dict) and kind is dict:
        return _worst_of_object(node, depth)
    return _worst_of_list(node, depth) if isinstance(node, list) and kind is list else _BAD


def _worst_of_object(node: dict[object, object], depth: int) -> str | None:
    worst = None
    for key, item in node.items():
        if type(key) is not str:
            return _BAD
        kind = type(item)
        # WHY here already: most of what is recorded is texts and flags, and they need no call of their own.
        fault = None if kind is str or kind is bool or item is None else _fault(item, depth + 1)
        if fault is _BAD:
            return _BAD
        if fault or not key.isascii():
            worst = _SLOW
    return worst


def _worst_of_list(node: list[object], depth: int) -> str | None:
    worst = None
    for item in node:
        kind = type(item)
        fault = None if kind is str or kind is bool or item is None else _fault(item, depth + 1)
        if fault is _BAD:
            return _BAD
        worst = fault or worst
    return worst


def _dumped(tree: Tree) -> bytes:
    try:
        return orjson.dumps(tree, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        raise AuditError("a text in it is no whole Unicode text") from None


def _canonical_with_floats(tree: Tree) -> bytes:
    try:
        return rfc8785.dumps(tree)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        raise AuditError("a text in it is no whole Unicode text") from None


def _place(tree: object) -> str:
    """Where a tree is none, in words that give no value away."""
    path = ""
    for _ in range(DEEPEST):
        items: list[tuple[object, object]] = []
        if type(tree) is dict:
            items = list(tree.items())
        elif type(tree) is list:
            items = list(enumerate(tree))
        keys = int if type(tree) is list else str
        found = next((each for each in items if type(each[0]) is not keys or _fault(each[1], 0) is _BAD), None)
        if found is None:
            break
        path, tree = path + _step(found[0], in_list=keys is int), found[1]
    else:
        tree = None
    shown = f"`{path.removeprefix('.')}`" if path else "it"
    if type(tree) in (int, float) and _fault(tree, 0) is _BAD:
        return f"{shown} is a number that JSON does not hold exactly"
    return f"{shown} is no JSON value, or nested too deep"


def _step(key: object, *, in_list: bool) -> str:
    if isinstance(key, str):
        # WHY: a key may come from outside and be a telephone number.
        return f".{key}" if _SHOWN.fullmatch(key) else ".…"
    return f"[{key}]" if in_list else ".…"
