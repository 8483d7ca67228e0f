"""The words of a card in its two languages. Scripts, titles of roles and what handlers wrote are not among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callpolicy.points import Effect

LANGUAGES: Final = ("zh-CN", "en")
"""The languages that a card can be written in."""

EFFECT_WORDS: Final[Mapping[Effect, tuple[str, str]]] = {
    Effect.ACCEPT: ("put through", "接入"),
    Effect.DIVERT: ("passed on to {to}", "转给{to}"),
    Effect.REJECT: ("not put through", "不接入"),
    Effect.CONTINUE: ("serve as usual", "照常服务"),
    Effect.SOOTHE: ("soothe the caller first", "先安抚"),
    Effect.EXPLAIN: ("explain the result", "先解释"),
    Effect.WARN: ("warn the caller", "提醒客户"),
    Effect.ESCALATE: ("escalate to {to}", "升级给{to}"),
    Effect.OFFER_CLOSE: ("say goodbye and wait; then you may hang up", "道别并稍候，之后可以挂机"),
    Effect.HANG_UP_POLITELY: ("you may end the call politely", "可以礼貌结束通话"),
    Effect.HANG_UP: ("you may hang up", "可以挂机"),
}
"""What is to be done, as an agent is told it, in English and Chinese."""

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    # who
    "case": ("Case {case}", "个案 {case}"),
    "caller": ("Caller {caller}", "来电人 {caller}"),
    "first_handler": ("first handler {who}, stays responsible", "首问责任人 {who}，负责到底"),
    "no_first_handler": ("first handler unknown", "首问责任人不详"),
    "contacts": ("contacts: {count} since {since}", "{since} 起共联系 {count} 次"),
    "contacts_since": (", {count} after the result", "，其中结论之后 {count} 次"),
    "times": ("times in {zone}", "时间按 {zone}"),
    "nothing": ("nothing is on record", "还没有任何记录"),
    # what next
    "now": ("WHAT TO DO", "现在怎么做"),
    "rejected_so_far": (
        " (explanations rejected in this call so far: {count})",
        "（本次通话已有 {count} 次解释未被接受）",
    ),
    "as_it_comes": ("As the call comes in: {what}.", "来电时：{what}。"),
    "first_step": ("{what}.", "{what}。"),
    "after_one": ("After 1 rejected explanation in this call: {what}.", "本次通话有 1 次解释未被接受后：{what}。"),
    "after_some": (
        "After {count} rejected explanations in this call: {what}.",
        "本次通话有 {count} 次解释未被接受后：{what}。",
    ),
    "continue_asked": (
        "serve as usual; if the caller comes back to the result, explain it first",
        "照常服务；客户重提此事的，先解释",
    ),
    "continue_open": (
        "serve as usual: explain how things stand, or take the case over",
        "照常服务：说明进展，或者接过来办",
    ),
    "continue_final": ("serve as usual", "照常服务"),
    "continue_reopened": (
        "serve as usual: the case is open again, the caller is a normal caller",
        "照常服务：个案已重新受理，客户是常规客户",
    ),
    "explain_again": ("explain once more, in other words", "换一种说法，再解释一次"),
    "by_system": (", done by the system", "，由系统自动处理"),
    "script": (" (script `{script}`)", "（话术 {script}）"),
    "to_role": ("the {role}", "{role}"),
    "somebody": ("somebody else", "其他同事"),
    "to_first_handler": ("the first handler{who}", "首问责任人{who}"),
    "quoted": ("“{text}”", "“{text}”"),
    # what was said
    "result": ("FINAL RESULT", "最终结论"),
    "no_result": (
        "NO FINAL RESULT: the caller is a normal caller; nothing in this case restricts the call (NORM 2.4).",
        "没有最终结论：客户是常规客户，不得以本个案限制客户（NORM 2.4）。",
    ),
    "not_explained": ("NOT EXPLAINED YET", "还没有解释过"),
    "explained_once": (
        "EXPLAINED once; not accepted: {rejected}; contacts: {contacts}",
        "解释过 1 次，{rejected} 次未被接受（涉及 {contacts} 次联系）",
    ),
    "explained": (
        "EXPLAINED {count} times; not accepted: {rejected}; contacts: {contacts}",
        "解释过 {count} 次，{rejected} 次未被接受（涉及 {contacts} 次联系）",
    ),
    "rejected": ("not accepted", "未被接受"),
    "not_rejected": ("no objection on record", "没有异议记录"),
    "objection": ("Caller: “{text}”", "客户：“{text}”"),
    "unknown_handler": ("handler unknown", "经办人不详"),
    "no_text": ("(nothing written down)", "（没有写明内容）"),
    "earlier": ("({count} earlier, not shown)", "（更早的 {count} 条未列出）"),
    # what would re-open it
    "new_facts": ("NEW FACTS: {count}", "新事实 {count} 条"),
    "before_result": ("before the result", "在结论之前"),
    "how": ("TO RE-OPEN IT: ", "如何重新受理："),
}


def words(key: str, language: str, **values: object) -> str:
    """One of the texts of a card, with its values filled in.

    Args:
        key: which.
        language: one of `LANGUAGES`.
        values: what stands between its braces.
    """
    english, chinese = _WORDS[key]
    return (chinese if language == "zh-CN" else english).format_map(values)
