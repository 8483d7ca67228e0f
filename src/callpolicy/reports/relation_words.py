"""What the relations between facts say, in the words of people: why some facts cannot be together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

RELATION_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "offences-since-warning": (
        "offences after the warning are among the offences of the call",
        "提醒之后的违规次数不会多于本次通话的违规次数",
    ),
    "rejections-need-explanations": (
        "no more explanations are rejected than were given",
        "未被接受的解释次数不会多于解释次数",
    ),
    "rejections-since-refusal": (
        "explanations rejected after the refusal are among those rejected in the call",
        "说明不能办理之后未被接受的解释次数，不会多于本次通话未被接受的解释次数",
    ),
    "rejections-need-a-refusal-before": (
        "an explanation is rejected after a refusal only if something was refused",
        "先有因业务规则不能办理，之后才有未被接受的解释",
    ),
    "contacts-since-final": (
        "contacts after the final result are among the contacts of the case",
        "最终结论之后的联系次数不会多于个案的联系次数",
    ),
    "case-rejections-need-explanations": (
        "no more explanations are rejected in a case than were given",
        "个案中未被接受的解释次数不会多于解释次数",
    ),
    "quiet-within-call": ("a call is not quiet for longer than it lasts", "安静的时长不会超过通话时长"),
    "warning-within-call": (
        "the warning is not longer ago than the call lasts",
        "距提醒的时长不会超过通话时长",
    ),
    "offence-within-call": (
        "the offence is not longer ago than the call lasts",
        "距违规的时长不会超过通话时长",
    ),
    "offences-need-a-warning-before": (
        "an offence after a warning needs a warning",
        "先有提醒，才有提醒之后的违规",
    ),
    "withheld-has-no-number": ("a withheld number is not known", "号码隐藏时，号码不会已知"),
    "an-open-case-has-no-final": (
        "an open case has no final result",
        "个案还在办理时，没有最终结论",
    ),
    "a-final-case-has-no-new-facts": (
        "a case with a final result has no new facts since; it would be open again",
        "个案已有最终结论时，此后没有新事实；有新事实的个案会重新受理",
    ),
    "a-kind-belongs-to-its-class": (
        "a normal caller has no kind",
        "常规客户没有类型",
    ),
}
"""Name of a built-in relation → what it says, in English and Chinese."""


def relation_words(name: str, language: str) -> str:
    """What a relation says, and its name; the name alone where there are no words for it.

    Args:
        name: of the relation.
        language: `zh-CN` for Chinese, else English.

    >>> relation_words("quiet-within-call", "en")
    'a call is not quiet for longer than it lasts (quiet-within-call)'
    """
    words = RELATION_WORDS.get(name)
    if words is None:
        return name
    return f"{words[1]}（{name}）" if language == "zh-CN" else f"{words[0]} ({name})"
