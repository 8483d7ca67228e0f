"""`callpolicy audit head|verify|export`: whatever is done to a trail is found, and an untouched one is green."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callpolicy.audit import from_line, to_line
from callpolicy.audit.canonical import digest_of
from callpolicy.audit.record import canonical_bytes
from callpolicy.stores import open_store
from tests.cli.trails import asking, changed, flip, made_day, one
from tests.runtime.lived import BLOCKED, CALLERS, LIVE, copied


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_day(tmp_path_factory.mktemp("day"))


@pytest.fixture
def day(template: Path, tmp_path: Path) -> Path:
    return copied(template, tmp_path)


@pytest.fixture
def ask(run: Any, day: Path) -> Callable[..., Any]:
    return asking(run, day)


@pytest.fixture
def head(ask: Callable[..., Any], tmp_path: Path) -> Path:
    path = tmp_path / "head.json"
    ask("audit", "head", "--out", path)
    return path


# ---- head and verify


def test_a_head_names_every_writer_and_can_be_read_out(ask: Callable[..., Any], head: Path) -> None:
    anchor = json.loads(head.read_text("utf-8"))
    table = ask("audit", "head").stdout
    printed = json.loads(ask("audit", "head", "--json").stdout)

    assert [each["writer"] for each in anchor["heads"]] == ["desk", "ivr-1"]
    assert printed["heads"] == anchor["heads"]
    assert anchor["heads"][0]["count"] == 1
    assert all(each["digest"] in table for each in anchor["heads"])
    assert "sha256  " in table


def test_an_untouched_trail_is_green_with_and_without_a_head(ask: Callable[..., Any], head: Path) -> None:
    alone = ask("audit", "verify")
    held = ask("audit", "verify", "--head", head, "--closed")
    tree = json.loads(ask("audit", "verify", "--head", head, "--json").stdout)

    assert (alone.exit_code, held.exit_code) == (0, 0)
    assert "held against no head" in alone.stdout
    assert "held against the head of" in held.stdout
    assert tree["sound"] is True
    assert (tree["breaks"], tree["part_breaks"]) == ([], [])
    assert tree["parts"]["kept"] > 500
    assert tree["parts"]["erased"] == 0


def no_text(day: Path) -> None:
    (line,) = one(day, "SELECT line FROM callpolicy_audit WHERE number = 40 AND writer = 'ivr-1'")
    data = line.encode()[:50] + b"\xff" + line.encode()[51:]
    changed(day, ("UPDATE callpolicy_audit SET line = CAST(? AS TEXT) WHERE number = 40 AND writer = 'ivr-1'", (data,)))


def forge(day: Path) -> None:
    (line,) = one(day, "SELECT line FROM callpolicy_audit WHERE number = 40 AND writer = 'ivr-1'")
    record = replace(from_line(line.encode()), at=LIVE)
    record = replace(record, digest=digest_of(canonical_bytes(record)))
    text = to_line(record).decode()
    changed(day, ("UPDATE callpolicy_audit SET line = ?, at = ? WHERE number = 40 AND writer = 'ivr-1'", (text, LIVE)))


def delete(day: Path) -> None:
    changed(day, "DELETE FROM callpolicy_audit WHERE number = 40 AND writer = 'ivr-1'",
            "DELETE FROM callpolicy_parts WHERE number = 40 AND writer = 'ivr-1'")  # fmt: skip


def insert(day: Path) -> None:
    line, last = one(day, "SELECT line, number FROM callpolicy_audit WHERE writer = 'ivr-1' ORDER BY number DESC")
    record = from_line(line.encode())
    record = replace(record, number=last + 1, previous=record.digest, body={"note": {"a": 1}}, kind="note")
    record = replace(record, digest=digest_of(canonical_bytes(record)))
    changed(
        day,
        (
            "INSERT INTO callpolicy_audit (writer, number, at, subject, ref, line) VALUES ('ivr-1', ?, ?, ?, '', ?)",
            (last + 1, record.at, record.subject, to_line(record).decode()),
        ),
    )


def copy(day: Path) -> None:
    changed(
        day,
        "INSERT INTO callpolicy_audit SELECT writer, 100000, at, subject, ref, line FROM callpolicy_audit"
        " WHERE number = 40 AND writer = 'ivr-1'",
    )


def swap(day: Path) -> None:
    for old, new in ((40, -1), (41, 40), (-1, 41)):
        values = (new, old)
        changed(
            day,
            ("UPDATE callpolicy_audit SET number = ? WHERE number = ? AND writer = 'ivr-1'", values),
            ("UPDATE callpolicy_parts SET number = ? WHERE number = ? AND writer = 'ivr-1'", values),
        )


def truncate(day: Path) -> None:
    (last,) = one(day, "SELECT max(number) FROM callpolicy_audit WHERE writer = 'ivr-1'")
    changed(
        day,
        ("DELETE FROM callpolicy_audit WHERE number > ? AND writer = 'ivr-1'", (last - 3,)),
        ("DELETE FROM callpolicy_parts WHERE number > ? AND writer = 'ivr-1'", (last - 3,)),
    )


def all_of_one(day: Path) -> None:
    changed(
        day, "DELETE FROM callpolicy_audit WHERE writer = 'desk'", "DELETE FROM callpolicy_parts WHERE writer = 'desk'"
    )


def other_writer(day: Path) -> None:
    changed(day, "UPDATE callpolicy_audit SET writer = '' WHERE number = 40 AND writer = 'ivr-1'",
            "UPDATE callpolicy_parts SET writer = '' WHERE number = 40 AND writer = 'ivr-1'")  # fmt: skip


def hide(day: Path) -> None:
    changed(day, "UPDATE callpolicy_audit SET ref = 'nothing' WHERE number = 40 AND writer = 'ivr-1'")


def keep_longer(day: Path) -> None:
    changed(day, "UPDATE callpolicy_parts SET at = at + 1 WHERE number = 40 AND writer = 'ivr-1'")


def personal(day: Path) -> None:
    changed(day, "UPDATE callpolicy_parts SET sealed = 'A' || substr(sealed, 2) || 'AAAA' WHERE number = 40")


def personal_of_another(day: Path) -> None:
    changed(day, "UPDATE callpolicy_parts SET (salt, sealed) ="
            " (SELECT salt, sealed FROM callpolicy_parts WHERE number = 41) WHERE number = 40")  # fmt: skip


def stray(day: Path) -> None:
    changed(day, "INSERT INTO callpolicy_parts SELECT 'nobody', number, at, salt, sealed FROM callpolicy_parts"
            " WHERE number = 40 AND writer = 'ivr-1'")  # fmt: skip


@pytest.mark.parametrize(
    ("change", "kind", "number"),
    [
        (flip, "edited", 40),
        (no_text, "bad-form", None),
        (forge, "edited", 40),
        (delete, "deleted", 40),
        (insert, "inserted", None),
        (copy, "duplicate", 40),
        (swap, "swapped", 41),
        (truncate, "truncated", None),
        (all_of_one, "truncated", 0),
        (other_writer, "swapped", 40),
        (hide, "edited", 40),
        (keep_longer, "edited", 40),
        (personal, "part-changed", 40),
        (personal_of_another, "part-changed", 40),
        (stray, "part-without-record", 40),
    ],
)
def test_whatever_is_done_to_the_tables_is_found_and_called_by_its_name(
    ask: Callable[..., Any], day: Path, head: Path, change: Callable[[Path], None], kind: str, number: int | None
) -> None:
    change(day)

    tree = json.loads(ask("audit", "verify", "--head", head, "--closed", "--json").stdout)
    listed = ask("audit", "verify", "--head", head, "--closed", "--all", language="zh-CN", columns=80)

    found = [*tree["breaks"], *tree["part_breaks"]]
    assert (listed.exit_code, tree["sound"]) == (1, False)
    assert found[0]["kind"] == kind
    assert number is None or found[0]["number"] == number
    assert "审计链被改动" in listed.stdout
    assert kind in listed.stdout.replace("\n", "") or kind.startswith("part")
    assert listed.stderr == ""


def test_the_first_break_is_told_in_words(ask: Callable[..., Any], day: Path, head: Path) -> None:
    delete(day)
    personal(day)
    hide(day)

    english = ask("audit", "verify", "--head", head)
    chinese = ask("audit", "verify", "--head", head, language="zh-CN", columns=80)

    assert english.exit_code == 1
    assert "THE TRAIL WAS CHANGED" in english.stdout
    # The first record is that of the desk, so that number 40 of the engine would be the 42nd of the trail.
    assert "first: record 42, ivr-1#40: records before it are gone (deleted)" in english.stdout
    assert "首处：第 42 条，ivr-1#40：此前有记录被删除（deleted）" in chinese.stdout


def test_a_trail_is_exported_as_it_is_and_verified_as_a_file(
    ask: Callable[..., Any], run: Any, day: Path, head: Path, tmp_path: Path
) -> None:
    out = tmp_path / "trail.jsonl"
    told = ask("audit", "export", out).stdout
    (count,) = one(day, "SELECT count(*) FROM callpolicy_audit")
    fine = run("audit", "verify", "--trail", out, "--head", head, "--closed")
    lines = out.read_bytes().splitlines(keepends=True)
    out.write_bytes(b"".join(lines[:10] + lines[11:]))
    cut = run("audit", "verify", "--trail", out, "--head", head, "--json")
    out.write_bytes(b"".join(lines)[:-9])
    torn = json.loads(run("audit", "verify", "--trail", out, "--json").stdout)

    assert "personal parts are not in it" in told
    assert len(lines) == count
    assert not [number for number in CALLERS if number.encode() in b"".join(lines)]
    assert fine.exit_code == 0
    assert cut.exit_code == 1
    assert [each["kind"] for each in json.loads(cut.stdout)["breaks"]] == ["deleted"]
    assert torn["breaks"][0]["kind"] == "truncated"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["verify", "--closed"], "name it with `--head`"),
        (["verify", "--head", "no-such.json"], "`no-such.json` is not there"),
        (["verify", "--trail", "no-such.jsonl"], "`no-such.jsonl` is not there"),
        (["show", BLOCKED], "there is no audit record of `+*"),
        (["show", "ivr-1#999999"], "there is no audit record"),
        (["remake"], "name a decision or say `--all`"),
        (["remake", "c1", "--all"], "name a decision or say `--all`, not both"),
        (["remake", "c1", "--sample", "3"], "go with `--all`"),
        (["remake", "block-1"], "is no decision"),
        (["remake", "--all", "--since", "yesterday"], "is not an instant"),
        (["remake", "--all", "--since", "2031-01-01T00:00:00Z"], "nothing was made again"),
    ],
)
def test_wrong_usage_is_told_in_one_line(ask: Callable[..., Any], words: list[str], told: str) -> None:
    result = ask("audit", *words)

    assert result.exit_code == 2
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_store_without_records_and_a_changed_head_are_never_green(
    run: Any, ask: Callable[..., Any], head: Path, tmp_path: Path
) -> None:
    empty = f"sqlite:///{tmp_path}/empty.db"
    open_store(empty).close()
    nothing = run("audit", "verify", "--store", empty)
    against = run("audit", "verify", "--store", empty, "--head", head)
    head.write_text(head.read_text("utf-8").replace('"number":0', '"number":1'), encoding="utf-8")
    forged = ask("audit", "verify", "--head", head)

    assert nothing.exit_code == 2
    assert against.exit_code == 1
    assert forged.exit_code == 2
