"""What was found, in a sentence per language that a quality desk understands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "never-matches": (
        "rule {first} can never match: no possible call fulfils its condition",
        "规则 {first} 永远不会命中：没有任何来电能满足它的条件",
    ),
    "always-matches": (
        "rule {first} matches every call, whatever happens on it",
        "规则 {first} 对任何来电都会命中，条件形同虚设",
    ),
    "shadowed": (
        "rule {first} never decides anything: wherever it matches, {others} goes before it",
        "规则 {first} 从来起不了作用：凡是它命中的来电，都由 {others} 优先决定",
    ),
    "duplicate": (
        "rules {all} say the same of the same calls; one of them is enough",
        "规则 {all} 对同样的来电说同样的话，保留一条即可",
    ),
    "conflict": (
        "rules {all} have the same priority, match the same call and want different things; the kinder one is taken",
        "规则 {all} 优先级相同，会同时命中同一来电却要求不同的处理；届时取较宽松的一个",
    ),
    "gap": (
        "callers of the kind `{subject}` are recognised, but no rule ever says what to do in the call",
        "能识别出“{subject}”类来电，但通话中没有任何规则说明该怎么处理",
    ),
    "unreachable-effect": (
        "{all} ask for `{subject}`, but no possible call ever gets it",
        "规则 {all} 要求“{subject}”，但没有任何来电会真正得到这一结果",
    ),
    "class-never-given": (
        "no rule ever puts a caller into the class `{subject}`",
        "没有任何规则会把来电人归为“{subject}”",
    ),
    "asked-too-early": (
        "rule {first} asks for `{subject}` before anybody can know it",
        "规则 {first} 要看“{subject}”，但在作出决定时还不可能知道",
    ),
    "term-without-end": (
        "rule {first} keeps a caller out with no end",
        "规则 {first} 屏蔽来电人而没有期限",
    ),
    "hang-up-without-warning": (
        "a nuisance caller can be hung up on (`{subject}`) without a warning in this call and an offence after it{by}",
        "无价值来电可能在本次通话没有提醒、或提醒后没有再犯的情况下就被挂机（{subject}）{by}",
    ),
    "depends-on": (
        "the decision depends on `{subject}`: the same situation is decided otherwise for another value of it{by}",
        "决定取决于“{subject}”：同样的情形，仅此一项不同，结果就不同，违背统一尺度{by}",
    ),
}  # fmt: skip


_QUESTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "never-matches": ("can rule {first} match any call at all?", "规则 {first} 究竟有没有可能命中？"),
    "always-matches": ("does rule {first} match every call?", "规则 {first} 是否对任何来电都命中？"),
    "shadowed": (
        "does rule {first} ever decide anything, or does another rule always go before it?",
        "规则 {first} 有没有起作用的时候，还是总有别的规则优先？",
    ),
    "duplicate": (
        "do rules {all} say the same of the same calls?",
        "规则 {all} 是否对同样的来电说同样的话？",
    ),
    "conflict": (
        "can rules {all} match the same call? They have the same priority and want different things",
        "规则 {all} 优先级相同而处理不同，会不会同时命中同一来电？",
    ),
    "gap": (
        "does any rule say what to do in the call with callers of the kind `{subject}`?",
        "对“{subject}”类来电，通话中有没有规则说明该怎么处理？",
    ),
    "unreachable-effect": (
        "does any call get `{subject}`, for which {all} ask?",
        "规则 {all} 要求的“{subject}”，有没有来电会真正得到？",
    ),
    "class-never-given": (
        "does any rule put a caller into the class `{subject}`?",
        "有没有规则会把来电人归为“{subject}”？",
    ),
    "term-without-end": (
        "does rule {first} keep any caller out with no end?",
        "规则 {first} 会不会屏蔽来电人而没有期限？",
    ),
    "hang-up-without-warning": (
        "can a nuisance caller be hung up on (`{subject}`) without a warning in this call and an offence after it?",
        "无价值来电会不会在本次通话没有提醒、或提醒后没有再犯的情况下就被挂机（{subject}）？",
    ),
    "depends-on": (
        "does any decision depend on `{subject}` alone?",
        "会不会仅因“{subject}”不同，决定就不同？",
    ),
}  # fmt: skip


def told(code: str, rules: Sequence[str], subject: str) -> dict[str, str]:
    """The sentence of a finding, per language.

    Args:
        code: of the finding.
        rules: ids of the rules it is about, the first one the one to look at.
        subject: an effect, class or fact it is about besides.

    >>> told("term-without-end", ["barred"], "")["en"]
    'rule `barred` keeps a caller out with no end'
    """
    return _filled(_SENTENCES[code], rules, subject)


def asked(code: str, rules: Sequence[str], subject: str) -> dict[str, str]:
    """The question that a finding would have answered, per language.

    Args:
        code: of the finding.
        rules: ids of the rules it would be about.
        subject: an effect, class or fact it would be about besides.

    >>> asked("never-matches", ["barred"], "")["en"]
    'can rule `barred` match any call at all?'
    """
    return _filled(_QUESTIONS[code], rules, subject)


def _filled(texts: tuple[str, str], rules: Sequence[str], subject: str) -> dict[str, str]:
    english, chinese = texts
    quoted = [f"`{rule}`" for rule in rules]
    first, others = (quoted or [""])[0], quoted[1:]
    return {
        "en": english.format(
            first=first, others=" or ".join(others), all=" and ".join(quoted), subject=subject,
            by=f" ({', '.join(quoted)})" if quoted else "",
        ),
        "zh-CN": chinese.format(
            first=first, others="、".join(others), all="、".join(quoted), subject=subject,
            by=f"（{'、'.join(quoted)}）" if quoted else "",
        ),
    }  # fmt: skip
