"""What there is to look up: facts, schemas, mappings, a norm to start from, the version."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from callpolicy import __version__
from callpolicy.facts.builtin import BUILTIN
from callpolicy.replay import load_mapping
from callpolicy.rulefile.protected import countries

REPO = Path(__file__).parents[2]


def line_of(number: str, table: str) -> str:
    """The first line of a number in a table, without the blanks at its end."""
    return next(line.rstrip() for line in table.splitlines() if line.startswith(number))


def test_the_page_of_the_fact_catalogue_is_current(run: Any) -> None:
    page = (REPO / "docs" / "fact-catalogue.md").read_text("utf-8")

    assert run("facts", "--markdown").stdout == page, (
        "make it anew: callpolicy facts --markdown > docs/fact-catalogue.md"
    )


def test_the_catalogue_lists_every_built_in_fact_and_those_of_the_norm(run: Any, norm: Path) -> None:
    names = {fact.name for fact in BUILTIN} | {"history.calls_30m", "host.waited"}

    tree = json.loads(run("facts", "--rules", norm, "--json").stdout)
    page = run("facts", "--rules", norm, "--markdown").stdout
    table = run("facts", "--rules", norm).stdout

    assert {each["name"] for each in tree} == names
    assert all(f"| `{name}` |" in page for name in names)
    assert all(relation.name in page for relation in BUILTIN.relations)
    assert names <= {line.split()[0] for line in table.splitlines() if line.split()}


def test_a_schema_is_printed_and_all_of_them_are_written(run: Any, tmp_path: Path) -> None:
    listed = run("schema").stdout.split()
    printed = json.loads(run("schema", "rule").stdout)
    run("schema", "--out", tmp_path / "schemas")

    assert {"rule", "policy", "scenario", "event"} <= set(listed)
    assert sorted(path.name for path in (tmp_path / "schemas").iterdir()) == sorted(
        f"{name}.schema.json" for name in listed
    )
    for name in listed:
        Draft202012Validator.check_schema(json.loads((tmp_path / "schemas" / f"{name}.schema.json").read_text("utf-8")))
    assert json.loads((tmp_path / "schemas" / "rule.schema.json").read_text("utf-8")) == printed


def test_written_schemas_are_told_as_json_where_json_is_asked_for(run: Any, tmp_path: Path) -> None:
    result = run("schema", "rule", "--out", tmp_path / "schemas", "--json")

    assert json.loads(result.stdout) == {"folder": str(tmp_path / "schemas"), "files": ["rule.schema.json"]}
    assert result.stderr == ""
    assert (tmp_path / "schemas" / "rule.schema.json").is_file()


def test_a_file_is_no_place_for_schemas(run: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")

    assert run("schema", "--out", tmp_path / "file").exit_code == 2


def test_a_new_norm_is_a_copy_that_reads(run: Any, tmp_path: Path) -> None:
    folder = tmp_path / "my-norm"

    result = run("init", folder)

    assert result.exit_code == 0
    assert f"callpolicy check {folder}" in result.stdout
    assert (folder / "policy.yaml").is_file()
    assert run("scenario", "--list", "--rules", folder).exit_code == 0
    assert run("init", folder).exit_code == 2


def test_a_shipped_mapping_is_printed_as_it_can_be_copied(run: Any, tmp_path: Path) -> None:
    copy = tmp_path / "mine.yaml"
    copy.write_text(run("mappings", "show", "generic_csv").stdout, encoding="utf-8")

    assert load_mapping(str(copy)) == load_mapping("generic_csv")
    assert [each["id"] for each in json.loads(run("mappings", "--json").stdout)] == ["anonymous_bank", "generic_csv"]
    assert "每行一通电话的通用 CSV 表" in run("mappings", language="zh-CN").stdout


def test_the_countries_are_listed_whose_numbers_a_norm_can_protect(run: Any) -> None:
    table = run("protected").stdout
    tree = json.loads(run("protected", "--json").stdout)

    assert {"CN", "US", "GB"} <= {line.split()[0] for line in table.splitlines() if line.split()}
    assert [each["country"] for each in tree] == list(countries())
    assert "新西兰" in run("protected", language="zh-CN").stdout


def test_the_numbers_of_a_country_are_listed_with_group_title_and_source(run: Any) -> None:
    table = run("protected", "NZ").stdout
    chinese = run("protected", "cn", "--language", "zh-CN").stdout
    tree = json.loads(run("protected", "NZ", "--json").stdout)

    for told in ("111", "emergency", "police, fire brigade, ambulance", "Commission 111 Contact Code", "2026-11"):
        assert told in table
    assert "12378" in chinese
    assert "银行保险消费者投诉维权" in chinese
    assert tree["title"] == {"en": "New Zealand", "zh-CN": "新西兰"}
    assert tree["numbers"] == [
        {
            "number": "111",
            "canonical": "NZ:111",
            "group": "emergency",
            "title": {"zh-CN": "警察、消防、救护", "en": "police, fire brigade, ambulance"},
            "source": "Commerce Commission, Commission 111 Contact Code",
            "checked": "2026-11",
        }
    ]


def test_the_version_is_told(run: Any) -> None:
    assert run("version").stdout == run("--version").stdout == f"callpolicy {__version__}\n"
    assert json.loads(run("version", "--json").stdout) == {"version": __version__}


def test_a_number_whose_source_was_not_compared_says_so(run: Any) -> None:
    english = line_of("062", run("protected", "ES").stdout)
    chinese = line_of("062", run("protected", "ES", language="zh-CN").stdout)
    compared = line_of("061", run("protected", "ES").stdout)
    tree = json.loads(run("protected", "ES", "--json").stdout)

    assert english.endswith("not compared")
    assert chinese.endswith("未核对")
    assert compared.endswith("2026-11")
    assert {each["number"]: each["checked"] for each in tree["numbers"] if each["number"] in ("061", "062")} == {
        "061": "2026-11",
        "062": None,
    }
