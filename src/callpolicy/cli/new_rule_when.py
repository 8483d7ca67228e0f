"""A condition as it is written after `--when`: `talk.warnings at_least 1`, one fact, one operator, one operand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.facts import Catalogue, Fact

_FORM: Final = "write `FACT OPERATOR VALUE`, for example `talk.warnings at_least 1`"
_SIGNS: Final = {
    "==": "is", "=": "is", "!=": "is_not", ">=": "at_least", "<=": "at_most", ">": "more_than", "<": "less_than",
}  # fmt: skip
_PARTS: Final = re.compile(r"\s*([^\s=!<>]+)\s*(==|!=|>=|<=|=|<|>)?\s*(.*?)\s*", re.DOTALL)
_LISTS: Final = frozenset({"in", "not_in", "has_any"})
_ENDS: Final = re.compile(r"\s*(?:,|\.\.|\band\b|\s)\s*")
_REFERENCE: Final = re.compile(r"fact[:\s]\s*(\S+)")


def read_when(written: str, catalogue: Catalogue) -> dict[str, Any]:
    """One leaf as a rule file has it, `{fact: {operator: operand}}`; what it means is for the reader of rule files.

    Args:
        written: `FACT OPERATOR VALUE`. Operators as in rule files, with a blank for `_` if one likes, or a sign such as
            `>=`. Lists with commas. Another fact as it is called, or as `fact NAME`.
        catalogue: the facts of the bundle.

    Raises:
        UsageError: it has not that form, or there is no such fact or operator.
    """
    from callpolicy.cli.inputs import nearest
    from callpolicy.rulefile.sources import quoted

    found = _PARTS.fullmatch(written)
    if found is None:
        raise UsageError(f"{quoted(written)} is no condition; {_FORM}")
    name, sign, rest = found.groups()
    fact = catalogue.get(name)
    if fact is None:
        raise UsageError(f"there is no fact {quoted(name)}{nearest(name, (each.name for each in catalogue))}")
    op, operand = (_SIGNS[sign], rest) if sign else _operator(written, rest)
    if op in {"known", "unknown"} and operand in {"", "true", "false"}:
        return {name: {"known": (op == "known") is (operand != "false")}}
    if not operand:
        raise UsageError(f"{quoted(written)} says nothing after its operator; {_FORM}")
    return {name: {op: _operand(fact, op, operand, catalogue)}}


def _operator(written: str, rest: str) -> tuple[str, str]:
    from callpolicy.cli.inputs import nearest
    from callpolicy.condition import Op
    from callpolicy.rulefile.sources import quoted

    ops = {*map(str, Op), "unknown"}
    words = rest.split()
    for count in (2, 1):
        joined = "_".join(words[:count]).lower()
        if joined in ops:
            return joined, rest.split(None, count)[count] if len(words) > count else ""
    if not words:
        raise UsageError(f"{quoted(written)} has no operator; {_FORM}")
    raise UsageError(f"there is no operator {quoted(words[0])}{nearest(words[0], ops)}")


def _operand(fact: Fact, op: str, operand: str, catalogue: Catalogue) -> Any:
    from callpolicy.facts import FactType

    reference = _REFERENCE.fullmatch(operand)
    if reference is not None or (operand in catalogue and fact.type is not FactType.STR):
        return {"fact": reference[1] if reference else operand}
    inner = operand[1:-1] if operand.startswith("[") and operand.endswith("]") else operand
    if op == "between":
        return [_scalar(fact, each) for each in _ENDS.split(inner.strip())]
    if op in _LISTS:
        return [_scalar(fact, each) for each in inner.split(",") if each.strip()]
    return _scalar(fact, operand)


def _scalar(fact: Fact, written: str) -> Any:
    """One value as YAML would have it; whether the fact can have it is for the reader of rule files."""
    from callpolicy.facts import FactType

    text = written.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    try:
        match fact.type:
            case FactType.BOOL:
                return {"true": True, "false": False}.get(text.lower(), text)
            case FactType.INT:
                return int(text)
            case FactType.FLOAT:
                return float(text)
            case _:
                return text
    except ValueError:
        return text
