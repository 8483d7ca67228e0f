"""What people are told of a change: sentences, the page for team leaders, and what recorded calls say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from callpolicy.changes import brief, compare_meaning, compare_recorded, sentences
from callpolicy.condition import Leaf, Op
from callpolicy.events import Answered, Ended, Event, Offered, Party, Warned
from callpolicy.points import Effect
from callpolicy.policy import Bundle
from callpolicy.replay import load_mapping, read_table
from callpolicy.rulefile import load_bundle_files, read_files, starter_folder
from tests.engine.bundles import bundle, rule

SECOND = 1_000_000
START = 1_795_000_000 * SECOND


EXAMPLES = """\
## Examples

- **Just at the boundary.** The caller's complaint case has a final result; a call comes in; an agent takes it; \
the agent explains, the caller does not accept it, 2 times over; \
the agent judges the caller: a complaint that has its final result.
  - Until now: the agent may end the call politely. From now on: the agent goes on as usual.
- **Another one.** The caller's complaint case has a final result; \
the case has run over the time that was promised; a call comes in; an agent takes it; \
the agent explains, the caller does not accept it, 2 times over; \
the agent judges the caller: a complaint that has its final result.
  - Until now: the agent may end the call politely. From now on: the call is escalated to the complaint desk.
  - To say: “We have not kept the time we promised you, and I am very sorry. I am bringing in the colleague in charge \
now, who will tell you where it stands.”
  - For the agent: The case is over the time that was promised. Escalate it to the complaint desk; whoever took it \
first stays responsible.
- **Another one.** A call comes in; an agent takes it; \
the agent explains, the caller does not accept it, 2 times over; \
the agent judges the caller: a complaint that has its final result.
  - Until now: the agent explains. From now on: the agent goes on as usual.
"""
EXAMPLES_ZH = """\
- **另一种情形：** 来电进线；坐席接听；坐席解释，来电人不接受，共 2 次；坐席判定来电人为：已有最终结论。
  - 原来：坐席先解释。今后：坐席照常服务。
"""


def starter(file: str = "", old: bytes = b"", new: bytes = b"") -> Bundle:
    files = read_files(starter_folder())[0]
    if file:
        assert old in files[file]
        files = {**files, file: files[file].replace(old, new, 1)}
    return load_bundle_files(files)


def test_a_change_is_told_in_both_languages() -> None:
    old = starter()
    new = starter("invariants.yaml", b"talk.warnings: {at_most: 0}", b"talk.warnings: {at_most: 1}")
    meaning = compare_meaning(old, new)

    english = [*sentences(meaning, new, "en")]
    chinese = [*sentences(meaning, new, "zh-CN")]

    assert english[0] == (
        "in_call, where caller.class is nuisance, and talk.offences_since_warning is 1 or more, and talk.warnings is 1:"
    )
    assert english[1].startswith("  - hangup: hang_up becomes warn (nuisance_persists_after_warning → ")
    assert "当客户类别（caller.class）为无价值来电 nuisance" in chinese[0]
    assert "由“挂机 hang_up”变为“提醒 warn”" in chinese[1]


def test_a_number_that_a_rule_names_is_told_to_nobody() -> None:
    known = rule("r", Effect.REJECT, Leaf("caller.number", Op.IS, "+12125550142"))
    old, new = bundle(), bundle(known)
    meaning = compare_meaning(old, new)

    told = "\n".join([*sentences(meaning, new, "en"), brief(old, new, meaning, "zh-CN"), repr(meaning)])

    assert meaning.regions
    assert "5550142" not in told
    assert "***" in told


def test_the_page_says_what_changes_why_what_to_say_and_gives_an_example() -> None:
    old = starter()
    new = starter("hangup/final_result_explained_twice.yaml", b"at_least: 2", b"at_least: 3")
    meaning = compare_meaning(old, new)

    page = brief(old, new, meaning, "en")
    chinese = brief(old, new, meaning, "zh-CN")

    heads = [line for line in page.splitlines() if line.startswith("## ")]
    assert heads == ["## Rules", "## What this does on calls", "## What to say", "## Examples"]
    assert "(`final_result_explained_twice`)" in page
    assert "talk.explanations_rejected is 2" in page
    assert "`closing.final_result` (to the caller)" in page
    assert page.endswith(EXAMPLES)
    assert chinese.endswith(EXAMPLES_ZH)
    assert [line for line in chinese.splitlines() if line.startswith("## ")] == [
        "## 规则", "## 对来电的影响", "## 该怎么说", "## 示例",
    ]  # fmt: skip


def test_a_page_on_nothing_says_so() -> None:
    page = brief(starter(), starter(), compare_meaning(starter(), starter()), "en")

    assert "No rule changes." in page
    assert "Proved: no decision on any possible call changes." in page
    assert "Nothing new is said." in page


def test_recorded_calls_show_who_would_have_been_treated_otherwise() -> None:
    def call(name: str, warned: bool) -> list[Event]:
        at = START + len(name) * SECOND
        events: list[Event] = [
            Offered(call_id=name, seq=0, at=at, number="+12125550142", queue="general"),
            Answered(call_id=name, seq=1, at=at + 1, agent="a"),
        ]
        if warned:
            events.append(Warned(call_id=name, seq=2, at=at + 2))
        return [*events, Ended(call_id=name, seq=9, at=at + 9, by=Party.CALLER)]

    old, new = (
        replace(norm, settings=replace(norm.settings, feeds=frozenset({"agent_marks"})))
        for norm in (bundle(rule("r", Effect.SOOTHE, Leaf("talk.warnings", Op.AT_LEAST, least))) for least in (2, 1))
    )

    found = compare_recorded(old, new, [*call("c", True), *call("cc", False)])

    assert (found.calls, found.changed) == (2, 1)
    assert dict(found.moves) == {("hangup", "continue", "soothe"): 1}
    assert found.examples == {("hangup", "continue", "soothe"): ["c"]}


@pytest.mark.recorded
def test_a_real_month_under_the_same_norm_changes_nothing_and_under_another_it_does(recorded_data: Path) -> None:
    table = next((recorded_data / "anonymous_bank").glob("*.tsv"))
    events = read_table(table, load_mapping("anonymous_bank")).events[:2_000]
    old = starter()
    new = starter("windows.yaml", b"within: 10m", b"within: 4h")

    same = compare_recorded(old, starter(), events)
    other = compare_recorded(old, new, events)

    assert (same.changed, same.moves.total()) == (0, 0)
    assert 0 <= other.changed <= other.calls
    assert other.calls == same.calls > 200
