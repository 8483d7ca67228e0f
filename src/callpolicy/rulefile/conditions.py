"""Conditions as written become the condition tree, with every operand checked against the catalogue of facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any as AnyValue
from typing import Final, assert_never

from pydantic_core import PydanticCustomError

from callpolicy.condition import ORDERING, All, Any, Condition, FactRef, Leaf, Not, Op, Operand, Scalar
from callpolicy.facts import OPERATORS, Fact, FactType
from callpolicy.points import Stage
from callpolicy.rulefile.faults import Desk, did_you_mean
from callpolicy.rulefile.known import Known, look_at_stage
from callpolicy.rulefile.operands import read_value
from callpolicy.rulefile.shapes.base import shown
from callpolicy.rulefile.sources import quoted
from callpolicy.rulefile.tree import Path

MOST_ITEMS: Final = 10_000
"""Items of one list in a condition."""

_BRANCHES: Final[dict[str, Callable[[tuple[Condition, ...]], Condition]]] = {"all": All, "any": Any, "not": Not}
REFERRING: Final = ORDERING | {Op.IS, Op.IS_NOT}
"""The operators that take another fact as operand."""

_PAIR: Final = 2
_OTHER_WORDS: Final = {
    "==": "is", "=": "is", "eq": "is", "equals": "is", "!=": "is_not", "ne": "is_not", ">=": "at_least",
    "ge": "at_least", "gte": "at_least", "<=": "at_most", "le": "at_most", "lte": "at_most", ">": "more_than",
    "gt": "more_than", "<": "less_than", "lt": "less_than", "contains": "has", "one_of": "in", "exists": "known",
}  # fmt: skip


class ConditionReader:
    """Reads the conditions of one document.

    Args:
        desk: where faults go.
        known: what may be referred to.
        stage: the stage that the condition is for; `None` if that is not known.
    """

    __slots__ = ("desk", "known", "stage")

    def __init__(self, desk: Desk, known: Known, stage: Stage | None) -> None:
        self.desk = desk
        self.known = known
        self.stage = stage

    def read(self, path: Path) -> Condition | None:
        """The condition that stands at a path, or `None` with its faults handed in."""
        value = self.desk.document.at(path)
        if value is None:
            # WHY silent: that nothing stands there has been told for the whole file.
            return None
        if not isinstance(value, dict) or len(value) != 1:
            self._shape(path, value)
            if not isinstance(value, dict):
                return None
        read = [self._branch(path, key) if key in _BRANCHES else self._leaf(path, key) for key in value]
        return read[0] if len(read) == 1 else None

    def _shape(self, path: Path, value: AnyValue) -> None:
        if isinstance(value, dict) and value:
            second = list(value)[1]
            hint = "write `all:` and put each of them after a `- ` of its own"
            message = "one place of a condition takes one fact, or one of `all`, `any`, `not`"
            self.desk.fault((*path, second), "several-conditions", message, hint, key=True)
        elif isinstance(value, dict):
            self.desk.fault(
                path, "empty-condition", "an empty condition says nothing", "write `fact: {operator: operand}`"
            )
        else:
            message = f"a condition is written `fact: {{operator: operand}}`, not as {shown(value)}"
            hint = "put `all:` above the list" if isinstance(value, list) else ""
            self.desk.fault(path, "bad-condition", message, hint)

    def _branch(self, path: Path, word: str) -> Condition | None:
        here = (*path, word)
        items = self.desk.document.at(here)
        if items is None:
            return None
        if not isinstance(items, list):
            hint = "put a `- ` before each item"
            self.desk.fault(here, "bad-condition", f"`{word}` takes a list of conditions, not {shown(items)}", hint)
            return None
        if not items:
            self.desk.fault(
                here, "empty-condition", f"an empty `{word}` says nothing", "write an item, or delete it", key=True
            )
            return None
        if len(items) > MOST_ITEMS:
            self.desk.fault(here, "too-many", f"`{word}` has at most {MOST_ITEMS} items")
            return None
        read = [self.read((*here, position)) for position in range(len(items))]
        whole = tuple(item for item in read if item is not None)
        return _BRANCHES[word](whole) if len(whole) == len(items) else None

    def _leaf(self, path: Path, name: str) -> Leaf | None:
        here = (*path, name)
        fact = self._fact(here, name)
        value = self.desk.document.at(here)
        if value is None:
            return None
        if not isinstance(value, dict) or len(value) != 1:
            self._operators(here, name, value)
            return None
        (word,) = value
        if not isinstance(word, str) or word not in {str(op) for op in Op}:
            hint = (
                f"did you mean `{_OTHER_WORDS[word]}`?"
                if word in _OTHER_WORDS
                else did_you_mean(word, [str(op) for op in Op], most=20)
            )
            self.desk.fault((*here, word), "unknown-operator", f"operator {quoted(word)} is not known", hint, key=True)
            return None
        if fact is None or value[word] is None:
            return None
        op = Op(word)
        if op not in OPERATORS[fact.type]:
            hint = f"a {fact.type} takes {', '.join(str(each) for each in Op if each in OPERATORS[fact.type])}"
            message = f"`{op}` does not go with `{fact.name}`, which is a {fact.type}"
            self.desk.fault((*here, word), "operator-not-allowed", message, hint, key=True)
            return None
        operand = self._operand((*here, word), fact, op, value[word])
        return None if operand is None else Leaf(fact.name, op, operand, self.desk.document.span(here))

    def _fact(self, path: Path, name: str) -> Fact | None:
        fact = self.known.fact(self.desk, path, name)
        if fact is not None and self.stage is not None:
            look_at_stage(self.desk, path, fact, self.stage)
        return fact

    def _operators(self, path: Path, name: str, value: AnyValue) -> None:
        if isinstance(value, dict) and value:
            second = list(value)[1]
            message = f"{quoted(name)} takes one operator, not {len(value)}"
            hint = "write `between: [low, high]`, or one item per operator below `all:`"
            self.desk.fault((*path, second), "several-operators", message, hint, key=True)
            return
        plain = isinstance(value, bool | int | float | str)
        hint = f"write `{{is: {quoted(value)[1:-1]}}}`" if plain else "write `{operator: operand}`"
        self.desk.fault(path, "missing-operator", f"{quoted(name)} has no operator", hint)

    def _operand(self, path: Path, fact: Fact, op: Op, value: AnyValue) -> Operand | None:
        try:
            if isinstance(value, dict):
                return self._reference(path, fact, op, value)
            match op:
                case Op.KNOWN:
                    return self._known(path, value)
                case Op.BETWEEN:
                    return self._between(path, fact, value)
                case Op.IN | Op.NOT_IN | Op.HAS_ANY:
                    return self._list(path, fact, op, value)
                case (
                    Op.IS | Op.IS_NOT | Op.AT_LEAST | Op.AT_MOST | Op.MORE_THAN | Op.LESS_THAN | Op.STARTS_WITH | Op.HAS
                ):
                    return self._single(path, fact, op, value)
                case _:
                    assert_never(op)
        except PydanticCustomError as error:
            self.desk.refusal(path, error)
            return None

    def _single(self, path: Path, fact: Fact, op: Op, value: AnyValue) -> Scalar | None:
        if isinstance(value, list):
            hint = {Op.IS: "write `in: […]`", Op.IS_NOT: "write `not_in: […]`", Op.HAS: "write `has_any: […]`"}.get(
                op, ""
            )
            self.desk.fault(path, "operand-type", f"`{op}` takes one value, not a list", hint)
            return None
        operand = read_value(fact, value, known=self.known.words(fact))
        if op is Op.STARTS_WITH and not operand:
            self.desk.fault(path, "empty-operand", "every text starts with nothing", "write what it starts with")
            return None
        return operand

    def _known(self, path: Path, value: AnyValue) -> bool | None:
        if not isinstance(value, bool):
            self.desk.fault(path, "operand-type", f"`known` takes `true` or `false`, not {shown(value)}")
            return None
        return value

    def _between(self, path: Path, fact: Fact, value: AnyValue) -> tuple[Scalar, ...] | None:
        if not isinstance(value, list) or len(value) != _PAIR:
            self.desk.fault(path, "operand-type", "`between` takes two values: `[low, high]`")
            return None
        ends = self._items(path, fact, value)
        if ends is None:
            return None
        low, high = ends
        # WHY the ignore: both were read as values of one ordered fact.
        if low > high:  # type: ignore[operator]  # both are numbers, as the fact is ordered
            self.desk.fault(path, "between-order", "`between` has its higher end first", "write `[low, high]`")
            return None
        return ends

    def _list(self, path: Path, fact: Fact, op: Op, value: AnyValue) -> tuple[Scalar, ...] | None:
        if not isinstance(value, list):
            self.desk.fault(path, "operand-type", f"`{op}` takes a list, not {shown(value)}", "write `[a, b]`")
            return None
        if not value:
            self.desk.fault(
                path, "empty-operand", f"`{op}` with an empty list never changes", "write a value, or delete the item"
            )
            return None
        if len(value) > MOST_ITEMS:
            self.desk.fault(path, "too-many", f"`{op}` has at most {MOST_ITEMS} values")
            return None
        items = self._items(path, fact, value)
        seen: set[Scalar] = set()
        for position, item in enumerate(items or ()):
            if item in seen:
                self.desk.fault((*path, position), "duplicate-value", f"{quoted(item)} stands twice in the list")
                return None
            seen.add(item)
        return items

    def _items(self, path: Path, fact: Fact, value: list[AnyValue]) -> tuple[Scalar, ...] | None:
        items: list[Scalar] = []
        for position, item in enumerate(value):
            try:
                items.append(read_value(fact, item, known=self.known.words(fact)))
            except PydanticCustomError as error:
                self.desk.refusal((*path, position), error)
        return tuple(items) if len(items) == len(value) else None

    def _reference(self, path: Path, fact: Fact, op: Op, value: dict[str, AnyValue]) -> FactRef | None:
        if set(value) != {"fact"} or not isinstance(value["fact"], str):
            self.desk.fault(path, "operand-type", "an operand that is a mapping is written `{fact: other.fact}`")
            return None
        here = (*path, "fact")
        if op not in REFERRING:
            allowed = ", ".join(str(each) for each in Op if each in REFERRING)
            self.desk.fault(path, "operand-type", f"`{op}` takes no other fact", f"{allowed} do")
            return None
        other = self.known.fact(self.desk, here, value["fact"], key=False)
        if other is None:
            return None
        if self.stage is not None:
            look_at_stage(self.desk, here, other, self.stage)
        if other.name == fact.name:
            self.desk.fault(here, "facts-not-comparable", f"`{fact.name}` is compared with itself")
            return None
        if other.type is not fact.type or not _share_values(fact, other):
            message = f"`{fact.name}` and `{other.name}` cannot be compared"
            self.desk.fault(here, "facts-not-comparable", message, f"one is {_kind(fact)}, the other {_kind(other)}")
            return None
        return FactRef(other.name)


def _share_values(fact: Fact, other: Fact) -> bool:
    return fact.type is not FactType.ENUM or bool(set(fact.values) & set(other.values))


def _kind(fact: Fact) -> str:
    words = f" of {', '.join(fact.values[:5])}" if fact.values else ""
    return f"{'an' if str(fact.type)[0] in 'aeiou' else 'a'} {fact.type}{words}"
