"""Why something was not seen is told in Chinese too, and a relation by what it says."""

from __future__ import annotations

import json

from callpolicy.condition import All, FactRef, Leaf, Op
from callpolicy.coverage import State, cover, coverage_dict, marked_up
from callpolicy.facts.builtin import BUILTIN
from callpolicy.points import Effect
from callpolicy.policy import Example
from callpolicy.reports.relation_words import RELATION_WORDS, relation_words
from tests.check.making import a_bundle, a_rule

NEVER = All(
    (
        Leaf("talk.offences_since_warning", Op.MORE_THAN, FactRef("talk.offences")),
        Leaf("talk.signals", Op.KNOWN, True),
        Leaf("caller.class", Op.IS, "nuisance"),
        Leaf("talk.warnings", Op.AT_MOST, 0),
    )
)
GIVEN = {"talk.warnings": 0, "caller.class": "normal"}
NORM = a_bundle(a_rule("warn", Effect.WARN, NEVER, examples=(Example("no warning yet", GIVEN, "no_match"),)))


def test_every_relation_has_words_in_both_languages() -> None:
    assert set(RELATION_WORDS) == {each.name for each in BUILTIN.relations}
    assert all(chinese and not chinese.isascii() for _, chinese in RELATION_WORDS.values())
    assert relation_words("of-the-host", "zh-CN") == "of-the-host"


def test_what_no_call_can_show_is_told_in_chinese() -> None:
    points = [each for each in cover(NORM).points if each.state is State.IMPOSSIBLE]

    assert {each.told("zh-CN") for each in points} == {
        "不符合事实之间的关系：提醒之后的违规次数不会多于本次通话的违规次数（offences-since-warning）",
        "`known` 只有真和假，没有未知",
        "该阶段作决定时，`caller.class` 总是已知",
        "`talk.warnings` 没有低于 0 的值",
    }


def test_a_gap_without_example_says_in_chinese_what_stands_in_the_way() -> None:
    unseen = [each.told("zh-CN") for each in cover(NORM).gaps if each.reason is not None]

    assert unseen
    assert all(each.startswith("没有找到示例") for each in unseen)


def test_json_and_page_speak_the_language_that_was_asked_for() -> None:
    coverage = cover(NORM)

    english, chinese = (json.dumps(coverage_dict(coverage, NORM, each)) for each in ("en", "zh-CN"))
    page = marked_up(coverage, NORM, "zh-CN")

    assert "`known` is never unknown" in english
    assert json.dumps("`known` 只有真和假，没有未知") in chinese
    assert "is never unknown" not in chinese + page
