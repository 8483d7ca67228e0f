"""`simulate` and `demo`: made calls, the truth beside them, and what a norm finds in them."""

import json
from pathlib import Path
from typing import Any

import pytest

from callpolicy.points import Effect
from callpolicy.reports.truth import Comparison
from callpolicy.runtime import Engine
from callpolicy.simulator import Evidence, Persona, Planted, Truth
from callpolicy.wire import event_from_dict, read_events
from tests.cli.calls import abusive, call

SMALL = ["--seed", 3, "--normal", 5]


def test_the_same_seed_makes_the_same_files_and_another_one_others(run: Any, tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        words = [
            "--seed",
            seed,
            "--normal",
            5,
            "--out",
            tmp_path / f"{name}.jsonl",
            "--truth",
            tmp_path / f"{name}.json",
        ]
        assert run("simulate", *words).exit_code == 0

    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert (tmp_path / "a.jsonl").read_bytes() != (tmp_path / "c.jsonl").read_bytes()


def test_simulated_events_replay_and_every_call_has_its_truth(run: Any, norm: Path, tmp_path: Path) -> None:
    out, truth = tmp_path / "day.jsonl", tmp_path / "truth.json"
    run("simulate", *SMALL, "--out", out, "--truth", truth)

    summary = json.loads(run("replay", out, "--rules", norm, "--json").stdout)["summary"]

    with out.open("rb") as lines:
        calls = {event.call_id for event in read_events(lines)}
    assert calls == set(json.loads(truth.read_text("utf-8")))
    assert summary["calls"] == len(calls)
    assert summary["event_faults"] == {}


def compare(norm: Path, planted: Planted, *steps: Any, recognise_seq: int | None, story: str = "s") -> Comparison:
    """Put one call with one truth through the norm."""
    truth = Truth(
        persona=Persona.NORMAL, caller_key="k", story=story, planted=planted,
        evidence=Evidence.MARKS if recognise_seq else None, recognise_seq=recognise_seq,
    )  # fmt: skip
    comparison = Comparison({"c1": truth})
    engine = Engine(norm)
    for tree in call("c1", 0, "+86 138 0013 8007", *steps):
        comparison.receive(tree["seq"], engine.observe(event_from_dict(tree)))
    return comparison


def test_abuse_is_found_where_it_can_be_recognised(norm: Path) -> None:
    # The insult, event 2, makes the class; the class is made anew at each event, so it is right at the end too.
    found = compare(norm, Planted.PERSISTENT_ABUSE, *abusive(), recognise_seq=2).found(Planted.PERSISTENT_ABUSE)
    too_late = compare(norm, Planted.PERSISTENT_ABUSE, *abusive(), recognise_seq=9).found(Planted.PERSISTENT_ABUSE)
    missed = compare(norm, Planted.PERSISTENT_ABUSE, recognise_seq=0).found(Planted.PERSISTENT_ABUSE)
    nothing_there = compare(norm, Planted.PERSISTENT_ABUSE, recognise_seq=None).found(Planted.PERSISTENT_ABUSE)

    assert (found.stories, found.calls) == ((1, 1), (1, 1))
    assert (too_late.stories, too_late.calls) == ((0, 1), (0, 1))
    assert (missed.stories, missed.calls) == ((0, 1), (0, 1))
    assert (nothing_there.stories, nothing_there.calls) == ((0, 0), (0, 0))


def test_a_class_of_another_kind_is_not_what_was_planted(norm: Path) -> None:
    comparison = compare(norm, Planted.REPEAT_AFTER_FINAL, *abusive(), recognise_seq=2)

    assert comparison.found(Planted.REPEAT_AFTER_FINAL).calls == (0, 1)
    assert comparison.wrongly_final == frozenset()


def test_a_normal_call_that_is_restricted_is_told(norm: Path) -> None:
    assert compare(norm, Planted.NONE, *abusive(), recognise_seq=None).restricted_normal == {"c1": Effect.HANG_UP}
    assert compare(norm, Planted.PERSISTENT_ABUSE, *abusive(), recognise_seq=2).restricted_normal == {}
    assert compare(norm, Planted.NONE, {"event": "answered"}, recognise_seq=None).restricted_normal == {}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_demo_checks_simulates_replays_compares_and_explains(
    run: Any, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # WHY: what is put on record of the whole day is looked at below, and takes most of the time.
    monkeypatch.setattr("callpolicy.cli.demo_state._EVENTS", 300)
    monkeypatch.setattr("callpolicy.cli.demo_state._REMADE", 20)

    result = run("demo", "--normal", 200, language=language)

    assert result.exit_code == 0, result.output
    parts = {
        "en": (
            "1. The norm is checked",
            "2. A day of calls",
            "3. The day is put",
            "Found against the truth",
            "4. One decision",
        ),
        "zh-CN": ("1. 检查规范", "2. 模拟一天的来电", "3. 用规范回放", "与真实情况对照", "4. 解释其中一个决定"),
    }[language]
    assert [part for part in parts if part not in result.stdout] == []
    assert "hang_up" in result.stdout.split("4. ")[1]
    assert "callpolicy init my-norm" in result.stdout


@pytest.mark.slow
def test_the_simulated_day_meets_its_promise(run: Any) -> None:
    tree = json.loads(run("demo", "--json").stdout)

    found = tree["found"]
    for planted in ("burst", "persistent_abuse"):
        stories = found[planted]["stories"]
        assert stories["planted"] > 0
        assert stories["found"] >= 0.95 * stories["planted"]
    final = found["repeat_after_final"]["calls"]
    assert final["found"] == final["planted"] > 0
    assert (found["wrongly_after_final"], found["normal_restricted"]) == (0, 0)
    assert tree["seconds"] < 60
