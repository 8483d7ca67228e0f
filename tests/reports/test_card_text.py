"""Cards as they are read, worked out by hand, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from callpolicy.errors import UsageError
from callpolicy.events import Answered, CaseLinked, Explained, ExplanationRejected, FinalResult, NewFact
from callpolicy.points import Effect
from callpolicy.reports.card_text import LATEST_SHOWN, LONGEST_TEXT, card_text, one_line
from tests.engine.bundles import rule
from tests.reports.cases import DAY, IS_FINAL, Told, norm


def linked(case: Told, minute: int, call_id: str, agent: str) -> None:
    case.tell(minute, call_id, Answered, agent=agent)
    case.tell(minute, call_id, CaseLinked, case_id="k1")


def explained_twice() -> Told:
    """Three contacts; the first two were each given an explanation that was not accepted, then the desk decided."""
    case = Told()
    linked(case, 0, "a", "li")
    case.tell(5, "a", Explained, topic="费用", text="协议第 7 条写明，开通后不退费。")
    case.tell(6, "a", ExplanationRejected, text="没人告诉过我")
    linked(case, DAY, "b", "wang")
    case.tell(DAY + 5, "b", Explained, text="录音里您确认过资费。")
    case.tell(DAY + 6, "b", ExplanationRejected)
    case.tell(2 * DAY, "desk:7", FinalResult, "zhao", case_id="k1", text="维持原收费，不予退费。")
    linked(case, 3 * DAY, "c", "chen")
    return case


def test_a_case_of_which_nothing_is_known() -> None:
    assert card_text(Told().card(caller=None), "zh-CN") == (
        "个案 k1 · 处理中，没有最终结论 · 时间按 Asia/Shanghai\n"
        "还没有任何记录\n"
        "\n"
        "没有最终结论：客户是常规客户，不得以本个案限制客户（NORM 2.4）。\n"
        "\n"
        "现在怎么做\n"
        "- 来电时：转给首问责任人，由系统自动处理（话术 greeting.open）。\n"
        "   “马上为您转接。”\n"
        "- 照常服务：说明进展，或者接过来办。\n"
        "\n"
        "个案没有最终结论，无需重新受理。客户有新情况的，登记“新事实”（new_fact）并写明内容。\n"
        "\n"
        "还没有解释过\n"
    )


def test_an_open_case_without_explanations() -> None:
    case = Told()
    linked(case, 0, "a", "li")

    assert card_text(case.card(), "en") == (
        "Case k1 · open, no final result · times in Asia/Shanghai\n"
        "Caller +86 138****8000 · first handler li, stays responsible · contacts: 1 since 2026-03-02 09:00\n"
        "\n"
        "NO FINAL RESULT: the caller is a normal caller; nothing in this case restricts the call (NORM 2.4).\n"
        "\n"
        "WHAT TO DO\n"
        "- As the call comes in: passed on to the first handler li, done by the system (script `greeting.open`).\n"
        "   “I am putting you through.”\n"
        "- Serve as usual: explain how things stand, or take the case over.\n"
        "\n"
        "There is no final result, so there is nothing to re-open. If the caller brings something new, "
        "record it as `new_fact` and write down what it is.\n"
        "\n"
        "NOT EXPLAINED YET\n"
    )


def test_three_contacts_two_rejected_explanations_and_a_final_result_in_chinese() -> None:
    assert card_text(explained_twice().card(), "zh-CN") == (
        "个案 k1 · 已有最终结论，没有新事实 · 时间按 Asia/Shanghai\n"
        "来电人 +86 138****8000 · 首问责任人 li，负责到底 · 2026-03-02 09:00 起共联系 3 次，其中结论之后 1 次\n"
        "\n"
        "最终结论 · 2026-03-04 09:00 · zhao\n"
        "   维持原收费，不予退费。\n"
        "\n"
        "现在怎么做\n"
        "- 照常服务；客户重提此事的，先解释（话术 explain.result）。\n"
        "   “我把结论再说明一遍。”\n"
        "- 本次通话有 1 次解释未被接受后：换一种说法，再解释一次（话术 explain.result）。\n"
        "- 本次通话有 3 次解释未被接受后：可以礼貌结束通话（话术 closing.result）。\n"
        "   “感谢来电，再见。”\n"
        "\n"
        "如何重新受理：客户有新的情况或材料的，登记“新事实”（new_fact）并写明内容，个案随即重新受理，客户恢复为常规客户。\n"
        "\n"
        "解释过 2 次，2 次未被接受（涉及 2 次联系）\n"
        "1. 2026-03-02 09:05 · li · 费用 · 未被接受\n"
        "   协议第 7 条写明，开通后不退费。\n"
        "   客户：“没人告诉过我”\n"
        "2. 2026-03-03 09:05 · wang · 未被接受\n"
        "   录音里您确认过资费。\n"
    )


def test_three_contacts_two_rejected_explanations_and_a_final_result_in_english() -> None:
    assert card_text(explained_twice().card(caller=None), "en") == (
        "Case k1 · final result given, nothing new since · times in Asia/Shanghai\n"
        "first handler li, stays responsible · contacts: 3 since 2026-03-02 09:00, 1 after the result\n"
        "\n"
        "FINAL RESULT · 2026-03-04 09:00 · zhao\n"
        "   维持原收费，不予退费。\n"
        "\n"
        "WHAT TO DO\n"
        "- Serve as usual; if the caller comes back to the result, explain it first (script `explain.result`).\n"
        "   “Let me go through the result.”\n"
        "- After 1 rejected explanation in this call: explain once more, in other words (script `explain.result`).\n"
        "- After 3 rejected explanations in this call: you may end the call politely (script `closing.result`).\n"
        "   “Thank you, goodbye.”\n"
        "\n"
        "TO RE-OPEN IT: if the caller brings something new, record it as `new_fact` and write down what it is: "
        "the case is open again at once, and the caller is a normal caller.\n"
        "\n"
        "EXPLAINED 2 times; not accepted: 2; contacts: 2\n"
        "1. 2026-03-02 09:05 · li · 费用 · not accepted\n"
        "   协议第 7 条写明，开通后不退费。\n"
        "   Caller: “没人告诉过我”\n"
        "2. 2026-03-03 09:05 · wang · not accepted\n"
        "   录音里您确认过资费。\n"
    )


def test_a_new_fact_comes_first_and_takes_every_restriction_away() -> None:
    case = explained_twice()
    case.tell(3 * DAY + 5, "c", NewFact, text="有身份证遗失证明")

    assert card_text(case.card(caller=None), "zh-CN") == (
        "个案 k1 · 有新事实，已重新受理 · 时间按 Asia/Shanghai\n"
        "首问责任人 li，负责到底 · 2026-03-02 09:00 起共联系 3 次，其中结论之后 1 次\n"
        "\n"
        "新事实 1 条\n"
        "1. 2026-03-05 09:05 · chen\n"
        "   有身份证遗失证明\n"
        "个案已经重新受理。还有新情况的，同样登记“新事实”（new_fact）并写明内容。\n"
        "\n"
        "最终结论 · 2026-03-04 09:00 · zhao\n"
        "   维持原收费，不予退费。\n"
        "\n"
        "现在怎么做\n"
        "- 来电时：转给首问责任人 li，由系统自动处理（话术 greeting.open）。\n"
        "   “马上为您转接。”\n"
        "- 照常服务：个案已重新受理，客户是常规客户。\n"
        "\n"
        "解释过 2 次，2 次未被接受（涉及 2 次联系）\n"
        "1. 2026-03-02 09:05 · li · 费用 · 未被接受\n"
        "   协议第 7 条写明，开通后不退费。\n"
        "   客户：“没人告诉过我”\n"
        "2. 2026-03-03 09:05 · wang · 未被接受\n"
        "   录音里您确认过资费。\n"
    )


def test_a_result_of_the_desk_without_any_call() -> None:
    case = Told()
    case.tell(0, "desk:7", FinalResult, case_id="k1")

    text = card_text(case.card(caller=None), "en")

    assert text.splitlines()[:5] == [
        "Case k1 · final result given, nothing new since · times in Asia/Shanghai",
        "first handler unknown · contacts: 0 since 2026-03-02 09:00, 0 after the result",
        "",
        "FINAL RESULT · 2026-03-02 09:00 · handler unknown",
        "   (nothing written down)",
    ]
    assert text.endswith("\n\nNOT EXPLAINED YET\n")


def test_the_step_that_a_call_has_come_to_is_marked() -> None:
    case = explained_twice()
    for minute in (1, 2):
        case.tell(3 * DAY + minute, "c", Explained)
        case.tell(3 * DAY + minute, "c", ExplanationRejected)

    steps = card_text(case.card(call_id="c"), "en").split("\n\n")[2].splitlines()

    assert steps[0] == "WHAT TO DO (explanations rejected in this call so far: 2)"
    assert [line[:32] for line in steps if line[0] in "->"] == [
        "- Serve as usual; if the caller ",
        "> After 1 rejected explanation i",
        "- After 3 rejected explanations ",
    ]


def test_a_role_is_called_by_its_title_and_a_queue_by_its_name() -> None:
    desk = rule("to_desk", Effect.DIVERT, IS_FINAL, to="complaint_desk")
    queue = rule("to_queue", Effect.ESCALATE, IS_FINAL, priority=90, to="q-7")
    case = explained_twice()

    card = case.card(of=norm(desk, queue))

    assert "- As the call comes in: passed on to the complaint desk.\n- Escalate to q-7.\n" in card_text(card, "en")
    assert "- 来电时：转给投诉处理岗。\n- 升级给q-7。\n" in card_text(card, "zh-CN")


def test_only_the_latest_explanations_are_shown() -> None:
    case = Told()
    linked(case, 0, "a", "li")
    for number in range(1, LATEST_SHOWN + 3):
        case.tell(number, "a", Explained, text=f"第 {number} 次")

    lines = card_text(case.card(), "zh-CN").splitlines()
    shown = lines[lines.index("解释过 7 次，0 次未被接受（涉及 1 次联系）") :]

    assert shown[1:4] == ["   （更早的 2 条未列出）", "3. 2026-03-02 09:03 · li · 没有异议记录", "   第 3 次"]
    assert shown[-2:] == ["7. 2026-03-02 09:07 · li · 没有异议记录", "   第 7 次"]


def test_a_new_fact_that_a_later_result_took_in_says_so() -> None:
    case = Told()
    linked(case, 0, "a", "li")
    case.tell(1, "a", NewFact, text="one")
    case.tell(2, "a", FinalResult, text="done")

    assert "NEW FACTS: 1\n1. 2026-03-02 09:01 · li · before the result\n   one\n" in card_text(case.card(), "en")


HOSTILE = "\x1b[2J\x1b]0;x\x07清屏\r\n\n最终结论 · \u202eflip\u2066 \ud83d end"


def test_what_somebody_wrote_moves_no_cursor_and_makes_no_line() -> None:
    case = Told()
    fields: dict[str, Any] = {"topic": HOSTILE, "text": HOSTILE}
    case.tell(0, "a", Answered, agent=HOSTILE)
    case.tell(0, "a", CaseLinked, case_id="k1")
    case.tell(1, "a", Explained, **fields)
    case.tell(2, "a", ExplanationRejected, text=HOSTILE)
    case.tell(3, "a", FinalResult, text=HOSTILE)
    case.tell(4, "a", NewFact, text=HOSTILE)

    for language in ("zh-CN", "en"):
        text = card_text(case.card(caller=HOSTILE), language)

        assert not set(text) & set("\x1b\x07\r\u202e\u2066\ud83d")
        assert len(text.splitlines()) == len(card_text(plain_twin().card(), language).splitlines())
        assert "[2J ]0;x 清屏 最终结论 · flip end" in text


def plain_twin() -> Told:
    """The same case told by somebody who writes plainly."""
    case = Told()
    linked(case, 0, "a", "li")
    case.tell(1, "a", Explained, topic="x", text="x")
    case.tell(2, "a", ExplanationRejected, text="x")
    case.tell(3, "a", FinalResult, text="x")
    case.tell(4, "a", NewFact, text="x")
    return case


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("", 5, ""),
        ("  \n\t ", 5, ""),
        ("abcde", 5, "abcde"),
        ("abcdef", 5, "abcd…"),
        ("abc  def", 5, "abc…"),
        ("不予退", 6, "不予退"),
        ("不予退费", 6, "不予…"),
        ("不予退费", 7, "不予退…"),
        ("e\u0301" * 4, 4, "e\u0301" * 4),
        ("e" + "\u0301" * 99, 4, "e" + "\u0301" * 7 + "…"),
    ],
)
def test_a_text_is_cut_at_a_width(text: str, most: int, shown: str) -> None:
    assert one_line(text, most) == shown


def test_a_long_text_is_cut_and_the_card_stays_short() -> None:
    case = explained_twice()
    case.tell(4 * DAY, "desk:8", FinalResult, "zhao", case_id="k1", text="退" * 10_000)

    line = card_text(case.card(), "zh-CN").splitlines()[4]

    assert line == "   " + "退" * (LONGEST_TEXT // 2 - 1) + "…"


@pytest.mark.parametrize("language", ["fr", "", "zh"])
def test_a_language_that_no_card_has_is_refused(language: str) -> None:
    with pytest.raises(UsageError, match="`zh-CN` or `en`"):
        card_text(Told().card(), language)
