"""`replay`: recorded calls to decisions and a summary; nothing is dropped silently, no file is left half written."""

import json
from pathlib import Path
from typing import Any

import pytest

from callpolicy import Decision
from tests.cli.calls import abusive, call, write

CALLER = "+86 138 0013 8007"
HEADER = (
    "call_id,offered_at,answered_at,ended_at,number,customer,queue,team,dialled,language,topic,agent,ended_by,cause\n"
)


@pytest.fixture
def burst(tmp_path: Path) -> Path:
    """Seven calls of one number within half an hour, two of another caller, an insult in one of those."""
    own = [call(f"b{number}", 2 * number, CALLER, {"event": "ended", "by": "caller"}) for number in range(7)]
    return write(tmp_path / "calls.jsonl", *own, call("n1", 1, "+1 212 555 0142", *abusive()), call("n2", 5, None))


def test_the_summary_counts_calls_by_class_effect_and_rule(run: Any, norm: Path, burst: Path) -> None:
    tree = json.loads(run("replay", burst, "--rules", norm, "--json").stdout)

    summary = tree["summary"]
    assert summary["calls"] == 9
    assert summary["classes"] == {"normal": 8, "nuisance: abuse": 1}
    # The fifth call makes the block and is rejected by it; the sixth and seventh are rejected too.
    assert summary["effects"]["screen"] == {"accept": 6, "reject": 3}
    assert summary["automatic"]["standing_block"] == {"reject": 3}
    # The ends of the three rejected calls.
    assert summary["dropped"] == 3
    assert summary["permitted"]["abuse_persists"] == {"hang_up": 1}
    assert tree["file"]["calls"] == 9


def test_every_automatic_restrictive_effect_has_its_line_of_why(run: Any, norm: Path, burst: Path) -> None:
    english = run("replay", burst, "--rules", norm).stdout
    chinese = run("replay", burst, "--rules", norm, language="zh-CN").stdout

    rows = [line.split() for line in english.splitlines()]
    assert ["reject", "3", "standing_block", "the", "caller", "is", "on", "the", "blocklist"] in rows
    assert ["block", "3", "burst", "Burst", "of", "calls"] in rows
    assert "no caller was rejected" not in english
    assert ["拒接", "reject", "3", "standing_block", "来电人在黑名单有效期内"] in [
        line.split() for line in chinese.splitlines()
    ]


def test_where_no_caller_was_restricted_the_summary_says_so(run: Any, norm: Path, tmp_path: Path) -> None:
    record = write(tmp_path / "calls.jsonl", call("c1", 0, CALLER, {"event": "ended", "by": "caller"}))

    english = run("replay", record, "--rules", norm).stdout
    chinese = run("replay", record, "--rules", norm, language="zh-CN").stdout

    assert "no caller was rejected, blocked or hung up on by an automatic effect" in english
    assert "没有来电人被自动拒接、屏蔽或挂机" in chinese


def test_decisions_are_written_as_lines_that_read_back(run: Any, norm: Path, burst: Path, tmp_path: Path) -> None:
    out = tmp_path / "decisions.jsonl"

    result = run("replay", burst, "--rules", norm, "--decisions", out, "--json")

    decisions = [Decision.from_json(line) for line in out.read_bytes().splitlines()]
    assert len(decisions) == json.loads(result.stdout)["summary"]["decisions"]
    assert [each.effect for each in decisions if each.call_id == "b5"] == ["reject"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calls.jsonl", "decisions.jsonl"]


def test_events_are_fed_in_event_time_order_whatever_the_order_of_lines(
    run: Any, norm: Path, burst: Path, tmp_path: Path
) -> None:
    turned = tmp_path / "turned.jsonl"
    turned.write_text("".join(reversed(burst.read_text("utf-8").splitlines(keepends=True))), encoding="utf-8")

    forth = json.loads(run("replay", burst, "--rules", norm, "--json").stdout)["summary"]
    back = json.loads(run("replay", turned, "--rules", norm, "--json").stdout)["summary"]

    assert forth == back


def test_lines_that_are_no_events_are_told_with_their_numbers_and_the_rest_is_replayed(
    run: Any, norm: Path, burst: Path
) -> None:
    lines = burst.read_text("utf-8").splitlines()
    burst.write_text("\n".join([lines[0], "{", *lines[1:], '{"event":"wrned"}']) + "\n", encoding="utf-8")

    tree = json.loads(run("replay", burst, "--rules", norm, "--json").stdout)
    shown = run("replay", burst, "--rules", norm).stdout

    assert tree["file"]["row_faults"] == [
        {"about": "", "code": "not-json", "count": 1, "first_lines": [2]},
        {"about": "", "code": "unknown-event", "count": 1, "first_lines": [len(lines) + 2]},
    ]
    assert tree["summary"]["calls"] == 9
    assert ["not-json", "1", "2"] in [line.split() for line in shown.splitlines()]


def test_a_table_is_replayed_by_its_mapping_and_bad_rows_are_told(run: Any, norm: Path, tmp_path: Path) -> None:
    table = tmp_path / "calls.csv"
    rows = [
        "c1,2026-03-02T09:00:00,2026-03-02T09:00:10,2026-03-02T09:02:00,+86 138 0013 8007,,main,,,,card,a1,caller,",
        "c2,not a time,,,,,,,,,,,,",
        "c2,2026-03-02T09:05:00",
        "c1,2026-03-02T09:06:00,,,,,,,,,,,,",
        "c3,2026-03-02T09:07:00,,,,,,,,,,,,",
    ]
    table.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")

    tree = json.loads(run("replay", table, "--mapping", "generic_csv", "--rules", norm, "--json").stdout)

    assert (tree["file"]["rows"], tree["file"]["calls"], tree["summary"]["calls"]) == (5, 2, 2)
    assert {(each["code"], *each["first_lines"]) for each in tree["file"]["row_faults"]} == {
        ("bad-instant", 3),
        ("too-few-columns", 4),
        ("repeated-call", 5),
    }


def test_a_mapping_of_ones_own_is_taken_and_its_faults_are_told(run: Any, norm: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    text = run("mappings", "show", "generic_csv").stdout
    mine.write_text(text.replace("[offered_at]", "[began]"), encoding="utf-8")
    table = tmp_path / "calls.csv"
    table.write_text(
        HEADER.replace("offered_at", "began") + "c1,2026-03-02T09:00:00" + "," * 12 + "\n", encoding="utf-8"
    )

    taken = run("replay", table, "--mapping", mine, "--rules", norm, "--json")
    mine.write_text(text.replace("event: offered", "event: offerd"), encoding="utf-8")
    refused = run("replay", table, "--mapping", mine, "--rules", norm, "--json")

    assert json.loads(taken.stdout)["summary"]["calls"] == 1
    assert refused.exit_code == 2
    assert "there is no event `offerd`" in refused.stderr


def test_a_limit_takes_the_first_calls_with_all_their_events(run: Any, norm: Path, burst: Path) -> None:
    tree = json.loads(run("replay", burst, "--rules", norm, "--limit", 3, "--json").stdout)

    # b0 at minute 0 and n1 at minute 1, b1 at minute 2: two events each of b0 and b1, six of n1.
    assert (tree["summary"]["calls"], tree["summary"]["events"]) == (3, 2 + 2 + 6)


def test_an_event_that_cannot_be_taken_in_is_told_by_its_code(run: Any, norm: Path, tmp_path: Path) -> None:
    record = write(tmp_path / "calls.jsonl", call("c1", 0, CALLER, {"event": "warned"}, {"event": "ended"}))

    tree = json.loads(run("replay", record, "--rules", norm, "--json").stdout)

    assert tree["summary"]["event_faults"] == {"not-answered": 1}


def test_where_decisions_cannot_be_written_nothing_is_left(run: Any, norm: Path, burst: Path, tmp_path: Path) -> None:
    folder = run("replay", burst, "--rules", norm, "--decisions", tmp_path)
    absent = run("replay", burst, "--rules", norm, "--decisions", tmp_path / "no" / "such.jsonl")

    assert folder.exit_code == absent.exit_code == 2
    assert "is a folder; name a file" in folder.stderr
    assert "cannot be written: no such file or directory" in absent.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calls.jsonl"]


def test_a_device_is_written_as_it_is(run: Any, norm: Path, burst: Path) -> None:
    result = run("replay", burst, "--rules", norm, "--decisions", "/dev/null", "--json")

    assert result.exit_code == 0
    assert Path("/dev/null").is_char_device()


def test_a_byte_order_mark_before_lines_of_json_costs_no_call(run: Any, norm: Path, burst: Path) -> None:
    plain = run("replay", burst, "--rules", norm, "--json")
    burst.write_bytes(b"\xef\xbb\xbf" + burst.read_bytes().replace(b"\n", b"\r\n"))

    marked = json.loads(run("replay", burst, "--rules", norm, "--json").stdout)

    assert marked["file"]["row_faults"] == []
    assert marked["summary"] == json.loads(plain.stdout)["summary"]


def test_rows_that_are_no_call_are_counted_apart_from_faults(run: Any, norm: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    text = run("mappings", "show", "generic_csv").stdout
    mine.write_text(text.replace("event: offered\n", "event: offered\n    only_if: {cause: [in]}\n"), encoding="utf-8")
    table = tmp_path / "calls.csv"
    rows = [f"c{number},2026-03-02T09:00:00{',' * 12}{'out' if number else 'in'}" for number in range(4)]
    table.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    words = ["replay", table, "--mapping", mine, "--rules", norm]

    tree = json.loads(run(*words, "--json").stdout)
    shown = run(*words).stdout
    table.write_text(HEADER + rows[1] + "\n", encoding="utf-8")
    none = run(*words)

    assert tree["file"]["not_a_call"] == {"count": 3, "first_lines": [3, 4, 5]}
    assert tree["file"]["row_faults"] == []
    assert "rows that the mapping says are no call (not-a-call): 3, at lines 3, 4, 5" in shown
    assert none.exit_code == 2
    assert "rows that `only_if` of `offered` rules out: 1" in none.stderr
