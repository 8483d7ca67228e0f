"""A snapshot as a JSON tree from which it comes back exactly: the same types, the same courses."""

from __future__ import annotations

from typing import Final, TypeVar, assert_never, cast

from callpolicy.audit.canonical import EXACT, Tree
from callpolicy.errors import AuditError
from callpolicy.facts import Course, Value
from callpolicy.windows import Elapsed, Steps

_PAIR: Final = 2
_Number = TypeVar("_Number", int, float)


def value_tree(value: Value) -> Tree:
    """A value as a tree. A whole number that JSON does not hold, and every float, is written as text with its type.

    Raises:
        AuditError: it is no value of a fact.

    >>> value_tree(0.5), value_tree(2), value_tree(frozenset({"b", "a"}))
    ({'float': '0.5'}, 2, ['a', 'b'])
    """
    match value:
        case bool() | str():
            return str(value) if isinstance(value, str) else bool(value)
        case int():
            return _number(int(value))
        case float():
            return {"float": repr(float(value))}
        case frozenset():
            return cast(Tree, sorted(value))
        case _:
            assert_never(value)


def value_from(tree: Tree) -> Value:
    """The value that a tree was made from.

    Raises:
        AuditError: it was made from none.
    """
    if isinstance(tree, bool | str):
        return tree
    if isinstance(tree, list) and all(isinstance(each, str) for each in tree):
        return frozenset(cast("list[str]", tree))
    if isinstance(tree, dict) and list(tree) == ["float"]:
        return _read(float, tree["float"])
    return _whole(tree)


def course_tree(course: Course) -> Tree:
    """A course as a tree."""
    match course:
        case Elapsed():
            return {"elapsed": [[_number(begin), _maybe(end)] for begin, end in course.pieces]}
        case Steps():
            # WHY any value: a flag has a course too, and True is another thing than 1.
            return {"steps": [[_number(at), _maybe(value)] for at, value in course.steps]}
        case _:
            assert_never(course)


def course_from(tree: Tree) -> Course:
    """The course that a tree was made from.

    Raises:
        AuditError: it was made from none.
    """
    kind, pairs = next(iter(tree.items())) if isinstance(tree, dict) and len(tree) == 1 else ("", None)
    if not isinstance(pairs, list):
        raise AuditError("the record holds a course that is none")
    read = tuple(_pair(each) for each in pairs)
    if kind == "steps":
        return Steps(tuple((at, cast("int | None", value)) for at, value in read))
    if kind == "elapsed" and read:
        pieces = tuple((begin, None if end is None else _whole(value_tree(end))) for begin, end in read)
        return Elapsed(*pieces[0], pieces[1:])
    raise AuditError("the record holds a course that is none")


def _pair(tree: Tree) -> tuple[int, Value | None]:
    if not isinstance(tree, list) or len(tree) != _PAIR:
        raise AuditError("the record holds a course that is none")
    return _whole(tree[0]), None if tree[1] is None else value_from(tree[1])


def _number(value: int) -> Tree:
    return value if -EXACT < value < EXACT else {"int": str(value)}


def _maybe(value: Value | None) -> Tree:
    return None if value is None else value_tree(value)


def _whole(tree: Tree) -> int:
    if isinstance(tree, dict) and list(tree) == ["int"]:
        return _read(int, tree["int"])
    if isinstance(tree, int) and not isinstance(tree, bool):
        return tree
    raise AuditError("the record holds a value that is none")


def _read(kind: type[_Number], text: Tree) -> _Number:
    try:
        return kind(cast(str, text))
    except (TypeError, ValueError):
        raise AuditError("the record holds a number that is none") from None
