"""Nobody is shown who need not be: planted numbers are looked for in everything that people and programs see."""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from callpolicy.cli.commands import app
from callpolicy.cli.simulate import DAY, simulated
from callpolicy.errors import CallpolicyError
from callpolicy.events import (
    Answered,
    CaseLinked,
    Ended,
    Event,
    Explained,
    ExplanationRejected,
    FinalResult,
    Judged,
    Offered,
    Said,
)
from callpolicy.instants import instant_text, moment
from callpolicy.lists import ListName
from callpolicy.runtime import Engine
from callpolicy.stores import open_store
from callpolicy.wire import event_to_dict
from tests.privacy.planted import PLANTED, forms, shown

SECOND = 1_000_000
MINUTE = 60 * SECOND
# Longer numbers are those of people; 110 and 95588 may be shown, and stand in a page by chance.
SERVICE = 7
# 2026-03-02T09:00:00+08:00
START = 1_772_413_200 * SECOND
LATER = instant_text(START + 3_600 * SECOND)
LEADER = ("--as", "li", "--role", "team_leader", "--at", LATER)
KEEPER = ("--as", "wang", "--role", "quality_desk", "--at", LATER)


@dataclass
class Centre:
    """What fifty callers left behind.

    Args:
        folder: where the files are.
        url: the store.
        blocks: ids of the blocks.
        allowed: id of an allowlist entry.
    """

    folder: Path
    url: str
    blocks: list[str]
    allowed: str


def told(place: int, number: str) -> Iterator[Event]:
    """What one caller does: a complaint, or, one in ten, a burst that people judge."""
    begin = START + place * 20 * MINUTE
    if place % 10:
        yield Offered(
            call_id=f"k{place}", seq=0, at=begin, number=number, topic=f"about {number}", customer=f"C-{place}"
        )
        yield Answered(call_id=f"k{place}", seq=1, at=begin + 1, agent="a1")
        yield CaseLinked(call_id=f"k{place}", seq=2, at=begin + 2, case_id=f"K-{place}")
        yield Explained(call_id=f"k{place}", seq=3, at=begin + 3, topic="fee", text=f"we called {number} back")
        yield ExplanationRejected(call_id=f"k{place}", seq=4, at=begin + 4, text="no")
        yield FinalResult(call_id=f"k{place}", seq=5, at=begin + 5, text="the fee stays")
        yield Said(call_id=f"k{place}", seq=6, at=begin + 6, text=f"call me at {number}")
        yield Ended(call_id=f"k{place}", seq=7, at=begin + 7, cause="hang_up")
        return
    for call in range(11):
        at = begin + call * 30 * SECOND
        yield Offered(call_id=f"b{place}-{call}", seq=0, at=at, number=number)
        yield Ended(call_id=f"b{place}-{call}", seq=1, at=at + SECOND, cause="hang_up")
        if call in (2, 5):
            yield Judged(call_id=f"b{place}-{call}", seq=2, at=at + 2 * SECOND, class_="nuisance", kind="harassment")


def invoke(*words: object, language: str = "en") -> Any:
    env = {
        "LC_ALL": "",
        "LC_MESSAGES": "",
        "LANG": "zh_CN.UTF-8" if language == "zh-CN" else "C.UTF-8",
        "COLUMNS": "160",
    }
    return CliRunner().invoke(app, [str(word) for word in words], env=env)


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    folder = tmp_path_factory.mktemp("centre")
    url = f"sqlite:///{folder}/calls.db"
    events = [event for place, number in enumerate(PLANTED) for event in told(place, number)]
    with Engine(store=url, durability="batched") as engine:
        for event in events:
            assert not engine.observe(event).failed
        blocks = [each.block.block_id for each in engine.store.entries(ListName.BLOCKLIST) if each.block is not None]
    lines = [json.dumps(event_to_dict(event), ensure_ascii=False) for event in events]
    (folder / "calls.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    with (folder / "calls.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["call_id", "offered_at", "ended_at", "number", "topic", "ended_by"])
        for place, number in enumerate(PLANTED):
            at = moment(START + place * MINUTE).isoformat()
            rows.writerow([f"r{place}", at, at, number, f"about {number}", "caller"])
        rows.writerow(["r50", "no time", "", PLANTED[0], "", ""])
    plain = [*PLANTED, f"{PLANTED[0]}x", f"{PLANTED[1]} 99999999", *PLANTED[:3]]
    (folder / "list.txt").write_text("\n".join(plain) + "\n", "utf-8")
    added = invoke("allow", "add", "--store", url, "--number", PLANTED[3], "--reason", f"{PLANTED[3]} is ours",
                   "--owner", "wang", "--for", "30d", "--json", *KEEPER)  # fmt: skip
    assert added.exit_code == 0, added.output
    store = open_store(url)
    allowed = next(each.entry.entry_id for each in store.entries(ListName.ALLOWLIST) if each.entry is not None)
    store.close()
    return Centre(folder, url, blocks, allowed)


COMMANDS: dict[str, Callable[[Centre], tuple[object, ...]]] = {
    "replay a table": lambda c: ("replay", c.folder / "calls.csv", "--mapping", "generic_csv"),
    "replay events": lambda c: ("replay", c.folder / "calls.jsonl"),
    "explain a call": lambda c: ("explain", "--events", c.folder / "calls.jsonl", "--call", "b0-9", "--seq", "0"),
    "explain facts": lambda c: ("explain", "--point", "offered", "--fact", f"caller.number={PLANTED[0]}"),
    "decide": lambda c: ("decide", "--point", "offered", "--fact", f"caller.number={PLANTED[0]}"),
    "decide, no such fact": lambda c: ("decide", "--point", "offered", "--fact", f"{PLANTED[0]}=1"),
    "block list": lambda c: ("block", "list", "--store", c.url),
    "block list of a number": lambda c: ("block", "list", "--store", c.url, "--number", PLANTED[0]),
    "block show": lambda c: ("block", "show", c.blocks[0], "--store", c.url),
    "block propose": lambda c: (
        "block", "propose", "--store", c.url, "--number", PLANTED[1], "--term", "day",
        "--reason", f"{PLANTED[1]} again", "--evidence", "k1#0", *LEADER,
    ),
    "block propose, no number": lambda c: (
        "block", "propose", "--store", c.url, "--number", f"{PLANTED[1]}12345", "--term", "day", "--reason", "x",
        "--evidence", "k1#0", *LEADER,
    ),
    "block, no such id": lambda c: ("block", "show", PLANTED[1], "--store", c.url),
    "block import": lambda c: (
        "block", "import", c.folder / "list.txt", "--term", "day", "--reason", "x", "--store", c.url, *LEADER,
    ),
    "block, allowed": lambda c: (
        "block", "propose", "--store", c.url, "--number", PLANTED[3], "--term", "day", "--reason", "x",
        "--evidence", "k3#0", *LEADER,
    ),
    "allow list": lambda c: ("allow", "list", "--store", c.url),
    "allow show": lambda c: ("allow", "show", c.allowed, "--store", c.url),
    "case list": lambda c: ("case", "list", "--store", c.url),
    "card": lambda c: ("card", "K-5", "--caller", PLANTED[5], "--store", c.url, "--at", LATER),
    "audit head": lambda c: ("audit", "head", "--store", c.url),
    "audit verify": lambda c: ("audit", "verify", "--store", c.url),
    "audit show a decision": lambda c: ("audit", "show", "b0-9#0", "--store", c.url),
    "audit show a call": lambda c: ("audit", "show", "k1", "--store", c.url),
    "audit show a block": lambda c: ("audit", "show", c.blocks[0], "--store", c.url),
    "audit remake": lambda c: ("audit", "remake", "b0-9#0", "--store", c.url),
    "store stats": lambda c: ("store", "stats", "--store", c.url),
}  # fmt: skip


@pytest.mark.parametrize("name", list(COMMANDS))
def test_no_command_shows_a_planted_number(centre: Centre, name: str) -> None:
    words = COMMANDS[name](centre)

    for language, more in (("zh-CN", ()), ("en", ("--json",))):
        done = invoke(*words, *more, language=language)

        assert done.exit_code in (0, 1, 2), done.output
        assert shown(done.stdout) == []
        # What a person typed wrongly may come back so that it can be put right, but never as a whole number.
        assert shown(done.stderr) == []


def test_the_exported_trail_and_saved_cases_show_none(centre: Centre) -> None:
    trail, case = centre.folder / "trail.jsonl", centre.folder / "late.yaml"
    invoke("audit", "export", trail, "--store", centre.url)
    invoke("replay", centre.folder / "calls.jsonl", "--save-case", "b0-9", "--to", case)
    invoke("replay", centre.folder / "calls.jsonl", "--decisions", centre.folder / "decisions.jsonl")

    for file in (trail, case, centre.folder / "decisions.jsonl"):
        assert file.stat().st_size > 0
        assert shown(file.read_text("utf-8")) == []


def test_the_files_of_the_store_show_none(centre: Centre) -> None:
    files = [file for file in centre.folder.rglob("calls.db*") if file.is_file()]

    found = [
        (file.name, number)
        for file in files
        for number in PLANTED
        for form in forms(number)
        if form.encode() in file.read_bytes()
    ]

    assert len(files) >= 2
    assert found == []


def test_nothing_is_logged_and_errors_and_reprs_show_none(centre: Centre, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = []
    with Engine(store=centre.url) as engine:
        call = engine.call("z1")
        decision = call.offer(at=START, number=PLANTED[0])
        said += [repr(decision), str(decision), decision.to_json().decode(), repr(engine.store.entry(centre.blocks[0]))]
        for wrong in ({"number": PLANTED[0], "at": "now"}, {"at": START, PLANTED[0]: 1}, {"at": START, "number": 8}):
            try:
                engine.call(PLANTED[2]).offer(**wrong)
            except (CallpolicyError, TypeError) as error:
                said.append(str(error))

    assert shown(caplog.text) == []
    assert shown("\n".join(said)) == []


def test_the_demo_shows_no_number_of_its_made_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    # WHY: what it puts on record takes most of the time, and is told in five lines whatever comes of it.
    monkeypatch.setattr("callpolicy.cli.demo_state._EVENTS", 300)
    monkeypatch.setattr("callpolicy.cli.demo_state._REMADE", 20)

    done = invoke("demo", "--normal", 60)
    numbers = {
        str(event["number"])
        for event in simulated(1, DAY, normal=60).events
        if len(str(event.get("number") or "")) > SERVICE
    }

    assert done.exit_code == 0, done.output
    assert len(numbers) > 50
    assert [number for number in numbers if number in done.output] == []
