"""Values of facts as rule files write them: operands, examples, bounds and expectations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from pydantic_core import PydanticCustomError

from callpolicy.facts import Fact, FactType
from callpolicy.instants import duration_text, instant_text
from callpolicy.rulefile.faults import did_you_mean
from callpolicy.rulefile.shapes.base import read_duration, read_instant, shown, wrong
from callpolicy.rulefile.sources import quoted

_YES_NO = frozenset({"yes", "no", "on", "off", "y", "n"})
_WANTED = {
    FactType.BOOL: "`true` or `false`",
    FactType.INT: "a whole number",
    FactType.FLOAT: "a number",
    FactType.STR: "a text",
    FactType.ENUM: "a word",
    FactType.DURATION: "a duration",
    FactType.TIMESTAMP: "an instant",
    FactType.STR_SET: "a list of texts",
}


def read_value(fact: Fact, value: object, *, known: Iterable[str] = ()) -> bool | int | float | str:
    """One value of a fact, or one element of a set, as written.

    Args:
        fact: its declaration.
        value: as YAML has it.
        known: the words it may be, if the fact itself does not limit them; empty for any.

    Returns:
        the value; durations and instants in microseconds.

    Raises:
        PydanticCustomError: it cannot be a value of the fact.
    """
    match fact.type:
        case FactType.BOOL:
            return _read_bool(fact, value)
        case FactType.INT:
            if isinstance(value, bool) or not isinstance(value, int):
                raise _mismatch(fact, value, "write it without quotes and decimals")
            return _in_range(fact, value)
        case FactType.FLOAT:
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise _mismatch(fact, value, "write it without quotes")
            return _in_range(fact, float(value))
        case FactType.DURATION:
            return _in_range(fact, read_duration(value))
        case FactType.TIMESTAMP:
            return _in_range(fact, read_instant(value))
        case FactType.STR | FactType.ENUM | FactType.STR_SET:
            return _read_word(fact, value, tuple(fact.values) or tuple(known))
        case _:
            assert_never(fact.type)


def read_given(fact: Fact, value: object, *, known: Iterable[str] = ()) -> bool | int | float | str | frozenset[str]:
    """A whole value of a fact as written; for a set, a list of its elements.

    Raises:
        PydanticCustomError: it cannot be a value of the fact.
    """
    if fact.type is not FactType.STR_SET:
        return read_value(fact, value, known=known)
    if not isinstance(value, list):
        raise _mismatch(fact, value, "write `[a, b]`, or `[]` for the empty set")
    return frozenset(str(read_value(fact, element, known=known)) for element in value)


def _read_bool(fact: Fact, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _YES_NO:
        raise _mismatch(fact, value, "in YAML 1.2 `yes`, `no`, `on` and `off` are texts; write `true` or `false`")
    raise _mismatch(fact, value, "write it without quotes" if value in ("true", "false") else "")


def _read_word(fact: Fact, value: object, known: tuple[str, ...]) -> str:
    if not isinstance(value, str):
        raise _mismatch(fact, value, "put it in quotes" if isinstance(value, bool | int | float) else "")
    if known and value not in known:
        raise wrong("unknown-value", f"`{fact.name}` is never {quoted(value)}", did_you_mean(value, known))
    return value


def _in_range(fact: Fact, value: int | float) -> int | float:
    if fact.minimum is not None and value < fact.minimum:
        raise wrong("operand-out-of-range", f"`{fact.name}` is never below {_amount(fact, fact.minimum)}")
    if fact.maximum is not None and value > fact.maximum:
        raise wrong("operand-out-of-range", f"`{fact.name}` is never above {_amount(fact, fact.maximum)}")
    return value


def _amount(fact: Fact, value: int | float) -> str:
    if fact.type is FactType.DURATION:
        return duration_text(int(value))
    return instant_text(int(value)) if fact.type is FactType.TIMESTAMP else str(value)


def _mismatch(fact: Fact, value: object, hint: str) -> PydanticCustomError:
    return wrong("operand-type", f"`{fact.name}` takes {_WANTED[fact.type]}, not {shown(value)}", hint)
