"""What the commands on complaint cases say, in their two languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callpolicy.cli.options import Language

_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    # the list
    "case": ("case", "个案"),
    "status": ("status", "状态"),
    "contacts": ("contacts", "联系次数"),
    "explained": ("explained", "解释次数"),
    "rejected": ("not accepted", "未被接受"),
    "first_handler": ("first handler", "首问责任人"),
    "last_contact": ("last contact", "最近联系"),
    "open": ("open", "处理中"),
    "final": ("final result", "已有结论"),
    "reopened": ("open again", "重新受理"),
    "none": ("no cases", "没有个案"),
    "zone": ("cases: {total}; times in {zone}", "个案 {total} 件；时间按 {zone}"),
    "left_out": ("… and {count} more; ask for them with `--limit`", "… 另有 {count} 件，可用 `--limit` 列出"),
    # the story
    "totals": ("explanations: {count}, not accepted: {rejected}", "解释 {count} 次，未被接受 {rejected} 次"),
    "normal": (
        "the caller is a normal caller: nothing in this case restricts a call",
        "客户是常规客户，不得以本个案限制客户",
    ),
    "time": ("time", "时间"),
    "in_contact": ("contact", "第几次"),
    "what": ("what", "事项"),
    "by": ("by", "经办"),
    "text": ("text", "内容"),
    "contact": ("contact", "联系"),
    "explanation": ("explained", "解释"),
    "rejection": ("not accepted", "未被接受"),
    "final_result": ("final result", "最终结论"),
    "new_fact": ("new fact", "新事实"),
    "explain": ("explanation", "解释"),
    "result": ("final result", "最终结论"),
    "caller": ("caller", "客户"),
    "call": ("call {call}", "通话 {call}"),
    "after_result": (", after the result", "，结论之后"),
    "topic": ("[{topic}] {text}", "［{topic}］{text}"),
    # what was recorded
    "recorded": ("recorded for case {case}: {what}, by {by}, {at}", "已登记到个案 {case}：{what}，{by}，{at}"),
    "still_open": (
        "the case stays open: there is no final result, and the caller is a normal caller",
        "个案仍在处理中：没有最终结论，客户是常规客户",
    ),
    "nothing_to_reopen": (
        "there was no final result, so there was nothing to re-open; the caller is a normal caller",
        "原来就没有最终结论，无需重新受理；客户是常规客户",
    ),
    "now_final": (
        "the case has its final result now: explain it to a caller who comes back to it; a new fact opens it again",
        "个案现在有了最终结论：客户再来电时先解释这个结论；出现新事实即重新受理",
    ),
    "final_but_reopened": (
        "the case has a final result, but a new fact is later than it: the case is open again, and the caller is a"
        " normal caller",
        "个案有了最终结论，但之后又有新事实：个案已重新受理，客户是常规客户",
    ),
    "replaced": (
        "this result stands now, in place of the one of {when}",
        "现在以这个结论为准，代替 {when} 的结论",
    ),
    "not_standing": (
        "the result of {when} is later, so that one stands; nothing else changed",
        "{when} 的结论在后，仍以那个为准；其他没有变化",
    ),
    "still_final": (
        "the final result stands; explanations given: {count}, not accepted: {rejected}",
        "最终结论不变；共解释 {count} 次，{rejected} 次未被接受",
    ),
    "before_result": (
        "the final result is later than this new fact, so it stands and the case is not open again",
        "最终结论在这个新事实之后，结论不变，个案没有重新受理",
    ),
    "now_reopened": (
        "the case is open again: the caller is a normal caller",
        "个案已重新受理：客户恢复为常规客户",
    ),
    "closed_again": (
        "the new facts are settled by this result: the case has a final result again",
        "这个结论已把新事实考虑在内：个案重新有了最终结论",
    ),
    "still_reopened": (
        "the case was open again already and stays so: the caller is a normal caller",
        "个案原已重新受理，现在不变：客户是常规客户",
    ),
    # a refusal
    # the caller on a card
    "withheld": ("number withheld", "号码隐藏"),
}


def said(key: str, language: Language, **values: object) -> str:
    """One of the texts, with its values filled in."""
    english, chinese = _TEXTS[key]
    return (chinese if language is Language.ZH else english).format_map(values)
