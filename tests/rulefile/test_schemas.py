"""The JSON Schemas are those of the models, and an editor that follows them agrees with the reader."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from callpolicy.facts.builtin import BUILTIN
from callpolicy.rulefile import schemas as make_schemas
from callpolicy.rulefile import write_schemas
from callpolicy.rulefile.tree import read_document
from tests.rulefile.test_malformed import HERE, SMALL, files_of

REPO = Path(__file__).parents[2]
schemas = cache(make_schemas)
KINDS = {"classify": "rule", "screen": "rule", "hangup": "rule", "blocklist": "rule", "lexicons": "lexicon"}
# Faults that a schema can see, one file each.
SEEN_BY_A_SCHEMA = [
    "bad_id", "unknown_key_in_then", "wrong_type_priority", "norm_without_quotes", "list_instead_of_mapping",
    "text_instead_of_list", "unknown_status", "unknown_effect", "priority_out_of_range", "no_terms", "bad_duration",
    "long_owner", "unknown_operator", "operator_not_for_type", "operand_wrong_type", "operand_number_for_duration",
    "operand_yes", "operand_unknown_value", "no_operator", "two_operators", "two_facts_in_one_item", "list_without_all",
    "empty_all", "example_expectation", "duration_without_unit", "bad_region", "unknown_event", "unknown_key",
    "retention_misspelt", "clear_without_list", "clear_bad_name", "allowlist_of_nobody", "allowlist_without_roles",
    "staff_of_nobody", "staff_without_roles", "empty_expectation", "unknown_stage_expected",
]  # fmt: skip


def schema_of(file: str) -> dict[str, Any]:
    folder, _, name = file.rpartition("/")
    kind = KINDS.get(folder) or ("scenario" if folder == "scenarios" else name.removesuffix(".yaml"))
    return schemas()[kind]


def errors(file: str, data: bytes) -> list[str]:
    document, faults = read_document(file, data)
    assert faults == []
    validator = Draft202012Validator(schema_of(file), format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [error.message for error in validator.iter_errors(document.value)]


@pytest.mark.parametrize("name", sorted(schemas()))
def test_a_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(schemas()[name])

    assert schemas()[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", sorted(schemas()))
def test_the_schema_in_the_repository_is_that_of_the_model(name: str) -> None:
    kept = json.loads((REPO / "schemas" / f"{name}.schema.json").read_bytes())

    assert kept == schemas()[name], "run `callpolicy schema`"


def test_the_schemas_in_the_repository_are_written_as_they_would_be_now(tmp_path: Path) -> None:
    write_schemas(tmp_path)

    for written in tmp_path.iterdir():
        assert (REPO / "schemas" / written.name).read_bytes() == written.read_bytes(), "run `callpolicy schema`"


@pytest.mark.parametrize("file", sorted(SMALL))
def test_a_sound_file_is_sound_for_its_schema(file: str) -> None:
    assert errors(file, SMALL[file]) == []


STARTER = files_of(REPO / "rules")


@pytest.mark.parametrize("file", sorted(STARTER))
def test_a_file_of_the_starter_norm_names_its_schema_and_is_sound_for_it(file: str) -> None:
    first = STARTER[file].decode().splitlines()[0]
    named = (REPO / "rules" / file).parent / first.removeprefix("# yaml-language-server: $schema=")

    assert named.resolve() == REPO / "schemas" / f"{schema_of(file)['$id']}"
    assert errors(file, STARTER[file]) == []


@pytest.mark.parametrize("case", [case for case in SEEN_BY_A_SCHEMA if (HERE / "malformed" / case).is_dir()])
def test_an_editor_sees_what_a_schema_can_see(case: str) -> None:
    ((file, data),) = files_of(HERE / "malformed" / case).items()

    assert errors(file, data)


def _undescribed(node: Any, path: str) -> list[str]:
    found: list[str] = []
    if isinstance(node, dict):
        for key, value in node.get("properties", {}).items() if isinstance(node.get("properties"), dict) else ():
            if not (isinstance(value, dict) and value.get("description")) and key != "fact":
                found.append(f"{path}.{key}")
        for key, value in node.items():
            found += _undescribed(value, f"{path}/{key}")
    return found


@pytest.mark.parametrize("name", sorted(schemas()))
def test_every_key_says_what_it_is_for(name: str) -> None:
    assert _undescribed(schemas()[name], name) == []


def test_a_condition_may_name_every_built_in_fact() -> None:
    condition = schemas()["rule"]["$defs"]["condition"]

    assert {fact.name for fact in BUILTIN} <= set(condition["properties"])


@pytest.mark.parametrize("file", sorted(SMALL))
def test_a_file_names_its_schema_in_its_first_line(file: str) -> None:
    first = SMALL[file].decode().splitlines()[0]
    path = first.removeprefix("# yaml-language-server: $schema=")

    named = (HERE / "small" / file).parent / path
    assert named.resolve() == REPO / "schemas" / f"{schema_of(file)['$id']}"
    assert json.loads(named.read_bytes())["$id"] == schema_of(file)["$id"]
