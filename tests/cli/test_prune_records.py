"""What stands in the trail of a pruning: also where it was killed, or failed, in the middle; and how it is told."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from callpolicy.audit import AuditRecord, Chain, Tree, act_draft
from callpolicy.runtime.recorder import Pen
from callpolicy.stores import open_store
from tests.runtime.lived import copied, lived_in, rows_in

Start = Callable[..., subprocess.Popen[bytes]]
FORCED = ("store", "prune", "--force", "--as", "wang", "--store")
SECONDS = 60

# WHY a view without end: whoever erases a personal part is at it until it is killed.
WITHOUT_END = """
    CREATE VIEW for_ever AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;
    CREATE TRIGGER in_the_way BEFORE DELETE ON callpolicy_parts BEGIN SELECT count(*) FROM for_ever; END;
"""
FAILING = """
    CREATE TRIGGER in_the_way BEFORE DELETE ON callpolicy_parts BEGIN SELECT RAISE(ABORT, 'not now'); END;
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived_in(tmp_path_factory.mktemp("day"))


@pytest.fixture
def day(template: Path, tmp_path: Path) -> Path:
    return copied(template, tmp_path)


def arrange(day: Path, script: str) -> None:
    with closing(sqlite3.connect(day)) as database:
        database.executescript(script)


def of_the_store(day: Path) -> list[AuditRecord]:
    store = open_store(f"sqlite:///{day}")
    found = [kept.record for kept in store.find("store")]
    store.close()
    return found


def test_what_a_killed_pruning_has_erased_is_on_record(start: Start, run: Any, day: Path) -> None:
    arrange(day, WITHOUT_END)
    parts = rows_in(day, "parts")
    process = start(*FORCED, f"sqlite:///{day}")
    begin = time.monotonic()
    while rows_in(day, "history") and process.poll() is None and time.monotonic() - begin < SECONDS:
        time.sleep(0.02)

    assert process.poll() is None
    process.kill()
    process.communicate(timeout=SECONDS)
    arrange(day, "DROP TRIGGER in_the_way; DROP VIEW for_ever;")
    killed = [dict(record.body["act"]) for record in of_the_store(day)]
    verified = run("audit", "verify", "--store", f"sqlite:///{day}")
    again = run(*FORCED, f"sqlite:///{day}", "--json")

    assert process.returncode == -signal.SIGKILL
    assert (rows_in(day, "history"), parts > 0) == (0, True)
    assert [act["act"] for act in killed] == ["prune_force", "prune_begin"]
    assert {name for name in killed[1] if name.endswith("_before")} == {
        "history_before", "cases_before", "blocks_before", "parts_before",
    }  # fmt: skip
    assert killed[1]["by"] == "wang"
    assert verified.exit_code == 0
    # What was left is erased by the next one.
    assert json.loads(again.stdout)["erased"]["parts"]["count"] == parts


def test_a_record_of_counts_names_the_one_that_announced_them(run: Any, day: Path) -> None:
    done = json.loads(run(*FORCED, f"sqlite:///{day}", "--json").stdout)
    _, begun, ended = of_the_store(day)
    first, last = begun.body["act"], ended.body["act"]

    assert (last["begun"], done["begun"], done["record"]) == ("desk#2", "desk#2", "desk#3")
    assert {name: value for name, value in first.items() if name.endswith("_before")} == {
        name: value for name, value in last.items() if name.endswith("_before")
    }
    assert "history" not in first
    assert done["erased"]["history"]["count"] > 0
    assert last["history"] == done["erased"]["history"]["count"]
    assert "unfinished" not in last


def test_a_kind_that_could_not_be_erased_is_on_record_as_such_and_has_no_count(run: Any, day: Path) -> None:
    arrange(day, FAILING)

    failed = run(*FORCED, f"sqlite:///{day}")
    last = of_the_store(day)[-1]
    shown = run("audit", "show", f"desk#{last.number}", "--store", f"sqlite:///{day}", language="zh-CN")

    assert failed.exit_code == 2
    act: dict[str, Any] = dict(last.body["act"])
    assert act["unfinished"] == ["parts"]
    assert "parts" not in act
    assert act["history"] > 0
    assert re.search(r"未清除完 +审计记录中的个人信息\n", shown.stdout)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_pruning_is_shown_with_names_of_one_kind_and_times_of_one_kind(run: Any, day: Path, language: str) -> None:
    run(*FORCED, f"sqlite:///{day}")
    records = of_the_store(day)

    shown = [
        run("audit", "show", f"desk#{each.number}", "--store", f"sqlite:///{day}", language=language).stdout
        for each in records
    ]

    assert len(shown) == 3
    for text in shown:
        assert "_" not in text
        assert not re.search(r"\d{4}-\d\d-\d\dT", text)
        assert len(re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+08:00", text)) == len(
            re.findall(r"\d{4}-\d\d-\d\d", text)
        )
        if language == "zh-CN":
            names = [line.split("  ")[0] for line in text.splitlines()[3:] if "  " in line]
            assert names
            assert not [name for name in names if name.isascii()]


def test_a_pruning_on_record_from_before_is_told_in_the_same_way(run: Any, day: Path) -> None:
    store = open_store(f"sqlite:///{day}")
    details: dict[str, Tree] = {
        "history": 3,
        "history_before": "2024-01-01T00:00:00.000000Z",
        "parts_before": "long ago",
    }
    pen = Pen(Chain(store.head("desk")), store.keys)
    pen.write(act_draft("prune", "system", "store", 1_709_510_400_000_000, details=details), "store")
    store.append(pen.kept)
    store.close()

    shown = run("audit", "show", "store", "--store", f"sqlite:///{day}").stdout

    assert re.search(r"callers' histories older than +2024-01-01 08:00:00\+08:00\n", shown)
    assert re.search(r"callers' histories +3\n", shown)
    # What is no instant is told as it was written.
    assert re.search(r"personal parts of audit records older than +long ago\n", shown)
