"""What the commands on a whole store rest on, in both kinds of database: every row is seen, counted, and can go."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from callpolicy.audit import Anchor, BreakKind
from callpolicy.cli.commands import app
from callpolicy.stores import open_store
from callpolicy.stores.sql import SqlStore
from callpolicy.stores.sql.inspecting import PartFault, inspect, rows
from callpolicy.stores.sql.measuring import count_records, measure, schema_of, would_erase
from callpolicy.stores.sql.schema import REVISIONS
from tests.runtime.lived import CALLERS, DAY, LIVE, lift, live

LATER = LIVE + 100 * DAY


def lived(store: SqlStore) -> Anchor:
    live(store, events=60)
    lift(store)
    return Anchor.of(LATER, store.heads())


def changed(store: SqlStore, statement: str) -> None:
    store.database.write(lambda driver: driver.execute(statement))


def test_every_row_is_seen_and_an_untouched_trail_is_green(store: SqlStore) -> None:
    anchor = lived(store)

    seen = inspect(store, anchor, closed=True)
    lines = [row.line for row in rows(store)]

    # The activation, a decision for each event, and the act of the desk; the system may have acted too.
    assert seen.sound
    assert seen.records == count_records(store) == len(lines) >= 62
    assert (seen.writers, seen.erased, seen.never) == (2, 0, 0)


def test_what_is_changed_in_the_tables_is_found(store: SqlStore) -> None:
    anchor = lived(store)
    changed(store, "UPDATE callpolicy_audit SET line = replace(line, 'effect', 'effecT') WHERE number = 7")
    changed(store, "DELETE FROM callpolicy_audit WHERE number = 20")
    changed(store, "UPDATE callpolicy_audit SET at = at + 1 WHERE number = 30")
    changed(store, "UPDATE callpolicy_parts SET sealed = 'QUJD' WHERE number = 35")

    seen = inspect(store, anchor)

    assert [(each.kind, each.number) for each in seen.breaks] == [
        (BreakKind.EDITED, 7),
        (BreakKind.DELETED, 20),
        (BreakKind.EDITED, 30),
    ]
    assert {(each.kind, each.number) for each in seen.part_breaks} >= {(PartFault.CHANGED, 35)}


def test_what_would_be_erased_is_what_is_erased(store: SqlStore) -> None:
    lived(store)

    would = would_erase(store, history=LATER, cases=LATER, entries=LATER, parts=LATER)
    items = store.prune(LATER)
    erased = store.erase(entries=LATER, parts=LATER)
    seen = inspect(store)

    assert (would.items, would.entries, would.parts) == (items, erased.entries, erased.parts)
    assert would.items > 0
    assert would_erase(store, history=LATER, parts=LATER) == would._replace(items=0, cases=0, entries=0, parts=0)
    assert (seen.sound, seen.erased) == (True, would.parts)
    assert would_erase(store) == would._replace(items=0, cases=0, entries=0, parts=0)


def test_a_store_is_measured(store: SqlStore, url: str) -> None:
    lived(store)

    measures = measure(store)

    assert measures.records == measures.rows["audit"] == count_records(store)
    assert measures.writers == 2
    assert (measures.oldest or 0) <= (measures.newest or 0)
    assert (measures.bytes_on_disk or 0) > 10_000
    assert measures.schema == schema_of(url, 2.0) == REVISIONS[-1]
    assert [each.at for each in measures.activations] == [LIVE]


@pytest.mark.untraced
def test_the_commands_run_on_either_kind_of_database(url: str) -> None:
    store = open_store(url)
    lived(store)
    store.close()

    def ask(*words: str) -> Any:
        result = CliRunner().invoke(app, [*words, "--store", url, "--json"], env={"LANG": "C.UTF-8"})
        assert result.exit_code == 0, result.output
        assert not [number for number in CALLERS if number in result.output]
        return json.loads(result.stdout)

    assert ask("store", "init")["created"] is False
    assert ask("audit", "verify")["sound"] is True
    assert set(ask("audit", "remake", "--all")["results"]) == {"same"}
    assert ask("audit", "show", "block-1")["act"]["by"] == "li"
    assert ask("store", "prune", "--force", "--as", "wang")["erased"]["parts"]["count"] > 0
    assert ask("store", "stats")["rows"]["parts"] == 0
    assert ask("audit", "verify")["parts"]["kept"] == 0
    assert set(ask("audit", "remake", "--all")["results"]) <= {"erased", "same"}
