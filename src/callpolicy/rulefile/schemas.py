"""JSON Schemas of the files of a bundle, from the same models that read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel

from callpolicy.condition import Op
from callpolicy.facts import OPERATORS, Catalogue, Fact, FactType
from callpolicy.facts.builtin import BUILTIN
from callpolicy.rulefile.conditions import REFERRING
from callpolicy.rulefile.shapes import (
    FactsFile,
    GovernanceFile,
    InvariantsFile,
    LexiconFile,
    PolicyFile,
    RuleFile,
    ScenarioFile,
    ScriptsFile,
    WindowsFile,
)
from callpolicy.rulefile.shapes.base import DURATION_SCHEMA, INSTANT_SCHEMA, NULL_IS_MEANT

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_MODELS: Final[Mapping[str, type[BaseModel]]] = {
    "facts": FactsFile,
    "governance": GovernanceFile,
    "invariants": InvariantsFile,
    "lexicon": LexiconFile,
    "policy": PolicyFile,
    "rule": RuleFile,
    "scenario": ScenarioFile,
    "scripts": ScriptsFile,
    "windows": WindowsFile,
}
_FACT_NAME: Final = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$"
_OPERATOR_TEXTS: Final[Mapping[Op, str]] = {
    Op.IS: "The fact has this value.",
    Op.IS_NOT: "The fact is known and has another value.",
    Op.AT_LEAST: "This or more.",
    Op.AT_MOST: "This or less.",
    Op.MORE_THAN: "More than this.",
    Op.LESS_THAN: "Less than this.",
    Op.BETWEEN: "From the first to the second, both belong to it.",
    Op.IN: "One of these.",
    Op.NOT_IN: "Known and none of these.",
    Op.STARTS_WITH: "The text begins like this.",
    Op.HAS: "The set has this element.",
    Op.HAS_ANY: "The set has one of these elements.",
    Op.KNOWN: "Whether the fact is known at all.",
}


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema (draft 2020-12) per kind of file: what an editor needs to complete and check while typing.

    A schema knows the built-in facts by name and type; what a bundle declares itself may be named, and is checked when
    the bundle is loaded.

    Returns:
        name (`rule`, `policy`, …) to schema; the file of a schema is called `NAME.schema.json`.
    """
    return {name: _schema(name, model) for name, model in _MODELS.items()}


def _schema(name: str, model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True)
    tree = _mended(schema)
    definitions: dict[str, Any] = tree.pop("$defs", {})
    used = set(_refs(tree)) | set(_refs(definitions))
    if "condition" in used:
        definitions.update(_condition_definitions(BUILTIN))
    if "facts" in used:
        definitions["facts"] = _facts_definition(BUILTIN)
    if "expected_facts" in used:
        definitions["expected_facts"] = _facts_definition(BUILTIN, unknown=True)
    tree = {"$schema": DIALECT, "$id": f"{name}.schema.json", **tree}
    if definitions:
        tree["$defs"] = dict(sorted(definitions.items()))
    return tree


def _mended(node: Any) -> Any:
    """What pydantic says of `X | None`, without the `null` that files do not take, and our own two kinds of mapping."""
    if isinstance(node, list):
        return [_mended(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "callpolicy" in node:
        rest = {key: _mended(value) for key, value in node.items() if key not in ("callpolicy", "title")}
        return {"$ref": f"#/$defs/{node['callpolicy']}", **rest}
    if node.get(NULL_IS_MEANT):
        rest = {key: value for key, value in node.items() if key not in ("anyOf", "default", NULL_IS_MEANT)}
        return {**_mended(rest), "anyOf": node["anyOf"]}
    if {"type": "null"} in node.get("anyOf", []):
        options = [option for option in node["anyOf"] if option != {"type": "null"}]
        rest = {
            key: value for key, value in node.items() if key != "anyOf" and not (key == "default" and value is None)
        }
        return _mended({**options[0], **rest} if len(options) == 1 else {"anyOf": options, **rest})
    names = node.get("properties", {}) if isinstance(node.get("properties"), dict) else {}
    mended = {key: _mended(value) for key, value in node.items() if key not in ("title", "properties")}
    if names:
        mended["properties"] = {key: _mended(value) for key, value in names.items()}
    if isinstance(node.get("title"), dict):
        mended["title"] = _mended(node["title"])
    return mended


def _refs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].removeprefix("#/$defs/")
        for value in node.values():
            yield from _refs(value)
    elif isinstance(node, list):
        for value in node:
            yield from _refs(value)


def _condition_definitions(catalogue: Catalogue) -> dict[str, Any]:
    items = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/condition"}}
    branches = {
        "all": {**items, "description": "True when every item is true."},
        "any": {**items, "description": "True when one item is true."},
        "not": {**items, "description": "True when none of the items is true, and all are known to be false."},
    }
    facts = {fact.name: {"$ref": f"#/$defs/{_leaf_name(fact)}", "description": _described(fact)} for fact in catalogue}
    leaves = {_leaf_name(fact): _leaf(fact) for fact in catalogue}
    other = {
        "type": "object",
        "description": "A fact that the bundle declares.",
        "minProperties": 1,
        "maxProperties": 1,
        "properties": {str(op): {"description": text} for op, text in _OPERATOR_TEXTS.items()},
        "additionalProperties": False,
    }
    condition = {
        "type": "object",
        "description": "A condition: `all`, `any` or `not` with a list, or `fact: {operator: operand}`.",
        "minProperties": 1,
        "maxProperties": 1,
        "properties": {**branches, **facts},
        "patternProperties": {_FACT_NAME: {"$ref": "#/$defs/leaf"}},
        "additionalProperties": False,
    }
    reference = {
        "type": "object",
        "description": "Another fact.",
        "properties": {"fact": {"type": "string", "pattern": _FACT_NAME}},
        "required": ["fact"],
        "additionalProperties": False,
    }
    return {"condition": condition, "leaf": other, "other_fact": reference, **leaves}


def _leaf_name(fact: Fact) -> str:
    kind = str(fact.type).replace(" ", "_")
    return f"leaf_{fact.name.replace('.', '_')}" if fact.values else f"leaf_{kind}"


def _leaf(fact: Fact) -> dict[str, Any]:
    value = _value(fact)
    listed = {"type": "array", "minItems": 1, "items": value}
    properties: dict[str, Any] = {}
    for op in Op:
        if op not in OPERATORS[fact.type]:
            continue
        if op is Op.KNOWN:
            operand: dict[str, Any] = {"type": "boolean"}
        elif op is Op.BETWEEN:
            operand = {**listed, "minItems": 2, "maxItems": 2}
        elif op in (Op.IN, Op.NOT_IN, Op.HAS_ANY):
            operand = listed
        else:
            operand = {"anyOf": [value, {"$ref": "#/$defs/other_fact"}]} if op in REFERRING else value
        properties[str(op)] = {**operand, "description": _OPERATOR_TEXTS[op]}
    return {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "properties": properties,
        "additionalProperties": False,
    }


def _value(fact: Fact) -> dict[str, Any]:
    match fact.type:
        case FactType.BOOL:
            return {"type": "boolean"}
        case FactType.INT:
            return {"type": "integer"}
        case FactType.FLOAT:
            return {"type": "number"}
        case FactType.DURATION:
            return DURATION_SCHEMA
        case FactType.TIMESTAMP:
            return INSTANT_SCHEMA
        case FactType.STR | FactType.ENUM | FactType.STR_SET:
            return {"enum": list(fact.values)} if fact.values else {"type": "string"}


def _facts_definition(catalogue: Catalogue, *, unknown: bool = False) -> dict[str, Any]:
    properties = {}
    for fact in catalogue:
        value = {"type": "array", "items": _value(fact)} if fact.type is FactType.STR_SET else _value(fact)
        value = {"anyOf": [value, {"type": "null"}]} if unknown else value
        properties[fact.name] = {**value, "description": _described(fact)}
    return {
        "type": "object",
        "description": "Values of facts; `null` for unknown." if unknown else "Values of facts.",
        "properties": properties,
        "patternProperties": {_FACT_NAME: {}},
        "additionalProperties": False,
    }


def _described(fact: Fact) -> str:
    return f"{fact.title['zh-CN']} / {fact.title['en']}"
