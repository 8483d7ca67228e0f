"""A document against its shape: what pydantic says becomes findings in our words, each at its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from callpolicy.rulefile.faults import MOST_FINDINGS, Desk, did_you_mean
from callpolicy.rulefile.shapes.base import shown
from callpolicy.rulefile.sources import quoted
from callpolicy.rulefile.tree import Document, Path

Model = TypeVar("Model", bound=BaseModel)

_NAME: Final = re.compile(r"[\w.-]*", re.ASCII)
_TYPES: Final = {
    "string_type": ("a text", "put it in quotes"),
    "int_type": ("a whole number", "write it without quotes"),
    "int_from_float": ("a whole number", "write it without a decimal point"),
    "float_type": ("a number", "write it without quotes"),
    "bool_type": ("`true` or `false`", "in YAML 1.2 `yes`, `no`, `on` and `off` are texts"),
    "list_type": ("a list", "write `[a, b]`, or each item on a line of its own after `- `"),
    "dict_type": ("a mapping", "write `key: value` lines, indented"),
    "model_type": ("a mapping", "write `key: value` lines, indented"),
    "model_attributes_type": ("a mapping", "write `key: value` lines, indented"),
}
_PATTERNS: Final = {
    r"^[a-z][a-z0-9_]*$": ("bad-name", "is not a name", "use small letters, digits and `_`, a letter first"),
    r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$": ("bad-name", "is not a name", "use small letters, digits, `_` and `.`"),
    r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$": ("bad-name", "is not the name of a fact", "write `namespace.name`"),
    r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$": ("bad-language", "is not a language tag", "write `zh-CN` or `en`"),
    r"^[A-Z]{2}$": ("unknown-region", "is not a region", "write two capital letters, as `CN`"),
    r"^([A-Z]{2}|other)$": ("unknown-region", "is not a region", "write two capital letters, as `CN`, or `other`"),
    r"^\S(.*\S)?$": ("bad-line", "is not one line of text", "no line breaks, no spaces at its ends, not empty"),
    r"\S": ("empty-text", "has nothing in it", "write the text, or delete the key"),
    r"^[0-9]+(\.[0-9]+)*$": ("bad-norm-point", "is not a point of the norm", 'write it in quotes as `"2.2"`'),
}


def read_shape(desk: Desk, model: type[Model]) -> Model | None:
    """The document as its shape, or `None` with its faults handed in."""
    empty = _empty_values(desk)
    try:
        return model.model_validate(desk.document.value)
    except ValidationError as error:
        for detail in error.errors(include_url=False)[: MOST_FINDINGS + 1]:
            path, key = _path(detail["loc"])
            if path not in empty:
                _WORDINGS.get(detail["type"], _other)(desk, path, key, detail, model)
        return None


def _empty_values(desk: Desk) -> frozenset[Path]:
    found: list[Path] = []
    stack: list[tuple[Path, Any]] = [((), desk.document.value)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, dict):
            stack += [((*path, key), each) for key, each in value.items()]
        elif isinstance(value, list):
            stack += [((*path, position), each) for position, each in enumerate(value)]
        elif value is None and "expect" not in path:
            found.append(path)
            key = path[-1] if path and isinstance(path[-1], str) else ""
            # WHY: in `{en: Warned, then hung up on}` the comma makes a key of what follows it.
            hint = (
                "write one, or delete the key"
                if _NAME.fullmatch(key)
                else "a text with a comma needs quotes between `{` and `}`"
            )
            desk.fault(path, "empty-value", f"{quoted(key) if key else 'the item'} has no value", hint, key=True)
    return frozenset(found)


def _path(loc: tuple[int | str, ...]) -> tuple[Path, bool]:
    if loc and loc[-1] == "[key]":
        return tuple(loc[:-1]), True
    return tuple(loc), False


def _name(path: Path) -> str:
    texts = [step for step in path if isinstance(step, str)]
    return quoted(texts[-1]) if texts else "the file"


def _keys_at(model: type[BaseModel], document: Document, path: Path) -> list[str]:
    """The keys that a shape knows at a path; empty where any name may stand."""
    here: Any = model
    for step in path:
        here = _below(here, step)
    return _keys(here)


def _keys(annotation: Any) -> list[str]:
    for option in _models_in(annotation):
        if not getattr(option, "__pydantic_root_model__", False):
            return [field.alias or name for name, field in option.model_fields.items()]
    return []


def _below(annotation: Any, step: str | int) -> Any:
    for option in _models_in(annotation):
        if getattr(option, "__pydantic_root_model__", False):
            return option.model_fields["root"].annotation
        for name, field in option.model_fields.items():
            if step in (name, field.alias):
                return field.annotation
    return annotation


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in getattr(annotation, "__args__", ()) for model in _models_in(argument)]


def _extra(desk: Desk, path: Path, key: bool, detail: Any, model: type[BaseModel]) -> None:
    del key
    known = _keys_at(model, desk.document, path[:-1])
    present = desk.document.at(path[:-1])
    free = [name for name in known if not isinstance(present, dict) or name not in present]
    desk.fault(
        path,
        "unknown-key",
        f"key {quoted(path[-1])} has no meaning here",
        did_you_mean(path[-1], free or known),
        key=True,
    )


def _missing(desk: Desk, path: Path, key: bool, detail: Any, model: type[BaseModel]) -> None:
    del key, detail, model
    desk.fault(path[:-1], "missing-key", f"key {quoted(path[-1])} is missing")


def _type(desk: Desk, path: Path, key: bool, detail: Any, model: type[BaseModel]) -> None:
    wanted, hint = _TYPES[detail["type"]]
    value = detail["input"]
    if wanted == "`true` or `false`" and not isinstance(value, str):
        hint = ""
    desk.fault(path, "wrong-type", f"{_name(path)} takes {wanted}, not {shown(value)}", hint, key=key)


def _choice(desk: Desk, path: Path, key: bool, detail: Any, model: type[BaseModel]) -> None:
    del model
    known = [word.strip("' ") for word in detail["ctx"]["expected"].replace(" or ", ", ").split(",")]
    value = detail["input"]
    if isinstance(value, str):
        desk.unknown(path, "unknown-value", f"{_name(path)} value" if not key else "key", value, known, key=key)
    else:
        desk.fault(
            path, "wrong-type", f"{_name(path)} takes a word, not {shown(value)}", did_you_mean("", known), key=key
        )


def _pattern(desk: Desk, path: Path, key: bool, detail: Any, model: type[BaseModel]) -> None:
    del model
    code, message, hint = _PATTERNS[detail["ctx"]["pattern"]]
    desk.fault(path, code, f"{quoted(detail['input'])} {message}", hint, key=key)


def _range(desk: Desk, path: Path, key: bool, detail: Any, model: type[BaseModel]) -> None:
    del model
    limits = detail["ctx"]
    low = limits.get("ge")
    limit = f"at least {low}" if low is not None else f"at most {limits.get('le')}"
    desk.fault(path, "out-of-range", f"{_name(path)} is {limit}, not {shown(detail['input'])}", key=key)


def _long(desk: Desk, path: Path, key: bool, detail: Any, model: type[BaseModel]) -> None:
    del model
    desk.fault(path, "too-long", f"{_name(path)} has at most {detail['ctx']['max_length']} characters", key=key)


def _many(desk: Desk, path: Path, key: bool, detail: Any, model: type[BaseModel]) -> None:
    del model
    desk.fault(path, "too-many", f"{_name(path)} has at most {detail['ctx']['max_length']} items", key=key)


def _few(desk: Desk, path: Path, key: bool, detail: Any, model: type[BaseModel]) -> None:
    del model
    desk.fault(path, "empty-list", f"{_name(path)} needs at least one item", key=key)


def _other(desk: Desk, path: Path, key: bool, detail: Any, model: type[BaseModel]) -> None:
    del model
    if detail["type"].startswith("callpolicy:"):
        details = detail["ctx"]
        desk.fault(path, detail["type"].removeprefix("callpolicy:"), details["message"], details["hint"], key=key)
    else:
        desk.fault(path, "wrong-value", f"{_name(path)} cannot take {shown(detail['input'])}", key=key)


_Wording = Callable[[Desk, Path, bool, Any, type[BaseModel]], None]
_WORDINGS: Final[dict[str, _Wording]] = {
    **dict.fromkeys(_TYPES, _type),
    "extra_forbidden": _extra,
    "missing": _missing,
    "enum": _choice,
    "literal_error": _choice,
    "string_pattern_mismatch": _pattern,
    "greater_than_equal": _range,
    "less_than_equal": _range,
    "string_too_long": _long,
    "too_long": _many,
    "too_short": _few,
}
