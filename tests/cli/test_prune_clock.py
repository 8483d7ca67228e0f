"""`callpolicy store prune` by a clock that is wrong, what it leaves behind, and the way back."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from callpolicy.identity import Identity, IdentityKind
from callpolicy.instants import instant_text
from callpolicy.rulefile import starter_folder
from callpolicy.stores import open_store
from callpolicy.stores.sql import SqlStore
from callpolicy.stores.sql.clock_check import keep_from_again, kept_from
from callpolicy.windows import CALLS, Item
from tests.runtime.lived import DAY, LIVE, copied, lift, lived_in, rows_in

NEWEST = LIVE + DAY
"""The newest record of the day: that of the act of a person."""

TABLES = ("history", "case_events", "entries", "parts", "audit")
SOMEBODY = Identity(IdentityKind.NUMBER, "+12125550142")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived_in(tmp_path_factory.mktemp("day"))


@pytest.fixture
def url(template: Path, tmp_path: Path) -> str:
    return f"sqlite:///{copied(template, tmp_path)}"


@pytest.fixture
def now() -> int:
    return time.time_ns() // 1_000


def held(url: str) -> dict[str, int]:
    file = Path(url.removeprefix("sqlite:///"))
    return {table: rows_in(file, table) for table in TABLES}


def opened(url: str) -> SqlStore:
    store = open_store(url)
    assert isinstance(store, SqlStore)
    return store


def pruned_ahead(url: str, until: int, *, record_at: int) -> None:
    """A store as a clock that was far ahead left it, with a record of an instant at which it had been set right."""
    store = opened(url)
    store.prune(until)
    lift(store, record_at)
    store.close()


def tree(run: Any, *words: object) -> Any:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def acts(run: Any, url: str) -> list[str]:
    """What was done to the store as a whole, in order."""
    store = opened(url)
    found = [str(kept.record.body["act"]["act"]) for kept in store.find("store")]
    store.close()
    return found


# ---- a clock that is not believed


def test_a_clock_years_after_the_newest_record_erases_nothing_and_both_instants_are_told(run: Any, url: str) -> None:
    before = held(url)

    english = run("store", "prune", "--store", url)
    chinese = run("store", "prune", "--store", url, "--language", "zh-CN")

    assert (english.exit_code, chinese.exit_code) == (2, 2)
    assert "`2024-03-05 08:00:00+08:00`; set the clock right, or go on with `--force`" in english.stderr
    assert f"`{time.strftime('%Y', time.gmtime())}-" in english.stderr
    assert "比最新的审计记录 `2024-03-05 08:00:00+08:00` 晚 7 天以上" in chinese.stderr
    assert len(english.stderr.splitlines()) == 1
    assert held(url) == before


@pytest.mark.parametrize(("late", "code"), [(7 * DAY, 0), (7 * DAY + 1, 2)])
def test_a_week_without_a_record_is_believed_and_not_a_moment_more(run: Any, url: str, late: int, code: int) -> None:
    assert run("store", "prune", "--at", instant_text(NEWEST + late), "--store", url).exit_code == code


def test_a_record_of_the_far_future_does_not_vouch_for_a_clock(run: Any, url: str, now: int) -> None:
    store = opened(url)
    lift(store, now + 3_650 * DAY)
    store.close()

    assert run("store", "prune", "--store", url).exit_code == 2


def test_a_trail_without_records_is_no_reason_to_refuse(run: Any, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    run("store", "init", url)

    done = tree(run, "store", "prune", "--rules", starter_folder(), "--store", url)

    assert (done["record"], done["forced"], done["clock_doubt"]) == ("desk#1", None, None)


def test_a_dry_run_erases_nothing_and_says_that_the_clock_is_not_believed(run: Any, url: str) -> None:
    before = held(url)

    shown = run("store", "prune", "--dry-run", "--store", url)
    found = tree(run, "store", "prune", "--dry-run", "--store", url)

    assert "if the clock is right, erase with `--force`" in shown.stdout
    assert found["clock_doubt"]["newest"] == "2024-03-05T00:00:00.000000Z"
    assert held(url) == before


def test_force_needs_somebody_who_says_so(run: Any, url: str) -> None:
    before = held(url)

    refused = run("store", "prune", "--force", "--store", url)
    chinese = run("store", "prune", "--force", "--store", url, "--language", "zh-CN")

    assert refused.exit_code == 2
    assert "name yourself with `--as PERSON`" in refused.stderr
    assert "请用 `--as PERSON` 写明本人" in chinese.stderr
    assert held(url) == before


def test_force_goes_on_and_a_record_of_its_own_says_who_said_so(run: Any, url: str) -> None:
    done = tree(run, "store", "prune", "--force", "--as", "wang", "--store", url)
    said = tree(run, "audit", "show", done["forced"], "--store", url)["act"]
    begun = tree(run, "audit", "show", done["begun"], "--store", url)["act"]

    assert held(url)["history"] == 0
    assert acts(run, url) == ["prune_force", "prune_begin", "prune"]
    assert (said["act"], said["by"], said["newest"]) == ("prune_force", "wang", "2024-03-05T00:00:00.000000Z")
    assert said["pruned_by"] == done["at"]
    assert begun["forced"] == done["forced"]


def test_where_the_clock_is_believed_force_is_not_on_record(run: Any, url: str) -> None:
    week = instant_text(NEWEST + DAY)

    done = tree(run, "store", "prune", "--force", "--as", "wang", "--at", week, "--store", url)

    assert done["forced"] is None
    assert acts(run, url) == ["prune_begin", "prune"]


# ---- what a wrong clock left behind


def test_statistics_say_since_when_history_is_kept(run: Any, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    run("store", "init", url)

    never = run("store", "stats", "--store", url)
    never_tree = tree(run, "store", "stats", "--store", url)
    store = opened(url)
    store.prune(LIVE - DAY)
    store.close()
    english = run("store", "stats", "--store", url)
    chinese = run("store", "stats", "--store", url, language="zh-CN")
    found = tree(run, "store", "stats", "--store", url)

    assert "history is kept from" not in never.stdout
    assert (never_tree["history_kept_from"], never_tree["history_kept_from_future"]) == (None, False)
    # No norm is on record, so that times are told in UTC.
    assert "history is kept from: 2024-03-03 00:00:00+00:00" in english.stdout
    assert "来电历史保存起点：2024-03-03 00:00:00+00:00" in chinese.stdout
    assert "FUTURE" not in english.stdout
    assert "晚于现在" not in chinese.stdout
    assert found["history_kept_from"] == "2024-03-03T00:00:00.000000Z"
    assert found["history_kept_from_future"] is False


def test_statistics_say_plainly_that_no_history_is_kept_until_an_instant_of_the_future(
    run: Any, url: str, now: int
) -> None:
    pruned_ahead(url, now + 300 * DAY, record_at=now)

    english = run("store", "stats", "--store", url)
    # The states are asked of another instant; the future is that of the clock.
    later = tree(run, "store", "stats", "--at", "2999-01-01T00:00:00Z", "--store", url)
    chinese = run("store", "stats", "--store", url, language="zh-CN")

    assert "THAT LIES IN THE FUTURE: no history is kept until then" in english.stdout
    assert "该时间晚于现在：此前的来电历史一概不保存" in chinese.stdout
    assert later["history_kept_from"] == instant_text(now + 300 * DAY)
    assert later["history_kept_from_future"] is True


def test_pruning_by_a_right_clock_lets_history_be_kept_again_and_says_and_records_it(
    run: Any, url: str, now: int
) -> None:
    pruned_ahead(url, now + 300 * DAY, record_at=now)
    store = opened(url)
    refused = store.add([SOMEBODY], Item(now + DAY, "c-1", 0, CALLS))
    store.close()

    shown = run("store", "prune", "--as", "wang", "--store", url)
    store = opened(url)
    taken, since = store.add([SOMEBODY], Item(now + DAY, "c-1", 0, CALLS)), kept_from(store)
    (set_back, begun, _) = (dict(kept.record.body["act"]) for kept in store.find("store"))
    store.close()

    assert (refused, taken) == (False, True)
    # Not further back: what lay before is erased, and must not count as if it had never been.
    assert since is not None
    assert now <= since <= now + 600_000_000
    assert shown.exit_code == 0
    assert "history was kept only from" in shown.stdout
    assert (set_back["act"], set_back["by"]) == ("history_set_back", "wang")
    assert set_back["kept_from_before"] == instant_text(now + 300 * DAY)
    assert set_back["kept_from"] == instant_text(since)
    assert begun["set_back"] == "desk#2"


def test_the_way_back_erases_nothing_that_the_retention_covers(run: Any, url: str, now: int) -> None:
    store = opened(url)
    kept, old = Item(now - 399 * DAY, "c-1", 0, CALLS), Item(now - 401 * DAY, "c-2", 0, CALLS)
    store.prune(now - 500 * DAY)
    assert (store.add([SOMEBODY], kept), store.add([SOMEBODY], old)) == (True, True)
    assert keep_from_again(store, now - 500 * DAY, now + 300 * DAY)
    lift(store, now)
    store.close()

    done = tree(run, "store", "prune", "--store", url)

    assert done["erased"]["history"]["count"] == 1
    assert held(url)["history"] == 1
    assert done["set_back"]["from"] == instant_text(now + 300 * DAY)
    assert done["set_back"]["record"] == "desk#2"


def test_a_dry_run_tells_what_would_be_set_back_and_leaves_it(run: Any, url: str, now: int) -> None:
    pruned_ahead(url, now + 300 * DAY, record_at=now)

    shown = run("store", "prune", "--dry-run", "--store", url, language="zh-CN")

    assert "不加 `--dry-run` 时改回从" in shown.stdout
    store = opened(url)
    assert kept_from(store) == now + 300 * DAY
    store.close()


def test_what_another_process_has_set_meanwhile_stays(url: str) -> None:
    store = opened(url)
    store.prune(LIVE)

    changed = keep_from_again(store, LIVE + 1, LIVE - DAY)

    assert (changed, kept_from(store)) == (False, LIVE)
    store.close()


# ---- a norm that keeps too little


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("history: 20d, cases: 730d, blocks: 730d", "a window reaches back further [retention-too-short]"),
        ("cases: 730d, blocks: 100d", "the ladder of `governance.yaml` looks back further [retention-too-short]"),
    ],
)
def test_nothing_is_erased_by_a_norm_that_keeps_too_little_for_itself(
    run: Any, url: str, tmp_path: Path, written: str, told: str
) -> None:
    folder = tmp_path / "norm"
    shutil.copytree(starter_folder(), folder)
    policy = folder / "policy.yaml"
    text = policy.read_text("utf-8")
    assert "history: 400d, cases: 730d, blocks: 730d" in text
    policy.write_text(text.replace("history: 400d, cases: 730d, blocks: 730d", written), encoding="utf-8")
    before, week = held(url), instant_text(NEWEST + DAY)

    results = [
        run("store", "prune", "--rules", folder, "--at", week, "--store", url, *more) for more in ((), ("--dry-run",))
    ]

    assert [each.exit_code for each in results] == [2, 2]
    assert all(told in each.stderr for each in results)
    assert held(url) == before
