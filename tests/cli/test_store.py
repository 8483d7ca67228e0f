"""`callpolicy store`: a store is made, migrated, measured, and what the norm no longer lets be kept goes."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from callpolicy.rulefile import starter_folder
from callpolicy.runtime import Engine
from callpolicy.stores import open_store
from callpolicy.stores.sql.schema import REVISIONS
from tests.runtime.lived import CALLERS, LIVE, copied, lived_in, rows_in

LATER = "2024-09-01T00:00:00Z"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived_in(tmp_path_factory.mktemp("day"))


@pytest.fixture
def url(template: Path, tmp_path: Path) -> str:
    return f"sqlite:///{copied(template, tmp_path)}"


@pytest.fixture
def short(tmp_path: Path) -> Path:
    """A norm that keeps personal parts, cases and ended blocks for thirty days."""
    folder = tmp_path / "short-norm"
    shutil.copytree(starter_folder(), folder)
    policy = folder / "policy.yaml"
    text = policy.read_text("utf-8").replace(
        "cases: 730d, blocks: 730d, personal: 365d", "cases: 30d, blocks: 180d, personal: 30d"
    )
    policy.write_text(text.replace("history: 400d, ", ""), encoding="utf-8")
    return folder


def count(url: str, table: str) -> int:
    return rows_in(Path(url.removeprefix("sqlite:///")), table)


def test_a_new_store_says_where_its_secret_lies_and_a_second_time_changes_nothing(run: Any, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"

    made = run("store", "init", url)
    secret = (tmp_path / "new.db-secret").read_bytes()
    again = run("store", "init", url)
    tree = json.loads(run("store", "init", url, "--json").stdout)

    assert (made.exit_code, again.exit_code) == (0, 0)
    assert "a new store" in made.stdout
    assert f"{tmp_path}/new.db-secret" in made.stdout
    assert "apart from the store" in made.stdout
    assert "there already" in again.stdout
    assert (tmp_path / "new.db-secret").read_bytes() == secret
    assert secret.decode().strip() not in made.output + again.output
    assert tree == {
        "store": url, "created": False, "schema": REVISIONS[-1], "secret": f"{tmp_path}/new.db-secret",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["store", "init", "mysql://localhost/calls"], "no URL of a store"),
        (["store", "stats", "--store", "sqlite:///no-such.db"], "run `callpolicy store init sqlite:///no-such.db`"),
        (["store", "migrate", "--store", "sqlite:///no-such.db"], "run `callpolicy store init sqlite:///no-such.db`"),
        (["audit", "verify", "--store", "sqlite:///no-such.db"], "run `callpolicy store init sqlite:///no-such.db`"),
    ],
)
def test_what_is_no_store_is_told_in_one_line(run: Any, words: list[str], told: str) -> None:
    result = run(*words)

    assert result.exit_code == 2
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_store_of_something_else_is_not_taken_for_a_new_one(run: Any, tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "other.db")
    database.execute("CREATE TABLE theirs (x)")
    database.close()

    assert run("store", "init", f"sqlite:///{tmp_path}/other.db").exit_code == 2


def test_a_migration_says_from_what_to_what(run: Any, tmp_path: Path) -> None:
    from callpolicy.audit import Keys
    from callpolicy.stores.sql import migrating

    path = tmp_path / "old.db"
    url = f"sqlite:///{path}"
    open_store(url).close()
    fine = run("store", "migrate", "--store", url)
    path.unlink()
    from sqlalchemy import create_engine

    engine = create_engine(url)
    with engine.begin() as connection:
        migrating.upgrade(connection, REVISIONS[0], keys=lambda: Keys.of(b"sixteen bytes or more"))
    engine.dispose()
    refused = run("store", "stats", "--store", url)
    migrated = run("store", "migrate", "--store", url)
    tree = json.loads(run("store", "migrate", "--store", url, "--json").stdout)

    assert f"of schema {REVISIONS[-1]} already" in fine.stdout
    assert refused.exit_code == 2
    assert "run `callpolicy store migrate`" in refused.stderr
    assert f"from schema {REVISIONS[0]} to {REVISIONS[-1]}" in migrated.stdout
    assert (tree["from"], tree["to"]) == (REVISIONS[-1], REVISIONS[-1])


def test_stats_count_what_is_in_the_tables_and_never_show_the_secret(run: Any, url: str) -> None:
    secret = Path(f"{url.removeprefix('sqlite:///')}-secret").read_text("utf-8").strip()

    tree = json.loads(run("store", "stats", "--store", url, "--json").stdout)
    shown = run("store", "stats", "--store", url, language="zh-CN", columns=80)

    assert tree["rows"]["audit"] == tree["records"] == count(url, "audit")
    assert tree["rows"]["parts"] == count(url, "parts")
    assert tree["schema"] == REVISIONS[-1]
    assert tree["writers"] == 2
    assert tree["bytes"] > 100_000
    assert tree["spool"] == {"files": 0, "things": 0}
    assert tree["revisions"][0]["until"] is None
    assert sum(number for states in tree["entries"].values() for number in states.values()) == count(url, "entries")
    assert secret not in shown.output + str(tree)
    assert "密钥文件" in shown.stdout
    assert not [number for number in CALLERS if number in shown.output]


def test_stats_tell_what_waits_in_the_spool(run: Any, url: str) -> None:
    store = open_store(url)
    folder = store.spool_folder
    store.close()
    folder.mkdir()
    (folder / "1-a.waiting").write_bytes(b"one\ntwo\ncut")

    tree = json.loads(run("store", "stats", "--store", url, "--json").stdout)

    assert tree["spool"] == {"files": 1, "things": 2}


def test_a_dry_run_tells_what_would_go_and_changes_nothing(run: Any, url: str, short: Path) -> None:
    before = {table: count(url, table) for table in ("history", "parts", "audit", "case_events")}

    result = run("store", "prune", "--rules", short, "--at", LATER, "--dry-run", "--store", url)

    assert result.exit_code == 0
    assert "nothing was erased" in result.stdout
    assert {table: count(url, table) for table in before} == before


def test_pruning_erases_by_the_norm_records_the_counts_and_the_trail_still_verifies(
    run: Any, url: str, short: Path, tmp_path: Path
) -> None:
    head = tmp_path / "head.json"
    run("audit", "head", "--out", head, "--store", url)
    parts = count(url, "parts")
    would = json.loads(
        run("store", "prune", "--rules", short, "--at", LATER, "--dry-run", "--store", url, "--json").stdout
    )["erased"]

    done = run("store", "prune", "--rules", short, "--at", LATER, "--force", "--as", "wang", "--store", url, "--json")
    tree = json.loads(done.stdout)
    verified = json.loads(run("audit", "verify", "--head", head, "--store", url, "--json").stdout)
    act = json.loads(run("audit", "show", tree["record"], "--store", url, "--json").stdout)["act"]
    made = run("audit", "remake", "--all", "--store", url, "--json")

    assert done.exit_code == 0, done.output
    assert {name: each["count"] for name, each in tree["erased"].items()} == {
        name: each["count"] for name, each in would.items()
    }
    assert tree["erased"]["parts"]["count"] == parts
    assert (count(url, "parts"), count(url, "case_events"), count(url, "history")) == (0, 0, 0)
    assert verified["sound"] is True
    assert verified["parts"] == {"kept": 0, "erased": parts, "never_kept": 0}
    assert (act["act"], act["by"], act["parts"]) == ("prune", "wang", parts)
    assert made.exit_code == 0
    assert set(json.loads(made.stdout)["results"]) == {"erased"} | set(json.loads(made.stdout)["results"]) & {"same"}


def test_without_rules_the_norm_that_went_live_last_says_how_long(run: Any, url: str, short: Path) -> None:
    with Engine(short, store=url, writer="ivr-2", clock=lambda: LIVE + 1) as engine:
        revision = engine.bundle.revision

    tree = json.loads(run("store", "prune", "--dry-run", "--store", url, "--json").stdout)

    assert tree["revision"] == revision
    assert tree["erased"]["parts"]["kept_for"] == "30d"
    # The longest window of the starter norm looks back 30 days, and a day is kept beyond.
    assert tree["erased"]["history"]["kept_for"] == "31d"


def test_a_store_without_a_norm_on_record_is_not_pruned_by_anybody_elses(run: Any, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    run("store", "init", url)

    result = run("store", "prune", "--store", url)

    assert result.exit_code == 2
    assert "name the one whose retention holds" in result.stderr


def test_nothing_is_erased_by_an_instant_of_the_future(run: Any, url: str) -> None:
    parts = count(url, "parts")

    result = run("store", "prune", "--at", "2126-01-01T00:00:00Z", "--store", url)

    assert result.exit_code == 2
    assert count(url, "parts") == parts
